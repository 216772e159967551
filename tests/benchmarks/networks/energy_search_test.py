"""What energy_search.py says of the networks that a study retested."""
import contextlib
import io
import json
import unittest

import energy_search


def trial(role, of, architecture=None, state="SUCCEEDED", **metrics):
    """As `photinus trial show -o json` has it."""
    entries = {"role": role, "of": of, "architecture": architecture}
    return {"state": state, "metrics": metrics,
            "metadata": [{"namespace": "photinus", "key": key, "value": value} for key, value in entries.items() if value]}


def retest(of, reward, test_accuracy, energy_mj=0.5, memory_kb=55.0, **more):
    return trial("retest", of, reward=reward, int8_accuracy=test_accuracy, test_accuracy=test_accuracy,
                 measured_energy_mj=energy_mj, memory_kb=memory_kb, **more)


def baseline(name, test_accuracy, energy_mj):
    return trial("baseline", None, json.dumps({"baseline": name}), int8_accuracy=test_accuracy, test_accuracy=test_accuracy,
                 energy_mj=energy_mj, memory_kb=2000.0)


BASELINES = [baseline("mobilenet_v2", 0.80, 6.0), baseline("tc_resnet8_1.0", 0.70, 0.2)]


def compare(details, repeats=1):
    with contextlib.redirect_stdout(io.StringIO()) as text:
        met = energy_search.compare("study", details, repeats)
    return met, text.getvalue()


class Comparison(unittest.TestCase):
    def test_the_winner_has_the_best_mean_reward_of_its_runs(self):
        met, text = compare([retest("3", 0.70, 0.82), retest("3", 0.72, 0.80), retest("5", 0.90, 0.90),
                             retest("5", 0.40, 0.40)] + BASELINES)
        self.assertTrue(met, text)
        self.assertIn("trial 3     2", text)
        self.assertIn("0.8100", text)
        self.assertIn("the winner within 0.6000 mJ and 60 kB: trial 3", text)
        self.assertIn("all met", text)

    def test_the_winner_keeps_within_energy_and_size(self):
        for beyond in ({"energy_mj": 0.61}, {"memory_kb": 60.1}):
            met, text = compare([retest("3", 0.9, 0.9, **beyond), retest("5", 0.8, 0.85)] + BASELINES)
            self.assertTrue(met, text)
            self.assertIn("60 kB: trial 5", text)
            met, text = compare([retest("3", 0.9, 0.9, **beyond)] + BASELINES)
            self.assertFalse(met)
            self.assertIn("MISSED no retested network has a reward and is within the limits", text)

    def test_a_winner_that_is_less_accurate_misses(self):
        met, text = compare([retest("3", 0.7, 0.79)] + BASELINES)
        self.assertFalse(met)
        self.assertIn("MISSED test accuracy below that of mobilenet_v2: 0.7900 against 0.8000", text)
        self.assertEqual(text.count("MISSED"), 1, text)

    def test_what_is_missing_is_no_success(self):
        met, text = compare([retest("3", 0.7, 0.9), BASELINES[1]])
        self.assertFalse(met)
        self.assertIn("MISSED mobilenet_v2 was not trained", text)
        met, text = compare(BASELINES + [dict(retest("3", 0.7, 0.9), state="INFEASIBLE"),
                                         {"state": "SUCCEEDED", "metrics": {"reward": 0.9}, "metadata": []}])
        self.assertFalse(met)
        self.assertIn("MISSED no retested network has a reward", text)

    def test_the_prediction_chooses_and_the_measurement_judges(self):
        def run(measured):
            return trial("retest", "3", reward=0.7, int8_accuracy=0.9, test_accuracy=0.9, memory_kb=50.0, energy_mj=0.59,
                         measured_energy_mj=measured)
        met, text = compare([run(0.58)] + BASELINES)
        self.assertTrue(met, text)
        met, text = compare([run(0.7)] + BASELINES)
        self.assertFalse(met)
        self.assertIn("MISSED measured energy above a tenth of mobilenet_v2's: 0.7000 against 0.6000", text)

    def test_a_mean_has_all_its_runs(self):
        met, text = compare([retest("3", 0.7, 0.9)] + BASELINES, repeats=2)
        self.assertFalse(met)
        for name in ("trial 3", "mobilenet_v2", "tc_resnet8_1.0"):
            self.assertIn(f"MISSED {name} has 1 finished runs of 2", text)


if __name__ == "__main__":
    unittest.main()
