#!/usr/bin/env python3
"""Goal: a snapshot is one state of each shard, whatever is written meanwhile; recovering makes it
so again, from a file, a URL and an upload; a file that is not in order changes nothing. Method: one
node and a cluster, a writer that changes batches as a whole, every copy read back in full."""
import hashlib
import http.client
import threading
import urllib.parse

import cluster_world
import world

WIDTH, BATCHES, SIZE = 50, 20, 4
NAME = "of words"
PATH = f"/collections/{NAME.replace(' ', '%20')}"


class Writer(threading.Thread):
    """Raises the number of one batch after the other, each with one request."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.ended, self.failure, self.rounds = client, threading.Event(), None, 0

    def run(self):
        try:
            while not self.ended.is_set():
                self.rounds += 1
                for batch in range(BATCHES):
                    put_batch(self.client, batch, self.rounds)
        except Exception as failure:  # Told by whoever waits for this thread.
            self.failure = failure


def put_batch(client, batch, number):
    """All points of a batch; every third round some of them are gone, and come back."""
    ids = [batch * WIDTH + i for i in range(WIDTH)]
    points = [{"id": i, "vector": [float(i), float(number), 1.0, 0.5],
               "payload": {"batch": batch, "n": number, "city": "Oslo" if i % 2 else "Rome"}}
              for i in ids]
    operations = [{"upsert": {"points": points}}]
    if number % 3 == 0:
        operations.append({"delete": {"points": ids[:5]}})
    client.ask("POST", f"{PATH}/points/batch?wait=true", {"operations": operations})


def create(client, shards, replicas):
    client.ask("PUT", PATH, {"vectors": {"size": SIZE, "distance": "Dot"}, "shard_number": shards,
                             "replication_factor": replicas, "metadata": {"made": "here"}})
    client.ask("PUT", f"{PATH}/index?wait=true", {"field_name": "city", "field_schema": "keyword"})


def everything(client, collection):
    return world.read_everything(client, collection, with_vector=True)


def make(client):
    return client.ask("POST", f"{PATH}/snapshots", {})


def path_of(name):
    return f"{PATH}/snapshots/{urllib.parse.quote(name)}"


def download_from(node, path):
    """(bytes, the name that they are given)"""
    connection = http.client.HTTPConnection(node.host, node.port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    return answer.read(), answer.headers["Content-Disposition"]


def download(node, name):
    content, called = download_from(node, path_of(name))
    assert name in called, called
    return content


def upload(node, collection, content, checksum=""):
    """(status, body) of a recovery of a collection, or of "c/shards/1", from these bytes."""
    body = (b"--XyZ\r\nContent-Disposition: form-data; name=\"snapshot\"; filename=\"a\"\r\n"
            b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--XyZ--\r\n")
    connection = http.client.HTTPConnection(node.host, node.port, timeout=60)
    connection.request("POST", f"/collections/{collection}/snapshots/upload?checksum={checksum}",
                       body, {"Content-Type": "multipart/form-data; boundary=XyZ"})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def whole_batches(points):
    """Every batch is of one round, as its request left it."""
    by_batch = {}
    for record in points.values():
        by_batch.setdefault(record["payload"]["batch"], []).append(record)
    assert len(by_batch) == BATCHES, f"{len(by_batch)} batches"
    for batch, records in by_batch.items():
        numbers = {record["payload"]["n"] for record in records}
        assert len(numbers) == 1, f"batch {batch} is of rounds {numbers}"
        number = numbers.pop()
        wanted = WIDTH - (5 if number % 3 == 0 else 0)
        assert len(records) == wanted, f"batch {batch} of round {number}: {len(records)} points"
        assert all(record["vector"][1] == number for record in records)


def recover(client, collection, location, **more):
    return client.call("PUT", f"/collections/{collection}/snapshots/recover",
                       {"location": location, **more})


def make_amid(client, writer):
    """A snapshot taken in a round later than the last one."""
    seen = writer.rounds
    cluster_world.until(lambda: writer.rounds > seen or writer.failure, 30, "writes go on")
    return make(client)


def while_others_write(node):
    """A snapshot of one shard taken amid changes holds whole batches only."""
    client = node.client()
    create(client, 1, 1)
    for batch in range(BATCHES):
        put_batch(client, batch, 1)
    writer = Writer(node.client())
    writer.start()
    taken = [make_amid(client, writer) for _ in range(3)]
    writer.ended.set()
    writer.join(30)
    assert writer.failure is None, writer.failure
    for one in taken:
        location = f"file://{node.data_dir.resolve()}/snapshots/{NAME.replace(' ', '%20')}/"
        got = recover(client, "copy", location + urllib.parse.quote(one["name"]))
        assert got[0] == 200, got
        whole_batches(everything(client, "copy"))
    about = client.ask("GET", "/collections/copy")
    assert about["payload_schema"]["city"]["data_type"] == "keyword", about
    assert about["config"]["metadata"] == {"made": "here"}, about
    print(f"three snapshots amid {writer.rounds} rounds of changes: whole batches only")


def limits_and_aliases_stay(client):
    """What strict mode allows to clients does not stop a recovery, and aliases name it still."""
    client.ask("PUT", "/collections/strict", {
        "vectors": {"size": SIZE, "distance": "Dot"},
        "strict_mode_config": {"enabled": True, "upsert_max_batchsize": 3}})
    client.ask("POST", "/collections/aliases", {"actions": [
        {"create_alias": {"collection_name": "strict", "alias_name": "other"}}]})
    for i in range(0, 30, 3):
        client.ask("PUT", "/collections/strict/points?wait=true",
                   {"points": [{"id": i + j, "vector": [1.0] * SIZE} for j in range(3)]})
    one = client.ask("POST", "/collections/strict/snapshots", {})
    location = f"http://{client.address[0]}:{client.address[1]}/collections/strict/snapshots/"
    assert recover(client, "strict", location + one["name"])[0] == 200
    assert len(everything(client, "other")) == 30
    points = [{"id": i, "vector": [1.0] * SIZE} for i in range(4)]
    refused = client.call("PUT", "/collections/strict/points", {"points": points})
    assert refused[0] == 400 and "upsert limit" in str(refused[1]), refused
    print("limits and aliases are as they were")


def odd_names(node):
    """Whatever a collection may be called, it has snapshots, and stands in nobody's way."""
    client = node.client()
    for name in (".hidden", "x" * 255, "incoming.snapshot", "q.snapshot"):
        client.ask("PUT", f"/collections/{name}", {"vectors": {"size": SIZE, "distance": "Dot"}})
        one = client.ask("POST", f"/collections/{name}/snapshots", {})
        assert client.ask("GET", f"/collections/{name}/snapshots") == [one]
        url = f"http://{node.host}:{node.port}/collections/{name}/snapshots/{one['name']}"
        got = recover(client, name, url)
        assert got[0] == 200, got
    assert client.ask("GET", "/snapshots") == []
    print("odd names are names")


