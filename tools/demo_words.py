"""What the demonstrations share: the collection of English words, filled, indexed and asked."""
import sys
import time

import word_sample

BATCH = 500
COLLECTION = "/collections/words"


def say(text=""):
    print(text, flush=True)


def bar(done, total, since):
    width = 40
    filled = width * done // total
    rate = done / max(time.monotonic() - since, 1e-9)
    end = "\n" if done == total else ""
    if sys.stdout.isatty():
        print(f"\r  [{'#' * filled}{'.' * (width - filled)}] {done:,}/{total:,}"
              f"  {rate:,.0f} points/s ", end=end, flush=True)
    elif done == total:
        say(f"  [{'#' * width}] {done:,}/{total:,}  {rate:,.0f} points/s")


def create(client, **more):
    client.ask("PUT", COLLECTION, {
        "vectors": {"size": word_sample.DIMENSION, "distance": "Cosine"},
        "optimizers_config": {"indexing_threshold": 1000}, **more})
    for field, kind in (("rank", "integer"), ("letters", "integer"), ("initial", "keyword"),
                        ("plain", "bool")):
        client.ask("PUT", COLLECTION + "/index?wait=true",
                   {"field_name": field, "field_schema": kind})


def upload(client, words):
    since = time.monotonic()
    for start in range(0, len(words), BATCH):
        points = [{"id": start + i, "vector": vector,
                   "payload": word_sample.payload_of(rank, word)}
                  for i, (rank, word, vector) in enumerate(words[start:start + BATCH])]
        client.ask("PUT", COLLECTION + "/points?wait=true", {"points": points})
        bar(start + len(points), len(words), since)


def wait_for_index(client, total, within=120):
    since = time.monotonic()
    while True:
        described = client.ask("GET", COLLECTION)
        indexed = described["indexed_vectors_count"]
        if described["status"] == "green" and indexed >= total * 9 // 10:
            return indexed, time.monotonic() - since
        if time.monotonic() - since > within:
            sys.exit(f"demo: only {indexed:,} of {total:,} vectors were indexed in {within} s")
        time.sleep(0.05)


def neighbours(client, words, word, filter_=None, note=""):
    place = next(i for i, (_, known, _) in enumerate(words) if known == word)
    body = {"query": place, "limit": 6, "with_payload": True}
    if filter_:
        body["filter"] = filter_
    hits = client.ask("POST", COLLECTION + "/points/query", body)["points"]
    listed = "  ".join(f"{hit['payload']['word']} {hit['score']:.2f}" for hit in hits)
    say(f"  {word + note:<34} {listed}")


def check_all_there(client, words):
    offset, seen = None, 0
    while True:
        page = client.ask("POST", COLLECTION + "/points/scroll",
                          {"limit": 1000, "offset": offset, "with_payload": ["word"]})
        for point in page["points"]:
            if point["payload"]["word"] != words[point["id"]][1]:
                sys.exit(f"demo: point {point['id']} came back changed")
        seen += len(page["points"])
        offset = page["next_page_offset"]
        if offset is None:
            break
    if seen != len(words):
        sys.exit(f"demo: {len(words) - seen} acknowledged points are gone")
    return seen
