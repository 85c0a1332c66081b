#!/usr/bin/env python3
"""Goal: a program uses a cluster from an actor system of its own: creates, writes, searches, reads,
deletes and watches, and goes on when the node that it is connected to is killed, stopped, or hangs.
Method: a program built against what was installed, told what to do line by line; what it did is
read back by HTTP from other nodes."""
import sys

import cluster_world
import installed
import world

GRAPECTL = installed.BUILD / "bin" / "grapectl"


def done(client, line, within=30):
    """Until it is acknowledged: `unavailable` is surely not done, `commit_unknown` may be repeated
    here because the same points again do no harm."""
    def acknowledged():
        answer = client.ask(line)
        assert answer == "ok" or answer.startswith(("failed: unavailable", "failed: commit_unknown",
                                                    "failed: overloaded")), answer
        return answer == "ok"

    cluster_world.until(acknowledged, within, line)


def post(node, first, last):
    points = [{"id": i, "vector": [float(i), 1.0]} for i in range(first, last)]
    node.client(5).ask("PUT", "/collections/words/points?wait=true", {"points": points})
    return True


def news(client, which="news"):
    exists, written, times, skipped = client.tell(which).split()
    return exists == "exists", int(written), int(times), int(skipped)


def hears(client, what, condition, within=15):
    return cluster_world.until(lambda: condition(*news(client)) and news(client), within, what)


def first_steps(client, cluster):
    assert client.ask("get 0 1").startswith("failed: not_found"), client.ask("get 0 1")
    client.tell("watch")
    hears(client, "that there is none", lambda exists, written, times, skipped:
          times > 0 and not exists)
    cluster_world.until(lambda: client.ask("create 2 3") == "ok", 30, "create")
    assert client.ask("create 2 3").startswith("failed: already_exists")
    hears(client, "that it was made", lambda exists, *_: exists)
    done(client, "put 0 300")
    assert client.tell("get 0 400") == "300"
    assert client.tell("search 77") == "77"
    for node in cluster.nodes:
        found = world.read_everything(node.client(), "words")
        assert sorted(found) == list(range(300)), f"{node.name}: {len(found)}"
    assert client.ask("put 0 0").startswith("failed: ")  # Nothing to store.


def watches(client, node):
    """What others write is heard of, and a slow watcher skips states instead of piling them up."""
    before = hears(client, "its own writes", lambda exists, written, *_: written > 0)
    for first in range(400, 450, 10):
        post(node, first, first + 10)
        before = hears(client, "another's write",
                       lambda exists, written, *_, least=before[1]: written > least)
    last = before[1]
    cluster_world.until(lambda: news(client, "slow")[1] >= last, 15, "the slow one is up to date")
    quick, slow = news(client), news(client, "slow")
    assert slow[2] < quick[2], f"{slow} is told as often as {quick}"
    assert slow[3] > 0, f"{slow} skipped nothing"


def survives_kill(client, cluster):
    """It is connected to the first node."""
    first, second, third = cluster.nodes
    before = news(client)[1]
    first.kill()
    done(client, "put 500 600")
    assert client.tell("get 500 600") == "100"
    assert client.tell("search 555") == "555"
    post(third, 600, 610)
    hears(client, "news through another node",
          lambda exists, written, *_: exists and written > before)
    assert sorted(world.read_everything(second.client(), "words"))[-1] == 609
    first.launch()
    first.await_ready()


def reads_survive(client, cluster, hurt, heal):
    """Each node in turn goes: no read fails, whichever it was put to."""
    for node in cluster.nodes:
        hurt(node)
        for _ in range(20):
            assert client.tell("get 500 600") == "100"
        done(client, "put 700 710")
        heal(node)
        node.await_ready()
        cluster.await_service("words", size=2)


def ends(client):
    done(client, "remove 0 300")
    assert client.tell("get 0 300") == "0"
    assert client.tell("drop") == ""
    hears(client, "that it was dropped", lambda exists, *_: not exists)
    assert client.tell("drop") == "none"
    client.end()


def addresses(cluster):
    return [f"{node.host}:{node.peer_port}" for node in cluster.nodes]


def plain(program):
    with cluster_world.cluster(3) as cluster:
        log = cluster.folder / "client.log"
        with installed.Obedient([program, *addresses(cluster)], log) as client:
            first_steps(client, cluster)
            watches(client, cluster.nodes[1])
            survives_kill(client, cluster)
            reads_survive(client, cluster, lambda node: node.stop(), lambda node: node.launch())
            reads_survive(client, cluster, lambda node: node.pause(), lambda node: node.go_on())
            ends(client)
        for node in cluster.nodes:
            code = node.stop()
            assert code == 0, f"{node.name} ended with {code}"


def by_tls(program, folder):
    """Only who has a certificate of the cluster's CA is let in."""
    names = ["n1", "n2", "n3", "client"]
    installed.run(GRAPECTL, "dev", "--dir", folder, "certs", *names)
    files = {name: [folder / f"{name}.pem", folder / f"{name}-key.pem", folder / "ca.pem"]
             for name in names}
    cluster = cluster_world.Cluster(folder, 3)
    for node in cluster.nodes:
        keys = ("GRAPE_PEER_TLS_CERT", "GRAPE_PEER_TLS_KEY", "GRAPE_PEER_TLS_CA")
        node.environment = {key: str(file) for key, file in zip(keys, files[node.name])}
    command = [program, *addresses(cluster)]
    with cluster:
        trusted = [*command, "--tls", *files["client"]]
        with installed.Obedient(trusted, folder / "tls.log") as client:
            cluster_world.until(lambda: client.ask("create 2 3") == "ok", 30, "create")
            done(client, "put 0 100")
            cluster.nodes[0].kill()
            assert client.tell("get 0 100") == "100"
            client.end()
        with installed.Obedient(command, folder / "bare.log") as client:
            assert client.ask("brief").startswith("failed: unavailable: no node could be reached")
            client.end()


def main():
    with world.folder() as folder:
        program = installed.program(folder, "caf_client")
        plain(program)
        by_tls(program, folder)
    print("  a client wrote, read and watched while each node was killed, stopped or hung, and by "
          "TLS", flush=True)


if __name__ == "__main__":
    sys.exit(main())
