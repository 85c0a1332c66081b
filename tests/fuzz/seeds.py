#!/usr/bin/env python3
"""Seeds for the fuzz targets, out of what the unit tests say: every JSON text of tests/net/http as
the body of every route that takes one, and the golden files. usage: seeds.py FOLDER, which then has
a folder for each target that has seeds; libFuzzer keeps of them what reaches more code."""
import hashlib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ("frame", "unpack", "log", "raft_codec", "link_inbox", "link_hello", "shard_request",
          "node_requests", "segment")
# Tests of queries and filters write the part that they are about.
WRAPS = ('{"query":?}', '{"query":{"formula":?}}', '{"filter":?}', '{"prefetch":?,"query":[1]}')


def raw_texts():
    """What stands in R"(...)" in the tests of HTTP; literals that follow each other are one."""
    for source in sorted((ROOT / "tests" / "net" / "http").glob("*_test.cpp")):
        for run in re.findall(r'R"\(.*?\)"(?:\s*R"\(.*?\)")*', source.read_text(), re.S):
            yield "".join(re.findall(r'R"\((.*?)\)"', run, re.S))


def routes_with_body():
    table = (ROOT / "net" / "http" / "routes.cpp").read_text()
    for verb, path in re.findall(r'verb::(put|post|patch), "(/[^"]*)"', table):
        yield verb.upper(), re.sub(r"\{[^}]*\}", "7", path)


def write(folder, content):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)


def main():
    into = pathlib.Path(sys.argv[1])
    bodies = sorted({text for text in raw_texts() if text.startswith(("{", "["))})
    routes = list(routes_with_body())
    assert len(bodies) > 100 and len(routes) > 40, (len(bodies), len(routes))
    for body in bodies:
        write(into / "json_tree", body.encode())
        for verb, path in routes:
            write(into / "json_requests", f"{verb} {path}\n{body}".encode())
        for around in WRAPS:
            write(into / "json_requests",
                  f"POST /collections/7/points/query\n{around.replace('?', body)}".encode())
        write(into / "http_parts", b"\0" + body.encode())
    for i, (verb, path) in enumerate(routes):
        write(into / "json_paths", bytes([i % 6]) + f"{path}?wait=true&timeout=7".encode())
    for file in sorted((ROOT / "tests" / "data" / "golden").iterdir()):
        for target in GOLDEN:
            write(into / target, file.read_bytes())
    part = (b"\2multipart/form-data; boundary=XyZ\n--XyZ\r\nContent-Disposition: form-data; "
            b'name="note"\r\n\r\nsmall\r\n--XyZ\r\ncontent-disposition: form-data; '
            b'filename="a"; name="snapshot"\r\n\r\nany\r\n--Xy bytes\r\n--XyZ--\r\n')
    write(into / "http_parts", part)
    write(into / "http_parts", b"\4https://a:b@[::1]:6333/x/y?z#q\n../other/./file?key")


if __name__ == "__main__":
    main()
