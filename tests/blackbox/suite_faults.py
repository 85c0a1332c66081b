#!/usr/bin/env python3
"""Goal: whatever happens to nodes, nothing acknowledged is lost, doubled or risen, and after each
fault the cluster heals by itself. Method: every kind of fault in turn under load, a full disk too
where one can be mounted; at the end all nodes are scrolled and compared."""
import os

import cluster_faults
import cluster_load
import cluster_verdict
import cluster_world
import suite_options


def rounds(options, cluster, names, collection):
    cluster.create(collection, options.shards)
    load = cluster_load.Load(cluster, collection, options.seed, per_second=options.rate,
                             write_once=0.6)
    with load:
        nemesis = cluster_faults.Nemesis(cluster, load, collection, names, options.chance)
        for name in names:
            nemesis.run(options.seconds / len(names), [name])
    points = cluster_verdict.all_well(load, cluster, collection)
    print(f"  {load.told()}\n  {points} points at the end, the same on all nodes", flush=True)
    return nemesis.done


def main():
    options = suite_options.read(__doc__, 240, faults="", rate=150.0)
    cuts = cluster_world.may_cut()
    names = list(cluster_faults.PROCESS) + (list(cluster_faults.CUTS) if cuts else [])
    disk = list(cluster_faults.DISK) if os.geteuid() == 0 else []
    if options.faults:
        chosen = options.faults.split(",")
        names, disk = [n for n in names if n in chosen], [n for n in disk if n in chosen]
    if not cuts:
        print("no cuts between nodes: they need root and network namespaces", flush=True)
    done = []
    if names:
        with cluster_world.cluster(options.nodes, cuts=cuts) as cluster:
            done += rounds(options, cluster, names, "faults")
    if disk:
        with cluster_world.cluster(options.nodes, disk="192m") as cluster:
            options.seconds = 30 * len(disk)
            done += rounds(options, cluster, disk, "disks")
    gaps = [gap["write"] for name, gap in done if name not in cluster_faults.NO_QUORUM]
    print(f"no write for: p50 {suite_options.percentile(gaps, 0.5):.2f} s, "
          f"max {max(gaps, default=0):.2f} s over {len(gaps)} faults", flush=True)
    assert max(gaps, default=0) <= 10, "a minority was away, and nobody could write for over 10 s"
    print("faults: passed", flush=True)


if __name__ == "__main__":
    main()
