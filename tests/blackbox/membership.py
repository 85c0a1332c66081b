#!/usr/bin/env python3
"""Goal: a node that comes later becomes a member and gets its share; a member whose disk is lost is
replaced by one command, again and again, and nothing acknowledged is lost; whoever does not belong
to the cluster ends and says why. Method: real processes."""
import signal
import subprocess
import time

import cluster_world
import world

GRAPECTL = world.local_node.GRAPED.parent / "grapectl"
POINTS, VALUE_BYTES = 1_500, 2_000
HASTE = "repair_delay_s = 2\n"
PROTOCOL = 5  # Between nodes: link::protocol_version.


class Joiner(cluster_world.ClusterNode):
    """A node that is no founder."""

    def __init__(self, folder, place, members, cluster_name="grape"):
        super().__init__(folder, place, "127.0.0.1",
                         (world.local_node.free_port(), world.local_node.free_port()))
        self.seek(members, cluster_name)

    def seek(self, members, cluster_name="grape"):
        seeds = ", ".join(f'"{node.host}:{node.port}"' for node in members)
        self.config.write_text(
            f'[node]\nid = "{self.name}"\ndata_dir = "{self.data_dir}"\n'
            f'[http]\nport = {self.port}\n[peer]\nport = {self.peer_port}\n'
            f'[cluster]\nname = "{cluster_name}"\njoin = [{seeds}]\n')


def grapectl(node, *words):
    return subprocess.run([str(GRAPECTL), "--host", f"{node.host}:{node.port}", *words],
                          capture_output=True, text=True, timeout=60, check=False)


def ended_with(node, code, *words, within=60):
    assert node.process.wait(within) == code, f"{node.process.returncode}:\n{node.tail()}"
    for word in words:
        assert word in node.log.read_text(), f"`{word}` is not in:\n{node.tail()}"


def nodes_of(node):
    """By name, those that are not removed; with two of one name the test ends here."""
    told = [each for each in node.client().ask("GET", "/grape/v1/nodes")["nodes"]
            if each["state"] != "removed"]
    names = {each["name"]: each for each in told}
    assert len(names) == len(told), told
    return names


def replicas_on(node, collection="c"):
    try:
        told = node.client().ask("GET", f"/collections/{collection}/cluster")
    except cluster_world.FAILURES:
        return []
    return [one for one in told["local_shards"] if one["state"] == "Active"]


def votes_everywhere(cluster, collection="c"):
    """Every node has all shards, and the control plane votes on all three."""
    for node in cluster.nodes:
        if len(replicas_on(node, collection)) != 3 or not node.client().ask(
                "GET", "/cluster")["raft_info"]["is_voter"]:
            return False
        for group in node.client().ask("GET", "/grape/v1/shards")["shards"]:
            if len(group["replicas"]) != 3 or group.get("move"):
                return False
    return True


