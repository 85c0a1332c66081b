#!/usr/bin/env python3
"""Goal: reads, searches, writes and compare-and-sets of points through any node are linearizable
while nodes are killed, paused and cut off; at level `eventual` reads may be old but never wrong,
and all nodes end alike. Method: random load, drawn faults, histories judged by history.py."""
import cluster_faults
import cluster_load
import cluster_verdict
import cluster_world
import suite_options

LEVELS = {"linearizable": None, "majority": "majority", "eventual": "eventual"}


def one_level(options, name, cuts):
    drawn = list(cluster_faults.PROCESS) + (list(cluster_faults.CUTS) if cuts else [])
    names = options.faults.split(",") if options.faults else drawn
    with cluster_world.cluster(options.nodes, cuts=cuts) as cluster:
        cluster.create(name, options.shards)
        load = cluster_load.Load(cluster, name, options.seed, level=LEVELS[name],
                                 per_second=options.rate)
        with load:
            nemesis = cluster_faults.Nemesis(cluster, load, name, names, options.chance)
            nemesis.run(options.seconds / len(options.levels.split(",")))
        cluster_verdict.read_finally(load, cluster)
        cluster_verdict.honest(load)
        looked_at = 0 if name == "eventual" else cluster_verdict.linearizable(load)
        points = cluster_verdict.nothing_lost(load, cluster, name)
    print(f"  {name}: {load.told()}\n  {len(nemesis.done)} faults, {looked_at} configurations "
          f"looked at, {points} points at the end, the same on all nodes", flush=True)


def main():
    options = suite_options.read(__doc__, 180, faults="", levels=",".join(LEVELS), rate=200.0)
    cuts = cluster_world.may_cut()
    if not cuts:
        print("no cuts between nodes: they need root and network namespaces", flush=True)
    for name in options.levels.split(","):
        print(f"level {name}", flush=True)
        one_level(options, name, cuts)
    print("consistency: passed", flush=True)


if __name__ == "__main__":
    main()
