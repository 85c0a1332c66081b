"""Faults by name. Each takes (cluster, leader, chance) and hurts; Cluster.heal ends them all."""
import time

import private_net

LOSS_PERCENT, DELAY_MS = 20, 200


def some(cluster, chance):
    return chance.choice(cluster.nodes)


def kill(cluster, _, chance):
    return hurt([some(cluster, chance)], lambda node: node.kill())


def kill_leader(_, leader, __):
    return hurt([leader], lambda node: node.kill())


def kill_all(cluster, _, __):
    return hurt(cluster.nodes, lambda node: node.kill())


def kill_minority(cluster, _, chance):
    few = chance.sample(cluster.nodes, (len(cluster.nodes) - 1) // 2)
    return hurt(few, lambda node: node.kill())


def stop(cluster, _, chance):
    return hurt([some(cluster, chance)], lambda node: node.stop())


def stop_leader(_, leader, __):
    return hurt([leader], lambda node: node.stop())


def pause(cluster, _, chance):
    return hurt([some(cluster, chance)], lambda node: node.pause())


def pause_leader(_, leader, __):
    return hurt([leader], lambda node: node.pause())


def pause_all(cluster, _, __):
    return hurt(cluster.nodes, lambda node: node.pause())


def restart_storm(cluster, _, chance):
    """One node killed and started again five times, without waiting until it serves."""
    node = some(cluster, chance)
    for _ in range(5):
        node.kill()
        node.launch()
        time.sleep(chance.uniform(0.05, 0.8))  # How far it gets is the seed's.
    return node.name


def rolling(cluster, _, chance):
    """All in turn, orderly, each ready again before the next."""
    order = chance.sample(cluster.nodes, len(cluster.nodes))
    for node in order:
        node.stop()
        node.start()
    return "+".join(node.name for node in order)


def fill_disk(cluster, _, chance):
    return hurt([some(cluster, chance)], lambda node: node.fill_disk())


def fill_leaders_disk(_, leader, __):
    return hurt([leader], lambda node: node.fill_disk())


def hurt(nodes, how):
    for node in nodes:
        how(node)
    return "+".join(node.name for node in nodes)


def cut_off(cluster, node):
    others = [other.place for other in cluster.nodes if other is not node]
    cluster.net.cut(private_net.both_ways([node.place], others))
    return node.name


def cut_one(cluster, _, chance):
    return cut_off(cluster, some(cluster, chance))


def cut_leader(cluster, leader, _):
    return cut_off(cluster, leader)


def cut_by(shape, cluster, chance):
    order = chance.sample(range(len(cluster.nodes)), len(cluster.nodes))
    cluster.net.cut(shape(order))
    return "+".join(cluster.nodes[place].name for place in order)


def cut_half(cluster, _, chance):
    return cut_by(private_net.halves, cluster, chance)


def cut_bridge(cluster, _, chance):
    return cut_by(private_net.bridge, cluster, chance)


def cut_ring(cluster, _, chance):
    return cut_by(private_net.ring, cluster, chance)


def deaf_node(cluster, _, chance):
    """It hears nobody, and everybody hears it."""
    node = some(cluster, chance)
    cluster.net.cut([(other.place, node.place) for other in cluster.nodes if other is not node])
    return node.name


def mute_node(cluster, _, chance):
    """It hears everybody, and nobody hears it."""
    node = some(cluster, chance)
    cluster.net.cut([(node.place, other.place) for other in cluster.nodes if other is not node])
    return node.name


def loss(cluster, _, chance):
    node = some(cluster, chance)
    return node.name if cluster.net.lose(node.place, LOSS_PERCENT) else "not possible here"


def delay(cluster, _, chance):
    node = some(cluster, chance)
    return node.name if cluster.net.delay(node.place, DELAY_MS) else "not possible here"


PROCESS = {f.__name__.replace("_", "-"): f for f in
           (kill, kill_leader, kill_all, kill_minority, stop, stop_leader, pause, pause_leader,
            restart_storm, rolling)}
CUTS = {f.__name__.replace("_", "-"): f for f in
        (cut_one, cut_leader, cut_half, cut_bridge, cut_ring, deaf_node, mute_node, loss, delay)}
DISK = {f.__name__.replace("_", "-"): f for f in (fill_disk, fill_leaders_disk)}
# While they last nothing can be written; of three nodes a ring leaves no two that hear each other.
NO_QUORUM = {"kill-all", "pause-all", "cut-ring"}
MAY_END = {"fill-disk", "fill-leaders-disk"}  # A node may end itself then.


class Nemesis:
    """Hurts, waits, heals, again and again; each fault with the pauses it caused."""

    def __init__(self, cluster, load, collection, names, chance, size=4):
        self.cluster, self.load, self.collection, self.size = cluster, load, collection, size
        self.names, self.chance, self.done = names, chance, []
        self.known = {**PROCESS, **CUTS, **DISK}

    def once(self, name, lasting):
        """Returns the pauses: seconds without a success, by kind."""
        leader = self.cluster.leader(self.collection) or some(self.cluster, self.chance)
        began = time.monotonic()
        whom = self.known[name](self.cluster, leader, self.chance)
        time.sleep(lasting)  # How long a fault lasts is what is being tested.
        ended = [f"{node.name} ended with {node.process.returncode}" for node in
                 self.cluster.nodes if node.process.poll() not in (None, -9, 0)]
        assert not ended or name in MAY_END, f"after {name} of {whom}: {ended}"
        self.cluster.heal()
        healed = time.monotonic()
        back = self.cluster.await_service(self.collection, self.size)
        gaps = self.load.gaps(began, time.monotonic())
        self.done.append((name, gaps))
        pauses = ", ".join(f"no {kind} for {gap:.2f} s" for kind, gap in gaps.items())
        print(f"  {name:<18} {whom:<10} for {healed - began:4.1f} s: {pauses}; all serve "
              f"{back:.2f} s after healing", flush=True)
        return gaps

    def run(self, seconds, names=None, lasting=(3, 8)):
        """Faults drawn from `names` for so long, at least one."""
        over = time.monotonic() + seconds
        while not self.done or time.monotonic() < over:
            self.once(self.chance.choice(names or self.names), self.chance.uniform(*lasting))
            time.sleep(self.chance.uniform(0.5, 2))  # A quiet while between two faults.
