"""Something that goes on beside a test."""
import threading


class Beside(threading.Thread):
    """`with Beside() as one: ...`: does `run` on a thread of its own, which shall end once `ended`
    is set."""

    def __init__(self):
        super().__init__()
        self.ended = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()
