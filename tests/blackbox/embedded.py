#!/usr/bin/env python3
"""Goal: a stranger's program can have a Grape inside it. Method: install, build a host program
against what was installed and nothing else, run it."""
import os
import pathlib
import subprocess
import sys

import world

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parents[1] / "build")
POINTS = os.environ.get("GRAPE_POINTS", "20000")


def run(*command):
    ended = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                           check=False)
    assert ended.returncode == 0, f"{command}:\n{ended.stdout}{ended.stderr}"
    return ended.stdout


def main():
    with world.folder() as folder:
        run("cmake", "--install", BUILD, "--prefix", folder / "grape")
        run("cmake", "-S", HERE / "embedded", "-B", folder / "host", "-G", "Ninja",
            "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_PREFIX_PATH={folder / 'grape'}")
        run("cmake", "--build", folder / "host")
        print("  " + run(folder / "host" / "host", folder / "data", POINTS).strip())


if __name__ == "__main__":
    main()
