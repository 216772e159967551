"""What gpu_checks.py finds wrong with trainings, by a program that only pretends to train."""
import contextlib
import io
import pathlib
import tempfile
import unittest

import gpu_checks

# Ends after 12 steps, of which a checkpoint remembers those that it may go on from.
TRIAL = """#!/usr/bin/env python3
import json, os, pathlib, sys, time
request = json.loads(sys.stdin.readline())
assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8" and os.environ["OMP_NUM_THREADS"] == "2"
work = pathlib.Path(request["work_dir"])
kept = pathlib.Path(request["checkpoint_dir"]) / "steps" if "checkpoint_dir" in request else None
first = int(kept.read_text()) if kept and kept.exists() and RESUMES else 0
for step in range(first, 13):
    if kept: kept.write_text(str(step))
    print(json.dumps({"step": step}), flush=True)
    if kept and request["attempt"] == 1 and step == 7: time.sleep(600)
if WARNS: print("bmm does not have a deterministic implementation, but you set", file=sys.stderr)
varies = "resumed" in work.name if VARIES else 0
(work / "model.tflite").write_text(f"{request['seed']} {varies}")
(work / "profile.json").write_text(json.dumps({"int8_test_accuracy": 0.8 - LOSES * varies, "resumed_at_epoch": first}))
"""


class Repeats(unittest.TestCase):
    def check(self, resumes=True, warns=False, varies=False, loses=0.0):
        with tempfile.TemporaryDirectory(prefix="photinus_gpu_checks.") as name:
            program = pathlib.Path(name) / "photinus-trial"
            text = TRIAL
            for word, value in (("RESUMES", resumes), ("WARNS", warns), ("VARIES", varies), ("LOSES", loses)):
                text = text.replace(word, repr(value))
            program.write_text(text)
            program.chmod(0o755)
            trainer = gpu_checks.Trainer(program, pathlib.Path(name), 8, pathlib.Path(name) / "runs")
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                faults = gpu_checks.check_repeats(trainer, "cuda:0", 1, trainer.train("cuda:0", 1))
            return faults, printed.getvalue()

    def test_finds_nothing_where_the_files_are_equal(self):
        faults, printed = self.check()
        self.assertEqual(faults, 0, printed)
        self.assertIn("network 1 on cuda:0, again: the same", printed)
        self.assertIn("network 1 on cuda:0, resumed after a kill: the same", printed)

    def test_finds_a_training_that_began_anew(self):
        faults, printed = self.check(resumes=False)
        self.assertEqual(faults, 1)
        self.assertIn("resumed after a kill: began anew  FAULT", printed)

    def test_finds_other_bits_that_libtorch_did_not_warn_of(self):
        faults, printed = self.check(varies=True)
        self.assertEqual(faults, 1)
        self.assertIn("resumed after a kill: other bits", printed)

    def test_takes_other_bits_that_libtorch_warned_of_and_no_other_accuracy(self):
        self.assertEqual(self.check(varies=True, warns=True)[0], 0)
        faults, printed = self.check(varies=True, warns=True, loses=0.1)
        self.assertEqual(faults, 1)
        self.assertIn("resumed after a kill: accuracy 0.700 instead of 0.800  FAULT", printed)


if __name__ == "__main__":
    unittest.main()
