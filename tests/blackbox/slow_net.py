"""A private net whose every packet passes one process, which can hold it or drop it: for
kernels without netem. What clients send and get is passed on at once. Needs root and iproute2."""
import fcntl
import heapq
import multiprocessing
import os
import random
import select
import struct
import time

import private_net

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
CLIENT = 254  # The last byte of the address on the near end.
PACKET_MAX = 65_536


class SlowNet(private_net.Net):
    """Each place on a device whose other end is that process."""

    def __init__(self, places):
        self.ends, self.carrier = {}, None
        super().__init__("s", places)

    def _build(self, tag, places):
        self.ends[CLIENT] = open_end(tag + "c")
        private_net.run("ip", "addr", "add", f"{self.prefix}{CLIENT}/24", "dev", tag + "c")
        private_net.run("ip", "link", "set", tag + "c", "up")
        for place in range(places):
            name, device = f"{tag}n{place + 1}", f"{tag}v{place}"
            private_net.run("ip", "netns", "add", name)
            self.undo.append(("ip", "netns", "del", name))
            self.names.append(name)
            self.ends[place + 1] = open_end(device)
            private_net.run("ip", "link", "set", device, "netns", name)
            self.inside(place, "ip", "addr", "add", self.address(place) + "/24", "dev", device)
            self.inside(place, "ip", "link", "set", device, "up")
            self.inside(place, "ip", "link", "set", "lo", "up")
        self.orders, theirs = multiprocessing.Pipe()
        self.carrier = multiprocessing.get_context("fork").Process(
            target=carry, args=(self.ends, theirs), daemon=True)
        self.carrier.start()

    def harm(self, delay_ms=0.0, loss=0.0):
        """From now on each packet between two nodes is held so long, and lost with this chance."""
        self.orders.send((delay_ms / 1000, loss))

    def heal(self):
        self.harm()

    def close(self):
        if self.carrier:
            self.carrier.terminate()
            self.carrier.join(10)
        for end in self.ends.values():
            os.close(end)
        self.ends = {}
        super().close()


def open_end(name):
    """A tun device of this name, which lives as long as what is returned is open."""
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return end


def carry(ends, orders):
    """Reads packets from all ends and writes each, in due time, to where it belongs."""
    place_of = {end: place for place, end in ends.items()}
    chance, delay, loss, number = random.Random(1), 0.0, 0.0, 0
    held = []  # (when it is due, number, end, packet)
    while True:
        now = time.monotonic()
        while held and held[0][0] <= now:
            _, _, end, packet = heapq.heappop(held)
            put(end, packet)
        patience = max(0.0, held[0][0] - now) if held else None
        ready, _, _ = select.select([*place_of, orders], [], [], patience)
        for source in ready:
            if source is orders:
                try:
                    delay, loss = orders.recv()
                except EOFError:
                    return
                continue
            packet = os.read(source, PACKET_MAX)
            to = packet[19] if packet[0] >> 4 == 4 else None  # The last byte of an IPv4 address.
            if to not in ends:
                continue
            if CLIENT in (to, place_of[source]):
                put(ends[to], packet)
            elif chance.random() >= loss:
                number += 1
                heapq.heappush(held, (time.monotonic() + delay, number, ends[to], packet))


def put(end, packet):
    try:
        os.write(end, packet)
    except OSError:
        pass  # A full queue, or an end that is down: lost, as on any wire.
