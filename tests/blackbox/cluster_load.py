"""Clients that write, read, search and compare-and-set registers through any node, and record what
they saw. A register is a point: its value stands in the payload and again in the vector."""
import collections
import json
import random
import threading
import time

import history
import suite_options
import world

OK, REFUSED, UNKNOWN = "ok", "refused", "unknown"
SIZE = 4  # Of the vectors.


def vector_of(value):
    return [float(value % 1009), float(value // 1009 % 1009), 1.0, -1.0]


def told_not_applied(answer):
    grape = answer.get("grape") if isinstance(answer, dict) else None
    return isinstance(grape, dict) and grape.get("applied") is False


def fate(status, answer):
    """What an answer says about a write."""
    if status == 200:
        progress = (answer.get("result") or {}).get("status", "completed")
        return OK if progress == "completed" else UNKNOWN
    if told_not_applied(answer) or (400 <= status < 500 and status not in (408, 425)):
        return REFUSED
    return UNKNOWN


class Torn(AssertionError):
    """Payload and vector of a point belong to different writes."""


def value_of(record):
    value = record["payload"]["v"]
    if record["vector"] != vector_of(value):
        raise Torn(f"point {record['id']}: value {value}, vector {record['vector']}")
    return value


class Registers:
    """What can be done to registers through one client. Each returns (fate, value, told)."""

    def __init__(self, collection, level=None):
        self.path = f"/collections/{collection}/points"
        self.level = f"consistency={level}" if level else ""

    def read(self, client, key):
        status, answer = client.call("GET", f"{self.path}/{key}?{self.level}")
        if status == 404:
            return OK, None, None
        return (OK, value_of(answer["result"]), None) if status == 200 else (UNKNOWN, None, None)

    def search(self, client, key):
        body = {"query": [1.0, 1.0, 1.0, -1.0], "filter": {"must": [{"has_id": [key]}]}, "limit": 1,
                "with_payload": True, "with_vector": True, "params": {"exact": True}}
        status, answer = client.call("POST", f"{self.path}/query?{self.level}", body)
        if status != 200:
            return UNKNOWN, None, None
        hits = answer["result"]["points"]
        return OK, value_of(hits[0]) if hits else None, None

    def write(self, client, key, value, **more):
        point = {"id": key, "vector": vector_of(value), "payload": {"v": value}}
        status, answer = client.call("PUT", f"{self.path}?wait=true", {"points": [point], **more})
        told = answer["result"].get("applied") if status == 200 else None
        return fate(status, answer), value, told

    def erase(self, client, key):
        status, answer = client.call("POST", f"{self.path}/delete?wait=true", {"points": [key]})
        return fate(status, answer), None, None

    def cas(self, client, key, expected, value):
        condition = {"must": [{"key": "v", "match": {"value": expected}}]}
        return self.write(client, key, value, update_mode="update_only", update_filter=condition)


class OneTry(world.local_node.Client):
    """Asks nothing twice, and counts in `answers` by status, or by what went wrong."""

    def __init__(self, node, answers, timeout):
        super().__init__(node.port, node.host, timeout)
        self.answers = answers

    def call_text(self, method, path, payload):
        headers = {} if payload is None else {"Content-Type": "application/json"}
        try:
            status, answer = self._exchange(method, path, payload, headers)
        except (OSError, world.local_node.http.client.HTTPException) as failure:
            self.close()
            self.answers[repr(failure)] += 1
            raise
        self.answers[status if status == 200 else f"{method} {path}: {status} {answer}"] += 1
        return status, answer


class Load:
    """Clients on threads; `with load: ...` runs them. Values are unique in the whole run. With
    `patience` in seconds they ask but once and wait for so long: see OneTry."""

    def __init__(self, cluster, collection, seed, clients=8, per_second=200, level=None, keys=8,
                 per_key=200, write_once=0.2, erase=0.0, patience=None):
        self.cluster, self.collection = cluster, collection
        self.erase, self.patience = erase, patience
        self.answers = collections.Counter()
        self.erased = {}                      # id -> fate of its deletion; each only once.
        self.avoided, self.asks = set(), {}   # Nodes; by number of the client: the node it asks.
        self.registers = Registers(collection, level)
        self.seed, self.period = seed, clients / per_second
        self.per_key, self.write_once = per_key, write_once
        self.keys, self.next_key = list(range(1, keys + 1)), keys + 1
        self.used, self.seen = collections.Counter(), {}
        self.lock, self.ended = threading.Lock(), threading.Event()
        self.next_value, self.next_once = 1, 1_000_000
        self.entries, self.refused = [], []   # (key, op) of registers; refused writes of them.
        self.once = {}                        # id -> (fate, value) of points written once.
        self.counts, self.torn = collections.Counter(), []
        self.successes = []                   # (returned, called, kind, node) of what went well.
        self.threads = [threading.Thread(target=self._client, args=(i,), daemon=True)
                        for i in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.ended.set()
        for thread in self.threads:
            thread.join(60)

    def leave(self, node):
        """Returns once no client asks that node any more, and none will."""
        with self.lock:
            self.avoided.add(node)
        while node in list(self.asks.values()):
            time.sleep(0.001)  # Until the last answer has come.

    def come_back(self, node):
        with self.lock:
            self.avoided.discard(node)

    def _connection(self, node):
        return OneTry(node, self.answers, self.patience) if self.patience else node.client(5)

    def _choose(self, number, chance):
        nodes = self.cluster.nodes
        # Whoever goes everywhere soon waits for the node that is away.
        own = nodes[number % len(nodes)] if number < 2 * len(nodes) else chance.choice(nodes)
        with self.lock:
            left = [node for node in nodes if node not in self.avoided]
            self.asks[number] = own if own in left else chance.choice(left)
            return self.asks[number]

    def _client(self, number):
        chance = random.Random(self.seed * 1_000 + number)
        connections = {}
        due = time.monotonic() + chance.random() * self.period
        while not self.ended.is_set():
            if self.ended.wait(max(0.0, due - time.monotonic())):
                return
            due = max(due + self.period, time.monotonic() - self.period)
            for gone in self.avoided & connections.keys():
                connections.pop(gone).close()  # What comes back is another process.
            node = self._choose(number, chance)
            if node not in connections:
                connections[node] = self._connection(node)
            fate_ = self.one(chance, node, connections[node])
            self.asks[number] = None
            if fate_ != OK:
                self.ended.wait(0.02)  # Nobody hammers a node that is down.

    def _draw(self, chance):
        """(what, key, expected value, new value)."""
        with self.lock:
            self.next_value += 1
            if self.erase and chance.random() < self.erase:
                key = chance.randrange(1_000_000, self.next_once + 1)
                if self.once.get(key, (None, 0))[0] == OK and key not in self.erased:
                    self.erased[key] = UNKNOWN
                    return "erase", key, None, None
            if chance.random() < self.write_once:
                self.next_once += 1
                return "once", self.next_once, None, self.next_value
            place = chance.randrange(len(self.keys))
            key = self.keys[place]
            self.used[key] += 1
            if self.used[key] > self.per_key:  # Long histories of one key cost most to judge.
                key = self.keys[place] = self.next_key
                self.next_key += 1
            what = chance.choices(("write", "read", "search", "cas"), (40, 35, 15, 10))[0]
            if key not in self.seen and (what == "cas" or self.patience):
                what = "write"  # Who counts answers reads what is there.
            return what, key, self.seen.get(key), self.next_value

    def one(self, chance, node, client, draw=None):
        """One operation through that node; returns its fate."""
        what, key, expected, new = draw or self._draw(chance)
        called = time.monotonic()
        fate_, value, told = UNKNOWN, new, None
        try:
            if what in ("read", "search"):
                fate_, value, told = getattr(self.registers, what)(client, key)
            elif what == "cas":
                fate_, value, told = self.registers.cas(client, key, expected, new)
            elif what == "erase":
                fate_, value, told = self.registers.erase(client, key)
            else:
                fate_, value, told = self.registers.write(client, key, new)
        except Torn as torn:
            self.torn.append(f"{node.name}: {torn}")
        except ConnectionRefusedError:
            fate_ = REFUSED
        except (OSError, world.local_node.http.client.HTTPException, json.JSONDecodeError):
            client.close()
        self._record(what, key, value, expected, told, called, fate_, node)
        return fate_

    def _record(self, what, key, value, expected, told, called, fate_, node):
        returned = time.monotonic()
        kind = {"search": history.READ, "read": history.READ, "cas": history.CAS}.get(
            what, history.WRITE)
        with self.lock:
            self.counts[what, fate_] += 1
            if fate_ == OK:
                self.successes.append((returned, called, kind, node.name))
            if what == "once":
                self.once[key] = (fate_, value)
                return
            if what == "erase":
                self.erased[key] = fate_
                return
            op = history.Op(kind, value, called, returned if fate_ == OK else history.NEVER,
                            expected, told, f"{node.name} {what}")
            if kind != history.READ and fate_ == REFUSED:
                self.refused.append((key, op))
            elif kind != history.READ or fate_ == OK:
                self.entries.append((key, op))
            if fate_ == OK and kind != history.CAS and value is not None:
                self.seen[key] = value

    def gap(self, since, until_, kind):
        """Seconds of the longest pause between successes of that kind that began after `since`."""
        with self.lock:
            moments = sorted(returned for returned, called, what, _ in self.successes
                             if what == kind and called >= since and returned <= until_)
        points = [since, *moments, until_]
        return max(b - a for a, b in zip(points, points[1:]))

    def gaps(self, since, until_):
        return {kind: self.gap(since, until_, kind) for kind in (history.WRITE, history.READ)}

    def took(self, since, until_):
        """Seconds that each took that was called in between and answered well."""
        with self.lock:
            return [returned - called for returned, called, _, _ in self.successes
                    if since <= called <= until_]

    def late(self, part, since, until_):
        """Seconds in which that part of what was called in between was answered well."""
        return suite_options.percentile(self.took(since, until_), part)

    def told(self):
        """One line of figures."""
        kinds = sorted({what for what, _ in self.counts})
        return "; ".join(f"{what} " + ", ".join(f"{self.counts[what, fate_]} {fate_}"
                                                for fate_ in (OK, REFUSED, UNKNOWN))
                         for what in kinds)
