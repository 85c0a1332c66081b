#!/usr/bin/env python3
"""Goal: three times as many searches as the node can serve do it no harm. What is beyond its limits
gets 503 with Retry-After, the rest is served at nearly full speed and without long waits, probes
and writes are answered as ever, memory stays bounded, and afterwards all is as before. Method: the
limits that hold when nothing is configured; exact searches (the load generator shares this
machine's cores, so a query must cost far more than sending it) in an open loop, at half of the
capacity, at three times the capacity, and at half again. Before that, what many clients ask at
once without an open loop: none of it is refused."""
import json
import os
import pathlib
import subprocess
import threading
import time

import beside
from memory_watch import MemoryWatch
import world

BENCH = pathlib.Path(os.environ.get("GRAPE_BENCH", world.local_node.GRAPED.parent / "grape-bench"))
COLLECTION = "words"
NOTES = "/collections/notes"
CLIENTS = 64
MIB = 1 << 20
# The figures themselves are asserted where nothing else runs: tools/nightly sets this.
STRICT = bool(os.environ.get("GRAPE_STRICT_FIGURES"))
# Twice the capacity is refused. With 60,000 points that and the load generator take a fifth of two
# cores; with three times as many, whose searches cost three times as much, what is left shows.
POINTS = 180_000 if STRICT else 60_000


