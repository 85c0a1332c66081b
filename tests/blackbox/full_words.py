#!/usr/bin/env python3
"""Goal: recall@10 of at least 0.95 on all of GloVe-100, without a filter and with filters that
admit 50, 10, 1 and 0.1 %, and never fewer than ten hits where ten match. Method: words.py on the
full set. Truth without a filter is the brute force of grape-bench, which knows no node; truth
under a filter is the node's exact search.

usage: full_words.py FOLDER     what tools/fetch-datasets has put there"""
import array
import pathlib
import sys
import time

import words
import world

QUERIES = 500
WITHIN_S = 1800  # For all graphs, on two cores.


def read_rows(path, kind, rows_max=None):
    """The rows of an .fvecs ("f") or .ivecs ("i") file."""
    raw = array.array("i")
    with open(path, "rb") as file:
        (width,) = array.array("i", file.read(4))
        file.seek(0)
        stride = width + 1
        there = path.stat().st_size // (4 * stride)
        raw.fromfile(file, stride * min(there, rows_max or there))
    values = array.array(kind, raw.tobytes())
    return [values[at + 1:at + stride] for at in range(0, len(values), stride)]


def text_of(row):
    return "[" + ",".join(map("%.9g".__mod__, row)) + "]"


class Rows:
    """As world.VectorText: rows that print themselves."""

    def __init__(self, rows):
        self.rows = rows

    def text(self, i):
        return text_of(self.rows[i])


def payload_text(i):
    return (f'{{"half":{i % 2},"tenth":{i % 10},"hundredth":{i % 100},"thousandth":{i % 1000},'
            f'"unindexed":{"true" if i % 4 < 2 else "false"}}}')


def upload(client, rows):
    client.ask("PUT", words.PATH, {"vectors": {"size": len(rows[0]), "distance": "Cosine"}})
    for field in ("half", "tenth", "hundredth", "thousandth"):
        client.ask("PUT", words.PATH + "/index?wait=true",
                   {"field_name": field, "field_schema": "integer"})
    since, texts = time.monotonic(), Rows(rows)
    for start in range(0, len(rows), 1000):
        ids = range(start, min(start + 1000, len(rows)))
        world.put_text(client, words.PATH + "/points?wait=true",
                       world.upsert_body(ids, texts, payload_text))
    print(f"  {len(rows):,} words stored in {time.monotonic() - since:.0f} s", flush=True)
    while True:
        now = client.ask("GET", words.PATH)
        waited = time.monotonic() - since
        if now["status"] == "green" and now["indexed_vectors_count"] >= len(rows) * 9 // 10:
            print(f"  indexed {waited:.0f} s after the beginning, {now['segments_count']} segments",
                  flush=True)
            return
        assert waited < WITHIN_S, f"not indexed in {WITHIN_S} s: {now}"
        time.sleep(0.5)


def filters(count):
    """{name: (filter, how many match)}"""
    def every(field, step, remainder):
        return words.field_is(field, remainder), len(range(remainder, count, step))

    unindexed = len(range(0, count, 4)) + len(range(1, count, 4))
    return {
        "none": (None, count),
        "50 %": every("half", 2, 1),
        "50 %, no index": (words.field_is("unindexed", True), unindexed),
        "10 %": every("tenth", 10, 3),
        "1 %": every("hundredth", 100, 7),
        "0.1 %": every("thousandth", 1000, 11),
    }


def recall_under(client, filter_, queries, truth):
    found, seconds = 0, []
    for query, nearest in zip(queries, truth):
        since = time.perf_counter()
        got = words.hits(client, list(query), filter_, False)
        seconds.append(time.perf_counter() - since)
        best = words.hits(client, list(query), filter_, True) if filter_ else nearest[:10]
        assert len(got) == 10, f"only {len(got)} hits"
        found += len(set(got) & set(best))
    seconds.sort()
    return found / (10 * len(queries)), seconds[len(seconds) // 2] * 1e3


def main(folder):
    prefix = pathlib.Path(folder) / "glove100"
    rows = read_rows(prefix.with_suffix(".base.fvecs"), "f")
    queries = read_rows(prefix.with_suffix(".query.fvecs"), "f", QUERIES)
    truth = read_rows(prefix.with_suffix(".gt.ivecs"), "i", QUERIES)
    with world.folder() as place, world.local_node.Node(place / "data") as node:
        client = node.client(timeout=300)
        upload(client, rows)
        for name, (filter_, matching) in filters(len(rows)).items():
            count = client.ask("POST", words.PATH + "/points/count",
                               {"filter": filter_ or {}})["count"]
            assert count == matching, f"{name}: {count} points match instead of {matching}"
            recall, p50_ms = recall_under(client, filter_, queries, truth)
            print(f"  filter {name:<16} recall@10 = {recall:.3f}   p50 {p50_ms:.2f} ms", flush=True)
            assert recall >= 0.95, f"{name}: recall@10 = {recall:.3f}"
        assert node.stop() == 0, node.tail()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
