#!/usr/bin/env python3
"""Polices the house rules of ARCHITECTURE.md and CONTRIBUTING.md.

usage: check_house.py [ROOT]     prints "file:line: what is wrong", one per line; exit 1 if any.

There is no list of exemptions, and none should come: only tests/data, which nobody reads as
code, is not looked at.
"""

import ast
import os
import re
import sys

ROOMS = ("core", "net", "config", "actors", "tools")  # the arrow: each may include what is left
LINES_MAX, COLUMNS_MAX, FUNCTION_MAX, README_MAX = 400, 100, 60, 30
SKIPPED = {".git", "node_modules", "__pycache__", "grape-data", ".ccache"}
CODE = (".hpp", ".cpp", ".h", ".py", ".cmake", ".toml", ".mjs", ".js")

FORBIDDEN_INCLUDES = {  # room -> include prefixes that it may never know
    "core": ("caf/", "boost/asio", "boost/beast", "sys/socket.h", "netinet/", "spdlog/", "thread",
             "iostream"),
    "net": ("caf/", "leveldb/", "hnswlib/", "core/storage/", "core/raft/", "core/shard/"),
    "config": ("caf/",),
}
FORBIDDEN_WORDS = {  # room -> (pattern, why)
    "core": [(r"_clock::now\b", "core reads no clock: time reaches it as ticks or a budget"),
             (r"\brandom_device\b|\bstd::rand\b", "core draws no chance: pass a seed in"),
             (r"\bstd::(jthread|thread|async)\b", "core starts no threads: use the executor")],
    "actors": [(r"\[&[\],]", "capture by value in actors")],
}
# A library with a second home. Asio and Beast are both ends of HTTP: the server and the client.
SECOND_HOMES = {"boost": "net/http/fetch"}
# What code for one instruction set may include: these leave no inline functions behind.
PER_SET_INCLUDES = {"cstddef", "cstdint", "cstring", "immintrin.h", "arm_neon.h"}
# Belongs to the system or the language, not to a foreign library.
SYSTEM_HEADERS = re.compile(
    r"^(sys|arpa|netinet|linux|bits)/|^\w*intrin\.h$|"
    r"^(assert|cpuid|ctype|dirent|dlfcn|errno|fcntl|limits|math|poll|pthread|signal|stddef|stdint|"
    r"stdio|stdlib|string|time|unistd|fnmatch|getopt|netdb|sched|malloc)\.h$")


def is_code(name):
    return name.endswith(CODE) or name == "CMakeLists.txt" or "." not in name


def walk(root):
    """Relative paths of all files, without what is built, fetched or only data."""
    for folder, folders, files in os.walk(root):
        here = os.path.relpath(folder, root)
        folders[:] = sorted(f for f in folders
                            if f not in SKIPPED and not f.startswith("build-")
                            and not (here == "." and f == "build")
                            and os.path.join(here, f) != "tests/data")
        for name in sorted(files):
            yield os.path.normpath(os.path.join(here, name))


def read(root, path):
    try:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            return file.read()
    except UnicodeDecodeError:
        return None


def room_of(path):
    first = path.split("/")[0]
    return first if first in ROOMS or first == "tests" else None


