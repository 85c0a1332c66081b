#!/usr/bin/env python3
"""Goal: the clusters that are shipped in config/ start as they are: every node of cluster-3 and of
cluster-6 becomes ready, a collection whose creator says nothing gets what the files say, any node
answers for all, and all end in order. Method: their own ports, so on a loopback of this test's own
where the machine allows one."""
import os
import pathlib
import subprocess
import sys
import tomllib

import cluster_world
import world

CONFIG = pathlib.Path(__file__).resolve().parents[2] / "config"
IN_PRIVATE = "--in-private-network"
POINTS = 200


class ShippedNode(world.local_node.Node):
    """One process with one of the files, started below `folder`, as a user would."""

    def __init__(self, folder, file):
        self.told = tomllib.loads(file.read_text())
        name = self.told["node"]["id"]
        super().__init__(folder / self.told["node"]["data_dir"], self.told["http"]["port"], file,
                         log=folder / f"{name}.log")
        self.name, self.folder = name, folder

    def launch(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(world.local_node.GRAPED.resolve()), "--config", str(self.config)],
                cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL)


def serves(nodes):
    """Written through the first node, read through each."""
    first = nodes[0].client()
    first.ask("PUT", "/collections/words", {"vectors": {"size": 4, "distance": "Dot"}})
    params = first.ask("GET", "/collections/words")["config"]["params"]
    wanted = {"shard_number": 1, "replication_factor": 1, **nodes[0].told.get("collections", {})}
    assert {key: params[key] for key in wanted} == wanted, params
    first.ask("PUT", "/collections/words/points?wait=true",
              {"points": [{"id": i, "vector": [i, 1, 2, 3]} for i in range(POINTS)]})
    for node in nodes:
        counted = node.client().ask("POST", "/collections/words/points/count", {"exact": True})
        assert counted["count"] == POINTS, f"{node.name}: {counted}"


def starts_as_shipped(name):
    with world.folder() as folder:
        nodes = [ShippedNode(folder, file) for file in sorted((CONFIG / name).glob("*.toml"))]
        try:
            for node in nodes:
                node.launch()
            took = sum(node.await_ready(60) for node in nodes)
            cluster_world.until(lambda: serves(nodes) is None, 30, f"{name} serves")
            codes = [node.stop() for node in nodes]
            assert codes == [0] * len(nodes), codes
            print(f"  {name}: {len(nodes)} nodes ready after {took:.1f} s", flush=True)
        finally:
            for node in nodes:
                if node.process and node.process.poll() is None:
                    node.kill()


def main():
    starts_as_shipped("cluster-3")
    starts_as_shipped("cluster-6")


def in_private_network():
    """Becomes this script in a network of its own, if that is allowed here."""
    begin = 'ip link set lo up && exec "$@"'
    around = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", begin, "sh"]
    possible = subprocess.run([*around, "true"], capture_output=True, check=False).returncode == 0
    if possible:
        os.execvp(around[0], [*around, sys.executable, __file__, IN_PRIVATE])


if __name__ == "__main__":
    if IN_PRIVATE not in sys.argv:
        in_private_network()
    main()
