"""One kill in each stage of a move, of each who has a part in it. A cell is a collection of one
shard with points, a load that never asks twice and avoids whoever is about to be killed, a move,
and a SIGKILL as soon as the wanted stage is committed; a cell whose stage was over before the kill
came is done again with another collection."""
import contextlib
import time

import cluster_load
import cluster_verdict
import cluster_world
import moving
import suite_options
import world

VICTIMS = ("source that leads", "source", "target", "metadata leader")
TRIES = 10
PAUSE_MAX_S, SETTLES_WITHIN_S = 0.5, 120
FILLED_FROM, BATCH = 10_000_000, 500
QUIET_S = 4


class Cell:
    """One collection, one move, one kill."""

    def __init__(self, cluster, options, stage, victim, number):
        self.cluster, self.options, self.chance = cluster, options, options.chance
        self.stage, self.victim_is, self.name = stage, victim, f"cell-{number}"

    def run(self):
        """The row of the table; None: the kill came when the stage was over."""
        self.fill()
        move, victim = self.cast()
        if move is None:
            return None
        self.load = cluster_load.Load(
            self.cluster, self.name, self.options.seed, per_second=self.options.rate,
            write_once=0.4, erase=0.05, patience=15)
        with self.load:
            self.load.leave(victim)
            since = time.monotonic()
            time.sleep(QUIET_S)
            quiet = (since, time.monotonic())
            row = self.move_and_kill(move, victim)
            if row is None:
                return None
            row["before"] = self.load.took(*quiet)
        self.judge(row)
        return row

    def fill(self):
        self.cluster.create(self.name, shards=1, replicas=3)
        client, text = self.cluster.client(), "x" * 200
        vectors = world.VectorText(cluster_load.SIZE, 100, self.chance)
        for first in range(FILLED_FROM, FILLED_FROM + self.options.points, BATCH):
            world.put_text(client, f"/collections/{self.name}/points?wait=true",
                           world.upsert_body(range(first, first + BATCH), vectors,
                                             lambda i: f'{{"n":{i},"text":"{text}"}}'))

    def cast(self):
        """((shard, from, to), whom to kill). Who is to be one of the three is no other of them, so
        that it is clear what a kill hit."""
        def known():
            shard = moving.shards(self.cluster.nodes[0], self.name)[0]
            led = [node.place + 1 for node in self.cluster.nodes  # Who is no member cannot tell.
                   if node.client().ask("GET", "/cluster")["raft_info"]["role"] == "Leader"]
            control = led[0] if len(led) == 1 else None
            if shard["leader"] and control:
                return shard, control
            raise world.local_node.Refused("leaders", 0, f"{shard}, metadata {control}")

        shard, control = cluster_world.until(known, 60, "the leaders are known")
        if shard["move"]:
            return None, None  # The cluster levels what its nodes hold.
        own = [replica["node"] for replica in shard["replicas"]]
        target = next(n for n in range(1, len(self.cluster.nodes) + 1) if n not in own)
        leads = [n for n in own if n == shard["leader"] and n != control]
        follow = [n for n in own if n not in (shard["leader"], control)]
        sources = leads if self.victim_is == "source that leads" else follow
        if not sources or (self.victim_is == "target" and target == control):
            return None, None
        if self.victim_is == "metadata leader" and control == shard["leader"]:
            return None, None  # That would be a failover of the shard as well.
        source = self.chance.choice(sources)
        victim = {"target": target, "metadata leader": control}.get(self.victim_is, source)
        return (0, source, target), self.cluster.nodes[victim - 1]

    def move_and_kill(self, move, victim):
        others = [node for node in self.cluster.nodes if node is not victim]
        since = time.monotonic()
        if not moving.begin(self.chance.choice(others), self.name, move):
            return None  # The cluster levels what its nodes hold.
        if not self.await_stage(others, move):
            return None
        victim.kill()
        killed = time.monotonic()
        seen = [self.stage_of(node) for node in others]  # Some may be behind.
        if max(seen, key=lambda now: moving.STAGES.index(now) if now else -1) != self.stage:
            victim.launch()
            victim.await_ready()
            return None
        time.sleep(self.chance.uniform(0, 6))  # How long it is away is the seed's.
        away = time.monotonic()
        victim.launch()
        victim.await_ready()
        self.load.come_back(victim)
        became = moving.await_outcome(self.cluster, self.name, move, SETTLES_WITHIN_S)
        over = time.monotonic()
        self.cluster.await_service(self.name)
        end = time.monotonic()
        return {"stage": self.stage, "victim": self.victim_is, "node": victim.name,
                "killed": killed - since, "away": away - killed, "end": became,
                "over": over - since, "pause": self.load.gap(since, end, "write"),
                "during": self.load.took(since, end), "answers": dict(self.load.answers)}

    def stage_of(self, node):
        return moving.stage(node, self.name)

    def await_stage(self, others, move):
        """Whether the stage was seen before a later one was."""
        seen = {"aborted": False}

        def there():
            for node in others:
                now = self.stage_of(node)
                if self.stage == "undoing" and now in ("joining", "indexing") \
                        and not seen["aborted"]:
                    with contextlib.suppress(world.local_node.Refused):
                        moving.abort(node, self.name, move)
                        seen["aborted"] = True
                if now == self.stage:
                    return "there"
                if now and moving.STAGES.index(now) > moving.STAGES.index(self.stage):
                    return "over"
            return None

        return cluster_world.until(there, 60, f"{self.name} is {self.stage}") == "there"

    def judge(self, row):
        load, cluster = self.load, self.cluster
        failed = {what: count for what, count in load.answers.items() if what != 200}
        what = f"{self.victim_is} killed while {self.stage}"
        assert not failed, f"{what}: nodes that live answered other than 200: {failed}"
        cluster_verdict.all_well(load, cluster, self.name)
        body = {"exact": True, "filter": {"must": [{"key": "n", "range": {"gte": FILLED_FROM}}]}}
        for node in cluster.nodes:
            count = node.client().ask("POST", f"/collections/{self.name}/points/count", body)
            assert count["count"] == self.options.points, f"{node.name} has {count} of the points"
        assert row["pause"] <= PAUSE_MAX_S, f"{what}: no write for {row['pause']:.2f} s"


