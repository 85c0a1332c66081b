"""Goal: an application written for Qdrant runs on Grape unmodified. Method: a realistic session
through the vendor's own Python client, every answer compared with a computation over numpy."""
import sys

import numpy as np
from qdrant_client import models

from sessions import client, refused, run
from twin import CITIES, Twin, ranked, same

NAME, SIZE, COUNT = "py session", 32, 2_000
twin = Twin(COUNT, SIZE, 20261129)


def field(key, **how):
    return models.Filter(must=[models.FieldCondition(key=key, **how)])


def sparse(of):
    return models.SparseVector(indices=list(of), values=list(of.values()))


def drawn():
    return [float(x) for x in twin.random.normal(size=SIZE)]


def test_creates_a_collection():
    client.create_collection(
        NAME,
        vectors_config={"dense": models.VectorParams(size=SIZE, distance=models.Distance.COSINE)},
        sparse_vectors_config={"words": models.SparseVectorParams()},
        optimizers_config=models.OptimizersConfigDiff(indexing_threshold=100))
    assert client.collection_exists(NAME)
    about = client.get_collection(NAME)
    assert about.config.params.vectors["dense"].size == SIZE
    assert about.config.params.sparse_vectors.keys() == {"words"}
    for key, kind in (("city", "keyword"), ("year", "integer"), ("price", "float"),
                      ("parity", "bool")):
        client.create_payload_index(NAME, key, field_schema=kind)


def test_uploads_in_batches():
    client.upload_points(
        NAME, (models.PointStruct(id=i, payload=twin.payload[i],
                                  vector={"dense": twin.dense[i].tolist(),
                                          "words": sparse(twin.sparse[i])}) for i in twin.ids),
        batch_size=128, wait=True)
    assert client.count(NAME).count == COUNT


FILTERS = {
    "a keyword": (field("city", match=models.MatchValue(value="Oslo")),
                  lambda of: of["city"] == "Oslo"),
    "any of two": (field("city", match=models.MatchAny(any=["Rome", "Lima"])),
                   lambda of: of["city"] in ("Rome", "Lima")),
    "a range": (field("year", range=models.Range(gte=2003, lt=2006)),
                lambda of: 2003 <= of["year"] < 2006),
    "a price": (field("price", range=models.Range(gt=99.0)), lambda of: of["price"] > 99.0),
    "two and not a third": (
        models.Filter(must=[models.FieldCondition(key="parity",
                                                  match=models.MatchValue(value=True))],
                      must_not=[models.FieldCondition(key="city",
                                                      match=models.MatchValue(value="Berlin"))]),
        lambda of: of["parity"] and of["city"] != "Berlin"),
}


def test_counts_and_scrolls():
    for label, (filter_, holds) in FILTERS.items():
        expected = twin.matching(holds)
        assert client.count(NAME, count_filter=filter_).count == len(expected), label
        found, offset = [], None
        while True:
            page, offset = client.scroll(NAME, scroll_filter=filter_, limit=100, offset=offset)
            found += [point.id for point in page]
            if offset is None:
                break
        assert found == expected, label


def test_searches_exactly():
    for filter_, holds in [(None, lambda of: True), *FILTERS.values()]:
        target = drawn()
        found = client.query_points(NAME, query=target, using="dense", query_filter=filter_,
                                    limit=20, search_params=models.SearchParams(exact=True))
        same(found.points, twin.nearest(target, holds), 20)


def test_searches_by_graph():
    hits, wanted = 0, 0
    for _ in range(30):
        target = drawn()
        found = {hit.id for hit in client.query_points(NAME, query=target, using="dense").points}
        hits += len(found & {i for i, _ in twin.nearest(target)[:10]})
        wanted += 10
    assert hits / wanted >= 0.95, f"recall {hits / wanted}"


def test_searches_sparse():
    for _ in range(10):
        target = twin.sparse_vector()
        found = client.query_points(NAME, query=sparse(target), using="words", limit=15)
        same(found.points, twin.nearest_sparse(target), 15)


def test_fuses_dense_and_sparse():
    target, words = drawn(), twin.sparse_vector()
    found = client.query_points(
        NAME, query=models.FusionQuery(fusion=models.Fusion.RRF), limit=10,
        prefetch=[models.Prefetch(query=target, using="dense", limit=40,
                                  params=models.SearchParams(exact=True)),
                  models.Prefetch(query=sparse(words), using="words", limit=40)])
    same(found.points, twin.reciprocal_ranks(twin.nearest(target)[:40],
                                             twin.nearest_sparse(words)[:40]), 10)


