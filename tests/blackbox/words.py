#!/usr/bin/env python3
"""Goal: recall@10 of at least 0.95 on real words, without a filter and with filters that admit 50,
10, 1 and 0.1 %, and never fewer than ten hits where ten match. Method: the shipped sample, truth by
an exact search over the same filter."""
import time

import world

PATH = "/collections/words"


def upload(client, words):
    client.ask("PUT", PATH, {"vectors": {"size": 100, "distance": "Cosine"},
                             "optimizers_config": {"indexing_threshold": 1000}})
    for field in ("half", "tenth", "hundredth", "thousandth"):
        client.ask("PUT", PATH + "/index?wait=true",
                   {"field_name": field, "field_schema": "integer"})
    for start in range(0, len(words), 500):
        client.ask("PUT", PATH + "/points?wait=true", {"points": [
            {"id": i, "vector": words[i][2],
             "payload": {"half": i % 2, "tenth": i % 10, "hundredth": i % 100,
                         "thousandth": i % 1000, "frequent": i < 10_000}}
            for i in range(start, start + 500)]})
    await_graphs(client, PATH, len(words) * 9 // 10)


def await_graphs(client, path, vectors, within=120):
    """Until so many vectors are in graphs."""
    deadline = time.monotonic() + within
    while client.ask("GET", path)["indexed_vectors_count"] < vectors:
        assert time.monotonic() < deadline, "the graph was not built in time"
        time.sleep(0.05)  # Between two looks at the condition.


def tells_its_work(client, vectors):
    """What built the graphs, once all is done: every vector lies in exactly one segment."""
    path = PATH + "/optimizations?with=queued,completed,idle_segments"
    deadline = time.monotonic() + 60
    told = client.ask("GET", path)
    while told["running"] or told["queued"]:
        assert time.monotonic() < deadline, told
        time.sleep(0.05)  # Between two looks at the condition.
        told = client.ask("GET", path)
    segments = told["idle_segments"]
    assert sum(segment["points_count"] for segment in segments) == vectors, told
    assert len({segment["uuid"] for segment in segments}) == len(segments), told
    done = [one for one in told["completed"] if one["status"] == "done"]
    assert done and done[-1]["optimizer"] == "indexing", told["completed"]
    for one in done:
        progress = one["progress"]
        assert 0 < progress["done"] <= progress["total"], one
        assert progress["duration_sec"] > 0, one
    print(f"  {len(done)} optimizations made {len(segments)} segments", flush=True)


def hits(client, vector, filter_, exact):
    body = {"query": vector, "limit": 10, "params": {"exact": exact}}
    if filter_:
        body["filter"] = filter_
    return [hit["id"] for hit in client.ask("POST", PATH + "/points/query", body)["points"]]


def field_is(field, value):
    return {"must": [{"key": field, "match": {"value": value}}]}


FILTERS = {
    "none": (None, 20_000),
    "50 %": (field_is("half", 1), 10_000),
    "50 %, correlated, no index": (field_is("frequent", True), 10_000),
    "10 %": (field_is("tenth", 3), 2_000),
    "1 %": (field_is("hundredth", 7), 200),
    "0.1 %": (field_is("thousandth", 11), 20),
}


def main():
    words, queries = world.word_sample.stored(), world.word_sample.queries()
    with world.folder() as folder, world.local_node.Node(folder / "data") as node:
        client = node.client()
        upload(client, words)
        for name, (filter_, matching) in FILTERS.items():
            count = client.ask("POST", PATH + "/points/count", {"filter": filter_ or {}})["count"]
            assert count == matching, f"{name}: {count} points match instead of {matching}"
            found = 0
            for _, vector, nearest in queries[:200]:
                got = hits(client, vector, filter_, False)
                truth = hits(client, vector, filter_, True) if filter_ else nearest[:10]
                assert len(got) == 10, f"{name}: only {len(got)} hits"
                found += len(set(got) & set(truth))
            recall = found / 2000
            print(f"  filter {name:<28} recall@10 = {recall:.3f}", flush=True)
            assert recall >= 0.95, f"{name}: recall@10 = {recall:.3f}"
        tells_its_work(client, len(words))


if __name__ == "__main__":
    main()
