#!/usr/bin/env python3
"""Goal: killing any actor of the tree but NODE loses nothing acknowledged and heals without a hand.
Method: writers and searchers run while each actor is killed in turn through the test hook."""
import threading
import time

import world

COLLECTION = "actors"
PATH = f"/collections/{COLLECTION}"
DIMENSION, BATCH = 16, 20


def actors(client):
    return {a["name"]: a for a in client.ask("GET", "/grape/v1/actors")["actors"]}


class Load(threading.Thread):
    """Writes batches and searches until told to stop; remembers what was acknowledged."""

    def __init__(self, node, first, vectors):
        super().__init__()
        self.node, self.number, self.vectors = node, first, vectors
        self.acknowledged, self.served, self.going = set(), 0, True

    def run(self):
        client = self.node.client(timeout=30)
        while self.going:
            ids = range(self.number * BATCH, (self.number + 1) * BATCH)
            body = world.upsert_body(ids, self.vectors, lambda i: f'{{"batch":{i // BATCH}}}')
            try:
                world.put_text(client, PATH + "/points?wait=true", body)
                self.acknowledged.add(self.number)
                client.ask("POST", PATH + "/points/query",
                           {"query": self.vectors.row(self.number), "limit": 3})
                self.served += 1
            except world.local_node.Refused as refusal:
                assert refusal.status in (500, 503), refusal
            except OSError:
                client.close()  # A killed GATEWAY may cut a connection; the fate is unknown.
            self.number += 1


def until(condition, within, what):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        time.sleep(0.02)


def serves(client):
    try:
        client.ask("POST", PATH + "/points/query", {"query": [1] * DIMENSION, "limit": 1})
        client.ask("PUT", PATH + "/points?wait=true",
                   {"points": [{"id": 0, "vector": [1] * DIMENSION, "payload": {"batch": 0}}]})
        return True
    except (world.local_node.Refused, OSError):
        client.close()
        return False


def kill_each(client, load):
    for name, before in actors(client).items():
        if not before["parent"]:
            continue  # NODE itself.
        served, restarts = load.served, before["restarts"]
        client.ask("POST", "/grape/v1/actors/kill", {"name": name})
        until(lambda: serves(client), 20, f"serving again after {name} was killed")
        until(lambda: actors(client).get(name, {}).get("restarts", 0) > restarts, 20,
              f"{name} counts its restart")
        until(lambda: load.served > served, 20, f"the load goes on after {name} was killed")
        print(f"  killed {name}: healed", flush=True)


def live(node, client, vectors, first):
    """A node's life in which every actor is killed once: more would be a failure, and end it."""
    load = Load(node, first, vectors)
    load.start()
    try:
        kill_each(client, load)
    finally:
        load.going = False
        load.join()
    return load


def main():
    chance = world.chance_of(world.seed(3))
    vectors = world.VectorText(DIMENSION, 500, chance)
    acknowledged, first = set(), 1
    with world.folder() as folder:
        for round_ in range(world.rounds(1)):
            hooks = {"GRAPE_NODE_TEST_HOOKS": "true"}
            with world.local_node.Node(folder / "data", environment=hooks) as node:
                client = node.client()
                if round_ == 0:
                    client.ask("PUT", PATH, {"vectors": {"size": DIMENSION, "distance": "Dot"},
                                             "optimizers_config": {"indexing_threshold": 100},
                                             "shard_number": 2})
                load = live(node, client, vectors, first)
                first, acknowledged = load.number + 1, acknowledged | load.acknowledged
                present = {r["payload"]["batch"]
                           for r in world.read_everything(client, COLLECTION).values()}
                lost = acknowledged - present
                assert not lost, f"acknowledged batches are gone: {sorted(lost)[:10]}"
                print(f"  {len(acknowledged)} batches acknowledged, none lost", flush=True)
                assert node.stop() == 0


if __name__ == "__main__":
    main()
