"""What must hold of a load that ran and ended, and of what all nodes hold afterwards."""
import cluster_load
import cluster_world
import history


def read_finally(load, cluster):
    """One more read and search of every register through every node, as part of the history."""
    draws = [(what, key, None, None) for key in sorted({key for key, _ in load.entries})[-60:]
             for what in ("read", "search")]
    for node in cluster.nodes:
        client = node.client(timeout=10)
        for draw in draws:
            assert load.one(None, node, client, draw) == cluster_load.OK, \
                f"{node.name} does not answer a {draw[0]} after everything was healed"


def linearizable(load):
    """Every register by itself; returns the configurations looked at."""
    looked_at = 0
    for key, ops in sorted(history.by_key(load.entries).items()):
        verdict = history.linearizable(ops)
        looked_at += verdict.configurations
        assert verdict.linearizable is not None, f"key {key}: too much to look at, undecided"
        if not verdict.linearizable:
            culprit = verdict.culprit
            near = [op for op in ops if op.called <= culprit.returned
                    and op.returned >= culprit.called - 0.5]
            raise AssertionError(
                f"key {key} is not linearizable: {culprit}\n  possible were {verdict.possible}\n  "
                + "\n  ".join(map(str, near[-25:])))
    return looked_at


def honest(load):
    """What holds at every level."""
    assert not load.torn, f"torn points: {load.torn[:3]}"
    refused = history.by_key(load.refused)
    for key, ops in history.by_key(load.entries).items():
        strange = history.strangers(ops, refused[key])
        assert not strange, f"key {key}: {strange[:3]}"


def nothing_lost(load, cluster, collection):
    """All nodes tell the same; of the points written once none is lost, changed, or there although
    its write was refused or it was deleted. Returns how many there are."""
    held = cluster_world.everywhere(cluster, collection, with_vector=True,
                                    filter_={"must": [{"key": "v", "range": {"gte": 0}}]})
    values = {key: cluster_load.value_of(record) for key, record in held.items()}
    lost = [key for key, (fate, _) in load.once.items()
            if fate == cluster_load.OK and key not in values and key not in load.erased]
    lost += [key for key, fate in load.erased.items()
             if fate == cluster_load.REFUSED and key not in values]
    changed = [key for key, (_, value) in load.once.items() if values.get(key, value) != value]
    risen = [key for key, (fate, _) in load.once.items()
             if fate == cluster_load.REFUSED and key in values]
    back = [key for key, fate in load.erased.items() if fate == cluster_load.OK and key in values]
    made_up = [key for key in values if key >= 1_000_000 and key not in load.once]
    assert not lost, f"{len(lost)} acknowledged points are gone: {lost[:10]}"
    assert not changed, f"{len(changed)} points hold what nobody wrote: {changed[:10]}"
    assert not risen, f"{len(risen)} refused writes took effect: {risen[:10]}"
    assert not back, f"{len(back)} deleted points are back: {back[:10]}"
    assert not made_up, f"points that nobody wrote: {made_up[:10]}"
    return len(values)


def all_well(load, cluster, collection):
    """All of that, of a load at whose level registers are linearizable. Returns how many points
    there are."""
    read_finally(load, cluster)
    honest(load)
    linearizable(load)
    return nothing_lost(load, cluster, collection)