def blank_out(text):
    """C++ with comments, literals and preprocessor lines turned to spaces, line by line alike."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
        r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.S | re.M)

    def spaces(match):
        kept = re.sub(r"[^\n]", " ", match.group())
        return '"' + kept[1:-1] + '"' if match.group()[0] in "\"R" else kept
    return pattern.sub(spaces, text)


def includes_of(text):
    for number, line in enumerate(text.split("\n"), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if found:
            yield number, found.group(1) == '"', found.group(2)


def check_arrow(path, text):
    room = room_of(path)
    if room not in ROOMS:
        return
    for number, _, name in includes_of(text):
        target = name.split("/")[0]
        if "/" in name and target in ROOMS and ROOMS.index(target) > ROOMS.index(room):
            yield number, f"{room}/ may not know {target}/ (#include {name})"
        if "/" in name and target == "tests" and room != "tools":
            yield number, f"{room}/ may not know tests/ (#include {name})"
        if any(name == each or name.startswith(each) and not each.isalpha()
               for each in FORBIDDEN_INCLUDES.get(room, ())):
            yield number, f"{room}/ may never know <{name}>"


def check_links(path, text):
    for found in re.finditer(r"target_link_libraries\(\s*grape_(\w+)([^)]*)\)", text):
        room = found.group(1)
        for target in re.findall(r"grape::(\w+)", found.group(2)):
            if room in ROOMS and target in ROOMS and ROOMS.index(target) > ROOMS.index(room):
                number = text.count("\n", 0, found.start()) + 1
                yield number, f"grape_{room} may not link grape::{target}"


def library_of(name):
    """The foreign library behind an include in angle brackets, or None."""
    if SYSTEM_HEADERS.search(name) or "/" not in name and "." not in name:
        return None
    return re.split(r"[/.]", name)[0]


def check_libraries(files):
    """One library, one file: its includers in a room share folder and first word of the name."""
    homes = {}
    for path, text in files:
        if room_of(path) not in ("core", "net", "config"):
            continue
        stem = os.path.join(os.path.dirname(path), re.split(r"[_.]", os.path.basename(path))[0])
        for number, ours, name in includes_of(text):
            library = None if ours else library_of(name)
            if library is None or SECOND_HOMES.get(library) == stem:
                continue
            home, first = homes.setdefault((room_of(path), library), (stem, path))
            if home != stem:
                yield path, number, f"{library} already has its file: {first}"


def kind_of_brace(header):
    """What a `{` opens after `header`, outside of functions: scope, function or list."""
    if re.search(r"\b(namespace|class|struct|union|enum)\b[^()=;]*$", header) \
            or re.search(r"\b(class|struct|union)\s+alignas\b[^=;]*$", header) \
            or re.search(r'extern\s*"\s*"\s*$', header) or re.match(r"TEST_SUITE\b", header):
        return "scope"
    bare = re.sub(r"\boperator\s*[^\s(\w]+|[<>=!]=", "", header)
    while True:
        fewer = re.sub(r"\([^()]*\)", "\0", bare)
        if fewer == bare:
            break
        bare = fewer
    if "=" in bare:
        return "function" if re.search(r"=\s*\[[^\]]*\][^=]*$", bare) else "list"
    if "\0" not in bare:
        return "list"
    members = re.search(r"\0[^\0:]*(?<!:):(?!:)", bare)
    if members and re.search(r"[\w>]\s*$", bare):
        return "list"
    return "function"


def functions_of(text):
    """(first line, last line) of each function body with its head, lambdas inside included."""
    code = blank_out(text)
    stack, header, start, line, parens = [], "", None, 1, 0
    for each in code:
        if each == "\n":
            line += 1
        inside = any(kind in ("function", "list") for kind, _ in stack)
        if each == "{" and (parens == 0 or inside):
            kind = "list" if inside else kind_of_brace(header.strip())
            stack.append((kind, start if start is not None else line))
            if kind in ("scope", "function") and not inside:
                header, start = "", None
            continue
        if each == "}" and stack and (parens == 0 or inside):
            kind, first = stack.pop()
            if kind == "function":
                yield first, line
            if kind != "list" or not header.strip():
                header, start = "", None
            else:
                header += "\0"
            continue
        if inside:
            continue
        parens += {"(": 1, ")": -1}.get(each, 0)
        if each == ";" and parens == 0:
            header, start = "", None
            continue
        header += each
        header, start = without_access(header, start, line, each)


def without_access(header, start, line, each):
    if re.fullmatch(r"\s*(public|private|protected)\s*:", header):
        return "", None
    return header, line if start is None and not each.isspace() else start


def check_functions(path, text):
    if path.endswith((".cpp", ".hpp", ".h")):
        spans = functions_of(text)
    elif path.endswith(".py"):
        spans = [(node.lineno, node.end_lineno) for node in ast.walk(ast.parse(text))
                 if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    else:
        return
    for first, last in spans:
        if last - first + 1 > FUNCTION_MAX:
            yield first, f"a function of {last - first + 1} lines (at most {FUNCTION_MAX})"


def unnamed_namespaces(code):
    """(first line, last line) of each unnamed namespace in blanked-out C++."""
    for found in re.finditer(r"\bnamespace\s*{", code):
        depth, at = 1, found.end()
        while depth and at < len(code):
            depth += {"{": 1, "}": -1}.get(code[at], 0)
            at += 1
        yield code.count("\n", 0, found.start()) + 1, code.count("\n", 0, at) + 1


def check_instruction_sets(files):
    """What is compiled for one instruction set must not leave code that the linker could pick for
    another: it includes little of the standard library, and only functions that nobody shares."""
    texts = dict(files)
    for path, _ in files:
        if not re.search(r"^core/.*_(portable|avx2|avx512|neon)\.cpp$", path):
            continue
        seen, left = set(), [path]
        while left:
            name = left.pop()
            if name in seen or name not in texts:
                continue
            seen.add(name)
            for number, ours, included in includes_of(texts[name]):
                if ours:
                    left.append(included)
                elif included not in PER_SET_INCLUDES:
                    yield name, number, f"{path} is for one instruction set: no <{included}>"
            if name == path:
                continue
            lines = texts[name].split("\n")
            hidden = list(unnamed_namespaces(blank_out(texts[name])))
            for first, last in functions_of(texts[name]):
                if not any(a <= first and last <= b for a, b in hidden) \
                        and not re.match(r"\s*static\b", lines[first - 1]):
                    yield name, first, f"{path} is for one instruction set: this may be shared"


def check_size(path, text):
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    if len(lines) > LINES_MAX:
        yield len(lines), f"{len(lines)} lines (at most {LINES_MAX})"
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            yield number, f"{len(line)} columns (at most {COLUMNS_MAX})"


def check_words(path, text):
    rules = list(FORBIDDEN_WORDS.get(room_of(path), ()))
    code = blank_out(text) if path.endswith((".cpp", ".hpp", ".h")) else ""
    rules.append((r"\bcaf::" + "infinite" + r"\b", "every request has a finite timeout"))
    found = [(match, why) for pattern, why in rules for match in re.finditer(pattern, code)]
    found += [(match, "a note to self: do it, or file it")
              for match in re.finditer(r"\b(TO" + r"DO|FIX" + r"ME)\b", text)]
    for match, why in found:
        yield (code or text).count("\n", 0, match.start()) + 1, f"{match.group()}: {why}"


def check_readme(path, text):
    """Prose only: tables, code and blank lines cost nothing."""
    prose, fenced = 0, False
    for line in text.split("\n"):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and line.strip() and not line.startswith(("|", "    ")):
            prose += 1
    if prose > README_MAX:
        yield 1, f"{prose} lines of prose (at most {README_MAX})"


def rows_of(plan):
    """The cells of ARCHITECTURE.md's tables, each row as one text."""
    return [line for line in plan.split("\n") if line.startswith("|")]


