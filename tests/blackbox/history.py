"""Judges what clients saw of registers: is there one order of all operations, each between its call
and its return, that explains every answer (linearizability)?

The method is Wing and Gong's search in the just-in-time form of Lowe (Testing for linearizability,
2017): go through calls and returns in time and keep every configuration (value, operations that
took effect already) that agrees with what was seen; an operation must have taken effect in a
configuration that is to survive its return. Configurations that were met before are not met again,
and a read takes effect as soon as it can: it changes nothing, so later is never better.
"""
import collections
import dataclasses
import math

NEVER = math.inf
READ, WRITE, CAS = "read", "write", "compare-and-set"


@dataclasses.dataclass
class Op:
    """One operation on one key. An operation whose fate is unknown returns NEVER; those that surely
    had no effect belong into `refused` of the caller, not in here."""
    kind: str
    value: object  # Read, or to be written; every written value of a key is another.
    called: float
    returned: float = NEVER
    expected: object = None  # Of a compare-and-set.
    applied: object = None   # Of a compare-and-set: True, False, or None when nobody said.
    who: str = ""

    def __str__(self):
        end = "never" if self.returned == NEVER else f"{self.returned:.4f}"
        what = f"{self.expected} -> {self.value}" if self.kind == CAS else str(self.value)
        return f"[{self.called:.4f} .. {end}] {self.who} {self.kind} {what}"


@dataclasses.dataclass
class Verdict:
    """`linearizable` is None when the search was given up."""
    linearizable: object
    configurations: int
    culprit: Op = None    # The first operation whose return fits no order.
    possible: tuple = ()  # The values that the register could have had just before.


def step(op, state):
    """(can it take effect now, value afterwards)."""
    if op.kind == READ:
        return state == op.value, state
    if op.kind == WRITE:
        return True, op.value
    hit = state == op.expected
    if op.applied is not None and op.applied != hit:
        return False, state
    return True, op.value if hit else state


def without_the_unseen(ops):
    """An unknown write took effect before anybody saw its value, or might as well never have: that
    keeps the number of open operations small. Only a compare-and-set could notice a value that
    nobody read: one that expects it, or one whose answer tells whether it hit."""
    changes = [op for op in ops if op.kind == CAS]
    tells = any(op.applied is not None for op in changes)
    expected = {op.expected for op in changes}
    seen = {}
    for op in ops:
        noticed = op.value if op.kind == READ else op.expected if op.applied else None
        if noticed is not None:
            seen[noticed] = min(seen.get(noticed, NEVER), op.returned)
    times = collections.Counter(op.value for op in ops if op.kind != READ)
    for op in ops:
        if op.returned < NEVER:
            yield op
        elif op.kind == READ:
            continue
        elif op.value in seen and times[op.value] == 1:
            applied = True if op.kind == CAS else None
            yield dataclasses.replace(op, returned=max(op.called, seen[op.value]), applied=applied)
        elif tells or op.value in expected or times[op.value] > 1:
            yield op


class Search:
    """The configurations that agree with everything up to some moment."""

    def __init__(self, ops, initial, most):
        self.ops, self.most, self.met = ops, most, 0
        self.open_reads, self.open_changes = set(), set()
        self.alive = {(initial, 0)}  # Value, and a bit for every open operation that took effect.

    def settled(self, state, done):
        """All open reads of this very value take effect at once."""
        for i in self.open_reads:
            if self.ops[i].value == state:
                done |= 1 << i
        return state, done

    def call(self, i):
        if self.ops[i].kind == READ:
            self.open_reads.add(i)
            self.alive = {self.settled(*one) for one in self.alive}
        else:
            self.open_changes.add(i)

    def back(self, i):
        """False when no order explains that operation i is over; None when there are too many."""
        bit, survivors, met, to_do = 1 << i, set(), set(self.alive), list(self.alive)
        while to_do:
            if self.met + len(met) > self.most:
                return None
            state, done = to_do.pop()
            if done & bit:
                survivors.add((state, done & ~bit))
                continue
            for j in self.open_changes:
                if done >> j & 1:
                    continue
                can, after = step(self.ops[j], state)
                if not can:
                    continue
                new = self.settled(after, done | 1 << j)
                if new not in met:
                    met.add(new)
                    to_do.append(new)
        self.met += len(met)
        if survivors:
            self.alive = survivors
            self.open_reads.discard(i)
            self.open_changes.discard(i)
        return bool(survivors)


def linearizable(ops, initial=None, most=3_000_000):
    """The verdict on one key. `most` bounds the configurations looked at."""
    ops = sorted(without_the_unseen(list(ops)), key=lambda op: op.called)
    events = []
    for i, op in enumerate(ops):
        events.append((op.called, 0, i))  # Of equal times the call comes first: the milder reading.
        if op.returned < NEVER:
            events.append((op.returned, 1, i))
    search = Search(ops, initial, most)
    for _, is_return, i in sorted(events):
        if not is_return:
            search.call(i)
            continue
        before = tuple(sorted({str(state) for state, _ in search.alive}))
        fits = search.back(i)
        if fits is None:
            return Verdict(None, search.met)
        if not fits:
            return Verdict(False, search.met, ops[i], before)
    return Verdict(True, search.met)


def strangers(ops, refused=()):
    """Reads that no level allows: of a value that nobody wrote, that was surely refused, or that
    was read before anybody began to write it. As texts."""
    writes = {op.value: op for op in ops if op.kind != READ}
    turned_down = {op.value for op in refused}
    found = []
    for op in ops:
        if op.kind != READ or op.value is None or op.returned == NEVER:
            continue
        if op.value in writes:
            if op.returned < writes[op.value].called:
                found.append(f"{op}: read before it was written")
        elif op.value in turned_down:
            found.append(f"{op}: its write was refused")
        else:
            found.append(f"{op}: nobody wrote it")
    return found


def by_key(entries):
    """{key: [op]} of pairs (key, op)."""
    kept = collections.defaultdict(list)
    for key, op in entries:
        kept[key].append(op)
    return kept
