#!/usr/bin/env python3
"""Goal: what people ask to be done with disks is done, on every replica, by whatever node is asked;
a checkpoint and a backup give back the same data, and what could not be done is said. Method: one
node and a cluster, grapectl and HTTP, contents compared by digest and read back in full."""
import json
import pathlib
import subprocess

import cluster_world
import world

GRAPECTL = pathlib.Path(world.local_node.GRAPED).parent / "grapectl"
ROOT = "/grape/v1/storage"
SIZE, COUNT = 32, 6_000


def create(client, name, shards, replicas):
    client.ask("PUT", f"/collections/{name}", {
        "vectors": {"size": SIZE, "distance": "Cosine"}, "shard_number": shards,
        "replication_factor": replicas, "optimizers_config": {"indexing_threshold": 100}})
    client.ask("PUT", f"/collections/{name}/index?wait=true",
               {"field_name": "n", "field_schema": "integer"})


def fill(client, name, ids, chance, mark):
    vectors = world.VectorText(SIZE, 500, chance)
    for first in range(ids.start, ids.stop, 1_000):
        some = range(first, min(first + 1_000, ids.stop))
        body = world.upsert_body(some, vectors, lambda i: f'{{"n":{i % 10},"mark":"{mark}"}}')
        world.put_text(client, f"/collections/{name}/points?wait=true", body)


def digest(client, name):
    told = client.ask("POST", f"{ROOT}/digest?collection={name}")
    assert told["complete"] and told["differing"] == [], told
    return told["collections"][name]


def same_everywhere(client, name):
    """Once no replica is behind: the digest that all of them have of their shard."""
    def agreed():
        told = client.ask("POST", f"{ROOT}/digest?collection={name}")
        shards = {}
        for node in told["nodes"]:
            for one in node["shards"]:
                shards.setdefault(one["shard"], set()).add((one["points"], one["digest"]))
        return told if all(len(each) == 1 for each in shards.values()) else None
    return cluster_world.until(agreed, 60, "all replicas have the same")["collections"][name]


def indexed(client, name, wanted):
    def done():
        about = client.ask("GET", f"/collections/{name}")
        return about["indexed_vectors_count"] >= wanted and about["status"] == "green"
    cluster_world.until(done, 120, f"{name} is indexed")


def size(client, name):
    told = client.ask("GET", f"{ROOT}/size?collection={name}")
    return told, [one for node in told["nodes"] for one in node["shards"]]


