#!/usr/bin/env python3
"""Goal: a shard moves to another node while everybody writes, reads, searches and deletes, and
whoever asks a node that lives, once, is answered with 200: nothing is lost, doubled or risen,
histories are linearizable, the move is completed or undone without an operator, and nothing of it
is left. Writes pause for half a second at most, also when whoever leads the shard is killed in the
midst of it. Undisturbed, p99 is at most twice what it is without a move. Method: moves under load,
in three phases: undisturbed; with the source, the target or the leader of the metadata group killed
in every stage that the group commits (move_stages); with one of them killed at a drawn moment."""
import time

import cluster_load
import cluster_verdict
import cluster_world
import move_stages
import moving
import suite_options

PAUSE_MAX_S, SETTLES_WITHIN_S, LATE_MAX = 0.5, 90, 2.0
QUIET_S = 6  # Without a move, for the figures that those of a move are compared with.


def ask_for_move(cluster, collection, chance):
    """(shard, from, to) of a move that was begun."""
    def begun():
        node = chance.choice([node for node in cluster.nodes if node.runs])
        at, _ = moving.placement(node, collection)
        peers = range(1, len(cluster.nodes) + 1)  # Founders are numbered in order of name.
        free = [(shard, source, target) for shard, own in at.items() for source in own
                for target in peers if target not in own]
        assert free, f"no shard can be moved: {at}"
        move = chance.choice(free)
        return move if moving.begin(node, collection, move) else None

    return cluster_world.until(begun, moving.BEGINS_WITHIN_S, "a shard can be moved")


def one_move(cluster, load, chance, kill):
    began = time.monotonic()
    move = ask_for_move(cluster, load.collection, chance)
    asked = time.monotonic()
    hurt = ""
    if kill:
        time.sleep(chance.uniform(0, 2))  # The stage in which the kill comes is the seed's.
        victim = chance.choice([cluster.nodes[move[1] - 1], cluster.nodes[move[2] - 1],
                                cluster.leader(load.collection) or chance.choice(cluster.nodes)])
        victim.kill()
        hurt = f", {victim.name} killed"
        time.sleep(chance.uniform(0, 4))
        cluster.heal()
    became = moving.await_outcome(cluster, load.collection, move, SETTLES_WITHIN_S)
    over = time.monotonic()
    cluster.await_service(load.collection)
    gaps = load.gaps(began, time.monotonic())
    print(f"  shard {move[0]}: {move[1]} -> {move[2]} {became} after {over - asked:.1f} s{hurt}; "
          f"no write for {gaps['write']:.2f} s", flush=True)
    return became, gaps, (asked, over)


def late_of(load, windows):
    """The p99 of all that was asked in these windows, in seconds."""
    took = sorted(returned - called for returned, called, _, _ in load.successes
                  if any(since <= called <= until for since, until in windows))
    return suite_options.percentile(took, 0.99)


def undisturbed(cluster, options, seconds):
    """All is answered with 200; quiet times and moves take turns."""
    cluster.create("undisturbed", options.shards, replicas=3)
    load = cluster_load.Load(cluster, "undisturbed", options.seed, per_second=options.rate,
                             write_once=0.5, erase=0.05, patience=15)
    ends, quiet, moves = [], [], []
    with load:
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            since = time.monotonic()
            time.sleep(QUIET_S)
            quiet.append((since, time.monotonic()))
            became, gaps, window = one_move(cluster, load, options.chance, False)
            ends.append(became)
            moves.append(window)
            assert became == "moved", "an undisturbed move was undone"
            assert gaps["write"] <= PAUSE_MAX_S, f"no write for {gaps['write']:.2f} s"
    failed = {what: count for what, count in load.answers.items() if what != 200}
    assert not failed, f"requests failed though nothing was hurt: {failed}"
    without, during = late_of(load, quiet), late_of(load, moves)
    print(f"  p99 {1e3 * without:.1f} ms without a move, {1e3 * during:.1f} ms during one: "
          f"{during / without:.2f} times; {load.answers[200]} answers, all of them 200, of "
          "requests that were made once", flush=True)
    assert not options.strict or during <= LATE_MAX * without, "above the limit"
    return load, ends


def at_drawn_moments(cluster, options, seconds):
    cluster.create("drawn", options.shards, replicas=3)
    load = cluster_load.Load(cluster, "drawn", options.seed, per_second=options.rate,
                             write_once=0.5, erase=0.05)
    ends = []
    with load:
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            ends.append(one_move(cluster, load, options.chance, True)[0])
    return load, ends


def judge(cluster, load, ends):
    points = cluster_verdict.all_well(load, cluster, load.collection)
    print(f"  {ends.count('moved')} moved, {ends.count('undone')} undone; {load.told()}; "
          f"{points} points, the same on all nodes", flush=True)


def main():
    options = suite_options.read(__doc__, 120, rate=150.0, points=4_000, strict=0,
                                 phases="undisturbed,stages,drawn", cells="")
    phases = options.phases.split(",")
    with cluster_world.cluster(options.nodes + 1) as cluster:  # One has no replica of a shard.
        if "undisturbed" in phases:
            judge(cluster, *undisturbed(cluster, options, options.seconds / 2))
        if "stages" in phases:
            move_stages.all_of_them(cluster, options)
        if "drawn" in phases:
            judge(cluster, *at_drawn_moments(cluster, options, options.seconds / 2))
        moving.await_nothing_left(cluster, 240)
        print("  nothing of what moved is left anywhere", flush=True)
    print("migration: passed", flush=True)


if __name__ == "__main__":
    main()
