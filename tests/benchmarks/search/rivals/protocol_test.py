"""What a rival is told of constraints, in the conversation of protocol.py."""
import io
import json
import sys
import types
import unittest

import protocol


class Recording:
    versions = "1"

    def __init__(self, knows_constraints):
        self.knows_constraints = knows_constraints
        self.told = []

    def tell(self, trial, parameters, values, slacks):
        self.told.append((trial, values, slacks))


def told(knows_constraints):
    rival = Recording(knows_constraints)
    sys.modules["recording"] = types.SimpleNamespace(make=lambda *_: rival)
    trials = [{"trial": number, "parameters": {}, "values": [3.0], "slacks": slacks}
              for number, slacks in ((1, [0.0, 2.0]), (2, [1.0, -0.5]), (3, []))]
    lines = [{"parameters": [], "objectives": [], "seed": 1}, {"tell": trials}]
    protocol.converse(io.StringIO("".join(json.dumps(line) + "\n" for line in lines)), io.StringIO(), "recording", "ANY")
    return rival.told


class ProtocolTest(unittest.TestCase):
    def test_a_rival_that_knows_constraints_is_told_all(self):
        self.assertEqual(told(True), [(1, [3.0], [0.0, 2.0]), (2, [3.0], [1.0, -0.5]), (3, [3.0], [])])

    def test_to_others_a_violation_is_infeasible(self):
        self.assertEqual([values for _, values, _ in told(False)], [[3.0], None, [3.0]])


if __name__ == "__main__":
    unittest.main()
