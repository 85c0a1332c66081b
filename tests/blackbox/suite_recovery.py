#!/usr/bin/env python3
"""Goal: a node that was killed is back to full redundancy within a minute, with its disk; with an
empty one (`node replace`) too, at a rate that is printed. Method: many points in three shards of
factor 3, a kill, more writes, a start; then a kill, an empty disk, `grapectl node replace`. Back is
it when it has applied what all shards had committed and no node finds anything wrong."""
import random
import re
import subprocess
import threading
import time

import cluster_world
import suite_options
import world

COLLECTION, SIZE, BATCH, UPLOADERS = "recovery", 128, 500, 4
PATH = f"/collections/{COLLECTION}"
FIRST_ID = 1_000_000  # Beyond that of `await_service`.
GRAPECTL = world.local_node.GRAPED.parent / "grapectl"


class Vectors:
    """JSON texts of vectors that differ: one of many ends behind a start of its own."""

    def __init__(self, seed):
        chance = random.Random(seed)
        self.ends = [",".join(f"{chance.gauss(0, 1):.4f}" for _ in range(SIZE - 1)) + "]"
                     for _ in range(4_000)]

    def points(self, first, count):
        texts = (f'{{"id":{FIRST_ID + i},"vector":[{(i * 2654435761) % 100_003 / 25_000:.5f},'
                 f'{self.ends[i % len(self.ends)]}}}' for i in range(first, first + count))
        return '{"points":[' + ",".join(texts) + "]}"


def takes(client, body):
    """False: the node has too much to do just now."""
    status, answer = client.call_text("PUT", PATH + "/points?wait=true", body)
    assert status in (200, 429, 503), f"{status} {answer}"
    return status == 200


def upload(nodes, vectors, first, last):
    """All points from `first` to before `last`, acknowledged, through these nodes."""
    failed, starts, lock = [], iter(range(first, last, BATCH)), threading.Lock()

    def work(node):
        client = node.client(60)
        while not failed:
            with lock:
                start = next(starts, None)
            if start is None:
                return
            body = vectors.points(start, min(BATCH, last - start))
            try:
                cluster_world.until(lambda b=body: takes(client, b), 60, f"points from {start} on")
            except AssertionError as failure:
                failed.append(str(failure))

    threads = [threading.Thread(target=work, args=(nodes[i % len(nodes)],))
               for i in range(UPLOADERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed[0]


def shards_of(node):
    told = node.client(10).ask("GET", PATH + "/cluster")["local_shards"]
    return {shard["shard_id"]: shard["grape"] for shard in told if "grape" in shard}


def committed(nodes):
    """By shard, the most that any of these nodes knows to be committed."""
    most = {}
    for node in nodes:
        for shard, raft in shards_of(node).items():
            most[shard] = max(most.get(shard, 0), raft["commit"])
    return most


def finds_nothing_wrong(node):
    return not node.client(10).ask("GET", "/grape/v1/health")["findings"]


def is_back(cluster, node, goal):
    applied = shards_of(node)
    if any(applied.get(shard, {"applied": 0})["applied"] < index for shard, index in goal.items()):
        return False
    return all(finds_nothing_wrong(one) for one in cluster.nodes)


def back_after(cluster, node, goal, since):
    cluster_world.until(lambda: is_back(cluster, node, goal), 900, f"{node.name} is back")
    return time.monotonic() - since


def with_its_disk(cluster, vectors, count):
    node, others = cluster.nodes[-1], cluster.nodes[:-1]
    cluster_world.until(lambda: finds_nothing_wrong(others[0]), 60, "all is well")
    node.kill()
    upload(others, vectors, count, count + count // 100)
    goal, since = committed(others), time.monotonic()
    node.launch()
    took = back_after(cluster, node, goal, since)
    print(f"  killed and started with its disk, {count // 100} points were written meanwhile: back "
          f"after {took:.1f} s", flush=True)
    return took


def streamed(cluster):
    """(number, bytes) of the snapshots that nodes say they sent."""
    logs = [node.log.read_text() for node in cluster.nodes if node.log.exists()]
    sent = [float(size) for log in logs
            for size in re.findall(r"a snapshot is on node \d+: ([\d.]+) MB", log)]
    return len(sent), sum(sent)


def with_an_empty_one(cluster):
    node, others = cluster.nodes[-1], cluster.nodes[:-1]
    before = streamed(cluster)
    node.kill()
    node.wipe()
    told = subprocess.run([str(GRAPECTL), "--host", f"{others[0].host}:{others[0].port}", "node",
                           "replace", node.name],
                          capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stderr
    goal, since = committed(others), time.monotonic()
    node.launch()
    took = back_after(cluster, node, goal, since)
    after = streamed(cluster)
    megabytes = after[1] - before[1]
    print(f"  replaced by one with an empty disk: {megabytes:.0f} MB (compressed) in "
          f"{after[0] - before[0]} snapshots, back after {took:.1f} s: {megabytes / took:.1f} "
          "MB/s, indexes built beside it", flush=True)


def main():
    options = suite_options.read(__doc__, 0, points=1_000_000)
    with cluster_world.cluster(options.nodes) as cluster:
        cluster.create(COLLECTION, options.shards, size=SIZE)
        vectors, since = Vectors(options.seed), time.monotonic()
        upload(cluster.nodes, vectors, 0, options.points)
        took = time.monotonic() - since
        print(f"  {options.points} points of {SIZE} dimensions, three replicas: {took:.0f} s, "
              f"{options.points / took:.0f} points/s", flush=True)
        back = with_its_disk(cluster, vectors, options.points)
        with_an_empty_one(cluster)
        counts = {node.client(60).ask("POST", PATH + "/points/count", {"exact": True})["count"]
                  for node in cluster.nodes}
        wanted = options.points + options.points // 100 + 1  # And the one of `await_service`.
        assert counts == {wanted}, f"{counts} points, not {wanted}"
        assert back < 60, f"{back:.1f} s to full redundancy"
    print("recovery: passed", flush=True)


if __name__ == "__main__":
    main()