def every_way_back(node):
    client = node.client()
    before = everything(client, NAME.replace(" ", "%20"))
    one = make(client)
    listed = client.ask("GET", f"{PATH}/snapshots")
    assert one in listed and len(listed) == 4, listed
    content = download(node, one["name"])
    assert hashlib.sha256(content).hexdigest() == one["checksum"]
    assert len(content) == one["size"]

    url = f"http://{node.host}:{node.port}{path_of(one['name'])}"
    assert recover(client, "by-url", url, checksum=one["checksum"])[0] == 200
    assert everything(client, "by-url") == before
    assert upload(node, "by-upload", content, one["checksum"])[0] == 200
    assert everything(client, "by-upload") == before
    # Over what is there: what the snapshot does not hold goes.
    client.ask("PUT", "/collections/by-url/points?wait=true",
               {"points": [{"id": 999_999, "vector": [1.0] * SIZE}]})
    assert recover(client, "by-url", url)[0] == 200
    assert everything(client, "by-url") == before
    print("a file, a URL and an upload give back what was there")
    limits_and_aliases_stay(client)
    odd_names(node)

    for wrong, status, words in (
            (lambda: upload(node, "by-url", content[:-7]), 400, "cannot be used"),
            (lambda: upload(node, "by-url", content[:900] + b"x" + content[901:]), 400, "used"),
            (lambda: upload(node, "by-url", b"words"), 400, "no archive"),
            (lambda: upload(node, "by-url", content, "3" * 64), 400, "Checksum mismatch"),
            (lambda: upload(node, "by-url", content, "abc"), 422, "invalid_sha256_hash"),
            (lambda: recover(client, "by-url", "file:///etc/passwd"), 403, "Forbidden"),
            (lambda: recover(client, "by-url", "file:///none.snapshot"), 400, "does not exist"),
            (lambda: recover(client, "by-url", url + "x"), 400, "404"),
            (lambda: client.call("GET", f"{PATH}/snapshots/..%2F..%2Fidentity.toml"), 404, ""),
            (lambda: client.call("DELETE", f"{PATH}/snapshots/none.snapshot"), 404, "not found"),
            (lambda: client.call("POST", "/collections/none/snapshots", {}), 404, "exist")):
        got, told = wrong()
        assert got == status and words in str(told), (got, told, status, words)
    assert everything(client, "by-url") == before
    print("what is not in order is refused and changes nothing")

    assert client.ask("DELETE", path_of(one["name"])) is True
    assert len(client.ask("GET", f"{PATH}/snapshots")) == 3
    whole = client.ask("POST", "/snapshots", {})
    assert [each["name"] for each in client.ask("GET", "/snapshots")] == [whole["name"]]
    location = f"file://{node.data_dir.resolve()}/snapshots/{whole['name']}"
    client.ask("DELETE", "/collections/by-url")
    assert recover(client, "by-url", location)[0] == 200
    assert everything(client, "by-url") == before
    status, told = client.call("POST", f"{PATH}/snapshots?wait=false", {})
    assert status == 202 and told["status"] == "accepted", (status, told)
    cluster_world.until(lambda: len(client.ask("GET", f"{PATH}/snapshots")) == 4, 30,
                        "a snapshot that nobody waits for is made")


