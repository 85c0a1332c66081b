#!/usr/bin/env python3
"""Goal: snapshots of any size come in over HTTP with bounded memory, only from who may send them,
and a server that sends nothing holds up nobody. Method: an upload larger than any body may be, one
without a key, a URL of a server that never goes on."""
import http.client
import socket
import threading
import time

import snapshots
import world
from cluster_world import until


def raw_upload(node, collection, content):
    """The same with the file as the body."""
    connection = http.client.HTTPConnection(node.host, node.port, timeout=60)
    connection.request("POST", f"/collections/{collection}/snapshots/upload", content,
                       {"Content-Type": "application/octet-stream"})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def large_upload(node):
    """An upload of more than a body may have goes to the disk, and nothing of it stays."""
    client, chance = node.client(), world.chance_of(3)
    client.ask("PUT", "/collections/large",
               {"vectors": {"size": snapshots.SIZE, "distance": "Dot"}})
    for first in range(0, 1_000, 50):
        client.ask("PUT", "/collections/large/points?wait=true", {"points": [
            {"id": i, "vector": [float(i)] * snapshots.SIZE,
             "payload": {"text": chance.randbytes(25_000).hex()}}
            for i in range(first, first + 50)]})
    one = client.ask("POST", "/collections/large/snapshots", {})
    assert one["size"] > 33 << 20, one
    path = node.data_dir / "snapshots" / "large" / one["name"]
    wanted = snapshots.everything(client, "large")
    content, before, highest = path.read_bytes(), node.rss_bytes(), []
    watching = threading.Event()

    def watch():
        while not watching.wait(0.02):
            highest.append(node.rss_bytes())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    assert snapshots.upload(node, "large-form", content, "3" * 64)[0] == 400
    watching.set()
    watcher.join()
    grown = max(highest) - before
    assert grown < 16 << 20, f"receiving it took {grown >> 20} MiB"
    assert snapshots.upload(node, "large-form", content, one["checksum"])[0] == 200
    assert raw_upload(node, "large-raw", content)[0] == 200
    assert snapshots.everything(client, "large-form") == wanted
    assert snapshots.everything(client, "large-raw") == wanted
    incoming = node.data_dir / "incoming"
    assert not list(incoming.iterdir()), list(incoming.iterdir())
    for name in ("large", "large-form", "large-raw"):
        client.ask("DELETE", f"/collections/{name}")
    print(f"an upload of {one['size'] >> 20} MiB: the node grew by {grown >> 20} MiB")


class Slow:
    """A server that begins an answer of 1 GB and never goes on."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.taken = self.listener.getsockname()[1], []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            one, _ = self.listener.accept()
            one.recv(65536)
            one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nsome")
            self.taken.append(one)


def slow_url(folder):
    """Who sends nothing keeps nobody else from snapshots, nor the node from its end; what was not
    waited for stands among the notes, without the password."""
    slow = Slow()
    with world.local_node.Node(folder / "slow") as node:
        client = node.client()
        client.ask("PUT", "/collections/c",
                   {"vectors": {"size": snapshots.SIZE, "distance": "Dot"}})
        url = f"http://me:geheim@127.0.0.1:{slow.port}/a.snapshot?token=geheim"
        status, _ = client.call("PUT", "/collections/d/snapshots/recover?wait=false",
                                {"location": url})
        assert status == 202, status
        until(lambda: slow.taken, 10, "it is being fetched")
        one = client.ask("POST", "/collections/c/snapshots", {})
        location = f"file://{node.data_dir.resolve()}/snapshots/c/{one['name']}"
        assert snapshots.recover(client, "e", location)[0] == 200
        assert client.call("PUT", "/collections/d/snapshots/recover?wait=false",
                           {"location": "http://me:geheim@127.0.0.1:1/x?token=geheim"})[0] == 202
        noted = until(
            lambda: [n for n in client.ask("GET", "/grape/v1/status")["notes"] if "`d`" in n], 10,
            "a failure that nobody waits for is noted")
        assert "cannot get http://127.0.0.1:1/x" in noted[0], noted
        began = time.monotonic()
        assert node.stop(10) == 0
        print(f"a slow URL: ended in {time.monotonic() - began:.1f} s")
        assert "geheim" not in node.log.read_text()


def without_a_key(folder):
    """Who may not upload is told so before he has sent anything."""
    environment = {"GRAPE_HTTP_API_KEY": "geheim", "GRAPE_HTTP_UPLOAD_BYTES_MAX": "1000"}
    with world.local_node.Node(folder / "keys", environment=environment) as node:
        def begins(path, length, key=""):
            with socket.create_connection((node.host, node.port), 10) as client:
                client.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\napi-key: {key}\r\n"
                               f"Content-Length: {length}\r\n\r\n".encode())
                return client.recv(65536).decode()

        upload = "/collections/c/snapshots/upload"
        assert begins(upload, 900, "wrong").startswith("HTTP/1.1 401"), begins(upload, 900, "wrong")
        assert begins("/collections/c/points/scroll", 900).startswith("HTTP/1.1 401")
        too_large = begins(upload, 1_001, "geheim")
        assert too_large.startswith("HTTP/1.1 400") and "limit: 1000 bytes" in too_large, too_large
        assert node.stop() == 0


def main():
    with world.folder() as folder:
        with world.local_node.Node(folder / "data") as node:
            large_upload(node)
            assert node.stop() == 0
        slow_url(folder)
        without_a_key(folder)


if __name__ == "__main__":
    main()
