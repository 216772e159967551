"""What slots_throughput.py would run, and that it runs it: on a machine without a GPU."""
import argparse
import json
import pathlib
import tempfile
import unittest

import slots_throughput

# Keeps what it was asked beside the profile that a trial leaves.
TRIAL = """#!/usr/bin/env python3
import json, os, pathlib, sys
request = json.loads(sys.stdin.readline())
folder = pathlib.Path(request["work_dir"])
if request["seed"] == FAULTY: sys.exit("no luck")
(folder / "profile.json").write_text(json.dumps(request))
with open(folder / "runs", "a") as runs: runs.write(os.environ["OMP_NUM_THREADS"])
"""


def options(device, trials=3):
    return argparse.Namespace(worker=None, device=device, task="events", epochs=2.0, trials=trials,
                              data_dir=pathlib.Path("/data"))


class SlotsThroughput(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="photinus_slots.")
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name)

    def program(self, faulty=0):
        path = self.folder / "photinus-trial"
        path.write_text(TRIAL.replace("FAULTY", str(faulty)))
        path.chmod(0o755)
        return path

    def test_every_slot_trains_the_same_networks_from_the_same_seeds(self):
        work = {}  # by the number of slots: what each slot trains
        for slots in 1, 4:
            networks = slots_throughput.draw_networks(options("cpu"), self.folder)
            count, _, seconds, busy = slots_throughput.measure(self.program(), options("cpu"), slots, networks,
                                                               self.folder)
            self.assertEqual(count, 3 * slots)
            self.assertGreater(seconds, 0)
            self.assertIsNone(busy)
            folders = sorted((self.folder / f"slots-{slots}").iterdir())
            self.assertEqual(len(folders), slots)
            work[slots] = []
            for folder in folders:
                profiles = [json.loads((folder / f"work-{seed}/profile.json").read_text()) for seed in (1, 2, 3)]
                self.assertEqual([(folder / f"work-{seed}/runs").read_text() for seed in (1, 2, 3)],
                                 [str(profiles[0]["threads"])] * 3)
                work[slots].append([(profile["seed"], profile["architecture"]) for profile in profiles])
        self.assertEqual(work[4], 4 * work[1])
        self.assertEqual([seed for seed, _ in work[1][0]], [1, 2, 3])
        self.assertEqual(len({json.dumps(network) for _, network in work[1][0]}), 3)

    def test_gives_a_trial_the_environment_of_a_real_slot(self):
        networks = slots_throughput.draw_networks(options("cuda:0", trials=1), self.folder)
        [trial] = slots_throughput.plan_slot(options("cuda:0"), networks, 5, self.folder)
        self.assertEqual(trial.environment, {"OMP_NUM_THREADS": "5", "OPENBLAS_NUM_THREADS": "5",
                                             "CUBLAS_WORKSPACE_CONFIG": ":4096:8"})
        self.assertEqual(trial.request["device"], "cuda:0")
        self.assertEqual(trial.request["threads"], 5)
        [trial] = slots_throughput.plan_slot(options("cpu"), networks, 1, self.folder)
        self.assertEqual(trial.environment, {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})

    def test_shares_threads_as_the_worker_does(self):
        for device, cores, slots, threads in (("cpu", 16, 1, 2), ("cpu", 16, 16, 1), ("cpu", 2, 4, 1),
                                              ("cuda:0", 16, 1, 5), ("cuda:0", 16, 4, 4), ("cuda:0", 16, 16, 2)):
            with self.subTest(device=device, cores=cores, slots=slots):
                self.assertEqual(slots_throughput.threads_of_slot(device, cores, slots), threads)

    def test_a_trial_that_fails_ends_the_measurement(self):
        networks = slots_throughput.draw_networks(options("cpu"), self.folder)
        slots_throughput.measure(self.program(), options("cpu"), 2, networks, self.folder)
        with self.assertRaisesRegex(SystemExit, "trials/2 ended with 1: no luck"):
            slots_throughput.measure(self.program(faulty=2), options("cpu"), 2, networks, self.folder)


if __name__ == "__main__":
    unittest.main()
