#!/usr/bin/env python3
"""Goal: under a filter of any kind, whatever share of the points it lets through and wherever these
lie, recall@10 is at least 0.95 and there are ten hits, or as many as match. Method: the shipped
words; each kind of payload index filters by two orders of the points, one at random and one by
nearness to one word, so that what matches lies together; asked near to that word and far from it;
all in graphs, then with a tail that is in none, then after deletes. Truth by the node's exact
search, which is held to this script's own scores."""
import json
import math
import operator
import sys

import words
import world

PATH = "/collections/filtered"
SHARES = (1.0, 0.5, 0.1, 0.01, 0.001)
IN_GRAPHS, POINTS = 16_000, 20_000
ASKED = 40  # Queries near, and as many far.
RECALL_MIN = 0.95
CENTRE = 4711
UUID = "00000000-0000-4000-8000-%012d"


def is_in(key, value):
    return {"key": key, "match": {"value": value}}


def band_of(limit):
    """The places of a band of ranks do not touch those of the next."""
    return 10.0 * [round(share * POINTS) for share in SHARES[::-1]].index(limit)


def box_to(limit):
    return {"top_left": {"lon": -1.0, "lat": 1.0},
            "bottom_right": {"lon": band_of(limit) + 7.0, "lat": -1.0}}


# Conditions that hold where the rank of a point in an order is below `limit`. The first has no
# index.
KINDS = {
    "none": lambda key, limit: {"key": key + ".open", "range": {"lt": limit}},
    "integer, range": lambda key, limit: {"key": key + ".integer", "range": {"lt": limit}},
    "integer, match": lambda key, limit: is_in(key + ".levels", limit),
    "float": lambda key, limit: {"key": key + ".float", "range": {"lt": limit / POINTS}},
    "keyword": lambda key, limit: is_in(key + ".keyword", f"w{limit}"),
    "bool": lambda key, limit: is_in(f"{key}.bool{limit}", True),
    "datetime": lambda key, limit: {"key": key + ".datetime", "range": {"lt": moment(limit)}},
    "uuid": lambda key, limit: is_in(key + ".uuid", UUID % limit),
    "text": lambda key, limit: {"key": key + ".text", "match": {"text": f"w{limit}"}},
    "geo, box": lambda key, limit: {"key": key + ".geo", "geo_bounding_box": box_to(limit)},
    "geo, radius": lambda key, limit: {
        "key": key + ".geo", "geo_radius": {"center": {"lon": 0.0, "lat": 0.0},
                                            "radius": 111_200.0 * (band_of(limit) + 7.0)}},
}


def moment(rank):
    return f"2026-01-{1 + rank // 1440:02}T{rank % 1440 // 60:02}:{rank % 60:02}:00Z"


def fields_of(rank):
    """What a point has in one order."""
    limits = [limit for limit in (round(share * POINTS) for share in SHARES)if rank < limit]
    return {"open": rank, "integer": rank, "float": (rank + 0.5) / POINTS, "levels": limits,
            "keyword": [f"w{limit}" for limit in limits],
            "text": " ".join(f"w{limit}" for limit in limits),
            "uuid": [UUID % limit for limit in limits], "datetime": moment(rank),
            "geo": {"lon": band_of(limits[-1]) + 4.0 * rank / POINTS, "lat": 0.0},
            **{f"bool{limit}": True for limit in limits}}


def schema():
    """(field, kind of index) of one order."""
    plain = [(name, name) for name in ("integer", "float", "keyword", "text", "uuid", "datetime",
                                       "geo")]
    return plain + [("levels", "integer")] + [
        (f"bool{round(share * POINTS)}", "bool") for share in SHARES]


def unit(vector):
    length = math.sqrt(sum(map(operator.mul, vector, vector)))
    return [x / length for x in vector]


class World:
    """The words with two orders; `live` are the ids that are stored."""

    def __init__(self, chance):
        stored = world.word_sample.stored()
        self.rows = [unit(vector) for _, _, vector in stored]
        at_random = list(range(POINTS))
        chance.shuffle(at_random)
        scores = self.scores(self.rows[CENTRE])
        by_nearness = sorted(range(POINTS), key=lambda i: -scores[i])
        self.ranks = {"alone": self.ranks_in(at_random), "together": self.ranks_in(by_nearness)}
        asked = sorted((unit(vector) for _, vector, _ in world.word_sample.queries()),
                       key=lambda one: -self.score(one, CENTRE))
        self.queries = asked[:ASKED] + asked[-ASKED:]
        self.texts = [json.dumps(row) for row in self.rows]
        self.live = set()

    @staticmethod
    def ranks_in(order):
        ranks = [0] * POINTS
        for rank, i in enumerate(order):
            ranks[i] = rank
        return ranks

    def score(self, query, i):
        return sum(map(operator.mul, query, self.rows[i]))

    def scores(self, query):
        return [self.score(query, i) for i in range(POINTS)]

    def text(self, i):
        return self.texts[i]

    def payload_text(self, i):
        return json.dumps({order: fields_of(ranks[i]) for order, ranks in self.ranks.items()})

    def matching(self, order, limit):
        return {i for i in self.live if self.ranks[order][i] < limit}

    def put(self, client, ids):
        for start in range(ids.start, ids.stop, 1000):
            world.put_text(client, PATH + "/points?wait=true", world.upsert_body(
                range(start, start + 1000), self, self.payload_text))
        self.live.update(ids)

    def delete(self, client, ids):
        client.ask("POST", PATH + "/points/delete?wait=true", {"points": ids})
        self.live.difference_update(ids)


