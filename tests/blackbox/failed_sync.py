#!/usr/bin/env python3
"""Goal: after one failed write or sync of its log a node promises nothing more and ends with exit
code 4, saying which file, though the next sync would succeed; a start on the same directory has
every acknowledged point (rule 34). Method: a library in front of libc fails fdatasync, or write, of
a log file, once, when a file says so."""
import sys

import preloaded
import world

COLLECTION = "sync"
PATH = f"/collections/{COLLECTION}"
DIMENSION, BATCH = 8, 20

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether this file is of the log, and the time of this fault has come, which it does once. */
static int strikes(int file, const char *fault) {
  char link[64], path[4096];
  const char *switched = getenv("GRAPE_TEST_FAULT");
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t size = readlink(link, path, sizeof path - 1);
  if (size <= 0 || switched == NULL)
    return 0;
  path[size] = 0;
  if (strstr(path, "/log/log-") == NULL)
    return 0;
  char name[4096];
  snprintf(name, sizeof name, "%s.%s", switched, fault);
  return unlink(name) == 0;
}

int fdatasync(int file) {
  static int (*real)(int);
  if (real == NULL)
    *(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
  if (strikes(file, "fdatasync")) {
    errno = EIO;
    return -1;
  }
  return real(file);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  static ssize_t (*real)(int, const void *, size_t, off_t);
  if (real == NULL)
    *(void **)&real = dlsym(RTLD_NEXT, "pwrite");
  if (strikes(file, "write")) {
    errno = EIO;
    return -1;
  }
  return real(file, bytes, count, offset);
}
"""


def upsert(client, vectors, number):
    ids = range(number * BATCH, (number + 1) * BATCH)
    body = world.upsert_body(ids, vectors, lambda i: f'{{"n":{i}}}')
    status, answer = client.call_text("PUT", f"{PATH}/points?wait={str(number % 2 == 0).lower()}",
                                      body)
    return status, str(answer), ids


def run(folder, shim, fault):
    node = world.local_node.Node(
        folder / f"data-{fault}", log=folder / f"{fault}.log",
        environment={"LD_PRELOAD": str(shim), "GRAPE_TEST_FAULT": str(folder / "switch")})
    with node:
        fail_once(folder, node, fault)


def fail_once(folder, node, fault):
    client = node.client(timeout=20)
    client.ask("PUT", PATH, {"vectors": {"size": DIMENSION, "distance": "Dot"}})
    vectors = world.VectorText(DIMENSION, 200, world.chance_of(3))
    acknowledged = set()
    for number in range(10):
        status, answer, ids = upsert(client, vectors, number)
        assert status == 200, answer
        acknowledged.update(ids)

    (folder / f"switch.{fault}").touch()
    try:
        status, answer, _ = upsert(client, vectors, 10)
        assert status >= 500, f"a write that is not on the disk was answered {status}: {answer}"
    except OSError:
        pass  # The node ended before it could answer.
    assert node.process.wait(15) == 4, f"ended with {node.process.returncode}:\n{node.tail()}"
    said = node.log.read_text(errors="replace")
    assert "the node failed" in said and "log_failed: " in said and "/log/log-" in said, said

    node.start()
    found = world.read_everything(node.client(), COLLECTION)
    missing = acknowledged - found.keys()
    assert not missing, f"{len(missing)} acknowledged points are gone"
    assert node.stop() == 0
    print(f"  {fault}: ended with 4, {len(acknowledged)} points acknowledged, none lost",
          flush=True)


def main():
    with world.folder() as folder:
        shim = preloaded.build(folder, "shim", SHIM)
        if shim is None:
            print("SKIPPED: there is no C compiler here")
            return 0
        for fault in ("fdatasync", "write"):
            run(folder, shim, fault)
    return 0


if __name__ == "__main__":
    sys.exit(main())
