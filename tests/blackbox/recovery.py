#!/usr/bin/env python3
"""Goal: whoever reads a collection that is being recovered sees all of what it was, or all of what
the snapshot says, on every node and whatever is killed meanwhile; what an abandoned recovery left
goes; no write that is acknowledged after a recovery was is lost. Method: two snapshots of one
collection, recovered in turns over each other by seed, SIGKILL at a random moment of a random node,
readers that take the whole collection with one request."""
import threading
import time

import cluster_world
import world

NAME, SIZE, DIMENSION = "words", 3_000, 8
PATH = f"/collections/{NAME}"
WRITTEN = 1_000_000  # From here on ids of the writer.


def fill(client, number, shards, replicas):
    """Points 0 to SIZE * number, all of this number, and nothing else."""
    client.ask("DELETE", PATH)
    client.ask("PUT", PATH, {"vectors": {"size": DIMENSION, "distance": "Dot"},
                             "shard_number": shards, "replication_factor": replicas,
                             "optimizers_config": {"indexing_threshold": 20}})
    client.ask("PUT", f"{PATH}/index?wait=true", {"field_name": "n", "field_schema": "integer"})
    vectors = world.VectorText(DIMENSION, 997, world.chance_of(number))
    for first in range(0, SIZE * number, 1_000):
        body = world.upsert_body(range(first, first + 1_000), vectors,
                                 lambda i, n=number: f'{{"n":{n}}}')
        world.put_text(client, f"{PATH}/points?wait=true", body)


def number_of(client, own=True):
    """Which of the two it is, read with one request; a mixture of both, or a part, fails."""
    body = {"limit": 100_000, "with_payload": True, "with_vector": False}
    if own:
        body["filter"] = {"must_not": [{"key": "n", "match": {"value": 0}}]}
    points = client.ask("POST", f"{PATH}/points/scroll", body)["points"]
    numbers = {point["payload"]["n"] for point in points}
    assert len(numbers) == 1, f"points of {numbers}: {len(points)}"
    number = numbers.pop()
    assert len(points) == SIZE * number, f"{len(points)} points of {number}"
    return number


class Reader(threading.Thread):
    """Takes the whole again and again until it is told to end; a node may be away."""

    def __init__(self, node):
        super().__init__(daemon=True)
        self.node, self.ended, self.failure, self.seen = node, threading.Event(), None, []

    def run(self):
        client = self.node.client(10)
        while not self.ended.is_set():
            try:
                number = number_of(client)
                if not self.seen or self.seen[-1] != number:
                    self.seen.append(number)
            except cluster_world.FAILURES:
                client.close()
                time.sleep(0.01)  # Before it is asked again.
            except AssertionError as wrong:
                self.failure = wrong
                return


class Writer(threading.Thread):
    """Writes points of its own; remembers when each was begun and acknowledged."""

    def __init__(self, node):
        super().__init__(daemon=True)
        self.node, self.ended, self.acknowledged = node, threading.Event(), []

    def run(self):
        client, point = self.node.client(10), WRITTEN
        while not self.ended.is_set():
            began = time.monotonic()
            point += 1
            try:
                client.ask("PUT", f"{PATH}/points?wait=true", {"points": [
                    {"id": point, "vector": [1.0] * DIMENSION, "payload": {"n": 0}}]})
                self.acknowledged.append((point, began, time.monotonic()))
            except cluster_world.FAILURES:
                client.close()


def is_replaced(node, location, number):
    """Recovers; true if it was answered so."""
    try:
        status, told = node.client(60).call("PUT", f"{PATH}/snapshots/recover",
                                            {"location": location})
    except (OSError, cluster_world.local_node.http.client.HTTPException):
        return False
    assert status in (200, 500, 503), (number, status, told)
    return status == 200


def locations(node, shards, replicas):
    """{number: URL} of two snapshots on this node; the collection is number 2 afterwards."""
    client, found = node.client(), {}
    for number in (1, 2):
        fill(client, number, shards, replicas)
        one = client.ask("POST", f"{PATH}/snapshots", {})
        found[number] = f"file://{node.data_dir.resolve()}/snapshots/{NAME}/{one['name']}"
    return found


