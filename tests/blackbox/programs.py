#!/usr/bin/env python3
"""Goal: graped keeps its contract with whoever starts it: exit codes, the lock, its example
configurations, an orderly stop. Method: real processes."""
import os
import pathlib
import subprocess
import threading
import time

import world

ROOT = pathlib.Path(__file__).resolve().parents[2]
GRAPED = world.local_node.GRAPED


def run(*arguments, **environment):
    return subprocess.run([str(GRAPED), *arguments], capture_output=True, text=True, timeout=30,
                          env=dict(os.environ, **environment), check=False)


def refuses_bad_configurations(folder):
    table = [
        ('[http]\nport = 70000\n', "2: http.port"),
        ('[http]\nprot = 1\n', "2: http.prot"),
        ('[nod]\n', "nod"),
        ('[storage]\nfsync = "perhaps"\n', "2: storage.fsync"),
        ('[raft]\nheartbeat_ticks = 5\nelection_ticks = 10\n', "raft.election_ticks"),
        ('[http\n', "1"),
    ]
    for number, (text, expected) in enumerate(table):
        path = folder / f"bad{number}.toml"
        path.write_text(text)
        ended = run("--config", str(path), "--data-dir", str(folder / "none"))
        said = ended.stdout + ended.stderr
        assert ended.returncode == 2, f"{text!r}: exit code {ended.returncode}: {said}"
        assert path.name in said and expected in said, f"{text!r}: {said}"
    for arguments in (["--no-such-option"], ["--config", str(folder / "absent.toml")], ["stray"]):
        ended = run(*arguments)
        assert ended.returncode == 2, f"{arguments}: exit code {ended.returncode}: {ended.stderr}"
        assert ended.stderr.strip(), f"{arguments}: refused without a word"
    ended = run("--data-dir", str(folder / "none"), GRAPE_HTTP_PORT="many")
    assert ended.returncode == 2 and "GRAPE_HTTP_PORT" in ended.stdout + ended.stderr, ended


def starts_with_each_example(folder):
    for name in ("single.toml", "embedded.toml"):
        node = world.local_node.Node(folder / name, config=ROOT / "config" / name)
        with node:
            assert node.client().ask("GET", "/collections")["collections"] == []
            assert node.stop() == 0, f"{name}: did not end in order:\n{node.tail()}"


def keeps_others_out(folder):
    with world.local_node.Node(folder / "locked") as first:
        ended = run("--data-dir", str(first.data_dir), GRAPE_HTTP_PORT="0")
        assert ended.returncode == 3, f"exit code {ended.returncode}: {ended.stderr}"
        assert str(first.data_dir) in ended.stdout + ended.stderr
        assert first.client().ask("GET", "/collections") is not None
    unwritable = folder / "a-file"
    unwritable.write_text("not a folder")
    ended = run("--data-dir", str(unwritable / "data"))
    assert ended.returncode == 3, f"exit code {ended.returncode}: {ended.stderr}"


def belongs_to_its_node(folder):
    node = world.local_node.Node(folder / "owned", environment={"GRAPE_NODE_ID": "n1"})
    with node:
        node.stop()
    ended = run("--data-dir", str(node.data_dir), GRAPE_NODE_ID="n2", GRAPE_HTTP_PORT="0")
    assert ended.returncode == 2, f"exit code {ended.returncode}: {ended.stderr}"
    assert "n1" in ended.stdout + ended.stderr and "n2" in ended.stdout + ended.stderr


def drains_on_sigterm(folder):
    """Requests that are under way when the node is told to stop are answered."""
    with world.local_node.Node(folder / "drained") as node:
        client = node.client()
        client.ask("PUT", "/collections/d", {"vectors": {"size": 4, "distance": "Dot"}})
        refused, acknowledged = [], []

        def write(first):
            own = node.client()
            for i in range(first, first + 100_000):
                try:
                    own.ask("PUT", "/collections/d/points?wait=true",
                            {"points": [{"id": i, "vector": [1, 2, 3, 4]}]})
                    acknowledged.append(i)
                except world.local_node.Refused as answer:
                    refused.append(answer)
                    return
                except OSError:
                    return  # The door is closed: nothing was begun.

        writers = [threading.Thread(target=write, args=(n * 1_000_000,)) for n in range(4)]
        for writer in writers:
            writer.start()
        while len(acknowledged) < 50:
            time.sleep(0.005)
        since = time.monotonic()
        assert node.stop(within=12) == 0, node.tail()
        assert time.monotonic() - since <= 10.5
        for writer in writers:
            writer.join()
        assert all(answer.status == 503 for answer in refused), refused
        node.start()
        count = node.client().ask("POST", "/collections/d/points/count", {})["count"]
        assert count >= len(acknowledged), f"{len(acknowledged)} acknowledged, {count} there"


def main():
    for check in (refuses_bad_configurations, starts_with_each_example, keeps_others_out,
                  belongs_to_its_node, drains_on_sigterm):
        with world.folder() as folder:
            check(folder)
        print(f"  {check.__name__}", flush=True)


if __name__ == "__main__":
    main()
