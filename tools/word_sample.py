"""Reads the word vectors that are shipped with the project. Standard library only."""
import pathlib
import struct

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data" / "glove-sample"
DIMENSION = 100


def _vectors(name):
    raw = (FOLDER / name).read_bytes()
    row = struct.Struct(f"<{DIMENSION}e")
    return [list(values) for values in row.iter_unpack(raw)]


def _words(name):
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [(int(rank), word) for rank, word in (line.split("\t", 1) for line in lines)]


def stored():
    """[(rank, word, vector)]: the line number is the point's id."""
    return [(rank, word, vector)
            for (rank, word), vector in zip(_words("words.txt"), _vectors("vectors.f16"))]


def queries():
    """[(word, vector, [nearest ids, best first])]."""
    raw = (FOLDER / "truth.u16").read_bytes()
    truth = list(struct.Struct("<100H").iter_unpack(raw))
    return [(word, vector, list(nearest)) for (_, word), vector, nearest
            in zip(_words("query-words.txt"), _vectors("queries.f16"), truth)]


def payload_of(rank, word):
    """What the demo and the tests store beside a word."""
    return {"word": word, "rank": rank, "letters": len(word), "initial": word[0],
            "plain": word.isalpha()}
