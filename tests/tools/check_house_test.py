#!/usr/bin/env python3
"""The guard of the house sees what it should, and nothing else."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import check_house  # noqa: E402

PLAN = """# Plan
| folder | what |
|---|---|
| `core/`, `net/`, `config/`, `actors/` | rooms |
| `core/index/` | an index |
| `tools/` | `grape-bench`, CMake modules |
| `tests/` | mirrors the tree; `support/` |
"""


def body(lines):
    return "  int x = 0;\n" * lines


class HouseTest(unittest.TestCase):
    def wrong(self, files):
        """What is wrong in a house of `files`, but for the READMEs that it has not."""
        with tempfile.TemporaryDirectory() as root:
            for path, text in {"ARCHITECTURE.md": PLAN, **files}.items():
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(text)
            found = [f"{path}:{line}: {what}" for path, line, what in check_house.check(root)]
        return [each for each in found
                if not each.endswith("README.md:1: is missing") and "not there" not in each]

    def assert_wrong(self, files, *expected):
        self.assertEqual(self.wrong(files), list(expected))

    def test_a_house_in_order(self):
        self.assert_wrong({
            "core/a.cpp": '#include "core/a.hpp"\n#include <leveldb/db.h>\n#include <string>\n',
            "net/b.hpp": '#include "core/a.hpp"\n#include <sys/socket.h>\n',
            "actors/c.cpp": '#include "config/d.hpp"\n#include <caf/all.hpp>\n',
            "tests/core/a_test.cpp": '#include "actors/c.hpp"\n',
            "tests/data/big.cpp": "x" * 200 + "\n" + "\n" * 500,
            "tools/bench/x.cpp": '#include "tests/simulation/run.hpp"\n',
            "tests/support/y.cpp": "", "tools/cmake/z.cmake": "",
        })

    def test_what_is_compiled_for_one_instruction_set_shares_nothing(self):
        hidden = "#include <immintrin.h>\nnamespace {\nint f() { return 1; }\n}\n"
        self.assert_wrong({
            "core/index/a_avx2.cpp": '#include "core/index/b.hpp"\nint g() { return 1; }\n',
            "core/index/b.hpp": hidden + "static int h() { return 1; }\n",
        })
        self.assert_wrong({
            "core/index/a_avx2.cpp": '#include "core/index/b.hpp"\n',
            "core/index/b.hpp": '#include "core/index/c.hpp"\n',
            "core/index/c.hpp": "#include <vector>\nnamespace x {\ninline int f() { return 1; }\n}",
        }, "core/index/c.hpp:1: core/index/a_avx2.cpp is for one instruction set: no <vector>",
            "core/index/c.hpp:3: core/index/a_avx2.cpp is for one instruction set: "
            "this may be shared")

    def test_the_arrow(self):
        self.assert_wrong({"core/a.cpp": '\n#include "net/b.hpp"\n'},
                          "core/a.cpp:2: core/ may not know net/ (#include net/b.hpp)")
        self.assert_wrong({"net/a.cpp": '#include "actors/b.hpp"\n'},
                          "net/a.cpp:1: net/ may not know actors/ (#include actors/b.hpp)")
        self.assert_wrong({"actors/a.cpp": '#include "tools/b.hpp"\n'},
                          "actors/a.cpp:1: actors/ may not know tools/ (#include tools/b.hpp)")
        self.assert_wrong({"config/a.cpp": '#include "tests/b.hpp"\n'},
                          "config/a.cpp:1: config/ may not know tests/ (#include tests/b.hpp)")
        self.assert_wrong({"core/CMakeLists.txt": "x()\ntarget_link_libraries(grape_core PUBLIC\n"
                                                  "  grape::net)\n"},
                          "core/CMakeLists.txt:2: grape_core may not link grape::net")

    def test_what_a_room_may_never_know(self):
        for room, name in (("core", "caf/all.hpp"), ("core", "thread"), ("core", "netinet/in.h"),
                           ("net", "caf/all.hpp"), ("config", "caf/all.hpp")):
            self.assert_wrong({f"{room}/a.cpp": f"#include <{name}>\n"},
                              f"{room}/a.cpp:1: {room}/ may never know <{name}>")
        self.assert_wrong({"net/a.cpp": '#include "core/storage/store.hpp"\n'},
                          "net/a.cpp:1: net/ may never know <core/storage/store.hpp>")
        self.assert_wrong({"core/a.cpp": "auto x = std::chrono::steady_clock::now();\n"},
                          "core/a.cpp:1: _clock::now: core reads no clock: time reaches it as "
                          "ticks or a budget")
        self.assert_wrong({"core/a.cpp": "// steady_clock::now\nauto x = \"std::thread\";\n"})

    def test_one_library_one_file(self):
        include = "#include <leveldb/db.h>\n"
        self.assert_wrong({"core/index/leveldb_a.cpp": include, "core/index/leveldb_b.hpp": include,
                           "net/c.cpp": "#include <boost/asio.hpp>\n",
                           "tools/bench/a.cpp": include, "tools/bench/b.cpp": include})
        self.assert_wrong({"core/index/leveldb_a.cpp": include, "core/index/other.cpp": include},
                          "core/index/other.cpp:1: leveldb already has its file: "
                          "core/index/leveldb_a.cpp")
        self.assert_wrong({"core/lz_a.cpp": "#include <lz4.h>\n",
                           "core/index/lz_a.cpp": "#include <lz4.h>\n"},
                          "core/index/lz_a.cpp:1: lz4 already has its file: core/lz_a.cpp")

    def test_size(self):
        self.assert_wrong({"core/a.cpp": "\n" * 400})
        self.assert_wrong({"core/a.cpp": "\n" * 401}, "core/a.cpp:401: 401 lines (at most 400)")
        self.assert_wrong({"core/a.cpp": "ü" * 100 + "\n"})
        self.assert_wrong({"tools/a": "\n" + "x" * 101},
                          "tools/a:2: 101 columns (at most 100)")

    def test_functions(self):
        long = "a function of 61 lines (at most 60)"
        for head in ("void f(int a = 1) {", "auto f() -> std::vector<int> {",
                     "a::a(int b) : b_(b), c_{b} {", "a::a(int b) noexcept : b_(b) {",
                     "template <class T> bool operator==(const T& a, const T&) noexcept {",
                     'TEST_CASE("a { law") {', "const auto f = [](int a) {", "a::~a() {",
                     "outcome<int> a::b(std::function<void(int)> c) const& override {"):
            self.assert_wrong({"core/a.cpp": f"namespace x {{\n\n{head}\n{body(58)}}}\n}}\n"})
            self.assert_wrong({"core/a.cpp": f"namespace x {{\n\n{head}\n{body(59)}}}\n}}\n"},
                              f"core/a.cpp:3: {long}")
        inside = ("class a : public b {\npublic:\n  a() : c_{1} {\n" + body(59)
                  + "  }\n  int c_{};\n};\n")
        self.assert_wrong({"core/a.hpp": inside}, f"core/a.hpp:3: {long}")
        suite = f'TEST_SUITE("x") {{\n  TEST_CASE("y") {{\n{body(59)}  }}\n}}\n'
        self.assert_wrong({"tests/support/a.cpp": suite}, f"tests/support/a.cpp:2: {long}")
        nested = "void f() {\n  for (;;) {\n    auto g = [] {\n" + body(55) + "    };\n  }\n}\n"
        self.assert_wrong({"core/a.cpp": nested}, f"core/a.cpp:1: {long}")
        self.assert_wrong({"tools/a.py": "def f():\n" + "    x = 1\n" * 60},
                          f"tools/a.py:1: {long}")

    def test_what_is_long_but_no_function(self):
        for head, end in (("namespace a::b {", "}"), ("struct a : b<c> {", "};"),
                          ("enum class a : int {", "};"), ('extern "C" {', "}"),
                          ("const std::map<int, int> a = {", "};"), ("static int a[] = {", "};"),
                          ("struct alignas(64) a {", "};"), ('TEST_SUITE("a") {', "}"),
                          ("template <class T> struct a<T*> {", "};")):
            with self.subTest(head):
                lines = "int a;\n" * 70
                self.assert_wrong({"core/a.hpp": f"{head}\n{lines}{end}\n"})

    def test_words(self):
        self.assert_wrong({"actors/a.cpp": "auto f = [&] { g(); };\nauto h = [&x] {};\n"},
                          "actors/a.cpp:1: [&]: capture by value in actors")
        self.assert_wrong({"core/a.cpp": "auto f = [&] { g(); };\n"})
        self.assert_wrong({"tools/a.cpp": "x(caf::" + "infinite);\n"},
                          "tools/a.cpp:1: caf::" + "infinite: every request has a finite timeout")
        self.assert_wrong({"core/a.cpp": "\n// TO" + "DO later\n"},
                          "core/a.cpp:2: TO" + "DO: a note to self: do it, or file it")
        self.assert_wrong({"tools/a": "# FIX" + "ME\n"},
                          "tools/a:1: FIX" + "ME: a note to self: do it, or file it")

    def test_readmes(self):
        text = "prose\n" * 30 + "\n| a |\n    code\n```\ncode\n```\n" * 20
        self.assert_wrong({"core/README.md": text})
        self.assert_wrong({"core/README.md": text + "prose\n"},
                          "core/README.md:1: 31 lines of prose (at most 30)")

    def test_folders(self):
        self.assert_wrong({"core/secret/a.cpp": ""},
                          "ARCHITECTURE.md:1: does not name core/secret/")
        self.assert_wrong({"tests/secret/a.cpp": ""},
                          "ARCHITECTURE.md:1: does not name tests/secret/")
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, "core"))
            with open(os.path.join(root, "core", "a.hpp"), "w", encoding="utf-8"):
                pass
            with open(os.path.join(root, "ARCHITECTURE.md"), "w", encoding="utf-8") as file:
                file.write("`core/` has `core/a` and `core/b`\n")
            found = list(check_house.check(root))
        self.assertEqual(found, [("core/README.md", 1, "is missing"),
                                 ("ARCHITECTURE.md", 1, "names core/b, which is not there")])


if __name__ == "__main__":
    unittest.main()
