"""What the sessions of this folder share: the client, and how their tests are run."""
import os

from qdrant_client import QdrantClient
from qdrant_client.http.exceptions import UnexpectedResponse

client = QdrantClient(url=os.environ["GRAPE_URL"], timeout=60)


def refused(status, text, call):
    """`call` must be refused with this HTTP status, in words that hold `text`."""
    try:
        call()
    except UnexpectedResponse as why:
        assert why.status_code == status and text in why.content.decode(), why
        return
    raise AssertionError(f"was not refused: {text}")


def run(session):
    """The tests of a module (its `globals()`) in the order in which they are written: each goes on
    where the last one ended. The exit code."""
    for test in [each for name, each in session.items() if name.startswith("test_")]:
        test()
        print(f"ok {test.__name__[5:].replace('_', ' ')}", flush=True)
    return 0