def is_named(folder, plan):
    if f"`{folder}/`" in plan:
        return True
    parent, name = os.path.split(folder)
    words = [row for row in rows_of(plan) if f"`{parent}/`" in row.split("|")[1]]
    return any(re.search(rf"(?<![\w/]){re.escape(name)}\b", row, re.I) for row in words)


def check_folders(root, paths):
    """Every folder is named in ARCHITECTURE.md, and everything named there exists."""
    plan = read(root, "ARCHITECTURE.md") or ""
    leaves = {tuple(os.path.dirname(path).split("/")) for path in paths if room_of(path)}
    for folder in sorted({"/".join(leaf[:n + 1]) for leaf in leaves for n in range(len(leaf))}):
        depth = folder.count("/")
        deep = folder.startswith(("tools/", "tests/")) and depth > 1
        mirrors = folder.startswith("tests/") and os.path.isdir(os.path.join(root, folder[6:]))
        if not deep and not mirrors and not is_named(folder, plan):
            yield "ARCHITECTURE.md", 1, f"does not name {folder}/"
        if folder.split("/")[0] in ROOMS[:4] and f"{folder}/README.md" not in paths:
            yield f"{folder}/README.md", 1, "is missing"
    for number, line in enumerate(plan.split("\n"), 1):
        for name in re.findall(r"`((?:core|net|config|actors|tools|tests)/[\w./-]*)`", line):
            there = os.path.exists(os.path.join(root, name))
            if not there and f"{name}.hpp" not in paths:
                yield "ARCHITECTURE.md", number, f"names {name}, which is not there"


def check(root):
    """All that is wrong, as (path, line, text)."""
    paths = list(walk(root))
    files = [(path, read(root, path)) for path in paths if room_of(path)]
    files = [(path, text) for path, text in files if text is not None]
    for path, text in files:
        name = os.path.basename(path)
        rules = [check_readme] if name == "README.md" else []
        if is_code(name):
            rules += [check_size, check_words, check_functions]
        if name.endswith((".cpp", ".hpp", ".h")):
            rules.append(check_arrow)
        if name == "CMakeLists.txt":
            rules.append(check_links)
        for rule in rules:
            for number, what in rule(path, text):
                yield path, number, what
    yield from check_libraries(files)
    yield from check_instruction_sets(files)
    yield from check_folders(root, set(paths))


def main():
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.normpath(here)
    wrong = 0
    for path, number, what in check(root):
        print(f"{path}:{number}: {what}")
        wrong += 1
    print(f"check_house: {wrong} wrong" if wrong else "check_house: in order")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
