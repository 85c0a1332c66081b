#!/usr/bin/env python3
"""Goal: points written under a key are found through that key alone, on one node and in a cluster,
through every node of it, also after kills and a restart of all; a dropped key's points and folders
are gone everywhere; its replicas are where it was placed, and can be moved. Method: real processes,
and a dictionary of dictionaries as the model."""
import concurrent.futures
import itertools
import pathlib
import time

import cluster_world
import world

C = "/collections/cats"
KEYS = ("eu", "us", 7)


def refusal(client, method, path, body=None):
    status, answer = client.call(method, path, body)
    assert status >= 400, f"{method} {path} {body}: {answer}"
    return status, answer["status"]["error"]


def create(client, replicas):
    client.ask("PUT", C, {"vectors": {"size": 4, "distance": "Dot"}, "sharding_method": "custom",
                          "shard_number": 2, "replication_factor": replicas})
    client.ask("PUT", f"{C}/index?wait=true", {"field_name": "city", "field_schema": "keyword"})
    assert client.ask("GET", f"{C}/shards") == {"shard_keys": []}
    assert client.ask("POST", f"{C}/points/query", {"query": [1, 0, 0, 0]})["points"] == []
    assert refusal(client, "PUT", f"{C}/points?wait=true", upsert(None, [1])) == \
        (400, "Wrong input: Shard key not specified")


def upsert(key, ids):
    body = {"points": [{"id": i, "vector": [1.0, float(i % 5), 0.0, 1.0],
                        "payload": {"city": f"{key}-{i % 3}", "of": key}} for i in ids]}
    return body if key is None else {**body, "shard_key": key}


def write(client, model, key, ids):
    client.ask("PUT", f"{C}/points?wait=true", upsert(key, ids))
    model.setdefault(key, set()).update(ids)


def read_all(client, key):
    """Every record under a key, or under all."""
    found, offset = [], None
    while True:
        page = client.ask("POST", f"{C}/points/scroll",
                          {"limit": 50, "offset": offset,
                           **({} if key is None else {"shard_key": key})})
        found += page["points"]
        offset = page["next_page_offset"]
        if offset is None:
            return found


def keys_of(client):
    return {one["key"] for one in client.ask("GET", f"{C}/shards")["shard_keys"]}


def check(client, model):
    """What the model has is found, under its key and no other."""
    for key, ids in model.items():
        found = read_all(client, key)
        assert {one["id"] for one in found} == ids, f"{key}: {len(found)} of {len(ids)}"
        for one in found:
            assert one["shard_key"] == key and one["payload"]["of"] == key, one
        assert client.ask("POST", f"{C}/points/count", {"shard_key": key})["count"] == len(ids)
        hits = client.ask("POST", f"{C}/points/search", {
            "vector": [1, 1, 0, 0], "limit": 400, "shard_key": key, "with_payload": True})
        assert {one["id"] for one in hits} == ids
        assert all(one["shard_key"] == key and one["payload"]["of"] == key for one in hits)
        facet = client.ask("POST", f"{C}/facet", {"key": "city", "shard_key": key})["hits"]
        assert sum(hit["count"] for hit in facet) == len(ids)
    everywhere = [one["id"] for one in read_all(client, None)]
    assert everywhere == sorted(set().union(*model.values())), len(everywhere)
    assert client.ask("POST", f"{C}/points/count", {})["count"] == sum(map(len, model.values()))
    for a, b in itertools.combinations(model, 2):
        count = client.ask("POST", f"{C}/points/count", {"shard_key": [a, b]})["count"]
        assert count == len(model[a]) + len(model[b])
    assert keys_of(client) == set(model)


def check_writes(client, model):
    """Each kind of write changes what is under its key only."""
    client.ask("POST", f"{C}/points/delete?wait=true", {"points": [1, 2], "shard_key": "eu"})
    model["eu"] -= {1, 2}
    us_1 = {"must": [{"key": "city", "match": {"value": "us-1"}}]}
    client.ask("POST", f"{C}/points/delete?wait=true",
               {"filter": us_1, "shard_key": ["eu", "us"]})
    model["us"] = {i for i in model["us"] if i % 3 != 1}
    client.ask("POST", f"{C}/points/batch?wait=true", {"operations": [
        {"upsert": upsert("eu", [9_001])},
        {"set_payload": {"payload": {"seen": True}, "points": [9_001], "shard_key": "eu"}},
        {"upsert": upsert(7, [9_001])},
        {"delete": {"points": [3], "shard_key": {"target": "none such", "fallback": 7}}}]})
    model["eu"].add(9_001)
    model[7] = (model[7] | {9_001}) - {3}
    one = client.ask("POST", f"{C}/points", {"ids": [9_001], "shard_key": "eu"})
    assert [(each["shard_key"], each["payload"]["seen"]) for each in one] == [("eu", True)]
    # It exists under one of the two keys only.
    assert refusal(client, "POST", f"{C}/points/payload?wait=true", {
        "payload": {"x": 1}, "points": [1], "shard_key": ["eu", 7]})[0] == 404
    check(client, model)