def test_searches_by_id_and_recommends():
    found = client.query_points(NAME, query=7, using="dense", limit=5,
                                search_params=models.SearchParams(exact=True)).points
    same(found, [one for one in twin.nearest(twin.dense[7]) if one[0] != 7], 5)
    liked, not_liked = [3, 5], [11]
    towards = np.mean([twin.dense[i] for i in liked], axis=0)
    target = 2 * towards - np.mean([twin.dense[i] for i in not_liked], axis=0)
    found = client.query_points(
        NAME, using="dense", limit=5, search_params=models.SearchParams(exact=True),
        query=models.RecommendQuery(recommend=models.RecommendInput(
            positive=liked, negative=not_liked))).points
    same(found, [one for one in twin.nearest(target) if one[0] not in liked + not_liked], 5)


def test_groups():
    target = drawn()
    groups = client.query_points_groups(
        NAME, group_by="city", query=target, using="dense", limit=5, group_size=2,
        search_params=models.SearchParams(exact=True)).groups
    best = {city: twin.nearest(target, lambda of, city=city: of["city"] == city)
            for city in CITIES}
    order = sorted(best, key=lambda city: -best[city][0][1])
    assert [group.id for group in groups] == order
    for group in groups:
        same(group.hits, best[group.id], 2)


def test_counts_values():
    hits = client.facet(NAME, key="city").hits
    counts = {city: len(twin.matching(lambda of, c=city: of["city"] == c)) for city in CITIES}
    assert {hit.value: hit.count for hit in hits} == counts
    assert [hit.count for hit in hits] == sorted(counts.values(), reverse=True)


def test_orders():
    page, _ = client.scroll(NAME, order_by=models.OrderBy(key="price", direction="desc"), limit=25)
    expected = ranked((i, twin.payload[i]["price"]) for i in twin.ids)[:25]
    assert [point.payload["price"] for point in page] == [price for _, price in expected]


def test_asks_in_a_batch():
    targets = [drawn() for _ in range(4)]
    answers = client.query_batch_points(NAME, requests=[
        models.QueryRequest(query=target, using="dense", limit=6,
                            params=models.SearchParams(exact=True)) for target in targets])
    for target, answer in zip(targets, answers):
        same(answer.points, twin.nearest(target), 6)


def test_changes_payloads():
    client.set_payload(NAME, payload={"seen": True}, points=[1, 2, 3])
    assert client.count(NAME, count_filter=field("seen", match=models.MatchValue(
        value=True))).count == 3
    client.overwrite_payload(NAME, payload={"city": "Quito"}, points=[4])
    twin.payload[4] = {"city": "Quito", "year": 0, "price": -1.0, "parity": False}
    assert client.retrieve(NAME, [4])[0].payload == {"city": "Quito"}
    client.delete_payload(NAME, keys=["seen"], points=field("seen", match=models.MatchValue(
        value=True)))
    assert client.count(NAME, count_filter=field("seen", match=models.MatchValue(
        value=True))).count == 0


def test_deletes_by_filter():
    client.delete(NAME, points_selector=models.FilterSelector(
        filter=field("city", match=models.MatchValue(value="Lima"))))
    twin.remove(twin.matching(lambda of: of["city"] == "Lima"))
    assert client.count(NAME).count == len(twin.ids)
    target = drawn()
    found = client.query_points(NAME, query=target, using="dense", limit=50,
                                search_params=models.SearchParams(exact=True))
    same(found.points, twin.nearest(target), 50)


def test_aliases():
    client.update_collection_aliases([models.CreateAliasOperation(
        create_alias=models.CreateAlias(collection_name=NAME, alias_name="current"))])
    assert client.count("current").count == len(twin.ids)
    assert client.get_collection_aliases(NAME).aliases[0].alias_name == "current"


def test_is_refused_with_the_words_it_knows():
    refused(404, "doesn't exist", lambda: client.get_collection("nowhere"))
    refused(400, "expected dim", lambda: client.query_points(NAME, query=[1.0], using="dense"))
    refused(400, "Not existing vector name", lambda: client.query_points(
        NAME, query=drawn(), using="none"))
    assert client.delete_collection(NAME) and not client.collection_exists(NAME)


if __name__ == "__main__":
    sys.exit(run(globals()))