def write(cluster, first, count, place=0):
    client = cluster.client(place, 30)
    for begin in range(first, first + count, 100):
        client.ask("PUT", "/collections/c/points?wait=true",
                   {"points": [{"id": i, "vector": [1, 2, 3, i % 7],
                                "payload": {"text": f"{i:06d}" * (VALUE_BYTES // 6)}}
                               for i in range(begin, begin + 100)]})


def count(node):
    return node.client(30).ask("POST", "/collections/c/points/count", {"exact": True})["count"]


def comes_later(folder):
    """A fourth node: admitted once, linked with all, and it gets its share of the shards."""
    with cluster_world.Cluster(folder, 3, extra=HASTE) as cluster:
        lost = Joiner(folder / "lost", 8, [])
        lost.seek([lost])  # Nobody is there.
        stranger = Joiner(folder / "stranger", 7, cluster.nodes, "wine")
        fourth = Joiner(folder, 3, cluster.nodes)
        try:
            lost.launch()
            ends_while_it_asks(lost)
            lost.launch()
            stranger.launch()
            cluster.create("c", shards=4, replicas=2)
            write(cluster, 0, 300)
            fourth.launch()
            cluster_world.until(lambda: "n4" in nodes_of(cluster.nodes[1]), 20, "n4 is admitted")
            fourth.kill()  # As soon as it is known, wherever it is in its start.
            fourth.launch()
            fourth.await_ready(20)
            since = time.monotonic()
            cluster_world.until(lambda: replicas_on(fourth), 30, "n4 has a replica that serves")
            print(f"    n4 had a replica {time.monotonic() - since:.1f} s after its start",
                  flush=True)
            assert nodes_of(cluster.nodes[0])["n4"]["number"] == 4
            assert count(fourth) == 301, count(fourth)  # With the marker.
            fourth.client().ask("PUT", "/collections/c/points?wait=true",
                                {"points": [{"id": 7_000, "vector": [1, 2, 3, 4]}]})
            assert count(cluster.nodes[2]) == 302
            ended_with(stranger, 2, "wants to join the cluster `wine`, this is `grape`")
            strangers_get_nothing(cluster)
            refuses_a_disk_of_another(folder, cluster, fourth)
            ended_with(lost, 4, "no member at [cluster] join admits this node",
                       "Connection refused")
        finally:
            for node in (lost, stranger, fourth):
                node.kill()


def ends_while_it_asks(joiner):
    """One that is told to end while nobody admits it ends at once, and in order."""
    cluster_world.until(lambda: "not admitted to a cluster yet" in joiner.log.read_text(), 10,
                        "the joiner asks")
    since = time.monotonic()
    joiner.process.send_signal(signal.SIGTERM)
    ended_with(joiner, 0, "ended while it asked to be admitted")
    took = time.monotonic() - since
    assert took < 1, took


def strangers_get_nothing(cluster):
    """Whoever only asks over HTTP is written down, and gets no replica and no other's address."""
    def ask(name, address, cluster_name="grape", protocol=PROTOCOL):
        body = {"protocol": protocol, "name": name, "disk": "77", "peer_address": address,
                "http_address": "127.0.0.1:2", "cluster_name": cluster_name, "cluster_id": "",
                "number": 0}
        try:
            cluster.client(0).ask("POST", "/grape/v1/cluster/join", body)
            return ""
        except world.local_node.Refused as refused:
            return str(refused)
    assert f"speaks version {PROTOCOL - 1}" in ask("evil", "127.0.0.1:1", protocol=PROTOCOL - 1)
    assert "this is `grape`" in ask("evil", "127.0.0.1:1", "wine")
    taken = nodes_of(cluster.nodes[0])["n1"]["peer_address"]
    assert "which is where node 1 `n1` is" in ask("evil", taken)
    assert "with another disk" in ask("n1", "127.0.0.1:1")
    assert nodes_of(cluster.nodes[0])["n1"]["peer_address"] == taken
    assert ask("evil", "127.0.0.1:1") == ""
    cluster.create("more", shards=8, replicas=4)
    for shard in cluster.client(0).ask("GET", "/grape/v1/shards")["shards"]:
        assert "evil" not in [replica.get("name") for replica in shard["replicas"]], shard
    told = grapectl(cluster.nodes[0], "node", "remove", "evil")
    assert told.returncode == 0, told.stderr


def refuses_a_disk_of_another(folder, cluster, fourth):
    """The fourth node's disk is shown to another cluster, and an empty one to its own."""
    fourth.kill()
    with cluster_world.Cluster(folder / "other", 2) as other:
        fourth.seek(other.nodes)
        fourth.launch()
        ended_with(fourth, 3, "belongs to the cluster")
    fourth.seek(cluster.nodes)
    fourth.wipe()
    fourth.launch()
    ended_with(fourth, 3, "grapectl node replace n4")


def is_replaced(folder):
    """Each founder in turn loses its disk, the first one too, and comes back by one command."""
    with cluster_world.Cluster(folder, 3, extra=HASTE) as cluster:
        cluster.create("c", shards=3, replicas=3)
        write(cluster, 0, POINTS)
        expected = POINTS + 1
        for place in (2, 0):
            victim, others = cluster.nodes[place], [n for n in cluster.nodes
                                                    if n.place != place]
            victim.kill()
            victim.wipe()
            victim.launch()
            ended_with(victim, 3, f"grapectl node replace {victim.name}")
            told = grapectl(others[0], "node", "replace", victim.name)
            assert told.returncode == 0, told.stderr
            since = time.monotonic()
            victim.launch()
            victim.await_ready(30)
            cluster_world.until(lambda: votes_everywhere(cluster), 60, "full redundancy")
            took = time.monotonic() - since
            megabytes = POINTS * VALUE_BYTES / 1e6
            print(f"    {victim.name} has all of {megabytes:.1f} MB again, and votes, "
                  f"{took:.1f} s after its start: {megabytes / took:.2f} MB/s", flush=True)
            assert count(victim) == expected, count(victim)
            write(cluster, 100_000 + place * 1_000, 100, place)
            expected += 100
        alive = grapectl(cluster.nodes[0], "node", "replace", "n2")
        assert alive.returncode == 1 and "up and connected" in alive.stderr, alive
        for node in cluster.nodes:
            assert count(node) == expected
            assert nodes_of(node).keys() == {"n1", "n2", "n3"}


def goes_on_alone(folder):
    """Two of three disks are lost at a time. Nothing new forms; a person decides what goes on."""
    with cluster_world.Cluster(folder, 3, extra=HASTE) as cluster:
        cluster.create("c", shards=3, replicas=3)
        write(cluster, 0, 300)
        last, lost = cluster.nodes[0], cluster.nodes[1:]
        cluster_world.until(lambda: all(one["grape"]["applied"] == one["grape"]["commit"]
                                        for one in replicas_on(last)), 10, "n1 has everything")
        for node in lost:
            node.kill()
            node.wipe()
        for node in lost:
            node.launch()
        for node in lost:
            ended_with(node, 3, f"grapectl node replace {node.name}")
        cluster_world.until(lambda: "--lost-majority" in grapectl(last, "cluster", "health").stdout,
                            20, "n1 says what may be done")
        told = cluster_world.until(  # It has to see that it leads nobody any more.
            lambda: (said := grapectl(last, "--timeout", "30", "node", "replace", "n2", "n3",
                                      "--lost-majority")).returncode == 0 and said,
            20, "n1 goes on alone")
        assert "the control plane goes on" in told.stdout, told
        for node in lost:
            node.launch()
        for node in lost:
            node.await_ready(30)
        cluster_world.until(lambda: votes_everywhere(cluster), 60, "full redundancy")
        for node in cluster.nodes:
            assert count(node) == 301, count(node)
            assert nodes_of(node).keys() == {"n1", "n2", "n3"}


def main():
    for check in (comes_later, is_replaced, goes_on_alone):
        with world.folder() as folder:
            check(folder)
        print(f"  {check.__name__}", flush=True)


if __name__ == "__main__":
    main()
