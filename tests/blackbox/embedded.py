#!/usr/bin/env python3
"""Goal: a stranger's program can have a Grape inside it. Method: install, build a host program
against what was installed and nothing else, run it."""
import os
import pathlib
import sys

import installed
import world

BUILD = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else installed.BUILD
POINTS = os.environ.get("GRAPE_POINTS", "20000")


def main():
    with world.folder() as folder:
        host = installed.program(folder, "embedded", BUILD)
        print("  " + installed.run(host, folder / "data", POINTS).strip())


if __name__ == "__main__":
    main()