def check_words(client):
    points = upsert("dogs", [1])
    for method, path, body, told in (
            ("PUT", "/points", points, (400, 'Wrong input: Shard key "dogs" not found')),
            ("PUT", "/points", {**points, "shard_key": []},
             (400, "Wrong input: Empty shard keys selection")),
            ("POST", "/points/count", {"shard_key": 8},
             (400, "Bad request: Shard key 8 not found")),
            ("POST", "/points/count", {"shard_key": {"target": 8, "fallback": "dogs"}},
             (404, 'Not found: Neither target shard key 8 nor fallback shard key "dogs" exist not'
                   ' found')),
            ("PUT", "/shards", {"shard_key": "eu"},
             (400, 'Bad request: Sharding key "eu" already exists for collection cats')),
            ("PUT", "/shards", {"shard_key": "dogs", "placement": [77]},
             (400, "Bad request: Peer 77 does not exist")),
            ("PUT", "/shards", {"shard_key": "dogs", "initial_state": "Dead"},
             (400, "Bad request: Initial state cannot be Dead, only Active or Partial are"
                   " allowed")),
            ("POST", "/shards/delete", {"shard_key": "dogs"},
             (400, 'Bad request: Sharding key "dogs" does not exist for collection cats'))):
        assert refusal(client, method, C + path, body) == told


def shard_folders(data_dir, shards):
    """Of these shards, those that still have a folder below the data of a node."""
    collections = list((pathlib.Path(data_dir) / "shards").iterdir())
    return {int(shard.name) for one in collections for shard in one.iterdir()} & shards


def shards_of(client, key):
    told = client.ask("GET", f"{C}/cluster")
    return {one["shard_id"] for one in told["local_shards"] + told["remote_shards"]
            if one["shard_key"] == key}


def peers_of(client, key, collection=C):
    told = client.ask("GET", f"{collection}/cluster")
    return {one.get("peer_id", told["peer_id"])
            for one in told["local_shards"] + told["remote_shards"]
            if one["shard_key"] == key and one["state"] == "Active"}


def fill(client, model):
    for key in KEYS:
        client.ask("PUT", f"{C}/shards", {"shard_key": key})
    for key in KEYS:
        write(client, model, key, set(range(len(str(key)) * 7, 120 + 10 * len(str(key)))))


def one_node(folder):
    with world.local_node.Node(folder / "data") as node:
        client, model = node.client(), {}
        create(client, 1)
        fill(client, model)
        check(client, model)
        check_words(client)
        check_writes(client, model)
        gone = shards_of(client, "us")
        assert len(gone) == 2 and shard_folders(node.data_dir, gone) == gone
        client.ask("POST", f"{C}/cluster", {"drop_sharding_key": {"shard_key": "us"}})
        del model["us"]
        check(client, model)
        node.kill()
        node.start()
        client = node.client()
        check(client, model)
        cluster_world.until(lambda: not shard_folders(node.data_dir, gone), 30, "folders are gone")
        snapshot(client, model)
        client.ask("PUT", f"{C}/shards", {"shard_key": "us", "shards_number": 1})
        model["us"] = set()
        assert not shards_of(client, "us") & gone
        write(client, model, "us", {5})
        check(client, model)


def snapshot(client, model):
    """Keys come back with their points, whatever became of them meanwhile."""
    name = client.ask("POST", f"{C}/snapshots", {})["name"]
    client.ask("POST", f"{C}/shards/delete", {"shard_key": "eu"})
    client.ask("PUT", f"{C}/shards", {"shard_key": "late"})
    write(client, {}, "late", range(10))
    client.ask("POST", f"{C}/points/delete?wait=true", {"filter": {}, "shard_key": 7})
    host, port = client.address
    client.ask("PUT", f"{C}/snapshots/recover",
               {"location": f"http://{host}:{port}{C}/snapshots/{name}"})
    check(client, model)


def check_everywhere(cluster, model):
    """A node that was away, or asked at once, may be a moment late to know the keys."""
    for place in range(3):
        client = cluster.client(place, 60)
        cluster_world.until(lambda c=client: keys_of(c) == set(model), 30, "it knows the keys")
        check(client, model)


