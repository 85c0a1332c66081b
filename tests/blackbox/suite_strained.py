#!/usr/bin/env python3
"""Goal: a slow disk and a clock that jumps are no dead node: while each sync of one node is held
for a while, and while the time of day on one node jumps by hours, forth and back, no node is judged
away and no leader changes; writes and reads go on, histories are linearizable, nothing is lost.
Method: a library in front of libc that holds fsync and fdatasync, and libfaketime; first on a node
that follows everywhere, if there is one, then on the one that leads most. Each node is asked all
the time what it finds wrong and which terms it is in."""
import time

import cluster_load
import cluster_verdict
import cluster_world
import preloaded
import suite_options
import suite_slow
import world

COLLECTION = suite_slow.COLLECTION
DISK_MS = (50, 300, 1_000)
CLOCK_S = (3_600, -7_200, 86_400)
GAP_MAX_S = 5.0


class Strained(cluster_world.Cluster):
    """Each node has a disk that can be slowed down, and a clock that can be set."""

    def __init__(self, folder, count):
        super().__init__(folder, count)
        slow = preloaded.build(folder, "slow_disk", preloaded.SLOW_DISK)
        assert slow, "there is no C compiler here"
        clock = preloaded.faketime()
        assert clock, "there is no libfaketime here: tools/install-packages faketime"
        for node in self.nodes:
            self.sync_takes(node, 0)
            self.set_clock(node, 0)
            node.environment = {
                "LD_PRELOAD": f"{slow}:{clock}",
                "GRAPE_TEST_SLOW_DISK": str(node.data_dir.parent / "sync_ms"),
                "FAKETIME_TIMESTAMP_FILE": str(node.data_dir.parent / "clock"),
                "FAKETIME_CACHE_DURATION": "1",  # Seconds until it looks again.
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}

    @staticmethod
    def sync_takes(node, ms):
        (node.data_dir.parent / "sync_ms").write_text(f"{ms}\n")

    @staticmethod
    def set_clock(node, seconds):
        """By so much it is ahead."""
        (node.data_dir.parent / "clock").write_text(f"{seconds:+d}\n")


def day_of(node):
    """The time of day as the node tells it, to the minute."""
    told = node.client(5).ask("GET", "/cluster")["consensus_thread_status"]["last_update"]
    return told[:16]


def strain(cluster, load, node, what, seconds):
    since = time.monotonic()
    judged, changed = suite_slow.watch(cluster, seconds)
    gaps = load.gaps(since, time.monotonic())
    print(f"  {what} on {node.name}: {judged} judgements that a node is away, {len(changed)} "
          f"groups with another term; no write for {gaps['write']:.2f} s, no read for "
          f"{gaps['read']:.2f} s; p99 {1e3 * load.late(0.99, since, time.monotonic()):.0f} ms",
          flush=True)
    assert judged == 0 and not changed, f"{judged} judgements, terms changed: {changed}"
    assert max(gaps.values()) <= GAP_MAX_S, f"hardly anything was served: {gaps}"


def all_strains(cluster, load, node, seconds):
    for ms in DISK_MS:
        cluster.sync_takes(node, ms)
        strain(cluster, load, node, f"syncs that take {ms} ms more", seconds)
    cluster.sync_takes(node, 0)
    for ahead in CLOCK_S:
        before = day_of(node)
        cluster.set_clock(node, ahead)
        cluster_world.until(lambda: day_of(node)[:13] != before[:13], 10, "the clock jumped")
        strain(cluster, load, node, f"a clock that is {ahead / 3600:+.0f} h ahead", seconds)
    cluster.set_clock(node, 0)


def main():
    options = suite_options.read(__doc__, 10, rate=60.0)
    with world.folder() as folder, Strained(folder, options.nodes) as cluster:
        cluster.create(COLLECTION, options.shards)
        load = cluster_load.Load(cluster, COLLECTION, options.seed, per_second=options.rate,
                                 erase=0.05)
        with load:
            leader = cluster_world.until(lambda: cluster.leader(COLLECTION), 30, "a leader")
            other = next(node for node in cluster.nodes if node is not leader)
            for node in (other, leader):
                all_strains(cluster, load, node, options.seconds)
        failed = {what: count for what, count in load.counts.items()
                  if what[1] != cluster_load.OK}
        assert not failed, f"requests failed: {failed}"
        points = cluster_verdict.all_well(load, cluster, COLLECTION)
        print(f"  {load.told()}; {points} points, the same on all nodes", flush=True)
    print("strained: passed", flush=True)


if __name__ == "__main__":
    main()
