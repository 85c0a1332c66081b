#!/usr/bin/env python3
"""Goal: bodies made to hurt are refused clearly, or served, in bounded time and memory: 32 MiB and
more, JSON ten thousand deep, vectors of 65,536 components and more, a filter of a million terms.
Method: one node; each body is timed, the highest resident size and the processor time are read
while it is served, and afterwards the node answers as before."""
import resource
import time

from memory_watch import MemoryWatch
import world

MIB = 1 << 20
BODY_MAX = 32 * MIB
WIDE = 65_536
POINTS = "/collections/hurt/points"


def post(node, method, path, text):
    """(status, what went wrong) of a body that is sent as it stands."""
    status, said = node.client().call_text(method, path, text)
    told = said.get("status") if isinstance(said, dict) else None
    return status, told["error"] if isinstance(told, dict) else ""


def cpu_s(node):
    with open(f"/proc/{node.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def numbers(count):
    return "[" + ",".join(["0.25"] * count) + "]"


def filled(size):
    """A body of exactly `size` bytes that is well formed and asks for little."""
    head, tail = '{"limit": 1, "ignored": "', '"}'
    return head + "x" * (size - len(head) - len(tail)) + tail


def terms(count):
    """Of one digit: a million of them fit into 32 MiB."""
    return ",".join(f'{{"key":"k","match":{{"value":{i % 10}}}}}' for i in range(count))


def deep(levels):
    return "[" * levels + "]" * levels


def deep_filter(levels):
    return '{"filter":' + '{"must":[' * levels + "]}" * levels + "}"


def deep_prefetch(levels):
    return '{"prefetch":' * levels + '{"query":[1]}' + "}" * levels


# What is sent, which status is right, and a word that the refusal has.
CASES = [
    ("a body of 32 MiB", "POST", POINTS + "/scroll", lambda: filled(BODY_MAX), 200, ""),
    ("one byte more", "POST", POINTS + "/scroll", lambda: filled(BODY_MAX + 1), 400, "larger"),
    ("64 MiB", "POST", POINTS + "/scroll", lambda: filled(2 * BODY_MAX), 400, "larger"),
    ("payload 10,000 deep", "PUT", POINTS + "?wait=true",
     lambda: '{"points":[{"id":1,"vector":[1],"payload":{"a":' + deep(10_000) + "}}]}", 400, ""),
    ("brackets to 32 MiB", "PUT", POINTS + "?wait=true",
     lambda: "[" * (BODY_MAX // 2) + "]" * (BODY_MAX // 2), 400, ""),
    ("a filter 10,000 deep", "POST", POINTS + "/scroll", lambda: deep_filter(10_000), 400, ""),
    ("prefetches 10,000 deep", "POST", POINTS + "/query", lambda: deep_prefetch(10_000), 400, ""),
    ("a vector of 65,536 where 1 is right", "PUT", POINTS + "?wait=true",
     lambda: '{"points":[{"id":1,"vector":' + numbers(WIDE) + "}]}", 400, "dimension"),
    ("a vector of 65,536 where it is right", "PUT", "/collections/wide/points?wait=true",
     lambda: '{"points":[{"id":1,"vector":' + numbers(WIDE) + "}]}", 200, ""),
    ("a search with it", "POST", "/collections/wide/points/query",
     lambda: '{"query":' + numbers(WIDE) + "}", 200, ""),
    ("a vector that fills 32 MiB", "PUT", "/collections/wide/points?wait=true",
     lambda: '{"points":[{"id":1,"vector":' + numbers(BODY_MAX // 5 - 20) + "}]}", 400,
     "dimension"),
    ("a field of 65,537", "PUT", "/collections/wider",
     lambda: '{"vectors":{"size":65537,"distance":"Dot"}}', 422, "65536"),
    ("a filter of a million conditions", "POST", POINTS + "/count",
     lambda: '{"filter":{"should":[' + terms(1_000_000) + "]}}", 400,
     "more than 65536 filter conditions"),
    ("nine million empty ones in lists of lists", "POST", POINTS + "/count",
     lambda: '{"filter":{"must":[' + ",".join(
         ['{"must":[' + ",".join(["{}"] * 9_000) + "]}"] * 1_000) + "]}}", 400,
     "more than 65536 filter conditions"),
    ("as many as may be", "POST", POINTS + "/count",
     lambda: '{"filter":{"should":[' + terms(65_536) + "]}}", 200, ""),
    ("any of a million values", "POST", POINTS + "/count",
     lambda: '{"filter":{"must":[{"key":"k","match":{"any":['
             + ",".join(map(str, range(1_000_000))) + "]}}]}}", 200, ""),
    ("a million ids", "POST", POINTS + "/count",
     lambda: '{"filter":{"must":[{"has_id":[' + ",".join(map(str, range(1_000_000))) + "]}]}}",
     200, ""),
    ("60,000 where 100 conditions are allowed", "POST", "/collections/strict/points/count",
     lambda: '{"filter":{"should":[' + terms(60_000) + "]}}", 400, "condition limit"),
]

CPU_S_MAX = 20            # Of one body; the slowest takes a tenth of it.
GROWTH_MAX = 1_400 * MIB  # Above what the node held at first; the largest takes half of it.


def hurts_nobody(node):
    client = node.client()
    small = {"vectors": {"size": 1, "distance": "Dot"}}
    client.ask("PUT", "/collections/hurt", small)
    client.ask("PUT", "/collections/strict",
               dict(small, strict_mode_config={"enabled": True, "filter_max_conditions": 100}))
    client.ask("PUT", "/collections/wide", {"vectors": {"size": WIDE, "distance": "Dot"}})
    client.ask("PUT", POINTS + "?wait=true",
               {"points": [{"id": i, "vector": [i], "payload": {"k": i}} for i in range(1_000)]})
    before = node.rss_bytes()
    for name, method, path, body, wanted, word in CASES:
        text = body()
        since, worked = time.monotonic(), cpu_s(node)
        with MemoryWatch(node) as watch:
            status, told = post(node, method, path, text)
        took, worked = time.monotonic() - since, cpu_s(node) - worked
        grown = (watch.highest - before) // MIB
        print(f"    {name}: {len(text) / MIB:.1f} MiB, {status}, {took:.2f} s, {worked:.2f} s of"
              f" processor, at most {grown} MiB more; {told[:70]}", flush=True)
        assert status == wanted, f"{name}: {status} {told[:300]}"
        assert word in told, f"{name}: {told[:300]}"
        assert wanted == 200 or told, f"{name}: refused without a word"
        assert len(told) < 1_000, f"{name}: the refusal has {len(told)} characters"
        assert worked < CPU_S_MAX, f"{name}: {worked} s of processor"
        assert watch.highest - before < GROWTH_MAX, f"{name}: {grown} MiB more"
        assert client.ask("POST", POINTS + "/count", {})["count"] == 1_000
    counts = client.ask("POST", POINTS + "/count",
                        {"filter": {"must": [{"has_id": list(range(500, 2_000))}]}})
    assert counts["count"] == 500, counts


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with world.folder() as folder, world.local_node.Node(folder / "n") as node:
        hurts_nobody(node)
        assert node.stop() == 0, node.tail()
    print("  hurts_nobody", flush=True)


if __name__ == "__main__":
    main()
