#!/usr/bin/env python3
"""Goal: a full disk refuses writes with 507 and answers reads; writes go on by themselves when
there is room again; a restart finds every acknowledged point. Method: a file system of 32 MiB in
memory, filled to the last byte by somebody else, and by the node itself."""
import contextlib
import os
import subprocess
import sys
import time

import world

COLLECTION = "full"
PATH = f"/collections/{COLLECTION}"
DIMENSION, BATCH = 32, 50
DISK = 32 << 20


@contextlib.contextmanager
def small_disk(folder):
    """A file system of its own, or nothing where that may not be made."""
    place = folder / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "grape-test", str(place)],
                          capture_output=True, text=True, check=False)
    if made.returncode != 0:
        yield None, made.stderr.strip()
        return
    try:
        yield place, ""
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place, leave=0):
    """Takes all room but `leave` bytes."""
    with open(place / "filler", "wb", buffering=0) as filler:
        room = os.statvfs(place)
        left = room.f_bavail * room.f_frsize - leave
        while left > 0:
            try:
                left -= filler.write(b"\0" * min(left, 1 << 16))
            except OSError:
                return


class Writer:
    """Writes batches; remembers the points that were acknowledged."""

    def __init__(self, client):
        self.client, self.next, self.acknowledged = client, 0, set()
        self.vectors = world.VectorText(DIMENSION, 200, world.chance_of(11))

    def batch(self, wait=True, text=40):
        ids = range(self.next, self.next + BATCH)
        self.next += BATCH
        body = world.upsert_body(ids, self.vectors,
                                 lambda i: f'{{"n":{i},"text":"{"t" * text}"}}')
        status, answer = self.client.call_text(
            "PUT", f"{PATH}/points?wait={str(wait).lower()}", body)
        if status == 200:
            self.acknowledged.update(ids)
        return status, str(answer)


def check_reads(client, writer):
    """Everything acknowledged is there, also for a strict read; searches answer."""
    found = world.read_everything(client, COLLECTION)
    missing = writer.acknowledged - found.keys()
    assert not missing, f"{len(missing)} acknowledged points are gone, e.g. {min(missing)}"
    for i, record in found.items():
        assert record["payload"]["n"] == i, record
    hits = client.ask("POST", PATH + "/points/query", {"query": writer.vectors.row(3), "limit": 5})
    assert len(hits["points"]) == 5, hits


def until_written(writer, within, what):
    deadline = time.monotonic() + within
    while True:
        status, answer = writer.batch()
        if status == 200:
            return
        assert status in (500, 503, 507), f"{what}: {status} {answer}"
        assert time.monotonic() < deadline, f"{what}: not within {within} s: {status} {answer}"
        time.sleep(0.1)  # Between two looks at the condition, not instead of one.


def refused(writer, what):
    """Writes until the answer is 507, which names a file below the data directory."""
    for _ in range(2_000):
        status, answer = writer.batch()
        if status == 507:
            assert "Insufficient storage" in answer and "/log/log-" in answer, f"{what}: {answer}"
            return
        assert status == 200, f"{what}: {status} {answer}"
    raise AssertionError(f"{what}: never refused")


def run(place, folder):
    with world.local_node.Node(place / "data", log=folder / "node.log") as node:
        fill_and_free(place, node)


def fill_and_free(place, node):
    client = node.client()
    client.ask("PUT", PATH, {"vectors": {"size": DIMENSION, "distance": "Dot"}})
    writer = Writer(client)
    for _ in range(20):
        assert writer.batch(wait=False)[0] == 200
    check_reads(client, writer)

    for turn in range(3):
        fill(place)
        refused(writer, f"filled by somebody, turn {turn}")
        check_reads(client, writer)
        status, answer = client.call("PUT", PATH + "/index?wait=true",
                                     {"field_name": f"f{turn}", "field_schema": "integer"})
        assert status == 507, f"a change of schema: {status} {answer}"
        check_reads(client, writer)
        (place / "filler").unlink()
        until_written(writer, 15, f"after there was room, turn {turn}")
        check_reads(client, writer)
    print(f"  filled by somebody: {len(writer.acknowledged)} points acknowledged", flush=True)

    fill(place, leave=9 << 20)
    refused(writer, "filled by the node")
    check_reads(client, writer)
    (place / "filler").unlink()
    until_written(writer, 15, "after the node itself had filled it")
    print(f"  filled by the node: {len(writer.acknowledged)} points acknowledged", flush=True)

    fill(place)
    refused(writer, "before the kill")
    fallen = [a for a in client.ask("GET", "/grape/v1/actors")["actors"]
              if a["name"] in ("log_writer", "meta", "catalog") and a["restarts"]]
    assert not fallen, fallen
    node.kill()
    (place / "filler").unlink()
    node.start()
    writer.client = client = node.client()
    check_reads(client, writer)
    until_written(writer, 15, "after the restart")
    assert node.stop() == 0
    print(f"  after a kill: {len(writer.acknowledged)} points acknowledged, none lost", flush=True)


def main():
    with world.folder() as folder, small_disk(folder) as (place, why):
        if place is None:
            print(f"SKIPPED: this process may not mount a file system: {why}")
            return 0
        run(place, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
