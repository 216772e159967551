"""The table of real_study.py compares rules at as many trials of the same seeds."""
import unittest

from real_study import comparable


def line(rule, seed, finished, infeasible=0):
    return {"rule": rule, "seed": seed, "finished": finished, "infeasible": infeasible}


class ComparableTest(unittest.TestCase):
    def test_a_rule_that_is_ahead_waits_for_the_others(self):
        lines = [line("NONE", 1, 10), line("NONE", 1, 21), line("NONE", 1, 32),
                 line("TSGP", 1, 9, 1), line("TSGP", 1, 20, 3)]
        self.assertEqual(comparable(lines), {("NONE", 1): line("NONE", 1, 21), ("TSGP", 1): line("TSGP", 1, 20, 3)})

    def test_a_seed_that_a_rule_lacks_is_left_out(self):
        lines = [line("NONE", 1, 10), line("TSGP", 1, 10), line("NONE", 2, 10)]
        self.assertEqual(comparable(lines), {("NONE", 1): line("NONE", 1, 10), ("TSGP", 1): line("TSGP", 1, 10)})

    def test_a_seed_without_a_common_count_is_left_out(self):
        self.assertEqual(comparable([line("NONE", 1, 30), line("TSGP", 1, 10)]), {})


if __name__ == "__main__":
    unittest.main()
