#!/usr/bin/env python3
"""Goal: a node that was paused or cut off for 12 s never shows what is old: no linearizable read or
search goes back behind a write that was acknowledged or a value that was seen, and no two nodes
lead one term. Method: one register whose numbers only rise, a reader and a searcher at every node
every 5 ms, rounds of a pause and of a cut, of the leader every other time."""
import bisect
import threading
import time

import cluster_faults
import cluster_world
import suite_options

COLLECTION, KEY = "freezes", 1
PATH = f"/collections/{COLLECTION}/points"
PERIOD_S = 0.005
KINDS = {"pause": lambda cluster, node: node.pause(), "cut": cluster_faults.cut_off}


class Client(threading.Thread):
    """Does `once` at a node again and again; `seen` holds (called, returned, what it returned)."""

    def __init__(self, node, period=PERIOD_S, timeout=2):
        super().__init__(daemon=True)
        self.node, self.period = node, period
        self.client = node.client(timeout=timeout)
        self.seen, self.failed, self.ended = [], 0, threading.Event()

    def run(self):
        while not self.ended.wait(self.period):
            called = time.monotonic()
            try:
                told = self.once()
            except (*cluster_world.FAILURES, KeyError, ValueError):
                self.client.close()
                told = None
            if told is None:
                self.failed += 1
            else:
                self.seen.append((called, time.monotonic(), told))

    def taken(self):
        """What was seen since the last call of this."""
        taken, self.seen = self.seen, []
        return taken


class Reader(Client):
    def once(self):
        return self.client.ask("GET", f"{PATH}/{KEY}")["payload"]["v"]


class Searcher(Client):
    BODY = {"query": [1.0, 1.0, 1.0, 1.0], "limit": 1, "with_payload": True,
            "filter": {"must": [{"has_id": [KEY]}]}}

    def once(self):
        hits = self.client.ask("POST", f"{PATH}/query", self.BODY)["points"]
        return hits[0]["payload"]["v"] if hits else -1


class Watcher(Client):
    """(term, node) while this node says that it leads."""

    def once(self):
        shards = self.client.ask("GET", f"/collections/{COLLECTION}/cluster")["local_shards"]
        raft = shards[0]["grape"]
        return (raft["term"], self.node.name) if raft["role"] == "leader" else None


class Writer(Client):
    """Raises the register by one, through this node as long as it answers, else through the next. A
    write that comes late cannot lower it: each holds for smaller numbers only."""

    def __init__(self, cluster):
        super().__init__(cluster.nodes[0], period=0.002)
        self.nodes, self.begun = cluster.nodes, [(time.monotonic(), 0)]

    def once(self):
        number = self.begun[-1][1] + 1
        self.begun.append((time.monotonic(), number))
        point = {"id": KEY, "vector": [1.0] * 4, "payload": {"v": number}}
        lower = {"must": [{"key": "v", "range": {"lt": number}}]}
        try:
            self.client.ask("PUT", PATH + "?wait=true",
                            {"points": [point], "update_mode": "update_only",
                             "update_filter": lower})
        except cluster_world.FAILURES:
            self.node = self.nodes[(self.node.place + 1) % len(self.nodes)]
            self.client.close()
            self.client = self.node.client(timeout=2)
            raise
        return number


def judge(reads, writes, begun):
    """Of rising numbers every answer has a least and a greatest value that it may show."""
    settled = sorted((returned, value) for _, returned, value in reads + writes)
    highest = []
    for _, value in settled:
        highest.append(max(value, highest[-1] if highest else 0))
    times, starts = [when for when, _ in settled], [when for when, _ in begun]
    for called, returned, value in reads:
        before = bisect.bisect_left(times, called)
        least = highest[before - 1] if before else 0
        most = begun[bisect.bisect_right(starts, returned) - 1][1]
        assert least <= value <= most, (
            f"read {value} from {called:.4f} to {returned:.4f}, but {least} was there before and "
            f"{most} was the last number begun")


def leaders_apart(seen):
    """No term with two leaders; returns how many terms were led."""
    led = {}
    for _, _, (term, node) in seen:
        led.setdefault(term, set()).add(node)
    twice = {term: sorted(nodes) for term, nodes in led.items() if len(nodes) > 1}
    assert not twice, f"terms with two leaders: {twice}"
    return len(led)


def one_round(cluster, kind, of_leader, hold, chance):
    leader = cluster_world.until(lambda: cluster.leader(COLLECTION), 30, "a leader is known")
    others = [node for node in cluster.nodes if node is not leader]
    node = leader if of_leader else chance.choice(others)
    KINDS[kind](cluster, node)
    time.sleep(hold)  # How long it is away is what is being tested.
    cluster.heal()
    cluster.await_service(COLLECTION)
    return node


def main():
    options = suite_options.read(__doc__, 0, rounds=50, hold=12.0, kinds=",".join(KINDS))
    cuts = cluster_world.may_cut()
    kinds = [kind for kind in options.kinds.split(",") if kind != "cut" or cuts]
    if not cuts:
        print("no cuts between nodes: they need root and network namespaces", flush=True)
    with cluster_world.cluster(options.nodes, cuts=cuts) as cluster:
        cluster.create(COLLECTION, shards=1)
        cluster.client().ask("PUT", PATH + "?wait=true", {"points": [
            {"id": KEY, "vector": [1.0] * 4, "payload": {"v": 0}}]})
        writer = Writer(cluster)
        readers = [kind(node) for node in cluster.nodes for kind in (Reader, Searcher)]
        watchers = [Watcher(node, 0.05) for node in cluster.nodes]
        for thread in [writer, *readers, *watchers]:
            thread.start()
        total, led, reads, writes = 0, [], [], []
        for kind in kinds:
            for number in range(options.rounds):
                one_round(cluster, kind, number % 2 == 0, options.hold, options.chance)
                # The last moments of a round are kept: reads may still be under way.
                fresh = [read for reader in readers for read in reader.taken()]
                total += len(fresh)
                reads, writes = reads[-20_000:] + fresh, writes[-5_000:] + writer.taken()
                reads.sort()
                judge(reads, writes, writer.begun[:])
                led += [seen for watcher in watchers for seen in watcher.taken()]
                terms = leaders_apart(led)
            print(f"  {options.rounds} times {kind} of {options.hold:.0f} s: {total} reads and "
                  f"searches so far, none old; {writer.begun[-1][1]} writes; {terms} terms, each "
                  "with one leader", flush=True)
        for thread in [writer, *readers, *watchers]:
            thread.ended.set()
            thread.join(10)
    print("freezes: passed", flush=True)


if __name__ == "__main__":
    main()
