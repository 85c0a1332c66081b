"""What every suite is told on its command line, and how it ends."""
import argparse
import random
import time


def read(goal, seconds, **more):
    """`more`: further options by name, each with its default."""
    parser = argparse.ArgumentParser(description=goal)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000,
                        help="repeats the draws of a run")
    parser.add_argument("--seconds", type=float, default=seconds, help="of load (%(default)s)")
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--shards", type=int, default=more.pop("shards", 3))
    for name, default in more.items():
        parser.add_argument("--" + name, type=type(default), default=default)
    options = parser.parse_args()
    options.chance = random.Random(options.seed)
    print(f"seed {options.seed}, {options.nodes} nodes, {options.seconds:.0f} s", flush=True)
    return options


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0
