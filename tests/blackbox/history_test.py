#!/usr/bin/env python3
"""Goal: the checker of histories accepts what a register can do and refuses what it cannot. Method:
histories written by hand, and small random ones against a search through all orders."""
import itertools
import random

from history import CAS, NEVER, READ, WRITE, Op, linearizable, step, strangers


def write(value, called, returned=NEVER):
    return Op(WRITE, value, called, returned)


def read(value, called, returned):
    return Op(READ, value, called, returned)


def cas(expected, value, called, returned=NEVER, applied=None):
    return Op(CAS, value, called, returned, expected, applied)


GOOD = {
    "nothing happened": [],
    "one after the other": [write(1, 0, 1), read(1, 2, 3), write(2, 4, 5), read(2, 6, 7)],
    "absent before the first write": [read(None, 0, 1), write(1, 2, 3), read(1, 4, 5)],
    "a read beside a write sees either": [write(1, 0, 1), write(2, 2, 5), read(1, 3, 4)],
    "new, then new, beside one write": [write(1, 0, 9), read(1, 1, 2), read(1, 3, 4)],
    "an unknown write that came late": [write(1, 0, 1), write(2, 2), read(1, 3, 4), read(2, 5, 6)],
    "an unknown write that never came": [write(1, 0, 1), write(2, 2), read(1, 3, 4)],
    "two writes at once, in either order": [write(1, 0, 5), write(2, 0, 5), read(1, 6, 7)],
    "compare-and-set that hit": [write(1, 0, 1), cas(1, 2, 2, 3, True), read(2, 4, 5)],
    "compare-and-set that missed": [write(1, 0, 1), cas(7, 2, 2, 3, False), read(1, 4, 5)],
    "compare-and-set, nobody said": [write(1, 0, 1), cas(1, 2, 2, 3), read(2, 4, 5)],
    "one of two compare-and-sets hits": [write(1, 0, 1), cas(1, 2, 2, 5, True),
                                         cas(1, 3, 2, 5, False), read(2, 6, 7)],
    "an unknown hit explains a miss": [write(1, 0, 1), cas(1, 2, 2), cas(1, 3, 4, 5, False)],
}
BAD = {
    "a stale read": [write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)],
    "a lost write": [write(1, 0, 1), read(None, 2, 3)],
    "a value from nowhere": [write(1, 0, 1), read(7, 2, 3)],
    "back in time": [write(1, 0, 1), write(2, 2, 9), read(2, 3, 4), read(1, 5, 6)],
    "a write that came and went": [write(1, 0, 1), write(2, 2), read(2, 3, 4), read(1, 5, 6)],
    "read before it was written": [read(1, 0, 1), write(1, 2, 3)],
    "both compare-and-sets hit": [write(1, 0, 1), cas(1, 2, 2, 5, True), cas(1, 3, 2, 5, True)],
    "a hit that was told a miss": [write(1, 0, 1), cas(1, 2, 2, 3, False), read(2, 4, 5)],
    "a miss that took effect": [write(1, 0, 1), cas(7, 2, 2, 3), read(2, 4, 5)],
    "two readers, two orders": [write(1, 0, 9), write(2, 0, 9), read(1, 1, 2), read(2, 3, 4),
                                read(1, 5, 6)],
}


def by_all_orders(ops, initial=None):
    """The slow twin: does any order of any choice of the unknown ones explain everything?"""
    known = [op for op in ops if op.returned < NEVER]
    unknown = [op for op in ops if op.returned == NEVER]
    for size in range(len(unknown) + 1):
        for chosen in itertools.combinations(unknown, size):
            if any(explains(order, initial)
                   for order in itertools.permutations(known + list(chosen))):
                return True
    return False


def explains(order, initial):
    state = initial
    for i, op in enumerate(order):
        if any(later.returned < op.called for later in order[i + 1:]):
            return False
        can, state = step(op, state)
        if not can:
            return False
    return True


def random_history(chance):
    """Six operations whose answers are drawn, so that most are nearly right."""
    ops = []
    for value in range(1, 7):
        called = chance.randrange(20)
        returned = called + chance.randrange(1, 9)
        draw = chance.random()
        if draw < 0.45:
            ops.append(read(chance.choice([None, 1, 2, 3, 4]), called, returned))
            continue
        if chance.random() < 0.25:
            returned = NEVER
        if draw < 0.8:
            ops.append(write(value, called, returned))
        else:
            applied = None if returned == NEVER else chance.choice([None, True, False])
            ops.append(cas(chance.choice([None, 1, 2, 3]), value, called, returned, applied))
    return ops


def main():
    for name, ops in GOOD.items():
        assert linearizable(ops).linearizable is True, f"refused: {name}"
    for name, ops in BAD.items():
        verdict = linearizable(ops)
        assert verdict.linearizable is False, f"accepted: {name}"
        assert verdict.culprit is not None, name
    print(f"{len(GOOD)} good and {len(BAD)} bad histories by hand")

    chance, counts = random.Random(7), {True: 0, False: 0}
    for number in range(2_000):
        ops = random_history(chance)
        truth = by_all_orders(ops)
        got = linearizable(ops).linearizable
        assert got is truth, f"history {number}: {got} instead of {truth}:\n" + \
            "\n".join(map(str, ops))
        counts[truth] += 1
    print(f"{counts[True]} good and {counts[False]} bad histories by chance")
    assert min(counts.values()) > 150, "the draw is too one-sided to prove anything"

    too_many = [write(i, 0) for i in range(30)] + [cas(99, 100, 1, 2, True)]
    assert linearizable(too_many, most=10_000).linearizable is None
    refused = [write(3, 0, 1)]
    assert len(strangers([write(1, 4, 5), read(1, 2, 3), read(7, 2, 3), read(3, 2, 3),
                          read(1, 4, 5), read(None, 0, 9)], refused)) == 3


if __name__ == "__main__":
    main()
