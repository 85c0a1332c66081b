#!/usr/bin/env python3
"""Goal: shards that nobody uses cost next to nothing: with 1,000 of them in three replicas each
less than 1 % of a core per node, and per idle replica at most 100 KiB of memory and 6 descriptors;
less than 20 packets a second between two nodes. Method: collections are made and left alone until
their groups sleep; then what /proc counts of each process is read before and after a while."""
import os
import time

import cluster_world
import private_net
import suite_options

SHARDS_PER_COLLECTION = 100
TICKS = os.sysconf("SC_CLK_TCK")


class Sample:
    """What one node has used so far."""

    def __init__(self, node):
        process = f"/proc/{node.process.pid}"
        with open(f"{process}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        self.at = time.monotonic()
        self.cpu_s = (int(fields[11]) + int(fields[12])) / TICKS
        self.rss = node.rss_bytes()
        self.descriptors = len(os.listdir(f"{process}/fd"))
        self.packets = packets(process)


def packets(process):
    """Sent and received by its network namespace, without what it says to itself."""
    with open(f"{process}/net/dev", encoding="ascii") as file:
        rows = [line.split(":") for line in file if ":" in line]
    return sum(int(counts.split()[column]) for name, counts in rows if name.strip() != "lo"
               for column in (1, 9))


def create(cluster, shards, replicas):
    for first in range(0, shards, SHARDS_PER_COLLECTION):
        cluster.create(f"idle{first}", shards=min(SHARDS_PER_COLLECTION, shards - first),
                       replicas=replicas, within=120)


def quiet(cluster, while_s):
    before = [Sample(node) for node in cluster.nodes]
    time.sleep(while_s)  # The measurement itself: nothing is waited for.
    return list(zip(before, [Sample(node) for node in cluster.nodes]))


def main():
    options = suite_options.read(__doc__, 30, rest=30.0, shards=1_000)
    with cluster_world.cluster(options.nodes, cuts=private_net.possible()) as cluster:
        cluster.create("first", shards=1)
        empty = [Sample(node) for node in cluster.nodes]
        create(cluster, options.shards, options.nodes)
        time.sleep(options.rest)  # Groups sleep a few seconds after the last write.
        worst = [0.0] * 4
        pairs = max(1, options.nodes - 1)
        for node, base, (first, last) in zip(cluster.nodes, empty, quiet(cluster, options.seconds)):
            took = last.at - first.at
            figures = ((last.cpu_s - first.cpu_s) / took * 100,
                       (last.rss - base.rss) / options.shards / 1024,
                       (last.descriptors - base.descriptors) / options.shards,
                       (last.packets - first.packets) / took / pairs)
            print("  {}: {:.2f} % of a core; per idle replica {:.0f} KiB and {:.1f} descriptors; "
                  "{:.0f} packets/s with each other node".format(node.name, *figures), flush=True)
            worst = [max(pair) for pair in zip(worst, figures)]
    assert worst[0] < 1 and worst[1] <= 100 and worst[2] <= 6 and worst[3] < 20, worst
    print("idle: passed", flush=True)


if __name__ == "__main__":
    main()
