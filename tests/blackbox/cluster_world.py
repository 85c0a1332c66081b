"""A cluster of real graped processes: started from generated configurations, hurt in every way that
this machine allows, read back as a whole. As root each node has a network namespace and, on demand,
a disk of its own; else all share the loopback and there are no cuts."""
import contextlib
import os
import shutil
import signal
import sys
import time

import private_net
import world

local_node = world.local_node
FAILURES = (local_node.Refused, OSError, local_node.http.client.HTTPException)


def until(condition, within, what):
    """Asks again and again; a condition that fails as a node does counts as not yet."""
    deadline, why = time.monotonic() + within, ""
    while True:
        try:
            if got := condition():
                return got
        except FAILURES as failure:
            why = f" (last: {failure})"
        assert time.monotonic() < deadline, f"not within {within} s: {what}{why}"
        time.sleep(0.02)  # Between two looks at the condition.


class ClusterNode(local_node.Node):
    """One graped of a Cluster; `place` is its position from 0 on, its name n1, n2, ..."""

    def __init__(self, folder, place, host, ports, around=()):
        super().__init__(folder / f"n{place + 1}" / "data", ports[0], folder / f"n{place + 1}.toml",
                         host=host, around=around, log=folder / f"n{place + 1}.log")
        self.place, self.name, self.peer_port = place, f"n{place + 1}", ports[1]
        self.stopped = False  # By SIGSTOP.
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)

    def configure(self, founders, extra):
        self.config.write_text(
            f'[node]\nid = "{self.name}"\ndata_dir = "{self.data_dir}"\n'
            f'[http]\nbind = "{self.host}"\nport = {self.port}\n'
            f'[peer]\nbind = "{self.host}"\nport = {self.peer_port}\n'
            + ("" if self.host.startswith("127.") else "insecure = true\n")
            + f'[cluster]\nfounders = [{founders}]\n{extra}')

    @property
    def runs(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.runs:
            super().kill()
        self.stopped = False

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)
        self.stopped = True

    def go_on(self):
        if self.runs:
            self.process.send_signal(signal.SIGCONT)
        self.stopped = False

    def wipe(self):
        """As a disk that was replaced by an empty one."""
        shutil.rmtree(self.data_dir)

    def fill_disk(self):
        with contextlib.suppress(OSError), open(self.data_dir.parent / "filler", "wb", 0) as file:
            while True:
                file.write(bytes(1 << 20))

    def free_disk(self):
        (self.data_dir.parent / "filler").unlink(missing_ok=True)


class Cluster:
    """`with Cluster(folder, 3) as cluster:` runs three nodes that formed a cluster."""

    def __init__(self, folder, count=3, cuts=False, disk=None, extra="", environment=None,
                 net=private_net.PrivateNet):
        cuts = cuts or net is not private_net.PrivateNet
        assert not cuts or private_net.possible(), "cuts need network namespaces: run it as root"
        self.folder, self.nodes, self.mounts = folder, [], []
        self.net = net(count) if cuts else None
        for place in range(count):
            if self.net:
                node = ClusterNode(folder, place, self.net.address(place), (6333, 6335),
                                   self.net.around(place))
            else:
                node = ClusterNode(folder, place, "127.0.0.1",
                                   (local_node.free_port(), local_node.free_port()))
            self.nodes.append(node)
        founders = ", ".join(f'"{node.name}={node.host}:{node.peer_port}"' for node in self.nodes)
        for node in self.nodes:
            node.environment = environment or {}
            node.configure(founders, extra)
            if disk:
                self._mount(node.data_dir.parent, disk)

    def _mount(self, path, size):
        private_net.run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path))
        self.mounts.append(path)

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # So that `close` is reached.
        try:
            self.start_all()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self.tell()
        self.close()

    def start_all(self, ready_within=60):
        """All at once: a cluster forms only when every founder is there."""
        for node in self.nodes:
            if not node.runs:
                node.launch()
        for node in self.nodes:
            node.await_ready(ready_within)

    def tell(self):
        """What the nodes said last, for whoever reads a failure."""
        for node in self.nodes:
            print(f"--- {node.name}, exit code {node.process and node.process.poll()}, "
                  f"log {node.log}:\n{node.tail(12)}", file=sys.stderr)

    def close(self):
        for node in self.nodes:
            node.go_on()
            node.kill()
        for path in self.mounts:
            private_net.run("umount", "-l", str(path), check=False)
        self.mounts = []
        if self.net:
            self.net.close()

    def client(self, place=0, timeout=10):
        return self.nodes[place].client(timeout)

    def create(self, collection, shards=3, replicas=None, size=4, within=60, **more):
        """Creates it through the first node that answers; returns when all nodes serve it."""
        body = {"vectors": {"size": size, "distance": "Dot"}, "shard_number": shards,
                "replication_factor": replicas or len(self.nodes), **more}

        def created():
            status, answer = self.client().call("PUT", f"/collections/{collection}", body)
            if status in (200, 409):
                return True
            raise local_node.Refused("create", status, str(answer))

        until(created, within, f"creating {collection}")
        self.await_service(collection, size, within)

    def await_service(self, collection, size=4, within=60, marker=999_999):
        """Until every node that runs takes a write and answers a read of it."""
        started = time.monotonic()
        for node in self.nodes:
            if node.runs and not node.stopped:
                client = node.client(timeout=5)
                until(lambda c=client: serves(c, collection, size, marker),
                      within, f"{node.name} serves {collection}")
                client.close()
        return time.monotonic() - started

    def leader(self, collection):
        """The node that leads most shards of it, by what running nodes say of themselves."""
        led = {}
        for node in self.nodes:
            if node.runs and not node.stopped:
                with contextlib.suppress(*FAILURES, KeyError):
                    shards = node.client(2).ask("GET", f"/collections/{collection}/cluster")
                    led[node.place] = sum(shard["grape"]["role"] == "leader"
                                          for shard in shards["local_shards"])
        if not led or not max(led.values()):
            return None
        return self.nodes[max(led, key=led.get)]

    def heal(self):
        """Ends every fault: nets, pauses, disks; starts what does not run. Waits for nothing."""
        if self.net:
            self.net.heal()
        for node in self.nodes:
            node.go_on()
            node.free_disk()
            if not node.runs:
                node.launch()


def serves(client, collection, size, marker):
    try:
        client.ask("PUT", f"/collections/{collection}/points?wait=true",
                   {"points": [{"id": marker, "vector": [1.0] * size}]})
        return client.ask("GET", f"/collections/{collection}/points/{marker}")["id"] == marker
    except FAILURES:
        client.close()
        raise


def everywhere(cluster, collection, within=60, **how):
    """{id: record} once all nodes that run tell the same; what each told is read in full."""
    def same():
        told = [world.read_everything(node.client(30), collection, **how)
                for node in cluster.nodes if node.runs]
        return told[:1] if all(one == told[0] for one in told) else None

    return until(same, within, f"all nodes tell the same of {collection}")[0]


@contextlib.contextmanager
def cluster(count=3, **how):
    """A cluster in a temporary folder of its own."""
    with world.folder() as folder, Cluster(folder, count, **how) as running:
        yield running


def may_cut():
    return os.environ.get("GRAPE_NO_CUTS") is None and private_net.possible()
