"""Goal: an application whose tenants have shard keys runs on Grape unmodified. Method: keys are
made, filled, read and dropped through the vendor's own Python client, beside numpy."""
import sys

from qdrant_client import models

from sessions import client, refused, run
from twin import Twin, same

NAME, SIZE, COUNT = "py keys", 16, 900
KEYS = ["eu", "us", 7]
twin = Twin(COUNT, SIZE, 20261130)
target = [float(x) for x in twin.random.normal(size=SIZE)]


def key_of(point):
    return KEYS[point % len(KEYS)]


def nearest(*keys):
    return [hit for hit in twin.nearest(target) if key_of(hit[0]) in keys]


def found(selector, limit=10):
    return client.query_points(NAME, query=target, limit=limit, shard_key_selector=selector).points


def test_keys_are_created():
    client.create_collection(
        NAME, vectors_config=models.VectorParams(size=SIZE, distance=models.Distance.COSINE),
        sharding_method=models.ShardingMethod.CUSTOM, shard_number=2)
    for key in KEYS:
        assert client.create_shard_key(NAME, key)
    refused(400, "already exists", lambda: client.create_shard_key(NAME, "eu"))


def test_a_write_names_its_key():
    for key in KEYS:
        client.upsert(NAME, wait=True, shard_key_selector=key, points=[
            models.PointStruct(id=i, vector=twin.dense[i].tolist(), payload=twin.payload[i])
            for i in twin.ids if key_of(i) == key])
    refused(400, "", lambda: client.upsert(
        NAME, points=[models.PointStruct(id=1, vector=[0.5] * SIZE)]))
    assert client.count(NAME).count == COUNT


def test_a_search_is_of_one_key_of_several_or_of_all():
    same(found("eu"), nearest("eu"), 10)
    same(found(["us", 7]), nearest("us", 7), 10)
    same(found(None), nearest(*KEYS), 10)


def test_counts_and_scrolls_are_of_a_key():
    expected = [i for i in twin.ids if key_of(i) == 7]
    assert client.count(NAME, shard_key_selector=7).count == len(expected)
    page, _ = client.scroll(NAME, limit=COUNT, shard_key_selector=7)
    assert [point.id for point in page] == expected


def test_payload_and_deletes_are_of_a_key():
    first = next(i for i in twin.ids if key_of(i) == "us")
    client.set_payload(NAME, {"seen": True}, points=[first], shard_key_selector="us", wait=True)
    assert client.retrieve(NAME, [first], shard_key_selector="us")[0].payload["seen"]
    client.delete(NAME, [first], shard_key_selector="us", wait=True)
    assert not client.retrieve(NAME, [first])


def test_a_key_goes_with_its_points():
    assert client.delete_shard_key(NAME, "us")
    assert client.count(NAME).count == len([i for i in twin.ids if key_of(i) != "us"])
    refused(400, "does not exist", lambda: client.delete_shard_key(NAME, "us"))
    client.delete_collection(NAME)


if __name__ == "__main__":
    sys.exit(run(globals()))
