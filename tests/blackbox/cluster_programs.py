#!/usr/bin/env python3
"""Goal: the nodes of a cluster keep their contract with whoever starts them: exit codes, TLS among
themselves only, an orderly end in time whatever the others do. Method: real processes."""
import signal
import socket
import subprocess
import time

import cluster_world
import world

GRAPECTL = world.local_node.GRAPED.parent / "grapectl"
FORGED = bytes([1, 0, 0, 0, 0xE0, 0, 0, 0]) + bytes(24)  # BASP: a message of 3.5 GiB follows.


def certificates(folder, *nodes):
    subprocess.run([str(GRAPECTL), "dev", "certs", "--dir", str(folder), *nodes], check=True,
                   capture_output=True)
    return {node: {"GRAPE_PEER_TLS_CERT": str(folder / f"{node}.pem"),
                   "GRAPE_PEER_TLS_KEY": str(folder / f"{node}-key.pem"),
                   "GRAPE_PEER_TLS_CA": str(folder / "ca.pem")} for node in nodes}


def s_client(node, *how):
    return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{node.peer_port}", *how],
                          input="", capture_output=True, text=True, timeout=20, check=False)


def ended_with(node, code, *words, within=60):
    assert node.process.wait(within) == code, f"{node.process.returncode}:\n{node.tail()}"
    for word in words:
        assert word in node.log.read_text(), f"`{word}` is not in:\n{node.tail()}"


def speaks_tls_among_its_own(folder):
    cluster = cluster_world.Cluster(folder, 3)
    given = certificates(folder / "ours", "n1", "n2", "n3")
    foreign = certificates(folder / "theirs", "n1")["n1"]
    for node in cluster.nodes:
        node.environment = given[node.name]
    with cluster:
        cluster.create("c")
        first = cluster.nodes[0]
        own = given["n2"]
        show = ["-CAfile", own["GRAPE_PEER_TLS_CA"], "-cert", own["GRAPE_PEER_TLS_CERT"], "-key",
                own["GRAPE_PEER_TLS_KEY"]]
        said = s_client(first, *show).stdout
        assert "TLSv1.3" in said and "Verify return code: 0 (ok)" in said, said
        said = s_client(first, *show, "-tls1_2")
        assert "alert protocol version" in said.stdout + said.stderr, said
        before = first.rss_bytes()
        for _ in range(8):
            with socket.create_connection(("127.0.0.1", first.peer_port)) as stranger:
                stranger.sendall(FORGED + bytes(65_536))
        s_client(first, "-cert", foreign["GRAPE_PEER_TLS_CERT"], "-key",
                 foreign["GRAPE_PEER_TLS_KEY"])
        cluster.await_service("c")
        assert first.rss_bytes() < before + (64 << 20), f"{before} -> {first.rss_bytes()} bytes"
        for node in cluster.nodes:
            assert node.stop() == 0, node.tail()
    refuses_wrong_files(cluster.nodes[0], given, foreign)


def refuses_wrong_files(node, given, foreign):
    own, other = given["n1"], given["n2"]
    table = [
        ({"GRAPE_PEER_TLS_CERT": "/absent.pem"}, "tls_cert `/absent.pem`: No such file"),
        ({"GRAPE_PEER_TLS_KEY": other["GRAPE_PEER_TLS_KEY"]}, "does not belong to the certificate"),
        ({"GRAPE_PEER_TLS_CA": foreign["GRAPE_PEER_TLS_CA"]}, "is not signed by the CA"),
    ]
    for wrong, words in table:
        node.environment = {**own, **wrong}
        node.launch()
        ended_with(node, 2, words)


def ends_by_what_founding_finds(folder):
    """Founders that differ, and one that lost its disk."""
    cluster = cluster_world.Cluster(folder / "differ", 2)
    cluster.nodes[1].environment = {"GRAPE_CLUSTER_NAME": "another"}
    try:
        for node in cluster.nodes:
            node.launch()
        cluster_world.until(lambda: not all(node.runs for node in cluster.nodes), 30,
                            "one of two founders that differ gives up")
        for node in cluster.nodes:
            if not node.runs:
                ended_with(node, 2, "[cluster] name must be the same")
    finally:
        cluster.close()
    with cluster_world.Cluster(folder / "wiped", 3) as cluster:
        last = cluster.nodes[2]
        last.kill()
        last.wipe()
        last.launch()
        ended_with(last, 3, "grapectl node replace n3")
        cluster_world.until(lambda: "no connection with `n3`" in cluster.nodes[0].log.read_text(),
                            30, "the others say in their logs that it went")


def ends_while_another_hangs(folder):
    """One node does not read what it is sent; the others are told to stop, one after another."""
    with cluster_world.Cluster(folder, 3) as cluster:
        cluster.create("c", shards=1)
        leader = cluster.leader("c")
        hanging, ending = [node for node in cluster.nodes if node is not leader]
        client = leader.client()
        hanging.pause()
        body = {"points": [{"id": i, "vector": [1, 2, 3, 4], "payload": {"text": "x" * 60_000}}
                           for i in range(50)]}
        until = time.monotonic() + 4
        while time.monotonic() < until:  # More than sockets hold.
            client.call("PUT", "/collections/c/points?wait=true", body)
        for node in (leader, ending):
            since = time.monotonic()
            node.process.send_signal(signal.SIGTERM)
            ended_with(node, 0, "draining", within=15)
            took = time.monotonic() - since
            assert took <= 10, f"{node.name} took {took:.1f} s to end"
            print(f"    {node.name} ended after {took:.1f} s", flush=True)


def main():
    for check in (speaks_tls_among_its_own, ends_by_what_founding_finds, ends_while_another_hangs):
        with world.folder() as folder:
            check(folder)
        print(f"  {check.__name__}", flush=True)


if __name__ == "__main__":
    main()