def three_nodes(folder):
    with cluster_world.Cluster(folder, 3) as cluster:
        client, model = cluster.client(0, 60), {}
        create(client, 2)
        fill(client, model)
        client.ask("POST", f"{C}/cluster", {"create_sharding_key": {
            "shard_key": "here", "shards_number": 2, "replication_factor": 3, "placement": [3]}})
        write(client, model, "here", range(40))
        check_words(client)
        check_writes(client, model)
        check_everywhere(cluster, model)
        assert peers_of(client, "here") == {3}
        move(client, model)
        acknowledged_everywhere(cluster)
        recover_elsewhere(client, cluster.client(1, 60), model)
        cluster.nodes[2].kill()  # One shard of `here` is there alone; the others have replicas.
        others = {key: ids for key, ids in model.items() if key in ("eu", "us", 7)}
        gone = shards_of(client, "eu")
        client.ask("POST", f"{C}/shards/delete", {"shard_key": "eu"})
        del model["eu"], others["eu"]
        for key, ids in others.items():
            assert {one["id"] for one in read_all(cluster.client(1, 60), key)} == ids
        refused_on_node_3(client)
        write(cluster.client(1, 60), model, 7, range(500, 520))
        cluster.nodes[2].launch()
        cluster.nodes[2].await_ready(60)
        check_everywhere(cluster, model)
        cluster_world.until(
            lambda: not any(shard_folders(node.data_dir, gone) for node in cluster.nodes), 60,
            "the dropped key's folders are gone, on the node that was away too")
        for node in cluster.nodes:
            node.kill()
        cluster.start_all()
        check_everywhere(cluster, model)


def refused_on_node_3(client):
    """As soon as a majority has not heard it for a while."""
    def is_refused():
        status, answer = client.call("PUT", f"{C}/shards", {"shard_key": "there", "placement": [3]})
        if status == 200:
            client.ask("POST", f"{C}/shards/delete", {"shard_key": "there"})
        return status == 503 and "is away; start it first" in str(answer)
    cluster_world.until(is_refused, 60, "a key is not placed on a node that is away")


def acknowledged_everywhere(cluster):
    """What one node has acknowledged holds at once on the others, and nobody waits for a key that
    is gone."""
    clients = [cluster.client(place, 60) for place in range(3)]
    for turn in range(6):
        path = f"/collections/dogs{turn}"
        clients[0].ask("PUT", path, {"vectors": {"size": 4, "distance": "Dot"},
                                     "sharding_method": "custom", "replication_factor": 2})
        assert clients[1].ask("GET", f"{path}/shards") == {"shard_keys": []}
        for key in ("a", "b"):
            clients[0].ask("PUT", f"{path}/shards", {"shard_key": key})
            clients[2].ask("PUT", f"{path}/points?wait=true", {**upsert(None, [turn]),
                                                               "shard_key": key})
        with concurrent.futures.ThreadPoolExecutor(2) as readers:
            reading = [readers.submit(read_until_gone, cluster.client(place, 60), path)
                       for place in (1, 2)]
            clients[0].ask("POST", f"{path}/shards/delete", {"shard_key": "a"})
            for client in clients[1:]:
                assert client.ask("POST", f"{path}/points/count", {})["count"] == 1
            assert max(one.result() for one in reading) < 5
        clients[0].ask("DELETE", path)
        assert clients[1].call("POST", f"{path}/points/count", {})[0] == 404


def read_until_gone(client, path):
    """The seconds that the slowest read took: all are answered until the key is not found."""
    slowest, status = 0, 200
    while status == 200:
        began = time.monotonic()
        assert client.ask("POST", f"{path}/points/count", {})["count"] in (1, 2)
        status, answer = client.call("POST", f"{path}/points/count", {"shard_key": "a"})
        slowest = max(slowest, time.monotonic() - began)
    assert status == 400 and answer["status"]["error"].endswith('"a" not found'), answer
    return slowest


def recover_elsewhere(client, other, model):
    """A recovery does not wait for each key until a shard that shows nothing yet serves, and each
    is where it was placed."""
    name = client.ask("POST", f"{C}/snapshots", {})["name"]
    host, port = client.address
    began = time.monotonic()
    client.ask("PUT", "/collections/copy/snapshots/recover?wait=true",
               {"location": f"http://{host}:{port}{C}/snapshots/{name}"})
    assert time.monotonic() - began < 20
    assert other.ask("POST", "/collections/copy/points/count", {})["count"] \
        == sum(map(len, model.values()))
    assert peers_of(client, "here", "/collections/copy") == {3}
    client.ask("DELETE", "/collections/copy")


def move(client, model):
    """A shard of `here` goes from node 3 to node 1, where a person wants it."""
    client.ask("POST", f"{C}/cluster", {"move_shard": {
        "shard_id": min(shards_of(client, "here")), "from_peer_id": 3, "to_peer_id": 1}})
    cluster_world.until(lambda: peers_of(client, "here") == {1, 3}, 60, "it is on node 1")
    check(client, model)


def main():
    for check_one in (one_node, three_nodes):
        with world.folder() as folder:
            check_one(folder)
        print(f"  {check_one.__name__}", flush=True)


if __name__ == "__main__":
    main()
