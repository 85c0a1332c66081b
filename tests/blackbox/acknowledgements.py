#!/usr/bin/env python3
"""Goal: a write is acknowledged when it is as durable as its client or collection asked, what
cannot be had in time is told as it is, pairs that make no sense are refused; an eventual read says
how old its state may be; a node is shown where it says that it is. Method: three real nodes, one of
them killed, then two of them paused."""
import concurrent.futures
import time

import cluster_world
import world

VECTOR = [1.0, 0.0, 0.0, 0.0]


def put(client, collection, number, query):
    """(status, answer, seconds) of one upsert."""
    started = time.monotonic()
    status, answer = client.call("PUT", f"/collections/{collection}/points?{query}",
                                 {"points": [{"id": number, "vector": VECTOR}]})
    return status, answer, time.monotonic() - started


def acknowledged(client, collection, number, query, status="acknowledged"):
    code, answer, took = put(client, collection, number, query)
    assert code == 200 and answer["result"]["status"] == status, (query, code, answer)
    return answer, took


def refused(client, collection, query, *words):
    code, answer, _ = put(client, collection, 1, query)
    text = str(answer)
    assert code == 400 and all(word in text for word in words), (query, code, answer)


def chooses(client):
    """With all nodes up every legal pair is acknowledged; the others name the nearest legal one."""
    for number, query in enumerate(("ack=eventual", "ack=write_quorum", "ack=all", "wait=false")):
        acknowledged(client, "quorum", number, query)
    for number, query in enumerate(("ack=write_quorum", "ack=all", "ack=")):
        acknowledged(client, "quorum", number, f"wait=true&{query}", "completed")
    refused(client, "quorum", "ack=some", "unknown variant `some`")
    refused(client, "quorum", "wait=true&ack=eventual", "nearest", "ack=write_quorum")
    refused(client, "copies", "ack=eventual", "write_consistency_factor", "ack=write_quorum")
    refused(client, "async", "ack=write_quorum", "nearest", "ack=eventual")
    refused(client, "async", "ack=all", "nearest", "ack=eventual")
    acknowledged(client, "async", 1, "ack=eventual")
    status, answer = client.call("PUT", "/collections/none", {
        "vectors": {"size": 4, "distance": "Dot"}, "write_consistency_factor": 2,
        "grape": {"replication": {"sync_mode": "async"}}})
    assert status == 400 and "sync_mode `quorum`" in str(answer), answer
    status, answer = client.call("PATCH", "/collections/async",
                                 {"params": {"write_consistency_factor": 2}})
    assert status == 400 and "sync_mode `quorum`" in str(answer), answer
    status, answer = client.call("POST", "/collections/async/points/query?consistency=linearizable",
                                 {"query": VECTOR})
    assert status == 400 and "consistency=quorum" in str(answer), answer


def with_one_away(cluster):
    """Two of three: a majority has what is written, and the third copy is told as missing."""
    leader = cluster.leader("copies")
    away = next(node for node in cluster.nodes if node is not leader)
    client = leader.client(30)
    acknowledged(client, "copies", 1, "wait=true", "completed")
    away.kill()
    answer, took = acknowledged(client, "copies", 2, "wait=true&timeout=2", "wait_timeout")
    assert answer["grape"] == {"copies": 2}, answer
    assert 1.9 < took < 4, took
    answer, took = acknowledged(client, "copies", 3, "timeout=1", "wait_timeout")
    assert answer["grape"] == {"copies": 2} and 0.9 < took < 3, (answer, took)
    _, took = acknowledged(client, "quorum", 2, "ack=all")
    print(f"  ack=all with one of three away: {took * 1000:.0f} ms", flush=True)
    cluster.heal()
    away.await_ready()
    cluster_world.until(lambda: put(client, "copies", 4, "wait=true&timeout=1")[1]["result"]
                        ["status"] == "completed", 30, "all three have a write again")
    found = cluster_world.everywhere(cluster, "copies")
    assert {1, 2, 3, 4} <= set(found), found


def staleness(client, collection="quorum"):
    answer = client.call("POST", f"/collections/{collection}/points/query"
                         "?consistency=eventual&explain=true", {"query": VECTOR, "limit": 1})[1]
    explain = answer["explain"]
    assert explain["staleness_ms"] == explain["shards"][0]["staleness_ms"], explain
    return explain["staleness_ms"], explain["target_nodes"]


def tells_its_age(cluster):
    """A node whose peers hang cannot know what they know, and says since when."""
    leader = cluster.leader("quorum")
    reader = next(node for node in cluster.nodes if node is not leader)
    client = reader.client(10)
    acknowledged(leader.client(), "quorum", 5, "wait=true", "completed")
    cluster_world.until(lambda: staleness(client)[0] is not None and staleness(client)[0] < 1_500,
                        20, "a follower in good health is fresh")
    others = [node for node in cluster.nodes if node is not reader]
    for node in others:
        node.pause()
    ages = []
    cluster_world.until(lambda: ages.append(staleness(client)[0]) or ages[-1] > 4_000, 20,
                        "the age of what it shows grows")
    own = int(reader.name[1:])
    assert staleness(client)[1] == [own]
    for node in others:
        node.go_on()
    cluster_world.until(lambda: staleness(client)[0] < 1_500, 20, "it is fresh again")
    print(f"  staleness with two of three paused: {min(ages)} to {max(ages)} ms", flush=True)


def batches(node):
    """With batch_size 1 each entry travels alone, however many wait."""
    client = node.client(30)

    def counted():
        text = client.call("GET", "/metrics")[1]
        figures = dict(line.split(" ")[:2] for line in text.splitlines() if "_raft_append" in line
                       and not line.startswith("#"))
        return (float(figures["grape_raft_appends_total"]),
                float(figures["grape_raft_appended_entries_total"]))

    def written(collection):
        """(messages, entries) to followers while 16 clients write at a time."""
        before = counted()
        with concurrent.futures.ThreadPoolExecutor(16) as clients:
            list(clients.map(lambda first: writes(collection, first), range(0, 800, 50)))
        cluster_world.until(lambda: counted()[1] - before[1] >= 1_600, 10, "all entries have left")
        return tuple(now - then for now, then in zip(counted(), before))

    def writes(collection, first):
        own = node.client(30)
        for number in range(first, first + 50):
            acknowledged(own, collection, number, "ack=eventual")
        own.close()

    messages, entries = written("async")
    assert messages == entries, (messages, entries)
    free, of = written("quorum")
    print(f"  entries for each message: {entries / messages:.2f} with batch_size 1, "
          f"{of / free:.2f} without", flush=True)


def main():
    with world.folder() as folder:
        cluster = cluster_world.Cluster(folder, 3)
        shown = cluster.nodes[0]
        text = shown.config.read_text()
        shown.config.write_text(text.replace("[peer]", 'advertise = "grape.example:80"\n[peer]'))
        with cluster:
            cluster.create("quorum", shards=1)
            cluster.create("copies", shards=1, write_consistency_factor=3)
            cluster.create("async", shards=1,
                           grape={"replication": {"sync_mode": "async", "batch_size": 1}})
            for node in cluster.nodes:
                chooses(node.client(30))
                told = {each["name"]: each["http_address"]
                        for each in node.client().ask("GET", "/grape/v1/nodes")["nodes"]}
                assert told["n1"] == "grape.example:80", told
                assert told["n2"] == f"127.0.0.1:{cluster.nodes[1].port}", told
            batches(cluster.leader("async"))
            with_one_away(cluster)
            tells_its_age(cluster)


if __name__ == "__main__":
    main()
