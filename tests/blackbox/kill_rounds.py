#!/usr/bin/env python3
"""Goal: SIGKILL at any moment loses no acknowledged write and shows no half of a batch.
Method: rounds of writers, a kill, a restart and a full read-back, over 200,000 points of 100
dimensions of which 50,000 and more lie in no graph. What a round wrote is deleted after it, so that
every round starts alike; none of it may come back."""
import json
import threading
import time

import world

DIMENSION, BATCH, PRELOAD, SEALED = 100, 100, 200_000, 150_000
COLLECTION = "kills"
PATH = f"/collections/{COLLECTION}"


def payload(number):
    """Which batch a point belongs to, by its id: every batch fills a range of ids."""
    return lambda i: f'{{"batch":{number},"place":{i % BATCH}}}'


def create(client):
    client.ask("PUT", PATH, {"vectors": {"size": DIMENSION, "distance": "Dot"},
                             "hnsw_config": {"m": 8, "ef_construct": 16}})
    client.ask("PUT", PATH + "/index?wait=true", {"field_name": "batch", "field_schema": "integer"})


def write_batch(client, number, vectors, wait):
    ids = range(number * BATCH, (number + 1) * BATCH)
    world.put_text(client, f"{PATH}/points?wait={wait}",
                   world.upsert_body(ids, vectors, payload(number)))


def preload(client, vectors):
    """150,000 points that get a graph, and 50,000 on top that do not."""
    step = 10
    for number in range(0, SEALED // BATCH, step):
        ids = range(number * BATCH, (number + step) * BATCH)
        body = world.upsert_body(ids, vectors,
                                 lambda i: f'{{"batch":{i // BATCH},"place":{i % BATCH}}}')
        world.put_text(client, f"{PATH}/points?wait=true", body)
    deadline = time.monotonic() + 240
    while client.ask("GET", PATH)["indexed_vectors_count"] < SEALED * 9 // 10:
        assert time.monotonic() < deadline, "the graph was not built in time"
        time.sleep(0.2)
    client.ask("PATCH", PATH, {"optimizers_config": {"indexing_threshold": 0}})
    for number in range(SEALED // BATCH, PRELOAD // BATCH, step):
        ids = range(number * BATCH, (number + step) * BATCH)
        body = world.upsert_body(ids, vectors,
                                 lambda i: f'{{"batch":{i // BATCH},"place":{i % BATCH}}}')
        world.put_text(client, f"{PATH}/points?wait=true", body)
    return set(range(PRELOAD // BATCH))


class Writer(threading.Thread):
    """Writes batches of its own until the node dies; remembers what it was told."""

    def __init__(self, node, numbers, vectors, wait):
        super().__init__()
        self.node, self.numbers, self.vectors, self.wait = node, numbers, vectors, wait
        self.acknowledged, self.unknown = set(), set()

    def run(self):
        client = self.node.client(timeout=20)
        for number in self.numbers:
            try:
                write_batch(client, number, self.vectors, self.wait)
                self.acknowledged.add(number)
            except Exception:  # The node was killed: nobody knows about this one.
                self.unknown.add(number)
                return


def check(client, acknowledged, unknown):
    counts = {}
    for record in world.read_everything(client, COLLECTION).values():
        number, place = record["payload"]["batch"], record["payload"]["place"]
        assert record["id"] == number * BATCH + place, f"point {record['id']} came back changed"
        counts[number] = counts.get(number, 0) + 1
    lost = [n for n in acknowledged if n not in counts]
    assert not lost, f"acknowledged batches are gone: {lost[:10]}"
    halves = {n: c for n, c in counts.items() if c != BATCH}
    assert not halves, f"half batches are visible: {halves}"
    made_up = [n for n in counts if n not in acknowledged and n not in unknown]
    assert not made_up, f"batches that nobody wrote: {made_up[:10]}"
    return set(counts)


def kill_once(node, chance, vectors, known, next_number):
    writers = [Writer(node, range(next_number + i * 10_000, next_number + (i + 1) * 10_000),
                      vectors, "true" if i % 2 else "false") for i in range(3)]
    for writer in writers:
        writer.start()
    time.sleep(chance.uniform(0.2, 1.5))  # The moment of the kill is the seed's.
    node.kill()
    for writer in writers:
        writer.join()
    acknowledged = set.union(*(w.acknowledged for w in writers))
    unknown = set.union(*(w.unknown for w in writers))
    started = time.monotonic()
    node.start()
    client = node.client()
    client.ask("POST", PATH + "/points/query", {"query": vectors.row(5), "limit": 10})
    searchable = time.monotonic() - started
    now_known = check(client, known | acknowledged, unknown)
    assert searchable <= 5, f"searchable only after {searchable:.1f} s"
    print(f"  {len(acknowledged)} batches acknowledged, {len(unknown)} in doubt, searchable after "
          f"{searchable:.2f} s, {len(now_known) * BATCH:,} points", flush=True)
    return now_known


def forget(client, numbers):
    for number in sorted(numbers):
        client.ask("POST", PATH + "/points/delete?wait=true",
                   {"points": list(range(number * BATCH, (number + 1) * BATCH))})


def main():
    chance = world.chance_of(world.seed(1))
    vectors = world.VectorText(DIMENSION, 2_000, chance)
    with world.folder() as folder:
        with world.local_node.Node(folder / "data") as node:
            client = node.client()
            create(client)
            lasting = preload(client, vectors)
            for round_ in range(world.rounds(5)):
                known = kill_once(node, chance, vectors, lasting, 1_000_000 + round_ * 100_000)
                forget(node.client(), known - lasting)
            described = node.client().ask("GET", PATH)
            print(json.dumps({k: described[k] for k in ("status", "points_count",
                                                        "indexed_vectors_count",
                                                        "segments_count")}))


if __name__ == "__main__":
    main()
