"""Starts, asks, kills and restarts one graped on this machine. Standard library only."""
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
GRAPED = pathlib.Path(os.environ.get("GRAPED", ROOT / "build" / "bin" / "graped"))


class Refused(Exception):
    """An answer other than 200, with its status and body."""

    def __init__(self, what, status, body):
        super().__init__(f"{what}: {status} {body[:1000]}")
        self.status = status
        self.body = body


class Client:
    """One keep-alive connection that speaks JSON; reconnects when it was closed."""

    def __init__(self, port, host="127.0.0.1", timeout=60):
        self.address = (host, port)
        self.timeout = timeout
        self.connection = None

    def call(self, method, path, body=None):
        """(status, parsed JSON or text). Raises OSError when nobody answers."""
        return self.call_text(method, path, None if body is None else json.dumps(body))

    def call_text(self, method, path, payload):
        """The same for a body that is JSON text already."""
        headers = {} if payload is None else {"Content-Type": "application/json"}
        fresh = self.connection is None
        try:
            return self._exchange(method, path, payload, headers)
        except (http.client.HTTPException, OSError):
            self.close()
            # A kept connection may have been closed while idle. Reads may be asked again; a write
            # may have been done, and its fate is for the caller to judge.
            if fresh or method not in ("GET",):
                raise
            return self._exchange(method, path, payload, headers)

    def _exchange(self, method, path, payload, headers):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(*self.address, timeout=self.timeout)
            self.connection.connect()
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.request(method, path, payload, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        kind = answer.headers.get("Content-Type", "")
        return answer.status, json.loads(text) if "json" in kind and text else text

    def ask(self, method, path, body=None):
        """The `result` of a successful call; anything else raises Refused."""
        status, answer = self.call(method, path, body)
        if status != 200:
            raise Refused(f"{method} {path}", status, json.dumps(answer))
        return answer["result"] if isinstance(answer, dict) and "result" in answer else answer

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Node:
    """A graped process over one data directory. `around` is the command that runs it, if any."""

    def __init__(self, data_dir, port=None, config=None, environment=None, log=None,
                 host="127.0.0.1", around=()):
        self.host, self.around = host, list(around)
        self.data_dir = pathlib.Path(data_dir)
        self.port = port or free_port()
        self.config = config
        self.environment = environment or {}
        self.log = log or self.data_dir.parent / (self.data_dir.name + ".log")
        self.process = None

    def start(self, ready_within=60, or_when=None):
        """Returns the seconds until the node was ready to serve, or until `or_when(client)`, asked
        while it listens but is not ready, said that this is far enough."""
        self.launch()
        return self.await_ready(ready_within, or_when)

    def launch(self):
        """Starts the process and waits for nothing."""
        command = [*self.around, str(GRAPED), "--data-dir", str(self.data_dir)]
        if self.config:
            command += ["--config", str(self.config)]
        environment = dict(os.environ, GRAPE_HTTP_PORT=str(self.port), **self.environment)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def await_ready(self, ready_within=60, or_when=None):
        """As start, for a process that was launched."""
        started = time.monotonic()
        client = self.client(timeout=5)
        try:
            while not self._far_enough(client, or_when):
                if self.process.poll() is not None:
                    raise RuntimeError(
                        f"graped ended with {self.process.returncode}:\n{self.tail()}")
                if time.monotonic() - started > ready_within:
                    raise RuntimeError(f"graped was not ready in {ready_within} s:\n{self.tail()}")
                time.sleep(0.01)  # Between two looks at the condition, not instead of one.
            return time.monotonic() - started
        finally:
            client.close()

    @staticmethod
    def _far_enough(client, or_when):
        try:
            ready = client.call("GET", "/readyz")[0] == 200
            return ready or (or_when is not None and or_when(client))
        except OSError:
            client.close()
            return False

    def client(self, timeout=60):
        return Client(self.port, self.host, timeout)

    def kill(self):
        """As a power failure of the process: SIGKILL."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, within=20):
        """Asks it to drain and end; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(within)
            except subprocess.TimeoutExpired:
                self.kill()
                raise RuntimeError(f"graped did not stop in {within} s:\n{self.tail()}") from None
        return self.process.returncode

    def rss_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024

    def tail(self, lines=15):
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return "(no log)"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.kill()
