#!/usr/bin/env python3
"""Goal: killing any actor but NODE on any node of a cluster loses nothing acknowledged and heals
without a hand. Method: clients read, write, search and compare-and-set through all nodes while on
each node each actor is killed in turn through the test hook; afterwards the history is judged and
all nodes are compared."""
import time

import cluster_load
import cluster_verdict
import cluster_world
import suite_options

COLLECTION = "actors"
HEALS_WITHIN_S = 20


def actors(client):
    return {each["name"]: each for each in client.ask("GET", "/grape/v1/actors")["actors"]}


def renewals(tree, name):
    """Of the actor and of the floors above it: a floor whose children fell too often is renewed as
    a whole, and counts anew. Nothing while it is away."""
    counts = []
    while name:
        if name not in tree:
            return None
        counts.append(tree[name]["restarts"])
        name = tree[name]["parent"]
    return counts[::-1]


def kill(node, name):
    """Kills it, waits until it was renewed and its node serves; seconds until then. An actor that
    is gone by now counts as 0."""
    client = node.client(timeout=5)
    cluster_world.until(  # An elder may have taken it along.
        lambda: "does not answer" not in actors(client).get(name, {}).get("last_error", ""),
        HEALS_WITHIN_S, f"{node.name}: {name} runs")
    before = renewals(actors(client), name)
    if before is None:
        return 0.0
    began = time.monotonic()
    client.ask("POST", "/grape/v1/actors/kill", {"name": name})
    cluster_world.until(lambda: (renewals(actors(client), name) or before) > before,
                        HEALS_WITHIN_S, f"{node.name}: {name} counts its restart")
    cluster_world.until(lambda: cluster_world.serves(client, COLLECTION, cluster_load.SIZE,
                                                     999_990 + node.place),
                        HEALS_WITHIN_S, f"{node.name} serves after {name} was killed")
    client.close()
    return time.monotonic() - began


def kill_each(node):
    """On one node; (seconds, name) of the slowest to heal."""
    names = [name for name, each in actors(node.client()).items() if each["parent"]]
    took = sorted((kill(node, name), name) for name in names)
    assert node.runs, f"{node.name} ended with {node.process.returncode}"
    print(f"  {node.name}: {len(took)} actors killed, each healed; p50 "
          f"{suite_options.percentile([s for s, _ in took], 0.5):.2f} s, the slowest "
          f"{took[-1][0]:.2f} s ({took[-1][1]})", flush=True)
    return took[-1]


def main():
    options = suite_options.read(__doc__, 0, rate=150.0)
    hooks = {"GRAPE_NODE_TEST_HOOKS": "true"}
    with cluster_world.cluster(options.nodes, environment=hooks) as cluster:
        cluster.create(COLLECTION, options.shards)
        load = cluster_load.Load(cluster, COLLECTION, options.seed, per_second=options.rate)
        with load:
            for node in cluster.nodes:
                kill_each(node)
        points = cluster_verdict.all_well(load, cluster, COLLECTION)
        print(f"  {load.told()}\n  {points} points at the end, the same on all nodes", flush=True)
    print("actors: passed", flush=True)


if __name__ == "__main__":
    main()
