"""How much memory a node takes while something is done to it."""
import beside


class MemoryWatch(beside.Beside):
    """`with MemoryWatch(node) as watch: ...`: the highest resident size seen, in bytes."""

    def __init__(self, node, period=0.01):
        super().__init__()
        self.node, self.period = node, period
        self.highest = node.rss_bytes()

    def run(self):
        while not self.ended.wait(self.period):
            self.highest = max(self.highest, self.node.rss_bytes())