def folders(node):
    shards = node.data_dir / "shards"
    return sorted(int(each.name) for each in shards.iterdir()) if shards.exists() else []


def writes_are_of_one_side(first, other):
    """What is acknowledged before it began is gone, what was begun after its answer is there. The
    writer asks another node, if there is one."""
    where = locations(first, 2, 1)
    for number in (1, 2, 1):
        writer = Writer(other)
        writer.start()
        cluster_world.until(lambda w=writer: len(w.acknowledged) > 20, 30, "writes go on")
        began = time.monotonic()
        assert is_replaced(first, where[number], number)
        answered = time.monotonic()
        seen = len(writer.acknowledged)
        cluster_world.until(lambda w=writer, s=seen: len(w.acknowledged) > s + 20, 30, "writes")
        writer.ended.set()
        writer.join(30)
        there = set(world.read_everything(other.client(), NAME))
        assert number_of(other.client()) == number
        before = [p for p, _, until in writer.acknowledged if until < began]
        after = [p for p, since, _ in writer.acknowledged if since > answered]
        assert before and after, (len(before), len(after))
        assert not there & set(before), "a write that was replaced is there"
        assert there >= set(after), f"{len(set(after) - there)} acknowledged writes are lost"
    print("writes belong to the one or the other, and none that came later is lost", flush=True)


def nothing_to_see(client):
    """Nobody can name what is hidden, and nothing counts it."""
    assert [each["name"] for each in client.ask("GET", "/collections")["collections"]] == [NAME]
    for name in (f"{NAME}%2Frecovery-0-1-1", f"{NAME}/recovery-0-1-1"):
        assert client.call("GET", f"/collections/{name}")[0] in (404, 422)
    hidden = f"{NAME}/recovery-0-1-1"
    assert client.call("POST", f"{PATH}/points/query", {
        "query": 1, "lookup_from": {"collection": hidden}})[0] == 404
    assert client.call("POST", "/collections/aliases", {"actions": [
        {"create_alias": {"collection_name": hidden, "alias_name": "a"}}]})[0] == 404
    assert client.call("PUT", f"/collections/{NAME}%2Fx", {"vectors": {
        "size": 4, "distance": "Dot"}})[0] == 422


def one_node_is_killed(chance):
    with world.folder() as folder:
        node = world.local_node.Node(folder / "data")
        with node:
            writes_are_of_one_side(node, node)
            where = locations(node, 2, 1)
            began = time.monotonic()
            assert is_replaced(node, where[1], 1)
            usual = time.monotonic() - began
            now, kept, changed = 1, 0, 0
            for turn in range(world.rounds(6)):
                reader = Reader(node)
                reader.start()
                asked = threading.Thread(
                    target=is_replaced, args=(node, where[3 - now], 3 - now), daemon=True)
                asked.start()
                time.sleep(chance.uniform(0, 3 * usual))  # The moment of the fault.
                nothing_to_see(node.client())
                node.kill()
                asked.join(60)
                node.start()
                client = node.client()
                number = number_of(client)
                reader.ended.set()
                reader.join(30)
                assert reader.failure is None, f"round {turn}: {reader.failure}"
                kept, changed = kept + (number == now), changed + (number != now)
                now = number
                cluster_world.until(lambda: len(folders(node)) == 1, 30, "leftovers go")
                assert [each["name"] for each in
                        client.ask("GET", "/collections")["collections"]] == [NAME]
            assert is_replaced(node, where[3 - now], 3 - now)
            assert number_of(node.client()) == 3 - now
            print(f"one node killed: {kept} times as before, {changed} times recovered", flush=True)
            a_shard_is_whole_too(chance, [node], 1,
                                 lambda: world.read_everything(node.client(), NAME))
            assert node.stop() == 0