def grapectl(node, *words):
    done = subprocess.run([GRAPECTL, "--host", f"{node.host}:{node.port}", *words],
                          capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def bytes_by_kind(node, client):
    told, shards = size(client, "one")
    whole = told["nodes"][0]
    assert whole["log_bytes"] > 0 and whole["disk_free_bytes"] > 0, whole
    assert whole["disk_total_bytes"] > whole["disk_free_bytes"], whole
    assert len(shards) == 2
    files = {"points": 0, "segments": 0}
    for path in (node.data_dir / "shards").rglob("*"):
        kind = next((k for k in files if k in path.parts), None)
        if path.is_file() and kind:
            files[kind] += path.stat().st_size
    assert sum(one["store_bytes"] for one in shards) == files["points"], (shards, files)
    assert sum(one["segment_bytes"] for one in shards) == files["segments"], (shards, files)
    assert sum(one["vector_bytes"] for one in shards) == COUNT * SIZE * 4, shards
    assert all(one["code_bytes"] > 0 and one["memory_bytes"] > 0 for one in shards), shards
    print("bytes by kind are those of the files")


def flushed_and_synced(client):
    told = client.ask("POST", f"{ROOT}/flush")
    for one in told["nodes"][0]["shards"]:
        assert one["durable"] == one["applied"] > 0, one
    assert client.ask("POST", f"{ROOT}/sync")["complete"]
    print("flushed and synced")


def compacted(client):
    before = size(client, "one")[1]
    client.ask("POST", "/collections/one/points/delete?wait=true",
               {"filter": {"must": [{"key": "n", "range": {"lt": 1}}]}})
    kept = digest(client, "one")
    client.ask("POST", f"{ROOT}/compact?collection=one")
    after = size(client, "one")[1]
    for key in ("store_bytes", "segment_bytes", "memory_bytes"):
        was, now = (sum(one[key] for one in side) for side in (before, after))
        assert now < was * 0.97, f"{key}: {was} before a tenth was deleted, {now} after"
    assert digest(client, "one") == kept
    print("compacted: stores and segments without what was deleted, the points as before")


def warmed(node):
    assert node.stop() == 0
    node.start()
    client = node.client()
    told = client.ask("POST", f"{ROOT}/warm")
    read = sum(one["read_bytes"] for one in told["nodes"][0]["shards"])
    files = sum(path.stat().st_size for path in (node.data_dir / "shards").rglob("*.seg"))
    assert read == files > 0, (read, files)
    print(f"warmed: {read} bytes of segment files read in")


def come_back(client, node):
    """A checkpoint and a backup, each restored over changes and under another name."""
    before, points = digest(client, "one"), world.read_everything(client, "one", with_vector=True)
    code, text, said = grapectl(node, "data", "checkpoint", "--name", "cp")
    assert code == 0 and "one/1" in text, (code, text, said)
    backup = client.ask("POST", f"{ROOT}/backup")
    again = client.call("POST", f"{ROOT}/checkpoints", {"name": "cp"})
    assert again[0] == 409 and "already" in str(again[1]), again
    for restored in ({"checkpoint": "cp"}, {"backup": backup["name"]}):
        fill(client, "one", range(COUNT - 900, COUNT + 900), world.chance_of(9), "later")
        assert digest(client, "one") != before
        client.ask("POST", f"{ROOT}/restore", {**restored, "collection": "one", "as": "two"})
        assert digest(client, "two") == before
        told = client.ask("POST", f"{ROOT}/restore", restored)
        assert "one" in told["collections"], told
        assert digest(client, "one") == before
        assert world.read_everything(client, "one", with_vector=True) == points
        client.ask("DELETE", "/collections/two")
    assert client.call("POST", f"{ROOT}/restore", {"checkpoint": "none"})[0] == 404
    assert client.call("POST", f"{ROOT}/restore", {})[0] == 400
    for name in ("../shards", "a%2F..%2F..%2Fshards", "..", "%00"):
        status = client.call("DELETE", f"{ROOT}/checkpoints/{name}")[0]
        assert status in (400, 404), (name, status)
    assert digest(client, "one") == before
    code, text, _ = grapectl(node, "data", "checkpoints")
    assert code == 0 and "cp" in text, text
    assert grapectl(node, "data", "drop", "cp")[0] == 0
    assert client.ask("GET", f"{ROOT}/checkpoints")["checkpoints"] == []
    assert grapectl(node, "data", "drop", "cp")[0] == 1
    assert not list((node.data_dir / "checkpoints").iterdir())
    print("a checkpoint and a backup give back what was there, to the last byte of the digest")


def survives_a_crash(node, client):
    """A checkpoint amid writes, then SIGKILL: it is there, and restored as it was made."""
    fill(client, "one", range(0, 500), world.chance_of(4), "crash")
    client.ask("POST", f"{ROOT}/checkpoints", {"name": "kept"})
    before = digest(client, "one")
    fill(client, "one", range(0, 800), world.chance_of(5), "lost")
    node.kill()
    node.start()
    client = node.client()
    assert digest(client, "one") != before
    client.ask("POST", f"{ROOT}/restore", {"checkpoint": "kept"})
    assert digest(client, "one") == before
    print("a checkpoint outlives a crash")


def in_a_cluster():
    with cluster_world.cluster(3) as cluster:
        client = cluster.client(1, timeout=60)
        cluster.create("many", shards=3, replicas=3, size=SIZE)
        fill(client, "many", range(COUNT), world.chance_of(1), "first")
        before = same_everywhere(client, "many")
        assert before["points"] == len(world.read_everything(client, "many"))
        code, text, said = grapectl(cluster.nodes[2], "-o", "json", "data", "flush", "many")
        assert code == 0, said
        flushed = json.loads(text)["result"]["nodes"]
        assert [node["name"] for node in flushed] == ["n1", "n2", "n3"], flushed
        assert sum(len(node["shards"]) for node in flushed) == 9, flushed
        client.ask("POST", f"{ROOT}/compact")
        assert client.ask("POST", f"{ROOT}/sync")["complete"]
        made = cluster.client(0).ask("POST", f"{ROOT}/checkpoints?collection=many")
        fill(client, "many", range(0, COUNT, 2), world.chance_of(2), "second")
        assert same_everywhere(client, "many") != before

        cluster.nodes[0].kill()
        def told_in_part():
            status, answer = client.call("POST", f"{ROOT}/flush?timeout=5")
            return answer if status != 200 and "n1" in answer["status"]["error"] else None
        answer = cluster_world.until(told_in_part, 30, "a node that is gone is named")
        done = {node["name"]: node["error"] for node in answer["result"]["nodes"]}
        assert done["n1"] and done["n2"] is None and done["n3"] is None, done
        code, text, said = grapectl(cluster.nodes[2], "--timeout", "8", "data", "flush")
        assert code == 1 and "n1" in said and "many/2" in text, (code, text, said)
        # Two of three copies are enough, and any node may be asked.
        def restored():
            return cluster.client(2, timeout=120).ask(
                "POST", f"{ROOT}/restore", {"checkpoint": made["checkpoint"]})
        cluster_world.until(restored, 90, "restored without a node")
        told = client.call("POST", f"{ROOT}/digest?collection=many")[1]["result"]
        assert told["collections"]["many"] == before, (told["collections"], before)
        cluster.nodes[0].start()
        cluster_world.until(lambda: same_everywhere(client, "many") == before, 60, "n1 follows")
        print("in a cluster: every replica, any node, a node lost in between")


def main():
    with world.folder() as folder:
        node = world.local_node.Node(folder / "data")
        with node:
            client = node.client()
            create(client, "one", 2, 1)
            fill(client, "one", range(COUNT), world.chance_of(3), "first")
            indexed(client, "one", COUNT * 9 // 10)
            bytes_by_kind(node, client)
            flushed_and_synced(client)
            compacted(client)
            warmed(node)
            client = node.client()
            come_back(client, node)
            survives_a_crash(node, client)
    in_a_cluster()


if __name__ == "__main__":
    main()
