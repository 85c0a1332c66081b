"""Does the judge of suite_freezes find what it must find?"""
import unittest

import suite_freezes

BEGUN = [(0.0, 0), (1.0, 1), (3.0, 2), (5.0, 3)]
WRITES = [(1.0, 2.0, 1), (3.0, 4.0, 2)]  # The third is still under way.


class Judge(unittest.TestCase):
    def check(self, *reads):
        suite_freezes.judge(sorted(reads), WRITES, BEGUN)

    def test_what_may_be_seen(self):
        self.check((1.5, 1.6, 0), (1.5, 1.6, 1), (3.5, 3.6, 1), (4.5, 4.6, 2), (5.5, 6.0, 3))

    def test_behind_an_acknowledged_write(self):
        with self.assertRaises(AssertionError):
            self.check((2.5, 2.6, 0))

    def test_back_behind_what_was_seen(self):
        with self.assertRaises(AssertionError):
            self.check((3.2, 3.3, 2), (3.4, 3.5, 1))

    def test_before_it_was_begun(self):
        with self.assertRaises(AssertionError):
            self.check((3.5, 4.9, 3))

    def test_two_leaders_of_one_term(self):
        suite_freezes.leaders_apart([(0, 1, (4, "n1")), (2, 3, (5, "n2"))])
        with self.assertRaises(AssertionError):
            suite_freezes.leaders_apart([(0, 1, (4, "n1")), (2, 3, (4, "n2"))])


if __name__ == "__main__":
    unittest.main()
