#!/usr/bin/env python3
"""Goal: a slow net is no dead net: 200 ms more on every packet between nodes change no leader, and
of 5 % lost packets nobody is judged away more than once an hour; writes and reads go on. Method: a
net whose packets pass a process of this test (slow_net), a light load, and each node asked all the
time what it finds wrong and which terms it is in."""
import threading
import time

import cluster_load
import cluster_verdict
import cluster_world
import private_net
import slow_net
import suite_options

COLLECTION = "slow"
HARMS = {"delay": {"delay_ms": 200.0}, "loss": {"loss": 0.05}}
GRACE_S = 3.0  # After a harm begins: what was under way then is no judgement of it.


class Watcher(threading.Thread):
    """Asks one node again and again who is away, and for the terms of its groups."""

    def __init__(self, node):
        super().__init__(daemon=True)
        self.node, self.ended, self.since = node, threading.Event(), time.monotonic()
        self.client = node.client(timeout=10)
        self.away, self.judged, self.terms, self.asked = set(), 0, {}, 0

    def run(self):
        while not self.ended.wait(0.2):
            away = {finding["node"] for finding in self.client.ask("GET", "/grape/v1/health")
                    ["findings"] if finding["kind"] in ("node_away", "node_down")}
            self.judged += len(away - self.away)
            self.away = away
            terms = self.terms_now()
            self.asked += 1
            for group, term in terms.items():
                self.terms.setdefault(group, set()).add(term)

    def terms_now(self):
        shards = self.client.ask("GET", f"/collections/{COLLECTION}/cluster")["local_shards"]
        terms = {shard["shard_id"]: shard["grape"]["term"] for shard in shards}
        terms["metadata"] = self.client.ask("GET", "/cluster")["raft_info"]["term"]
        return terms


def watch(cluster, seconds):
    """(judgements that a node is away, groups whose term changed) within so many seconds."""
    watchers = [Watcher(node) for node in cluster.nodes]
    for watcher in watchers:
        watcher.start()
    time.sleep(seconds)  # How long nothing may happen is what is being tested.
    for watcher in watchers:
        watcher.ended.set()
        watcher.join(30)
        assert watcher.asked > seconds / 4, f"{watcher.node.name} answered {watcher.asked} times"
    changed = {group for watcher in watchers for group, terms in watcher.terms.items()
               if len(terms) > 1}
    return sum(watcher.judged for watcher in watchers), changed


def one_harm(cluster, load, name, seconds):
    done = len(load.successes)
    cluster.net.harm(**HARMS[name])
    time.sleep(GRACE_S)
    judged, changed = watch(cluster, seconds)
    cluster.net.heal()
    served = (len(load.successes) - done) / (seconds + GRACE_S)
    print(f"  {name} for {seconds:.0f} s: {judged} judgements that a node is away, "
          f"{len(changed)} groups with another term; {served:.0f} requests/s served", flush=True)
    assert served > 1, "hardly anything was served"
    if name == "delay":
        assert judged == 0 and not changed, f"{judged} judgements, terms changed: {changed}"
    else:
        assert judged <= seconds / 3600, f"{judged} judgements in {seconds:.0f} s"


def main():
    options = suite_options.read(__doc__, 120, harms=",".join(HARMS), rate=60.0)
    assert private_net.possible(), "needs network namespaces: run it as root"
    with cluster_world.cluster(options.nodes, net=slow_net.SlowNet) as cluster:
        cluster.create(COLLECTION, options.shards)
        load = cluster_load.Load(cluster, COLLECTION, options.seed, per_second=options.rate)
        with load:
            for name in options.harms.split(","):
                one_harm(cluster, load, name, options.seconds)
        cluster_verdict.all_well(load, cluster, COLLECTION)
        print(f"  {load.told()}", flush=True)
    print("slow: passed", flush=True)


if __name__ == "__main__":
    main()
