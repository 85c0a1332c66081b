#!/usr/bin/env python3
"""Goal: a node that may have few files open creates no shard that it could not open, and says what
would help: what it created it serves beside its clients, also after a restart. Method: a real
process under `ulimit -n`. (Shards that cannot be opened all the same: tests/actors/room_test.)"""
import cluster_world
import world

C = "/collections/tenants"
FEW = 256
READERS = 20


def node_with(folder, files, port=None):
    """Neither the soft nor the hard limit lets the node have more."""
    return world.local_node.Node(folder / "data", port=port, around=(
        "/bin/sh", "-c", f'ulimit -n {files}; exec "$0" "$@"'))


def create_keys(client):
    """As many as the node lets in; each gets a point."""
    client.ask("PUT", C, {"vectors": {"size": 2, "distance": "Dot"}, "sharding_method": "custom"})
    keys = []
    while True:
        status, answer = client.call("PUT", f"{C}/shards", {"shard_key": len(keys)})
        if status != 200:
            return keys, status, answer["status"]["error"]
        client.ask("PUT", f"{C}/points?wait=true", {
            "points": [{"id": len(keys), "vector": [1, len(keys)]}], "shard_key": len(keys)})
        keys.append(len(keys))


def count(client, body=None):
    return client.ask("POST", f"{C}/points/count", body or {})["count"]


def main():
    with world.folder() as folder:
        with node_with(folder, FEW) as node:
            client = node.client()
            keys, status, text = create_keys(client)
            assert status == 507 and "`ulimit -n`" in text, (status, text)
            assert 10 <= len(keys) < 64, len(keys)
            assert client.call("PUT", "/collections/more", {
                "vectors": {"size": 2, "distance": "Dot"}})[0] == 507
            others = [node.client() for _ in range(READERS)]
            assert all(count(each) == len(keys) for each in others)
            assert client.ask("GET", "/grape/v1/health")["findings"] == []
            print(f"{len(keys)} keys with {FEW} files, then: {text}")
            assert node.stop() == 0

        with node_with(folder, FEW) as node:
            client = node.client()
            cluster_world.until(lambda: count(client) == len(keys), 30, "all are there again")
            assert client.ask("GET", "/grape/v1/health")["findings"] == []
            assert node.stop() == 0


if __name__ == "__main__":
    main()
