#!/usr/bin/env python3
"""Each of the 40 rules of replication is kept at one place, and a test says so.

usage: check_rules.py ROOT      prints what is wrong, one line each; exit 1 if anything is.

The place has a comment with `rule NN`; so has each test that would fail without it.
"""

import collections
import os
import re
import sys

# Kept by what is not there yet. A rule leaves this list with the commit that keeps it.
LATER = {
    10: "hosts stop who was removed when peer_status::settled says so, and give no id twice; until"
        " then it disturbs nobody by rule 06",
    25: "the coordinator promotes learners by what progress_status tells it",
    32: "hosts decide how much of a log is compacted",
}
NUMBERS = range(1, 41)
MARK = re.compile(r"\brule (\d\d)\b", re.I)


def places(root, folder, ends):
    """rule -> the file:line of each mark."""
    found = collections.defaultdict(list)
    for here, folders, files in os.walk(os.path.join(root, folder)):
        folders.sort()
        for name in sorted(files):
            if not name.endswith(ends):
                continue
            path = os.path.join(here, name)
            with open(path, encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    for rule in MARK.findall(line):
                        found[int(rule)].append(f"{os.path.relpath(path, root)}:{number}")
    return found


def faults(kept, tested):
    for rule in NUMBERS:
        if rule in LATER:
            if rule in kept:
                yield f"rule {rule:02} is kept at {kept[rule][0]}: take it off the list in LATER"
            continue
        if len(kept[rule]) != 1:
            yield f"rule {rule:02} has {len(kept[rule])} places: {', '.join(kept[rule]) or 'none'}"
        if not tested[rule]:
            yield f"rule {rule:02} has no test"
    for rule in sorted((set(kept) | set(tested)) - set(NUMBERS)):
        yield f"rule {rule:02} does not exist: {(kept[rule] + tested[rule])[0]}"


def main():
    root = sys.argv[1]
    found = list(faults(places(root, "core", (".cpp", ".hpp")),
                        places(root, "tests", (".cpp", ".hpp", ".txt"))))
    print("\n".join(found + [f"check_rules: {len(found)} wrong" if found else "check_rules: all"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
