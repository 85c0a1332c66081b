#!/usr/bin/env python3
"""Goal: an operation by filter touches nothing that is written after it began, and everything
else that matches. Method: points are deleted by a filter that they all match, while others upsert
some of them anew; what survives must be told by one entry of the log: all that stands after it."""
import json
import threading

import world

POINTS = 40_000
VECTORS = world.VectorText(4, 100, world.chance_of(1))


def upload(client, ids, payload):
    body = world.upsert_body(ids, VECTORS, lambda _: payload)
    return world.put_text(client, "/collections/d/points?wait=true", body)["operation_id"]


def race(node, number, writers=3):
    """Deletes all points while some are written; returns how many of these survived, of all."""
    setup = node.client()
    for first in range(0, POINTS, 4_000):
        upload(setup, range(first, first + 4_000), '{"kind":"old"}')
    over, begun, written = threading.Event(), threading.Event(), []

    def write(chance):
        client = node.client()
        while not over.is_set():
            one = chance.randrange(POINTS)
            at = upload(client, [one], '{"kind":"old","new":true}')
            written.append((at, one))
            begun.set()

    threads = [threading.Thread(target=write, args=(world.chance_of(number * 10 + i),))
               for i in range(writers)]
    for thread in threads:
        thread.start()
    begun.wait(10)
    body = {"filter": {"must": [{"key": "kind", "match": {"value": "old"}}]}}
    done = setup.ask("POST", "/collections/d/points/delete?wait=true", body)
    over.set()
    for thread in threads:
        thread.join()
    assert done["status"] == "completed", done
    left = set(world.read_everything(setup, "d"))
    last = {one: at for at, one in sorted(written)}
    assert left <= set(last), f"{len(left - set(last))} points are left that nobody wrote anew"
    gone = [at for one, at in last.items() if one not in left]
    kept = [at for one, at in last.items() if one in left]
    assert kept, "nothing was written while points were deleted"
    assert max(gone, default=0) < min(kept), \
        f"a point of entry {max(gone)} is gone, one of entry {min(kept)} is there"
    return len(kept), len(last)


def changes_what_no_longer_matches_then(node):
    """The change makes points match no more: pages after the first must still find the others."""
    client = node.client()
    upload(client, range(POINTS), '{"kind":"old"}')
    where = {"must": [{"key": "kind", "match": {"value": "old"}}]}
    client.ask("POST", "/collections/d/points/payload?wait=true",
               {"payload": {"kind": "new"}, "filter": where})
    count = client.ask("POST", "/collections/d/points/count",
                       {"filter": {"must": [{"key": "kind", "match": {"value": "new"}}]}})
    assert count["count"] == POINTS, json.dumps(count)


def main():
    with world.folder() as folder, world.local_node.Node(folder / "node") as node:
        node.client().ask("PUT", "/collections/d", {"vectors": {"size": 4, "distance": "Dot"}})
        for number in range(world.rounds(3)):
            kept, written = race(node, number)
            print(f"  {written} points written anew, {kept} of them after the deletion began",
                  flush=True)
        changes_what_no_longer_matches_then(node)


if __name__ == "__main__":
    main()