def put_more(node, chance):
    """2,000 points of no snapshot, through this node."""
    vectors = world.VectorText(DIMENSION, 97, chance)

    def done():
        for at in range(10_000, 12_000, 1_000):
            world.put_text(node.client(), f"{PATH}/points?wait=true",
                           world.upsert_body(range(at, at + 1_000), vectors, lambda _: '{"n":9}'))
        return True

    cluster_world.until(done, 60, "more points are written")


def a_shard_is_whole_too(chance, nodes, replicas, everything):
    """The same of one shard: it is as it was, or as the snapshot says, and so after a restart; its
    siblings stay as they are."""
    worker, client = nodes[0], nodes[0].client()
    fill(client, 1, 2, replicas)
    one = client.ask("POST", f"{PATH}/shards/1/snapshots", {})
    location = f"file://{worker.data_dir.resolve()}/snapshots/{NAME}/shards/1/{one['name']}"
    before = set(everything())
    put_more(nodes[-1], chance)
    full = set(everything())
    client.ask("PUT", f"{PATH}/shards/1/snapshots/recover", {"location": location})
    back = set(everything())
    assert before < back < full, (len(before), len(back), len(full))
    for turn in range(world.rounds(3)):
        put_more(nodes[-1], chance)
        asked = threading.Thread(target=quietly, args=(worker, location))
        asked.start()
        time.sleep(chance.uniform(0, 1.0))  # The moment of the fault.
        victim = chance.choice(nodes)
        victim.kill()
        asked.join(150)
        victim.start()
        there = set(everything())
        assert there in (full, back), f"round {turn}: {len(there)} points"
        assert len(there) == nodes[-1].client().ask(
            "POST", f"{PATH}/points/count", {"exact": True})["count"]
    print(f"a shard is as it was, or recovered, on {len(nodes)} nodes", flush=True)


def quietly(node, location):
    try:
        node.client(60).call("PUT", f"{PATH}/shards/1/snapshots/recover", {"location": location})
    except (OSError, cluster_world.local_node.http.client.HTTPException):
        pass  # It was killed.


def any_of_three_is_killed(chance):
    with cluster_world.cluster(3) as cluster:
        worker, other = cluster.nodes[0], cluster.nodes[1]
        writes_are_of_one_side(worker, other)
        where = locations(worker, 3, 2)
        began = time.monotonic()
        assert is_replaced(worker, where[1], 1)
        usual = time.monotonic() - began
        print(f"a recovery takes {usual:.1f} s", flush=True)
        changed = 0
        now = 1
        for turn in range(world.rounds(4)):
            readers = [Reader(node) for node in cluster.nodes]
            for reader in readers:
                reader.start()
            asked = threading.Thread(target=is_replaced, args=(worker, where[3 - now], 3 - now),
                                     daemon=True)
            asked.start()
            time.sleep(chance.uniform(0, 3 * usual))  # The moment of the fault.
            victim = chance.choice(cluster.nodes)
            victim.kill()
            asked.join(150)
            assert not asked.is_alive()
            victim.launch()
            victim.await_ready(60)

            def same():
                told = {number_of(node.client(10)) for node in cluster.nodes}
                return told if len(told) == 1 else None

            number = cluster_world.until(same, 60, "all nodes tell the same").pop()
            for reader in readers:
                reader.ended.set()
            for reader in readers:
                reader.join(30)
                assert reader.failure is None, f"round {turn}, {reader.node.name}: {reader.failure}"
            print(f"round {turn}: {victim.name} killed, "
                  f"{'recovered' if number != now else 'as before'}", flush=True)
            changed, now = changed + (number != now), number
            cluster_world.until(
                lambda: all(len(folders(node)) <= 1 for node in cluster.nodes), 60,
                "leftovers go from all nodes")
        print(f"three nodes: recovered {changed} times", flush=True)
        a_shard_is_whole_too(chance, cluster.nodes, 3,
                             lambda: cluster_world.everywhere(cluster, NAME))


def main():
    chance = world.chance_of(world.seed(20))
    one_node_is_killed(chance)
    any_of_three_is_killed(chance)


if __name__ == "__main__":
    main()