def bench(node, *arguments):
    ended = subprocess.run(
        [str(BENCH), "http", "--url", f"http://127.0.0.1:{node.port}", "--collection", COLLECTION,
         "--exact", "--pid", str(node.process.pid), "--json", "-", *map(str, arguments)],
        capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, f"grape-bench: {ended.returncode}\n{ended.stderr}"
    return json.loads(ended.stdout)


class Bystander(beside.Beside):
    """Whoever asks a loaded node something else than a search: an orchestrator, a writer."""

    def __init__(self, node):
        super().__init__()
        self.node, self.answers, self.slowest = node, [], 0.0

    def run(self):
        writer = self.node.client()
        while not self.ended.wait(0.1):
            since = time.monotonic()
            for path in ("/livez", "/readyz", "/healthz", "/metrics"):
                probe = self.node.client()
                self.answers.append((path, probe.call("GET", path)[0]))
                probe.close()
            self.answers.append(("upsert", writer.call(
                "PUT", NOTES + "/points?wait=true",
                {"points": [{"id": 1, "vector": [1, 0, 0, 0]}]})[0]))
            self.slowest = max(self.slowest, time.monotonic() - since)

    def check(self):
        print(f"  beside it: {len(self.answers)} probes and writes, five in turn took at most "
              f"{self.slowest * 1e3:.0f} ms", flush=True)
        refused = [one for one in self.answers if one[1] != 200]
        assert len(self.answers) >= 5 and not refused, f"refused: {refused[:5]}"


class Words:
    """As world.VectorText: the sample's vectors, over and over."""

    def __init__(self):
        self.texts = [json.dumps(vector) for _, _, vector in world.word_sample.stored()]

    def text(self, i):
        return self.texts[i % len(self.texts)]


def store(client):
    path = f"/collections/{COLLECTION}"
    client.ask("PUT", path, {
        "vectors": {"size": world.word_sample.DIMENSION, "distance": "Cosine"},
        "optimizers_config": {"indexing_threshold": 0}})
    words = Words()
    for start in range(0, POINTS, 1000):
        world.put_text(client, path + "/points?wait=true",
                       world.upsert_body(range(start, start + 1000), words, lambda _: "{}"))


def many_at_once(node, what, asks):
    """`asks(client, number)` of CLIENTS clients begin at the same moment; returns statuses."""
    together, statuses = threading.Barrier(CLIENTS), []

    def one(number):
        client = node.client()
        together.wait()
        statuses.extend(asks(client, number))
        client.close()

    since = time.monotonic()
    clients = [threading.Thread(target=one, args=(number,)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    print(f"  {CLIENTS} clients: {len(statuses)} {what} in {time.monotonic() - since:.1f} s",
          flush=True)
    assert len(statuses) >= CLIENTS and set(statuses) == {200}, \
        f"{what}: {sorted(set(statuses))}"


def ordinary_clients(node):
    """As many connections as upload tools use, each asking again once it was answered."""
    words, batch = Words(), 250
    bodies = [world.upsert_body(range(i * batch, (i + 1) * batch), words, lambda _: "{}")
              for i in range(CLIENTS)]
    client = node.client()
    client.ask("PUT", "/collections/upload", {
        "vectors": {"size": world.word_sample.DIMENSION, "distance": "Cosine"}})

    def upload(client, number):
        for _ in range(4):
            yield client.call_text("PUT", "/collections/upload/points?wait=true",
                                   bodies[number])[0]

    def search(client, number):
        for _ in range(20):
            yield client.call_text("POST", "/collections/upload/points/query",
                                   f'{{"query": {words.text(number)}, "limit": 10}}')[0]

    many_at_once(node, "uploads of 250 points", upload)
    many_at_once(node, "searches", search)
    client.ask("DELETE", "/collections/upload")


def survives(capacity, base, during, idle, highest):
    load, statuses = during["load"], during["load"]["by_status"]
    print(f"  at 3x: {load['accepted_per_s']:.0f}/s accepted, p99 {load['p99_ms']:.1f} ms, "
          f"{statuses}, {(highest - idle) / MIB:.0f} MiB more than idle", flush=True)
    assert set(statuses) <= {"200", "503"}, f"other answers than 200 and 503: {statuses}"
    assert statuses.get("503", 0) > 0, "nothing was refused: there is no limit"
    assert load["without_retry_after"] == 0, "a 503 that does not say when to come again"
    assert load["unanswered"] == 0, f"{load['unanswered']} requests had no answer"
    assert statuses.get("200", 0) > 0, "nothing was served"
    assert highest <= idle + 512 * MIB, "too much memory"
    if not STRICT:
        return
    assert load["offered_per_s"] > 2.7 * capacity, "grape-bench did not keep up"
    assert load["accepted_per_s"] >= 0.8 * capacity, "less than 80 % of the capacity was served"
    assert load["p99_ms"] <= 5 * base["load"]["p99_ms"], "accepted requests waited too long"


def recovers(base, after):
    seconds = after["load"]["slices"]
    print("  afterwards, p99 by second:", *(f"{s['p99_ms']:.1f}" for s in seconds), flush=True)
    assert any(s["refused"] == 0 for s in seconds), "still refusing 10 s later"
    if STRICT:  # Second by second: the p99 of a few hundred answers is never twice the same.
        before = max(s["p99_ms"] for s in base["load"]["slices"])
        assert any(s["p99_ms"] <= before and s["refused"] == 0 for s in seconds), \
            f"not back to the latency from before ({before:.1f} ms) within 10 s"


def once(node, idle):
    base = bench(node, "--ramp", "--seconds", 6)
    capacity = base["capacity_per_s"]
    print(f"  capacity {capacity:.0f}/s; at half of it p99 {base['load']['p99_ms']:.1f} ms,",
          "by second", *(f"{s['p99_ms']:.1f}" for s in base["load"]["slices"]), flush=True)
    refused = base["load"]["by_status"].get("503", 0)
    assert not STRICT or refused <= 0.01 * base["rate"] * base["load"]["seconds"], \
        f"{refused} requests refused at half of the capacity"
    with MemoryWatch(node) as memory, Bystander(node) as bystander:
        during = bench(node, "--rate", 3 * capacity, "--seconds", 7, "--connections", 512)
    after = bench(node, "--rate", capacity / 2, "--seconds", 9)
    bystander.check()
    survives(capacity, base, during, idle, memory.highest)
    recovers(base, after)


def main():
    with world.folder() as folder, \
            world.local_node.Node(folder / "data") as node:
        ordinary_clients(node)
        store(node.client())
        node.client().ask("PUT", NOTES, {"vectors": {"size": 4, "distance": "Dot"}})
        time.sleep(0.5)  # What the upload left to do is no part of being idle.
        idle = node.rss_bytes()
        try:
            once(node, idle)
        except AssertionError as busy:
            # Something else may have taken a core between two measurements; not twice.
            print(f"  once more: {busy}", flush=True)
            once(node, idle)
        assert node.stop() == 0, node.tail()


if __name__ == "__main__":
    main()
