#!/usr/bin/env python3
"""Goal: a batch is seen whole or not at all in its shard; no reader goes back in time; what a
client was told is written, it reads through any node. Method: writers raise the number on all
points of a batch while readers scroll and search through all nodes and nodes are killed."""
import random
import threading
import time

import cluster_faults
import cluster_load
import cluster_world
import suite_options

COLLECTION = "isolation"
PATH = f"/collections/{COLLECTION}/points"
WIDTH, WRITERS = 24, 6


class Writer(threading.Thread):
    """Owns one batch: rewrites all its points with the next number, then reads its own write. When
    the fate of a write is unknown it goes on with a new batch: the old one may change once more."""

    def __init__(self, cluster, number, seed, ended):
        super().__init__(daemon=True)
        self.cluster, self.batch, self.ended = cluster, number, ended
        self.chance = random.Random(seed * 100 + number)
        self.batches = {}  # Each batch with the number acknowledged last.
        self.moments, self.wrong = [], []

    def run(self):
        connections = {node: node.client(timeout=5) for node in self.cluster.nodes}
        number = 0
        while not self.ended.is_set():
            number += 1
            node = self.chance.choice(self.cluster.nodes)
            points = [{"id": self.batch * WIDTH + i, "vector": [float(number), 1.0],
                       "payload": {"batch": self.batch, "n": number}} for i in range(WIDTH)]
            fate = cluster_load.UNKNOWN
            try:
                fate = cluster_load.fate(*connections[node].call(
                    "PUT", PATH + "?wait=true", {"points": points}))
            except ConnectionRefusedError:
                fate = cluster_load.REFUSED
            except cluster_world.FAILURES:
                connections[node].close()
            if fate == cluster_load.OK:
                self.batches[self.batch] = number
                self.moments.append(time.monotonic())
                self.read_own(connections)
            elif fate == cluster_load.UNKNOWN:
                self.batches.setdefault(self.batch, 0)
                self.batch += WRITERS

    def read_own(self, connections):
        node = self.chance.choice(self.cluster.nodes)
        key = self.batch * WIDTH + self.chance.randrange(WIDTH)
        try:
            status, answer = connections[node].call("GET", f"{PATH}/{key}")
        except cluster_world.FAILURES:
            connections[node].close()
            return
        got = answer["result"]["payload"]["n"] if status == 200 else None
        if status == 404 or (status == 200 and got != self.batches[self.batch]):
            self.wrong.append(f"{node.name}: point {key} is {got} after "
                              f"{self.batches[self.batch]}")


class Reader(threading.Thread):
    """Reads one batch as a whole, again and again, through one node at a time."""

    def __init__(self, cluster, number, seed, ended, shards, writers):
        super().__init__(daemon=True)
        self.cluster, self.ended, self.shards, self.writers = cluster, ended, shards, writers
        self.chance = random.Random(seed * 100 + 50 + number)
        self.highest, self.reads, self.wrong = {}, 0, []

    def run(self):
        connections = {node: node.client(timeout=5) for node in self.cluster.nodes}
        while not self.ended.is_set():
            node = self.chance.choice(self.cluster.nodes)
            writer = self.chance.choice(self.writers)
            batch = self.chance.choice([writer.batch, *list(writer.batches)[-3:]])
            filter_ = {"must": [{"key": "batch", "match": {"value": batch}}]}
            how = {"limit": WIDTH, "with_payload": True, "filter": filter_}
            try:
                if self.chance.random() < 0.5:
                    status, answer = connections[node].call("POST", PATH + "/scroll", how)
                else:
                    how.update(query=[1.0, 0.0], params={"exact": True})
                    status, answer = connections[node].call("POST", PATH + "/query", how)
            except cluster_world.FAILURES:
                connections[node].close()
                continue
            if status == 200:
                self.reads += 1
                self.judge(node, batch, answer["result"]["points"])

    def judge(self, node, batch, points):
        """With one shard the whole batch is one; with more each point only goes forward."""
        if self.shards == 1 and points:
            numbers = {point["payload"]["n"] for point in points}
            if len(numbers) != 1 or len(points) != WIDTH:
                self.wrong.append(f"{node.name}: {len(points)} points of batch {batch} with the "
                                  f"numbers {sorted(numbers)}")
        for point in points:
            number = point["payload"]["n"]
            if number < self.highest.get(point["id"], 0):
                self.wrong.append(f"{node.name}: point {point['id']} is {number} after "
                                  f"{self.highest[point['id']]}")
            self.highest[point["id"]] = max(number, self.highest.get(point["id"], 0))
        lost = [key for key in range(batch * WIDTH, (batch + 1) * WIDTH)
                if key in self.highest and key not in {point["id"] for point in points}]
        if lost:
            self.wrong.append(f"{node.name}: points {lost[:5]} are gone again")


class Pulse:
    """The load as Nemesis sees it: when a writer was told last that something is written."""

    def __init__(self, writers):
        self.writers = writers

    def gaps(self, since, until):
        moments = sorted(at for writer in self.writers for at in writer.moments
                         if since <= at <= until)
        points = [since, *moments, until]
        return {"write": max(b - a for a, b in zip(points, points[1:]))}


def one(options, shards, seconds):
    with cluster_world.cluster(options.nodes) as cluster:
        cluster.create(COLLECTION, shards, size=2)
        cluster.client().ask("PUT", f"/collections/{COLLECTION}/index?wait=true",
                             {"field_name": "batch", "field_schema": "integer"})
        ended = threading.Event()
        writers = [Writer(cluster, batch, options.seed, ended) for batch in range(WRITERS)]
        readers = [Reader(cluster, i, options.seed, ended, shards, writers) for i in range(4)]
        for thread in writers + readers:
            thread.start()
        names = ["kill", "kill-leader", "stop-leader", "pause-leader", "rolling"]
        cluster_faults.Nemesis(cluster, Pulse(writers), COLLECTION, names, options.chance,
                               size=2).run(seconds)
        ended.set()
        for thread in writers + readers:
            thread.join(60)
        wrong = [text for thread in writers + readers for text in thread.wrong]
        print(f"  {shards} shard(s): {sum(len(w.moments) for w in writers)} batches written, "
              f"{sum(r.reads for r in readers)} read, {len(wrong)} wrong", flush=True)
        assert not wrong, "\n".join(wrong[:10])
        assert sum(len(w.moments) for w in writers) > seconds, "hardly anything was written"
        check_end(cluster, writers, shards)


def check_end(cluster, writers, shards):
    held = cluster_world.everywhere(cluster, COLLECTION,
                                    filter_={"must": [{"key": "n", "range": {"gte": 1}}]})
    for writer in writers:
        for batch, acknowledged in writer.batches.items():
            numbers = {held[key]["payload"]["n"] if key in held else 0
                       for key in range(batch * WIDTH, (batch + 1) * WIDTH)}
            assert min(numbers) >= acknowledged, \
                f"batch {batch}: {numbers} after {acknowledged} was acknowledged"
            assert len(numbers) == 1 or shards > 1, f"batch {batch} is torn: {numbers}"


def main():
    options = suite_options.read(__doc__, 90)
    started = time.monotonic()
    one(options, 1, options.seconds / 2)
    one(options, options.shards, options.seconds / 2)
    print(f"isolation: passed in {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
