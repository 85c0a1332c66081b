#!/usr/bin/env python3
"""Goal: a node with keys answers nobody without one, lets a reader read only, knows tokens, says
its keys to no log, and is reached by grapectl. Method: real processes."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import subprocess
import time

import world

KEY, READER = "key-of-everything-7Qf", "key-of-readers-9Zs"
GRAPECTL = pathlib.Path(world.local_node.GRAPED).parent / "grapectl"
KEYS = {"GRAPE_HTTP_API_KEY": KEY, "GRAPE_HTTP_READ_ONLY_API_KEY": READER,
        "GRAPE_HTTP_JWT_RBAC": "true"}


def token(claims):
    def part(of):
        return base64.urlsafe_b64encode(of).rstrip(b"=")
    text = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    signature = hmac.new(KEY.encode(), text, hashlib.sha256).digest()
    return (text + b"." + part(signature)).decode()


def ask(node, method, path, body=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection(node.host, node.port, timeout=30)
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, json.loads(text) if "json" in answer.headers["Content-Type"] else text


def asks_for_a_key(node):
    assert ask(node, "GET", "/readyz")[0] == 200
    status, text = ask(node, "GET", "/collections")
    assert status == 401 and text.startswith("Must provide an API key"), (status, text)
    assert ask(node, "GET", "/collections", api_key="wrong")[0] == 401
    assert ask(node, "GET", "/metrics")[0] == 401
    create = {"vectors": {"size": 2, "distance": "Dot"}}
    assert ask(node, "PUT", "/collections/a", create, api_key=READER)[0] == 403
    assert ask(node, "PUT", "/collections/a", create, api_key=KEY)[0] == 200
    assert ask(node, "PUT", "/collections/b", create, Authorization="Bearer " + KEY)[0] == 200
    assert ask(node, "GET", "/collections/a", api_key=READER)[0] == 200


def knows_tokens(node):
    some = token({"access": [{"collection": "a", "access": "rw"}], "exp": int(time.time()) + 600})
    listed = ask(node, "GET", "/collections", Authorization="Bearer " + some)[1]
    assert listed["result"]["collections"] == [{"name": "a"}], listed
    point = {"points": [{"id": 1, "vector": [1, 2]}]}
    assert ask(node, "PUT", "/collections/a/points?wait=true", point, api_key=some)[0] == 200
    status, said = ask(node, "PUT", "/collections/b/points", point, api_key=some)
    assert status == 403, status
    assert said["status"]["error"] == "Forbidden: Access to collection b is required", said
    assert ask(node, "DELETE", "/collections/a", api_key=some)[0] == 403
    late = token({"exp": int(time.time()) - 60})
    assert ask(node, "GET", "/collections", api_key=late) == (403, "ExpiredSignature")
    while_there = token({"value_exists": {"collection": "a", "matches": [
        {"key": "user", "value": "u1"}]}})
    assert ask(node, "GET", "/collections", api_key=while_there)[0] == 401
    point["points"][0]["payload"] = {"user": "u1"}
    assert ask(node, "PUT", "/collections/a/points?wait=true", point, api_key=KEY)[0] == 200
    assert ask(node, "GET", "/collections", api_key=while_there)[0] == 200


def serves_grapectl(node):
    def run(**more):
        return subprocess.run([str(GRAPECTL), "--host", f"http://127.0.0.1:{node.port}", "status"],
                              capture_output=True, text=True, timeout=30, check=False,
                              env=dict(os.environ, **more))
    assert run().returncode != 0
    with_key = run(GRAPE_API_KEY=KEY)
    assert with_key.returncode == 0, with_key.stderr


def main():
    with world.folder() as folder:
        node = world.local_node.Node(folder / "node", environment=KEYS)
        with node:
            for check in (asks_for_a_key, knows_tokens, serves_grapectl):
                check(node)
                print(f"  {check.__name__}", flush=True)
            assert node.stop() == 0
        written = node.log.read_text() + "".join(
            path.read_text(errors="replace") for path in node.data_dir.rglob("*.toml"))
        for secret in (KEY, READER):
            assert secret not in written, "a key stands in a log"


if __name__ == "__main__":
    main()
