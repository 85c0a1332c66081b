"""Moves of shards as seen from outside: begun, watched stage by stage as the metadata group has
them, and over."""
import collections
import time

import cluster_world
import world

STAGES = ("joining", "indexing", "switching", "leaving", "undoing")
BEGINS_WITHIN_S = 120


def path_of(collection):
    return f"/collections/{collection}/cluster"


def placement(node, collection):
    """({shard: {peer: state}}, moves under way as {(shard, from, to)}) as that node sees it."""
    told = node.client(timeout=5).ask("GET", path_of(collection))
    at = {}
    for shard in told["local_shards"]:
        at.setdefault(shard["shard_id"], {})[told["peer_id"]] = shard["state"]
    for shard in told["remote_shards"]:
        at.setdefault(shard["shard_id"], {})[shard["peer_id"]] = shard["state"]
    return at, {(move["shard_id"], move["from"], move["to"]) for move in told["shard_transfers"]}


def is_busy(answer):
    """The shard's last move, or one that the cluster began itself, is not over, or just was."""
    return any(why in str(answer) for why in ("clearing away", "transfer", "has a replica on"))


def begin(node, collection, move):
    """Whether that node began the move; False: the shard is busy."""
    shard, source, target = move
    status, answer = node.client().call("POST", path_of(collection), {"move_shard": {
        "shard_id": shard, "from_peer_id": source, "to_peer_id": target}})
    assert status == 200 or (status == 400 and is_busy(answer)), f"{move}: {status} {answer}"
    return status == 200


def abort(node, collection, move):
    shard, source, target = move
    node.client().ask("POST", path_of(collection), {"abort_transfer": {
        "shard_id": shard, "from_peer_id": source, "to_peer_id": target}})


def shards(node, collection=None):
    """What is committed of each shard, as far as that node knows."""
    told = node.client(timeout=5).ask("GET", "/grape/v1/shards")["shards"]
    return [one for one in told if collection in (None, one["collection"])]


def stage(node, collection):
    """Of the move of a collection of one shard; None: none is under way."""
    move = shards(node, collection)[0]["move"]
    return move and move["stage"]


def outcome(nodes, collection, move):
    """'moved' or 'undone' once all these nodes see the same; else None."""
    shard, source, target = move
    seen = set()
    for node in nodes:
        at, moving = placement(node, collection)
        own = at.get(shard, {})
        if move in moving or len(own) != 3:
            return None
        if own.get(target) == "Active" and source not in own:
            seen.add("moved")
        elif target not in own and source in own:
            seen.add("undone")
        else:
            return None
    return seen.pop() if len(seen) == 1 else None


def await_outcome(cluster, collection, move, within):
    stable = {"since": None, "last": None}

    def settled():
        now = outcome([node for node in cluster.nodes if node.runs], collection, move)
        if now != stable["last"]:
            stable.update(last=now, since=time.monotonic())
        # Undone, or not begun yet? What stays so for two seconds is over.
        lasting = now == "moved" or (now and time.monotonic() - stable["since"] > 2)
        return now if lasting else None

    return cluster_world.until(settled, within, f"the move {move} of {collection} ends")


def await_nothing_left(cluster, within):
    """Until no move is under way and no node has data of a replica that is none."""
    def is_over():
        all_shards = shards(cluster.nodes[0])
        wanted = collections.Counter(
            (replica["node"], one["shard"], replica["id"])
            for one in all_shards for replica in one["replicas"] if replica["role"] != "witness")
        held = collections.Counter(
            (node.place + 1, int(folder.parent.name), int(folder.name))
            for node in cluster.nodes for folder in (node.data_dir / "shards").glob("*/*/*"))
        moves = [one for one in all_shards if one["move"]]
        if moves or held != wanted:
            raise world.local_node.Refused(
                "what is left", 0, f"moves {moves}, replicas {held - wanted}, {wanted - held}")
        return True

    return cluster_world.until(is_over, within, "all that moved is cleared away")
