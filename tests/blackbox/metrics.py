#!/usr/bin/env python3
"""Goal: what GET /metrics says is well formed, named by Prometheus' own rules, and true. Method: a
node that has served a few requests, and the `promtool check metrics` of Prometheus itself."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import world

FETCHED = world.local_node.ROOT / "build" / "promtool" / "usr" / "bin" / "promtool"


def promtool():
    """Its path. Missing is a failure: tools/test fetches it before it runs the tests."""
    for candidate in (os.environ.get("PROMTOOL"), str(FETCHED), shutil.which("promtool")):
        if candidate and pathlib.Path(candidate).exists():
            return candidate
    sys.exit("promtool is missing: run tools/fetch-promtool")


def use(client):
    client.ask("PUT", "/collections/seen", {"vectors": {"size": 4, "distance": "Dot"}})
    client.ask("PUT", "/collections/seen/points?wait=true", {"points": [
        {"id": i, "vector": [i, 1, 2, 3], "payload": {"n": i}} for i in range(100)]})
    for _ in range(20):
        client.ask("POST", "/collections/seen/points/query", {"query": [1, 0, 0, 0], "limit": 3})
    for path in ("/collections/unseen", "/nowhere"):
        assert client.call("GET", path)[0] == 404, path


def total(text, name, **labels):
    """The sum over the samples of one metric that carry these labels."""
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    found = [line for line in text.splitlines()
             if re.match(name + r"[{ ]", line) and all(part in line for part in wanted)]
    assert found, f"no sample of {name} with {labels} in:\n{text}"
    return sum(float(line.rsplit(" ", 1)[1]) for line in found)


def main():
    tool = promtool()
    with world.folder() as folder, world.local_node.Node(folder / "data") as node:
        client = node.client()
        use(client)
        status, text = client.call("GET", "/metrics")
        assert status == 200, f"{status}: {text}"
        linted = subprocess.run([tool, "check", "metrics"], input=text, capture_output=True,
                                text=True, timeout=30, check=False)
        said = linted.stdout + linted.stderr
        assert linted.returncode == 0 and not said.strip(), f"promtool: {said}\n{text}"
        assert total(text, "collections_total") == 1
        assert total(text, "collection_points", id="seen") == 100
        query = "/collections/{collection_name}/points/query"
        assert total(text, "rest_responses_total", endpoint=query, status=200) == 20
        assert total(text, "rest_responses_duration_seconds_count", endpoint=query) == 20
        assert total(text, "memory_resident_bytes") > 1 << 20
        series = [line for line in text.splitlines() if line and not line.startswith("#")]
        print(f"  promtool is content with {len(series)} samples", flush=True)
        assert node.stop() == 0, node.tail()


if __name__ == "__main__":
    main()
