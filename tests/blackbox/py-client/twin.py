"""A collection as numpy arrays: what Grape must answer, computed the slow way."""
import numpy as np

CITIES = ["Berlin", "Oslo", "Rome", "Paris", "Lima"]


class Twin:
    """`count` points with a dense vector of `size`, a sparse one and a payload, from a seed."""

    def __init__(self, count, size, seed):
        self.random = np.random.default_rng(seed)
        self.ids = list(range(1, count + 1))
        dense = self.random.normal(size=(count, size)).astype(np.float32)
        self.dense = dict(zip(self.ids, dense / np.linalg.norm(dense, axis=1, keepdims=True)))
        self.sparse = {i: self.sparse_vector() for i in self.ids}
        self.payload = {i: self.draw_payload(i) for i in self.ids}

    def sparse_vector(self):
        """{index: value}"""
        chosen = self.random.choice(500, size=self.random.integers(3, 12), replace=False)
        return {int(i): float(np.float32(self.random.uniform(0.1, 2))) for i in sorted(chosen)}

    def draw_payload(self, i):
        return {"city": str(self.random.choice(CITIES)),
                "year": int(self.random.integers(2000, 2010)),
                "price": round(float(self.random.uniform(0, 100)), 2), "parity": i % 2 == 0}

    def remove(self, ids):
        gone = set(ids)
        self.ids = [i for i in self.ids if i not in gone]

    def matching(self, holds):
        return [i for i in self.ids if holds(self.payload[i])]

    def nearest(self, target, holds=lambda payload: True):
        """[(id, score)], best first, by cosine."""
        target = np.asarray(target, dtype=np.float32)
        target = target / np.linalg.norm(target)
        return ranked((i, float(self.dense[i] @ target)) for i in self.matching(holds))

    def nearest_sparse(self, target):
        """The same by dot product over common indices; without those that have none."""
        scored = []
        for i in self.ids:
            common = self.sparse[i].keys() & target.keys()
            if common:
                scored.append((i, sum(self.sparse[i][k] * target[k] for k in common)))
        return ranked(scored)

    def reciprocal_ranks(self, *lists):
        """Fused as the server does by default: 1 / (rank + 2), ranks from 0."""
        total = {}
        for ranking in lists:
            for rank, (i, _) in enumerate(ranking):
                total[i] = total.get(i, 0.0) + 1 / (rank + 2)
        return ranked(total.items())


def ranked(scored):
    return sorted(scored, key=lambda one: -one[1])


def same(found, expected, limit):
    """Scores agree in order; ids where no other has the same score. `found`: ScoredPoints."""
    expected = expected[:limit]
    assert len(found) == len(expected), f"{len(found)} hits instead of {len(expected)}"
    for hit, (_, score) in zip(found, expected):
        assert abs(hit.score - score) < 1e-4, f"point {hit.id}: {hit.score} instead of {score}"
    unsure = {hit.id for hit in found} ^ {i for i, _ in expected}
    by_id = dict(expected)
    last = expected[-1][1] if expected else 0
    for i in unsure:  # Only at the end of the list may equals stand for each other.
        assert abs(by_id.get(i, last) - last) < 1e-4, f"point {i} should not be here, or is missing"
