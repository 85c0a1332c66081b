#!/usr/bin/env python3
"""Goal: a program with an actor system of its own can have a database on that system, alone and as
a node of a cluster whose other nodes are graped processes; it ends in order while the system goes
on, may be opened again, and leaves nothing behind. Method: a program built against what was
installed, told what to do line by line."""
import sys

import cluster_world
import installed
import world

POINTS = 500
WAIT_MS_MAX = 1_000  # Of the host's own actor, on a machine that others use too.


def own_actors_live(host):
    said = host.tell("own")
    assert said.startswith("hello host"), said
    waited = int(said.split()[-2])
    assert waited <= WAIT_MS_MAX, f"an actor of the host waited {waited} ms"


def nothing_left(host):
    left = host.tell("left")
    assert left == "0 actors 0 threads 0 descriptors", left


def alone(program, folder):
    with installed.Obedient([program, folder / "alone"], folder / "alone.log") as host:
        for opened in range(3):
            host.tell("open")
            if opened == 0:
                host.tell("create 2 1")
            host.tell(f"put {opened * POINTS} {(opened + 1) * POINTS}")
            got = host.tell(f"get 0 {(opened + 1) * POINTS}")
            assert got == str((opened + 1) * POINTS), got
            host.tell("search 7")
            own_actors_live(host)
            host.tell("close")
            nothing_left(host)
            own_actors_live(host)
        host.tell("open")
        host.end()  # Also with a database that nobody closed.


def put_somehow(host, first, last):
    """Writes until it is acknowledged; the same points again do no harm."""
    def done():
        answer = host.ask(f"put {first} {last}")
        assert answer == "ok" or answer.startswith("failed: unavailable") \
            or answer.startswith("failed: commit_unknown"), answer
        return answer == "ok"

    cluster_world.until(done, 30, f"the host writes {first} to {last}")


def post(client, first, last):
    points = [{"id": i, "vector": [float(i), 1.0]} for i in range(first, last)]
    client.ask("PUT", "/collections/words/points?wait=true", {"points": points})


def member(program, folder):
    cluster = cluster_world.Cluster(folder, 3)
    first, second, third = cluster.nodes
    founders = [f"{node.name}=127.0.0.1:{node.peer_port}" for node in cluster.nodes]
    command = [program, third.data_dir, third.name, third.peer_port, *founders]
    try:
        first.launch()
        second.launch()
        with installed.Obedient(command, folder / "member.log") as host:
            host.tell("open")
            first.await_ready()
            second.await_ready()
            cluster_world.until(lambda: host.ask("create 3 3") in ("ok",) or None, 30, "create")
            put_somehow(host, 0, 200)
            everything = world.read_everything(first.client(), "words")
            assert sorted(everything) == list(range(200)), len(everything)
            post(second.client(), 200, 300)
            assert host.tell("get 0 300") == "300"
            fails_over(host, first)
            comes_back(host, first)
            ends(host, (first, second))
            host.end()
    except BaseException:
        cluster.tell()
        raise
    finally:
        cluster.close()


def fails_over(host, first):
    """The host's node and the second one go on without the first."""
    first.kill()
    put_somehow(host, 300, 400)
    host.tell("search 350")
    first.launch()
    first.await_ready()
    own_actors_live(host)


def comes_back(host, first):
    """Closed and opened again in the same system, while the others go on."""
    for again in range(2):
        host.tell("close")
        own_actors_live(host)
        begin = 400 + 50 * again
        cluster_world.until(lambda: post(first.client(5), begin, begin + 50) is None, 30, "a write")
        host.tell("open")
        cluster_world.until(lambda: host.ask(f"get 0 {begin + 50}") == f"ok {begin + 50}", 30,
                            "the host has what was written without it")
        put_somehow(host, 1_000 + again, 1_001 + again)


def ends(host, others):
    host.tell("close")
    left = host.tell("left")
    assert left in [f"0 actors 0 threads {n} descriptors" for n in range(len(others) + 1)], left
    own_actors_live(host)
    for node in others:  # CAF keeps the connection with another system until one of the two ends.
        code = node.stop()
        assert code == 0, f"{node.name} ended with {code}"
    nothing_left(host)


def main():
    with world.folder() as folder:
        program = installed.program(folder, "caf_host")
        alone(program, folder)
        member(program, folder)
    print("  alone and as a node of a cluster, opened again and again in one system", flush=True)


if __name__ == "__main__":
    sys.exit(main())
