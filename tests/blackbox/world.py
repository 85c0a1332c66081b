"""What the black-box tests share: a temporary world with one node, fast uploads, full read-back."""
import contextlib
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import local_node  # noqa: E402,F401
import word_sample  # noqa: E402,F401


def seed(default):
    """The seed of this run; repeat a failure with GRAPE_SEED=<seed>."""
    chosen = int(os.environ.get("GRAPE_SEED", default))
    print(f"seed {chosen}", flush=True)
    return chosen


def rounds(default):
    """How often to repeat; tools/nightly asks for more."""
    return int(os.environ.get("GRAPE_ROUNDS", default))


@contextlib.contextmanager
def folder():
    """A temporary folder that goes when the test ends well, and stays for a look when not."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="grape-test-"))
    try:
        yield path
    except BaseException:
        print(f"left for a look: {path}", file=sys.stderr)
        raise
    shutil.rmtree(path)


class VectorText:
    """Random vectors already printed as JSON: building big bodies then costs no float printing."""

    def __init__(self, dimension, count, chance):
        self.rows = [[round(chance.uniform(-1, 1), 4) for _ in range(dimension)]
                     for _ in range(count)]
        self.texts = [json.dumps(row) for row in self.rows]

    def text(self, i):
        return self.texts[i % len(self.texts)]

    def row(self, i):
        return self.rows[i % len(self.rows)]


def upsert_body(ids, vectors, payload_text):
    """One upsert as JSON text; `payload_text(id)` is JSON text as well."""
    points = ",".join(f'{{"id":{i},"vector":{vectors.text(i)},"payload":{payload_text(i)}}}'
                      for i in ids)
    return f'{{"points":[{points}]}}'


def put_text(client, path, body):
    """As Client.ask, for a body that is JSON text already."""
    status, answer = client.call_text("PUT", path, body)
    if status != 200:
        raise local_node.Refused(f"PUT {path}", status, json.dumps(answer))
    return answer["result"]


def read_everything(client, collection, with_payload=True, with_vector=False, filter_=None):
    """{id: record} of all points, read by scrolling."""
    records, offset = {}, None
    while True:
        body = {"limit": 5000, "offset": offset, "with_payload": with_payload,
                "with_vector": with_vector}
        if filter_:
            body["filter"] = filter_
        page = client.ask("POST", f"/collections/{collection}/points/scroll", body)
        for record in page["points"]:
            assert record["id"] not in records, f"point {record['id']} came twice"
            records[record["id"]] = record
        offset = page["next_page_offset"]
        if offset is None:
            return records


def chance_of(number):
    return random.Random(number)
