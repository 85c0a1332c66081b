#!/usr/bin/env python3
"""Goal: after the leader of a shard was killed the first write is accepted within 1 s (p99), after
an orderly stop within 0.5 s, also when the shard had been asleep; reads at level `eventual` through
the other nodes never fail, and no write through them is answered with anything but 2xx: what the
leader took with it the routers ask the next one. Method: rounds of kill or stop, with writers at
the nodes that are left, until each has accepted a write; without a quiet time before, they are
writing when the leader dies."""
import threading
import time

import cluster_world
import suite_options

COLLECTION = "failover"
WRITERS = 4  # At each node that is left.
PATH = f"/collections/{COLLECTION}/points"


class Reader(threading.Thread):
    """Reads one point at level `eventual` through a node, and counts what failed."""

    def __init__(self, node):
        super().__init__(daemon=True)
        self.node, self.ended, self.served, self.failed = node, threading.Event(), 0, []

    def run(self):
        client = self.node.client(timeout=5)
        while not self.ended.wait(0.005):
            try:
                status, answer = client.call("GET", f"{PATH}/999999?consistency=eventual")
                if status == 200:
                    self.served += 1
                else:
                    self.failed.append(f"{self.node.name}: {status} {answer}")
            except cluster_world.FAILURES as failure:
                self.failed.append(f"{self.node.name}: {failure!r}")
                client.close()


class Writer(threading.Thread):
    """Writes through a node without a pause; remembers when a write was accepted."""

    def __init__(self, node):
        super().__init__(daemon=True)
        self.node, self.ended, self.accepted, self.failed = node, threading.Event(), [], []

    def run(self):
        client = self.node.client(timeout=15)
        body = {"points": [{"id": self.node.place + 1, "vector": [1.0, 0.0, 0.0, 0.0]}]}
        while not self.ended.wait(0.005):
            called = time.monotonic()
            try:
                status, answer = client.call("PUT", PATH + "?wait=true", body)
                if status == 200:
                    self.accepted.append((called, time.monotonic()))
                else:
                    self.failed.append(f"{self.node.name}: {status} {answer}")
            except cluster_world.FAILURES as failure:
                self.failed.append(f"{self.node.name}: {failure!r}")
                client.close()

    def longest_pause(self, since):
        moments = [since, *(returned for called, returned in self.accepted if called >= since)]
        return max(b - a for a, b in zip(moments, moments[1:]))


def is_whole(cluster):
    """No node finds anything wrong: what the last round did is over, also between the others."""
    return not any(node.client().ask("GET", "/grape/v1/health")["findings"]
                   for node in cluster.nodes)


def one_round(cluster, how, idle):
    """Seconds without an accepted write, through the luckier and the unluckier of the nodes."""
    cluster_world.until(lambda: is_whole(cluster), 60, "the cluster is whole")
    leader = cluster_world.until(lambda: cluster.leader(COLLECTION), 30, "a leader is known")
    time.sleep(idle)  # So long the shard has nothing to do.
    others = [node for node in cluster.nodes if node is not leader]
    readers = [Reader(node) for node in others]
    writers = [Writer(node) for node in others for _ in range(1 if idle else WRITERS)]
    threads = readers + writers
    for thread in readers if idle else threads:
        thread.start()
    if not idle:
        cluster_world.until(lambda: all(writer.accepted for writer in writers), 30, "all write")
    since = time.monotonic()
    if how == "kill":
        leader.kill()
    if idle:
        for writer in writers:
            writer.start()
    if how == "stop":
        leader.stop()
    gone = time.monotonic()
    for writer in writers:
        cluster_world.until(lambda w=writer: w.accepted and w.accepted[-1][0] > gone, 30,
                            f"a write through {writer.node.name} after {how} of {leader.name}")
    for thread in threads:
        thread.ended.set()
    for thread in threads:
        thread.join()
    cluster.heal()
    cluster.await_service(COLLECTION)
    failed = [text for reader in readers for text in reader.failed]
    assert not failed, f"eventual reads failed: {failed[:3]}"
    failed = [text for writer in writers for text in writer.failed]
    assert not failed, f"{len(failed)} writes failed after {how} of {leader.name}: {failed[:3]}"
    pauses = [writer.longest_pause(since) for writer in writers]
    return min(pauses), max(pauses)


def counted(cluster, series):
    """Of all nodes, since each was started last."""
    total = 0
    for node in cluster.nodes:
        _, text = node.client().call("GET", "/metrics")
        total += sum(float(line.split()[1]) for line in text.splitlines()
                     if line.startswith(series + " "))
    return int(total)


def main():
    options = suite_options.read(__doc__, 0, rounds=20, idle=0.0, how="kill,stop")
    limits = {"kill": 1.0, "stop": 0.5}
    limits = {how: limit for how, limit in limits.items() if how in options.how.split(",")}
    with cluster_world.cluster(options.nodes) as cluster:
        cluster.create(COLLECTION, shards=1)
        for how, limit in limits.items():
            took = [one_round(cluster, how, options.idle) for _ in range(options.rounds)]
            first, every = zip(*took)
            for name, values in (("through one node", first), ("through the others", every)):
                p50, p99 = (suite_options.percentile(values, part) for part in (0.5, 0.99))
                worst = ", ".join(f"{value:.2f}" for value in sorted(values)[-3:])
                print(f"  {how} after {options.idle:.0f} s of quiet: no write {name} for "
                      f"p50 {p50:.2f} s, p99 {p99:.2f} s, worst {worst} s, "
                      f"{len(values)} rounds", flush=True)
            print(f"  {counted(cluster, 'grape_router_retries_total')} questions to shards were "
                  f"asked another time, {counted(cluster, 'grape_router_repeated_writes_total')} "
                  "of them writes that might have taken effect", flush=True)
            assert suite_options.percentile(first, 0.99) <= limit, f"{how}: above {limit} s"
    print("failover: passed", flush=True)


if __name__ == "__main__":
    main()