def ask(client, queries, condition, exact):
    """Lists of (id, score)."""
    common = {"limit": 10, "params": {"exact": exact}, "filter": {"must": [condition]}}
    answers = client.ask("POST", PATH + "/points/query/batch",
                         {"searches": [{"query": query, **common} for query in queries]})
    return [[(hit["id"], hit["score"]) for hit in one["points"]] for one in answers]


def check_truth(here, queries, truth, matching):
    """The first and the last of the queries by hand: no matching point is nearer than the last hit,
    and the hits are as near as they say."""
    for query, hits in ((queries[0], truth[0]), (queries[-1], truth[-1])):
        assert len(hits) == min(10, len(matching)), (len(hits), len(matching))
        assert all(abs(here.score(query, i) - score) < 1e-4 for i, score in hits), hits
        found = {i for i, _ in hits}
        assert found <= matching, found - matching
        worst = min(score for _, score in hits) + 1e-4
        nearer = {i for i in matching - found if here.score(query, i) > worst}
        assert not nearer, f"the exact search missed {nearer}"


def recall(got, truth):
    found = sum(len({i for i, _ in some} & {i for i, _ in all_})
                for some, all_ in zip(got, truth))
    return found / sum(map(len, truth))


class Table:
    """The worst recall of each kind of filter by order and share."""

    def __init__(self):
        self.worst = {}

    def note(self, name, order, share, value):
        key = (name, order, share)
        self.worst[key] = min(value, self.worst.get(key, 1.0))

    def show(self):
        shares = " ".join(f"{100 * share:>5g} %" for share in SHARES)
        print(f"  {'':<16}{'alone':<40}together\n  {'index':<16}{shares} {shares}")
        for name in dict.fromkeys(name for name, _, _ in self.worst):
            cells = [self.worst.get((name, order, share))
                     for order in ("alone", "together") for share in SHARES]
            print(f"  {name:<16}" + " ".join(f"{' ' * 7 if one is None else f'{one:7.3f}'}"
                                             for one in cells), flush=True)


def check(client, here, table, stage):
    """Every kind of filter at every share."""
    for order in here.ranks:
        for share in SHARES:
            limit = round(share * POINTS)
            matching = here.matching(order, limit)
            conditions = {name: kind(order, limit) for name, kind in KINDS.items()}
            if len(matching) <= POINTS // 10:  # Lists of ids are for a few.
                conditions["has_id"] = {"has_id": sorted(matching)}
            truth = ask(client, here.queries, conditions["integer, range"], True)
            check_truth(here, here.queries, truth, matching)
            for name, condition in conditions.items():
                told = f"{stage}: {name}, {order}, {100 * share:g} %"
                got = ask(client, here.queries, condition, False)
                for hits in got:
                    assert len(hits) == min(10, len(matching)), f"{told}: {len(hits)} hits"
                    assert {i for i, _ in hits} <= matching, f"{told}: hits that do not match"
                for part in (slice(ASKED), slice(ASKED, None)):
                    value = recall(got[part], truth[part])
                    table.note(name, order, share, value)
                    if value < RECALL_MIN:
                        print(f"  {told}: recall@10 = {value:.3f}", flush=True)
    print(f"  {stage}: {len(here.live)} points", flush=True)


def create(client):
    client.ask("PUT", PATH, {"vectors": {"size": 100, "distance": "Cosine"},
                             "optimizers_config": {"indexing_threshold": 1000}})
    for order in ("alone", "together"):
        for name, kind in schema():
            client.ask("PUT", PATH + "/index?wait=true",
                       {"field_name": f"{order}.{name}", "field_schema": kind})


def main():
    chance = world.chance_of(world.seed(1))
    here, table = World(chance), Table()
    with world.folder() as folder, world.local_node.Node(folder / "data") as node:
        client = node.client()
        create(client)
        here.put(client, range(IN_GRAPHS))
        words.await_graphs(client, PATH, IN_GRAPHS * 9 // 10)
        check(client, here, table, "in graphs")

        client.ask("PATCH", PATH, {"optimizers_config": {"indexing_threshold": 0}})
        here.put(client, range(IN_GRAPHS, POINTS))
        assert client.ask("GET", PATH)["indexed_vectors_count"] <= IN_GRAPHS
        check(client, here, table, "with a tail")

        together = here.ranks["together"]
        here.delete(client, [i for i in range(POINTS)
                             if chance.random() < 0.3 or together[i] < 400 and together[i] % 2])
        check(client, here, table, "after deletes")
    table.show()
    return 0 if min(table.worst.values()) >= RECALL_MIN else 1


if __name__ == "__main__":
    sys.exit(main())
