#!/usr/bin/env python3
"""tools/flame_svg on a few lines as perf prints them."""
import pathlib
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import flame_svg  # noqa: E402

PRINTED = """
grape-http  7
\t          1a walk<int, 3>::(anonymous namespace)::run(float const*) (/bin/graped)
\t          1b grape::std_function<void (int)>::operator()(int) const (/bin/graped)
\tffffffffffff [unknown] ([unknown])

grape-http  8
\tffffffff8101 tcp_sendmsg ([kernel.kallsyms])
\t          2a sendmsg (/lib/libc.so)

grape-http  7
\t          1c walk<int, 3>::(anonymous namespace)::run(float const*) (/bin/graped)
\t          1b grape::std_function<void (int)>::operator()(int) const (/bin/graped)
""".lstrip("\n").split("\n")


class FlameGraph(unittest.TestCase):
    def setUp(self):
        self.folded = flame_svg.stacks(PRINTED)

    def test_equal_stacks_are_one_and_begin_at_the_root(self):
        self.assertEqual(self.folded, {
            ("grape-http", "grape::std_function::operator call", "walk::run"): 2,
            ("grape-http", "sendmsg", "[kernel] tcp_sendmsg"): 1})

    def test_a_sample_belongs_to_its_innermost_known_frame(self):
        shares = dict(flame_svg.shares(self.folded, (
            ("kernel", r"^\[kernel\]"), ("walk", "walk::"), ("function", "std_function"))))
        self.assertEqual(shares, {"kernel": 1 / 3, "walk": 2 / 3, "function": 0, "other": 0})

    def test_the_picture_is_xml_and_tells_shares(self):
        picture = flame_svg.draw(self.folded, "a <title>")
        xml.etree.ElementTree.fromstring(picture)
        self.assertIn("<title>walk::run: 66.7 %</title>", picture)


if __name__ == "__main__":
    unittest.main()
