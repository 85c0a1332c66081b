#!/usr/bin/env python3
"""Goal: the vendor's own Python client, and LangChain over it, work unmodified. Method: a node, and
the sessions of py-client/ run against it with the packages from PyPI; where PyPI cannot be reached
the test is left out, and says so."""
import os
import pathlib
import subprocess
import sys

import world

HERE = pathlib.Path(__file__).resolve().parent / "py-client"
LEFT_OUT = 77  # ctest shows it as skipped.


def install(folder):
    """The interpreter of a fresh environment with the client in it; None without a way to PyPI."""
    subprocess.run(["/usr/bin/python3", "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "pip"), "--disable-pip-version-check", "--retries", "1"]
    if subprocess.run([*pip, "download", "-q", "--no-deps", "-d", str(folder), "tenacity"],
                      check=False).returncode != 0:
        return None
    subprocess.run([*pip, "install", "-q", "-r", str(HERE / "requirements.txt")], check=True)
    return folder / "bin" / "python"


def main():
    with world.folder() as folder:
        python = install(folder / "venv")
        if python is None:
            print("left out: PyPI cannot be reached")
            return LEFT_OUT
        with world.local_node.Node(folder / "data") as node:
            environment = dict(os.environ, GRAPE_URL=f"http://127.0.0.1:{node.port}")
            for session in ("session.py", "keys_session.py", "langchain_session.py"):
                ran = subprocess.run([str(python), session], cwd=HERE, env=environment, check=False)
                if ran.returncode != 0:
                    sys.exit(f"{session} failed; the node said:\n{node.tail()}")
            assert node.stop() == 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
