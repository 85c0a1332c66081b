"""How much memory a node takes while something is done to it."""
import threading


class MemoryWatch(threading.Thread):
    """`with MemoryWatch(node) as watch: ...`: the highest resident size seen, in bytes."""

    def __init__(self, node, period=0.01):
        super().__init__()
        self.node, self.period, self.ended = node, period, threading.Event()
        self.highest = node.rss_bytes()

    def run(self):
        while not self.ended.wait(self.period):
            self.highest = max(self.highest, self.node.rss_bytes())

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()
