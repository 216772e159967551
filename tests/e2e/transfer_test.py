"""A large study is imported and exported: in bounded memory, and equal.

Usage: transfer_test.py TRIALS
"""
import json
import pathlib
import sys
import time
import unittest

from photinus import Server, run, temporary_folder

HEADER = {"study": {"format": 1, "study": {"display_name": "large", "state": "COMPLETED", "study_spec": {
    "metrics": [{"metric_id": "y", "goal": "MAXIMIZE"}], "algorithm": "RANDOM_SEARCH",
    "parameters": [{"parameter_id": f"x{i}", "double_value_spec": {"max_value": 1}} for i in range(8)]}}}}
MEASUREMENTS = 5
MEMORY_MIB = 400


def trial_line(number, trials):
    measurements = [{"step_count": str(step), "metrics": [{"metric_id": "y", "value": number / trials + step}]}
                    for step in range(1, MEASUREMENTS + 1)]
    return {"trial": {"trial": {
        "id": str(number), "state": "SUCCEEDED", "client_id": "c", "measurements": measurements,
        "parameters": [{"parameter_id": f"x{i}", "value": (number * (i + 1) % 997) / 997} for i in range(8)],
        "final_measurement": measurements[-1]}, "attempt": 1, "version": str(number)}}


def peak_mib(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


class TransferTest(unittest.TestCase):
    def test_a_large_study_is_equal_after_a_round_trip(self):
        folder = self.enterContext(temporary_folder())
        server = Server(folder / "db", log=folder / "server.log")
        self.addCleanup(server.close)
        header = json.loads(json.dumps(HEADER))
        header["study"].update(version=str(TRIALS + 1), next_trial_id=str(TRIALS + 1))
        file = folder / "large.jsonl"
        with open(file, "w") as out:
            for record in (header, *(trial_line(n, TRIALS) for n in range(1, TRIALS + 1)), {"end": {"trials": TRIALS}}):
                print(json.dumps(record), file=out)

        def photinus(*arguments):
            begin = time.monotonic()
            run("photinus", "--server", server.endpoint, "--owner", "ada", "study", *arguments, timeout=1200)
            print(f"{arguments[0]}: {TRIALS} trials in {time.monotonic() - begin:.1f} s", flush=True)

        photinus("import", file)
        photinus("export", "large", "--output", folder / "one.jsonl")
        photinus("import", folder / "one.jsonl", "--name", "copy")
        photinus("export", "copy", "--output", folder / "two.jsonl")
        one, two = ((folder / name).read_text() for name in ("one.jsonl", "two.jsonl"))
        self.assertEqual(one.count("\n"), TRIALS + 2)
        self.assertTrue(one.replace('"display_name":"large"', '"display_name":"copy"', 1) == two)
        photinus("export", "copy", "-o", "csv", "--output", folder / "two.csv")
        self.assertEqual((folder / "two.csv").read_bytes().count(b"\r\n"), TRIALS + 1)
        peak = peak_mib(server.process.pid)
        print(f"the server's memory: {peak:.0f} MiB at most", flush=True)
        if server.gives_memory_back():
            self.assertLess(peak, MEMORY_MIB)


if __name__ == "__main__":
    TRIALS = int(sys.argv.pop(1))
    unittest.main()