def retries(cluster):
    """Questions to shards that routers asked another time, by node."""
    told = {}
    for node in cluster.nodes:
        _, text = node.client().call("GET", "/metrics")
        told[node.name] = sum(int(float(line.split()[1])) for line in text.splitlines()
                              if line.startswith("grape_router_retries_total "))
    return told


def late_ms(took):
    return 1e3 * suite_options.percentile(took, 0.99)


def told(row):
    return (f"  {row['stage']:9} {row['victim']:17} {row['node']:3} killed at {row['killed']:4.1f} "
            f"s for {row['away']:3.1f} s: {row['end']:6} after {row['over']:5.1f} s; no write for "
            f"{row['pause']:.2f} s; p99 {late_ms(row['before']):.0f} -> "
            f"{late_ms(row['during']):.0f} ms; {row['answers'][200]} answers, all 200; "
            f"{row['retries']} asked again inside")


def one_cell(cluster, options, stage, victim, numbers):
    for _ in range(TRIES):
        before = retries(cluster)
        row = Cell(cluster, options, stage, victim, next(numbers)).run()
        if row:
            after = retries(cluster)  # Who was killed counts from nought again.
            row["retries"] = sum(count - (before[name] if name != row["node"] else 0)
                                 for name, count in after.items())
            return row
    raise AssertionError(f"{TRIES} moves were over before a kill of the {victim} while {stage}")


def all_of_them(cluster, options):
    """Prints one line for each stage and victim; every one has to be hit."""
    numbers, rows = iter(range(1, 1_000)), []
    for stage in moving.STAGES:
        for victim in VICTIMS:
            if options.cells in f"{stage}:{victim}":
                rows.append(one_cell(cluster, options, stage, victim, numbers))
                print(told(rows[-1]), flush=True)
    before, during = ([took for row in rows for took in row[when]] for when in ("before", "during"))
    print(f"  all {len(rows)}: no write for {max(row['pause'] for row in rows):.2f} s at most; "
          f"p99 {late_ms(before):.1f} ms before the moves, {late_ms(during):.1f} ms from their "
          f"begin to their end, kills included: {late_ms(during) / late_ms(before):.2f} times",
          flush=True)