def of_one_shard(first, last):
    """Recovering one shard gives it back alone. Asked through one node, made on another."""
    client = first.client()
    client.ask("PUT", "/collections/parts", {"vectors": {"size": SIZE, "distance": "Dot"},
                                             "shard_number": 2})

    def put(number):
        client.ask("PUT", "/collections/parts/points?wait=true", {"points": [
            {"id": i, "vector": [float(i), number, 1.0, 0.5], "payload": {"n": number}}
            for i in range(200)]})

    shards = "/collections/parts/shards"
    put(1)
    one = last.client().ask("POST", f"{shards}/1/snapshots", {})
    assert last.client().ask("GET", f"{shards}/1/snapshots") == [one]
    assert last.client().ask("GET", f"{shards}/0/snapshots") == []
    put(2)
    client.ask("PUT", "/collections/parts/points?wait=true", {"points": [
        {"id": i, "vector": [0.0] * SIZE, "payload": {"n": 2}} for i in range(200, 300)]})
    url = f"http://{last.host}:{last.port}{shards}/1/snapshots/{one['name']}"
    before = everything(client, "parts")
    for shard, wrong in ((0, url), (1, url + "x"), (2, url), ("x", url)):
        status, told = client.call("PUT", f"{shards}/{shard}/snapshots/recover",
                                   {"location": wrong})
        assert status in (400, 404), (shard, wrong, status, told)
    assert recover(client, "whole", url)[0] == 400  # One shard is no collection.
    assert everything(client, "parts") == before

    client.ask("PUT", f"{shards}/1/snapshots/recover",
               {"location": url, "checksum": one["checksum"]})
    after = everything(client, "parts")
    rounds = {number: sum(each["payload"]["n"] == number for each in after.values())
              for number in (1, 2)}
    kept = [each for number, each in after.items() if each["payload"]["n"] == 2]
    assert all(before[each["id"]] == each for each in kept)
    gone = set(before) - set(after)
    assert all(number >= 200 for number in gone), gone
    assert rounds[1] > 50 and rounds[2] > 50 and gone, (rounds, gone)
    assert rounds[1] + sum(number < 200 for number in (each["id"] for each in kept)) == 200
    assert last.client().ask("DELETE", f"{shards}/1/snapshots/{one['name']}") is True

    content, called = download_from(last, f"{shards}/1/snapshot")
    assert ".snapshot" in called, called
    assert last.client().ask("GET", f"{shards}/1/snapshots") == []  # It was not kept.
    put(3)
    assert upload(first, "parts/shards/1", content)[0] == 200
    again = everything(client, "parts")
    of_shard = {i for i, each in after.items() if each["payload"]["n"] == 1}
    assert all(again[i] == after[i] for i in of_shard)
    assert all(again[i]["payload"]["n"] == 3 for i in range(200) if i not in of_shard)
    print(f"one shard of two came back: {rounds[1]} points, {len(gone)} later ones went")


def in_a_cluster():
    """Through any node: all shards, also those that the node does not have."""
    with cluster_world.cluster(3) as cluster:
        first, _, last = cluster.nodes
        create(first.client(), 4, 1)
        for batch in range(BATCHES):
            put_batch(first.client(), batch, 1)
        before = everything(first.client(), NAME.replace(" ", "%20"))
        one = make(last.client())
        url = f"http://{last.host}:{last.port}{path_of(one['name'])}"
        assert recover(first.client(), "copy", url, checksum=one["checksum"])[0] == 200
        for node in cluster.nodes:
            assert everything(node.client(), "copy") == before
        print("through any node of a cluster, a snapshot is of all shards")
        for node in cluster.nodes:
            assert node.client().ask("GET", f"{PATH}/snapshots") == [one]
            assert hashlib.sha256(download(node, one["name"])).hexdigest() == one["checksum"]
            cluster_world.until(lambda n=node: not list((n.data_dir / "incoming").glob("*")), 10,
                                "nothing stays of what was given on")
        there = f"http://{first.host}:{first.port}{path_of(one['name'])}"
        assert recover(first.client(), "copy", there, checksum=one["checksum"])[0] == 200
        status, told = first.client().call("GET", path_of("words-9-none.snapshot"))
        assert status == 404 and "not found" in str(told), told
        last.kill()
        status, told = first.client().call("GET", path_of(one["name"]))
        names = (last.name, f":{last.port}")  # As long as it is not known to be away, its address.
        assert status == 404 and any(name in str(told) for name in names), told
        last.launch()
        last.await_ready()
        cluster_world.until(lambda: first.client().ask("GET", f"{PATH}/snapshots") == [one], 30,
                            "it is listed again")
        assert first.client().ask("DELETE", path_of(one["name"])) is True
        assert last.client().ask("GET", f"{PATH}/snapshots") == []
        print("any node lists, gives and removes it")
        of_one_shard(first, last)


def main():
    with world.folder() as folder:
        with world.local_node.Node(folder / "data") as node:
            while_others_write(node)
            every_way_back(node)
            of_one_shard(node, node)
            assert node.stop() == 0
    in_a_cluster()


if __name__ == "__main__":
    main()
