#!/usr/bin/env python3
"""Goal: a shard moves to another node while everybody writes and reads: no request fails, writes
pause for half a second at most, nothing is lost, doubled or risen; and when the source, the target
or another node is killed meanwhile, the move completes or is undone without an operator. Method:
moves one after the other under load, first undisturbed, then with a kill at a drawn moment."""
import time

import cluster_load
import cluster_verdict
import cluster_world
import suite_options

PAUSE_MAX_S, SETTLES_WITHIN_S, BEGINS_WITHIN_S = 0.5, 90, 120


def path_of(collection):
    return f"/collections/{collection}/cluster"


def placement(node, collection):
    """({shard: {peer: state}}, moves under way as {(shard, from, to)}) as that node sees it."""
    told = node.client(timeout=5).ask("GET", path_of(collection))
    at = {}
    for shard in told["local_shards"]:
        at.setdefault(shard["shard_id"], {})[told["peer_id"]] = shard["state"]
    for shard in told["remote_shards"]:
        at.setdefault(shard["shard_id"], {})[shard["peer_id"]] = shard["state"]
    return at, {(move["shard_id"], move["from"], move["to"]) for move in told["shard_transfers"]}


def ask_for_move(cluster, collection, chance):
    """(shard, from, to) of a move that was begun."""
    def begun():
        node = chance.choice([node for node in cluster.nodes if node.runs])
        at, _ = placement(node, collection)
        peers = range(1, len(cluster.nodes) + 1)  # Founders are numbered in order of name.
        free = [(shard, source, target) for shard, own in at.items() for source in own
                for target in peers if target not in own]
        assert free, f"no shard can be moved: {at}"
        shard, source, target = chance.choice(free)
        status, answer = node.client().call("POST", path_of(collection), {"move_shard": {
            "shard_id": shard, "from_peer_id": source, "to_peer_id": target}})
        if status == 200:
            return shard, source, target
        # The shard's last move, or one that the cluster began itself, is not over.
        assert status == 400 and ("clearing away" in str(answer) or "transfer" in str(answer)), (
            f"move of shard {shard} from {source} to {target}: {status} {answer}")
        return None

    return cluster_world.until(begun, BEGINS_WITHIN_S, "a shard can be moved")


def outcome(cluster, collection, move):
    """'moved' or 'undone' once all nodes that run see the same; else None."""
    shard, source, target = move
    seen = set()
    for node in cluster.nodes:
        if not node.runs:
            continue
        at, moving = placement(node, collection)
        own = at.get(shard, {})
        if move in moving or len(own) != 3:
            return None
        if own.get(target) == "Active" and source not in own:
            seen.add("moved")
        elif target not in own and source in own:
            seen.add("undone")
        else:
            return None
    return seen.pop() if len(seen) == 1 else None


def one_move(cluster, load, chance, kill):
    began = time.monotonic()
    move = ask_for_move(cluster, load.collection, chance)
    hurt = ""
    if kill:
        time.sleep(chance.uniform(0, 2))  # The stage in which the kill comes is the seed's.
        victim = chance.choice([cluster.nodes[move[1] - 1], cluster.nodes[move[2] - 1],
                                cluster.leader(load.collection) or chance.choice(cluster.nodes)])
        victim.kill()
        hurt = f", {victim.name} killed"
        time.sleep(chance.uniform(0, 4))
        cluster.heal()
    stable = {"since": None, "last": None}

    def settled():
        now = outcome(cluster, load.collection, move)
        if now != stable["last"]:
            stable.update(last=now, since=time.monotonic())
        # Undone, or not begun yet? What stays so for two seconds is over.
        lasting = now == "moved" or (now and time.monotonic() - stable["since"] > 2)
        return now if lasting else None

    became = cluster_world.until(settled, SETTLES_WITHIN_S, f"the move {move} ends")
    took = time.monotonic() - began
    cluster.await_service(load.collection)
    gaps = load.gaps(began, time.monotonic())
    print(f"  shard {move[0]}: {move[1]} -> {move[2]} {became} after {took:.1f} s{hurt}; no write "
          f"for {gaps['write']:.2f} s", flush=True)
    return became, gaps


def phase(cluster, options, seconds, kill):
    collection = "killed" if kill else "undisturbed"
    cluster.create(collection, options.shards, replicas=3)
    load = cluster_load.Load(cluster, collection, options.seed, per_second=options.rate,
                             write_once=0.5)
    ends = []
    with load:
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            became, gaps = one_move(cluster, load, options.chance, kill)
            ends.append(became)
            if not kill:
                assert became == "moved", "an undisturbed move was undone"
                assert gaps["write"] <= PAUSE_MAX_S, f"no write for {gaps['write']:.2f} s"
    if not kill:
        failed = {what: count for what, count in load.counts.items()
                  if what[1] != cluster_load.OK}
        assert not failed, f"requests failed though nothing was hurt: {failed}"
    cluster_verdict.read_finally(load, cluster)
    cluster_verdict.honest(load)
    cluster_verdict.linearizable(load)
    return load, ends


def main():
    options = suite_options.read(__doc__, 120, rate=150.0)
    with cluster_world.cluster(options.nodes + 1) as cluster:  # One has no replica of a shard.
        for kill in (False, True):
            load, ends = phase(cluster, options, options.seconds / 2, kill)
            points = cluster_verdict.nothing_lost(load, cluster, load.collection)
            print(f"  {ends.count('moved')} moved, {ends.count('undone')} undone; {load.told()}; "
                  f"{points} points, the same on all nodes", flush=True)
    print("migration: passed", flush=True)


if __name__ == "__main__":
    main()
