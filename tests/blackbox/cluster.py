#!/usr/bin/env python3
"""Goal: three nodes form one database; with one of them killed, clients of the others go on writing
and reading after a short pause, nothing acknowledged is lost, and the node is whole again when it
comes back. Method: the quick one of its kind, with the faults that tools/suite has many of."""
import cluster_faults
import cluster_load
import cluster_verdict
import cluster_world
import world

COLLECTION = "points"
PAUSE_MAX_S = 5


def fails_over(cluster, load, chance, name):
    nemesis = cluster_faults.Nemesis(cluster, load, COLLECTION, [name], chance)
    gaps = nemesis.once(name, 4)
    assert name in cluster_faults.NO_QUORUM or gaps["write"] <= PAUSE_MAX_S, \
        f"{name}: nobody could write for {gaps['write']:.1f} s"


def orderly_end(cluster):
    for node in cluster.nodes:
        code = node.stop()
        assert code == 0, f"{node.name} ended with {code}"
    cluster.start_all()


def main():
    chance = world.chance_of(world.seed(5))
    with cluster_world.cluster(3) as cluster:
        cluster.create(COLLECTION)
        load = cluster_load.Load(cluster, COLLECTION, chance.randrange(1_000_000))
        with load:
            for name in ("kill-leader", "pause-leader", "stop", "kill-all"):
                fails_over(cluster, load, chance, name)
        points = cluster_verdict.all_well(load, cluster, COLLECTION)
        orderly_end(cluster)
        again = cluster_verdict.nothing_lost(load, cluster, COLLECTION)
        assert again == points, f"{again} points after an orderly restart instead of {points}"
        print(f"  {load.told()}\n  {points} points, the same on all nodes", flush=True)


if __name__ == "__main__":
    main()
