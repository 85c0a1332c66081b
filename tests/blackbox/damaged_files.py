#!/usr/bin/env python3
"""Goal: a flipped or missing byte, or a missing file, anywhere in the data directory gives a right
answer or a clear refusal; only a cut tail of the newest log file may cost its last record, and the
start says so. Method: one honest data directory, copied and damaged at seeded places."""
import json
import shutil

import world

COLLECTION = "damage"
PATH = f"/collections/{COLLECTION}"
DIMENSION, POINTS = 8, 1_500


def build(folder):
    """A directory with tables, segments and a log that is not yet applied durably."""
    node = world.local_node.Node(folder / "honest")
    node.start()
    client = node.client()
    chance = world.chance_of(99)
    vectors = world.VectorText(DIMENSION, POINTS, chance)
    client.ask("PUT", PATH, {"vectors": {"size": DIMENSION, "distance": "Dot"},
                             "optimizers_config": {"indexing_threshold": 1}})
    client.ask("PUT", PATH + "/index?wait=true", {"field_name": "n", "field_schema": "integer"})

    def upload(start, end):
        for first in range(start, end, 50):
            world.put_text(client, PATH + "/points?wait=true", world.upsert_body(
                range(first, first + 50), vectors, lambda i: f'{{"n":{i % 7},"text":"point {i}"}}'))

    upload(0, 1_000)
    while client.ask("GET", PATH)["indexed_vectors_count"] < 900:
        pass  # Each look is a request; the index job ends by itself.
    node.stop()  # Orderly: what was written so far now lies in tables.
    node.start()
    client = node.client()
    upload(1_000, POINTS)
    expected = world.read_everything(client, COLLECTION, with_vector=True)
    node.kill()
    return node.data_dir, expected, vectors


def kinds_of(directory):
    kinds = {}
    for path in sorted(p for p in directory.rglob("*") if p.is_file() and p.stat().st_size > 0):
        kind = path.suffix or path.name.split("-")[0]
        kinds.setdefault(kind, []).append(path.relative_to(directory))
    return kinds


def damage(directory, relative, chance):
    path = directory / relative
    size = path.stat().st_size
    way = chance.choice(["flip", "flip", "cut", "remove"])
    if way == "remove":
        path.unlink()
        return f"removed {relative}"
    place = chance.randrange(size)
    if way == "cut":
        with open(path, "r+b") as file:
            file.truncate(place)
        return f"cut {relative} at {place} of {size}"
    with open(path, "r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ (1 << chance.randrange(8))]))
    return f"flipped a bit of {relative} at {place} of {size}"


def newest_log(directory):
    logs = sorted(p.relative_to(directory) for p in (directory / "log").iterdir())
    return logs[-1]


def answers_right(client, expected, vectors, may_lose):
    """Compares everything with what was stored; returns how many points are missing."""
    found = world.read_everything(client, COLLECTION, with_vector=True)
    for i, record in found.items():
        assert record == expected[i], f"point {i} came back changed: {record}"
    missing = len(expected) - len(found)
    assert missing == 0 or may_lose, f"{missing} points are gone without a word"
    for probe in range(0, 5):
        query = vectors.row(probe)
        body = {"query": query, "limit": 5, "params": {"exact": True}}
        hits = client.ask("POST", PATH + "/points/query", body)["points"]
        best = sorted((-sum(a * b for a, b in zip(query, expected[i]["vector"])), i) for i in found)
        for hit, (score, _) in zip(hits, best[:5]):
            assert abs(hit["score"] + score) < 1e-4, f"a wrong neighbour: {hit} for {score}"
    return missing


def out_of_service(client):
    """The node runs, but says that a shard will not."""
    return any("out of service" in note for note in client.ask("GET", "/grape/v1/status")["notes"])


def names_the_place(said, relative):
    return any(part in said for part in (str(relative), relative.name, *relative.parts[:-1]))


def try_once(folder, honest, expected, vectors, relative, chance):
    directory = folder / "damaged"
    shutil.copytree(honest, directory)
    what = damage(directory, relative, chance)
    node = world.local_node.Node(directory, log=folder / "damaged.log")
    node.log.unlink(missing_ok=True)
    is_log_tail = what.startswith(("cut", "flipped")) and relative == newest_log(directory)
    try:
        node.start(or_when=out_of_service)
    except RuntimeError:
        code = node.process.returncode
        said = node.log.read_text(errors="replace")
        assert code in (3, 4), f"{what}: ended with {code}:\n{said}"
        assert names_the_place(said, relative), f"{what}: the refusal does not name it:\n{said}"
        outcome = f"refused with exit code {code}"
    else:
        assert relative.name != "identity.toml", f"{what}: who would this node be?"
        try:
            missing = answers_right(node.client(), expected, vectors, is_log_tail)
            if missing:
                said = node.log.read_text(errors="replace") + json.dumps(
                    node.client().ask("GET", "/grape/v1/status"))
                assert relative.name in said, f"{what}: {missing} points lost without a word"
            outcome = f"answered right, {missing} points lost" if missing else "answered right"
        except world.local_node.Refused as refusal:
            assert refusal.status in (500, 503), f"{what}: {refusal}"
            said = node.log.read_text(errors="replace")
            assert names_the_place(said, relative), f"{what}: refused without the place:\n{said}"
            outcome = f"refused: {refusal}"
        assert node.process.poll() is None or node.process.returncode in (3, 4), \
            f"{what}: died with {node.process.returncode}:\n{node.tail()}"
    finally:
        if node.process.poll() is None:
            node.kill()
        shutil.rmtree(directory)
    print(f"  {what}: {outcome}", flush=True)


def main():
    chance = world.chance_of(world.seed(7))
    with world.folder() as folder:
        honest, expected, vectors = build(folder)
        kinds = kinds_of(honest)
        print("kinds of files: " + ", ".join(f"{k} ({len(v)})" for k, v in kinds.items()))
        for kind, files in kinds.items():
            for _ in range(max(1, world.rounds(20) // len(kinds) + 1)):
                try_once(folder, honest, expected, vectors, chance.choice(files), chance)


if __name__ == "__main__":
    main()
