"""A network of this test's own: every node lives in a network namespace of its own on one bridge,
whose near end the clients use, so that clients reach every node whatever is cut between the nodes.
Needs root and iproute2; loss needs iptables, or a kernel with netem, as latency does."""
import os
import shutil
import subprocess


def run(*command, check=True):
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    if check and ended.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {ended.returncode}: {ended.stderr.strip()}")
    return ended.returncode == 0


def possible():
    """May this process make namespaces?"""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    probe = f"grape{os.getpid() % 10_000}p"
    if not run("ip", "netns", "add", probe, check=False):
        return False
    run("ip", "netns", "del", probe)
    return True


class Net:
    """`places` namespaces with the addresses 10.x.y.1, .2, ...; `close` removes them all. `_build`
    makes them, and notes their names and how each thing is undone."""

    def __init__(self, tag, places):
        number = os.getpid() % 50_000
        self.prefix = f"10.{50 + number // 250 % 200}.{number % 250}."
        self.names, self.undo = [], []
        try:
            self._build(f"{tag}{os.getpid() % 100_000}", places)
        except BaseException:
            self.close()
            raise

    def address(self, place):
        return self.prefix + str(place + 1)

    def around(self, place):
        """The command that runs another one in there."""
        return ["ip", "netns", "exec", self.names[place]]

    def inside(self, place, *command, check=True):
        return run(*self.around(place), *command, check=check)

    def close(self):
        for command in reversed(self.undo):
            run(*command, check=False)
        self.undo = []


class PrivateNet(Net):
    """All on one bridge."""

    def __init__(self, places):
        super().__init__("g", places)

    def _build(self, tag, places):
        self.bridge = tag + "b"
        run("ip", "link", "add", self.bridge, "type", "bridge")
        self.undo.append(("ip", "link", "del", self.bridge))
        run("ip", "addr", "add", self.prefix + "254/24", "dev", self.bridge)
        run("ip", "link", "set", self.bridge, "up")
        for place in range(places):
            name = f"{tag}n{place + 1}"
            run("ip", "netns", "add", name)
            self.undo.append(("ip", "netns", "del", name))
            self.names.append(name)
            run("ip", "link", "add", f"{tag}v{place}", "type", "veth", "peer", "name", "eth0",
                "netns", name)
            run("ip", "link", "set", f"{tag}v{place}", "master", self.bridge, "up")
            self.inside(place, "ip", "addr", "add", self.address(place) + "/24", "dev", "eth0")
            self.inside(place, "ip", "link", "set", "eth0", "up")
            self.inside(place, "ip", "link", "set", "lo", "up")

    def cut(self, pairs):
        """For each (from, to): what `from` sends never reaches `to`. It goes to a hardware address
        that nobody has, so nobody is told."""
        for sender, receiver in pairs:
            self.inside(sender, "ip", "neigh", "replace", self.address(receiver), "lladdr",
                        "02:00:00:00:00:01", "dev", "eth0", "nud", "permanent")

    def lose(self, place, percent):
        """Of what other nodes send to it; False if this machine cannot."""
        if shutil.which("iptables"):
            drop = ("-m", "statistic", "--mode", "random", "--probability", f"{percent / 100:.3f}",
                    "-j", "DROP")
            return all(self.inside(place, "iptables", "-w", "-A", "INPUT", "-s",
                                   self.address(other), *drop, check=False)
                       for other in range(len(self.names)) if other != place)
        return self._netem(place, "loss", f"{percent}%")

    def delay(self, place, milliseconds):
        """Of what it sends; False if this machine cannot."""
        return self._netem(place, "delay", f"{milliseconds}ms")

    def _netem(self, place, *how):
        return shutil.which("tc") is not None and self.inside(
            place, "tc", "qdisc", "replace", "dev", "eth0", "root", "netem", *how, check=False)

    def heal(self):
        for place in range(len(self.names)):
            self.inside(place, "ip", "neigh", "flush", "dev", "eth0", "nud", "permanent")
            if shutil.which("iptables"):
                self.inside(place, "iptables", "-w", "-F", "INPUT", check=False)
            if shutil.which("tc"):
                self.inside(place, "tc", "qdisc", "del", "dev", "eth0", "root", check=False)


def halves(order):
    """Cuts between the first half of the places, the smaller one, and the others."""
    few, many = order[:len(order) // 2], order[len(order) // 2:]
    return both_ways(few, many)


def bridge(order):
    """Two sides that only see each other through the place in the middle."""
    middle = len(order) // 2
    return both_ways(order[:middle], order[middle + 1:])


def ring(order):
    """Everybody sees only its two neighbours; with three nodes a ring cuts nothing, so that there
    each loses the next one."""
    n = len(order)
    if n == 3:
        return [(order[i], order[(i + 1) % 3]) for i in range(3)]
    return [(order[i], order[j]) for i in range(n) for j in range(n)
            if i != j and (i - j) % n not in (1, n - 1)]


def both_ways(some, others):
    return [pair for a in some for b in others for pair in ((a, b), (b, a))]
