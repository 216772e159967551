"""The command line against a real server and a real worker, from the study file to the fetched artifact."""
import csv
import io
import json
import math
import pathlib
import re
import signal
import subprocess
import sys
import unittest

from photinus import BIN, Program, Server, run, temporary_folder

TRAIN = """\
import json, sys
trial = json.loads(sys.stdin.readline())
lr, depth = trial["parameters"]["lr"], trial["parameters"]["depth"]
assert sys.argv[1:] == ["--depth", str(depth)], sys.argv
print(json.dumps({"step": 0, "memory_kb": 10 * depth}), flush=True)
for step in range(1, 4):
    print(json.dumps({"step": step, "accuracy": (1 - (lr - 0.3) ** 2) * step / 3}), flush=True)
with open("model.txt", "w") as model:
    model.write(f"depth {depth}")
print(json.dumps({"artifact": "model.txt", "path": trial["work_dir"] + "/model.txt"}), flush=True)
print("trained", trial["trial"], file=sys.stderr)
"""

STUDY = """\
study: toy
seed: 3
algorithm: RANDOM_SEARCH
parameters:
  - {{name: lr, type: double, min: 0, max: 1}}
  - {{name: depth, type: integer, min: 1, max: 4}}
metrics:
  - {{name: reward, goal: maximize, expression: accuracy - memory_kb/1000}}
budget: {{trials: {trials}, parallel: 2}}
trial: {{executor: command, argv: [{python}, {script}, --depth, '{{depth}}']}}
"""


class CommandLineTest(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(temporary_folder())
        self.server = Server(self.folder / "db", log=self.folder / "server.log")
        self.addCleanup(lambda: self.server.close())
        (self.folder / "train.py").write_text(TRAIN)

    def cli(self, *arguments, code=0):
        result = run("photinus", "--server", self.server.endpoint, "--owner", "ada", *arguments, check=False)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result

    def json(self, *arguments):
        return json.loads(self.cli(*arguments, "-o", "json").stdout)

    def create(self, name, trials):
        file = self.folder / "study.yaml"
        file.write_text(STUDY.format(trials=trials, python=sys.executable, script=self.folder / "train.py"))
        self.assertEqual(self.cli("study", "create", "-f", file, "--name", name).stdout, f"owners/ada/studies/{name}\n")

    def start_worker(self):
        worker = Program("photinus-worker", "--server", self.server.endpoint, "--name", "w1", "--slots", 2,
                         "--data-dir", self.folder / "data", log=self.folder / "worker.log")
        self.addCleanup(worker.close)

    def watch(self, name):
        return subprocess.Popen([BIN / "photinus", "--server", self.server.endpoint, "--owner", "ada", "study", "watch", name],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_a_study_from_its_file_to_the_best_artifact(self):
        self.create("toy", trials=6)
        watch = self.watch("toy")
        self.addCleanup(watch.kill)
        self.assertIn("toy  ACTIVE", watch.stdout.readline())
        self.start_worker()  # no sooner, as a watch says nothing of trials that had ended before it began
        out, err = watch.communicate(timeout=120)
        self.assertEqual((watch.returncode, err), (0, ""))
        lines = out.splitlines()
        self.assertEqual(lines[-1], "toy  COMPLETED  6/6 trials [########################]")
        self.assertEqual(sum("SUCCEEDED" in line for line in lines), 6)
        self.assertTrue(any(line.startswith("best so far: trial") for line in lines))

        trials = self.json("trial", "list", "toy", "--sort", "-reward")
        self.assertEqual(len(trials), 6)
        rewards = [trial["metrics"]["reward"] for trial in trials]
        self.assertEqual(rewards, sorted(rewards, reverse=True))
        for trial in trials:
            expected = trial["metrics"]["accuracy"] - trial["parameters"]["depth"] * 0.01
            self.assertAlmostEqual(trial["metrics"]["reward"], expected, places=9)
        some = self.json("trial", "list", "toy", "--filter", f"reward >= {rewards[2]!r} and state = 'SUCCEEDED'", "-n", 2)
        self.assertEqual([trial["id"] for trial in some], sorted(trial["id"] for trial in trials[:3])[:2])
        table = list(csv.DictReader(io.StringIO(self.cli("trial", "list", "toy", "-o", "csv").stdout)))
        self.assertEqual([row["id"] for row in table], ["1", "2", "3", "4", "5", "6"])

        best = self.json("trial", "best", "toy")
        self.assertEqual([trial["id"] for trial in best], [trials[0]["id"]])
        shown = self.json("trial", "show", "toy", best[0]["id"])
        self.assertEqual([row["step"] for row in shown["measurements"]], [0, 1, 2, 3])
        self.cli("trial", "fetch", "toy", "best", "-o", self.folder / "out")
        self.assertEqual((self.folder / "out/model.txt").read_text(), f"depth {best[0]['parameters']['depth']}")
        self.assertIn(f"trained {best[0]['name']}", self.cli("trial", "logs", "toy", "best").stdout)

        self.assertEqual(self.json("study", "list")[0]["trials"]["succeeded"], 6)
        self.assertEqual(self.json("study", "show", "toy")["document"]["budget"], {"trials": 6, "parallel": 2})
        workers = self.json("worker", "list")
        self.assertEqual([(w["worker"], w["slots"], w["alive"]) for w in workers], [("w1", 2, True)])

    def test_the_best_of_a_finished_search_are_trained_again_and_reported(self):
        self.create("toy", trials=6)
        self.cli("study", "retest", "toy", code=1)  # the search is not over
        self.start_worker()
        self.cli("study", "watch", "toy")
        searched = self.json("trial", "list", "toy", "--sort", "-reward")
        self.assertEqual(len(searched), 6)

        said = self.cli("study", "retest", "toy", "--top", 2, "--repeats", 2).stderr
        self.assertIn(f"4 trials added, for 2 of each: trial {searched[0]['id']}, trial {searched[1]['id']}", said)
        self.cli("study", "watch", "toy")
        retests = self.json("trial", "list", "toy")[6:]
        self.assertEqual([trial["state"] for trial in retests], ["SUCCEEDED"] * 4)
        for trial, of in zip(retests, [searched[0], searched[0], searched[1], searched[1]]):
            self.assertEqual(trial["parameters"], of["parameters"])
            metadata = self.json("trial", "show", "toy", trial["id"])["metadata"]
            self.assertIn({"namespace": "photinus", "key": "role", "value": "retest"}, metadata)
            self.assertIn({"namespace": "photinus", "key": "of", "value": str(of["id"])}, metadata)
        self.assertEqual(self.json("trial", "best", "toy")[0]["id"], searched[0]["id"], "and not a retest")
        self.assertIn("0 trials added", self.cli("study", "retest", "toy", "--top", 2, "--repeats", 2).stderr)
        self.assertEqual(self.json("study", "show", "toy")["state"], "COMPLETED")

        folder = self.folder / "report"
        self.cli("study", "report", "toy", "--output", folder)
        self.assertIn(f"| trial {searched[0]['id']} | 2 |", (folder / "report.md").read_text())
        self.assertIn("<svg", (folder / "report.html").read_text())

    def test_a_search_is_explained(self):
        file = self.folder / "study.yaml"
        text = STUDY.format(trials=16, python=sys.executable, script=self.folder / "train.py")
        file.write_text(text.replace("RANDOM_SEARCH", "DEFAULT"))
        self.cli("study", "create", "-f", file)
        few = self.cli("study", "importance", "toy", code=1)
        self.assertIn("at least 10 trials that succeeded; owners/ada/studies/toy has 0", few.stderr)
        self.start_worker()
        self.cli("study", "watch", "toy")

        explained = [self.json("trial", "show", "toy", number, "--explain")["explanation"] for number in (1, 16)]
        self.assertEqual(explained[0]["arm"], "default")
        self.assertEqual((explained[0]["predictions"], explained[0]["nearest"]), ([], []))
        self.assertIn(explained[1]["arm"], ("log_ei", "exploration"))
        self.assertIsNotNone(explained[1]["acquisition"])
        self.assertGreater(explained[1]["milliseconds"], 0)
        (prediction,) = explained[1]["predictions"]
        self.assertEqual(prediction["metric"], "reward")
        # JSON cannot say infinity.
        lower, upper = (-math.inf if prediction["lower"] is None else prediction["lower"],
                        math.inf if prediction["upper"] is None else prediction["upper"])
        self.assertTrue(lower < prediction["median"] < upper)
        self.assertEqual(len(explained[1]["nearest"]), 3)
        distances = [near["distance"] for near in explained[1]["nearest"]]
        self.assertEqual(distances, sorted(distances))
        self.assertIn("reward", explained[1]["nearest"][0]["objectives"])
        self.assertIn("explanation.arm ", self.cli("trial", "show", "toy", 16, "--explain").stdout)

        rows = self.json("study", "importance", "toy")
        self.assertEqual(sorted(row["parameter"] for row in rows), ["depth", "lr"])
        self.assertEqual(rows[0]["parameter"], "lr")
        self.assertGreater(rows[0]["total_effect"], 0.7)
        self.assertIn("#####", self.cli("study", "importance", "toy", "--objective", "reward").stdout)
        self.assertIn("--objective: is 'x'; must be one of reward",
                      self.cli("study", "importance", "toy", "--objective", "x", code=2).stderr)

    def test_a_study_is_paused_resumed_stopped_and_deleted(self):
        self.create("toy", trials=50)
        self.assertEqual(self.cli("study", "pause", "toy").stdout, "toy: PAUSED\n")
        self.assertEqual(self.cli("study", "resume", "toy").stdout, "toy: ACTIVE\n")
        self.assertEqual(self.cli("study", "stop", "toy", "--now").stdout, "toy: COMPLETED\n")
        self.cli("study", "pause", "toy", code=1)
        self.cli("study", "delete", "toy", code=2)
        self.cli("study", "delete", "toy", "--yes")
        self.assertEqual(self.json("study", "list"), [])
        self.cli("study", "show", "toy", code=3)

    def test_a_finished_study_goes_on_with_more_trials(self):
        self.create("toy", trials=3)
        self.start_worker()
        self.cli("study", "watch", "toy")
        self.assertIn("photinus study resume", self.cli("study", "pause", "toy", code=1).stderr)
        refused = self.cli("study", "resume", "toy", code=1)
        self.assertIn("its budget of 3 trials is used up", refused.stderr)
        resumed = self.cli("study", "resume", "toy", "--budget", 5).stdout  # its worker may have begun already
        self.assertRegex(resumed, r"^toy: ACTIVE(, \d trials? running)?\n$")
        self.assertIn("toy  COMPLETED  5/5 trials", self.cli("study", "watch", "toy").stdout)
        self.assertEqual(self.json("study", "show", "toy")["document"]["budget"], {"trials": 5, "parallel": 2})

    def test_a_study_that_was_stopped_goes_on_where_it_was_moved_to(self):
        self.create("toy", trials=4)
        self.cli("study", "stop", "toy", "--now")
        self.cli("study", "export", "toy", "--output", self.folder / "toy.jsonl")
        self.cli("study", "import", self.folder / "toy.jsonl", "--name", "moved")
        self.assertEqual(self.cli("study", "resume", "moved").stdout, "moved: ACTIVE\n")
        self.start_worker()
        self.assertIn("moved  COMPLETED  4/4 trials", self.cli("study", "watch", "moved").stdout)

    def test_a_study_is_created_once(self):
        self.create("toy", trials=6)
        self.create("toy", trials=6)
        file = self.folder / "study.yaml"
        file.write_text(file.read_text().replace("trials: 6", "trials: 7"))
        other = self.cli("study", "create", "-f", file, code=1)
        self.assertIn("owners/ada/studies/toy exists with other content", other.stderr)
        file.write_text(file.read_text().replace("RANDOM_SEARCH", "RANDOM_SAERCH"))
        located = self.cli("study", "create", "-f", file, "--name", "other", code=2)
        self.assertIn(f"{file}:3: algorithm: ", located.stderr)
        self.assertIn("did you mean 'RANDOM_SEARCH'?", located.stderr)

    def test_a_study_moves_to_another_server_and_is_equal(self):
        self.create("toy", trials=6)
        self.start_worker()
        self.cli("study", "watch", "toy")
        exported = self.folder / "toy.jsonl"
        self.cli("study", "export", "toy", "--artifacts", "--output", exported)
        records = [json.loads(line) for line in exported.read_text().splitlines()]
        self.assertEqual(records[0]["study"]["next_trial_id"], "7")
        self.assertEqual(sum("trial" in record for record in records), 6)
        self.assertTrue(any(record.get("artifact", {}).get("name") == "model.txt" for record in records))
        self.assertEqual(records[-1], {"end": {"trials": "6"}})

        taken = self.cli("study", "import", exported, code=1)
        self.assertIn("owners/ada/studies/toy exists already; import under another name (--name)", taken.stderr)
        other = Server(self.folder / "other", log=self.folder / "other.log")
        self.addCleanup(other.close)
        there = ["--server", other.endpoint, "--owner", "ada"]
        self.assertEqual(run("photinus", *there, "study", "import", exported).stdout, "owners/ada/studies/toy\n")
        self.assertEqual(run("photinus", *there, "study", "export", "toy", "--artifacts").stdout, exported.read_text())
        self.assertEqual(run("photinus", *there, "trial", "list", "toy", "-o", "json").stdout,
                         self.cli("trial", "list", "toy", "-o", "json").stdout)

        table = self.folder / "toy.csv"
        self.cli("study", "export", "toy", "-o", "csv", "--output", table)
        rows = list(csv.DictReader(io.StringIO(table.read_text(), newline="")))
        self.assertEqual([row["id"] for row in rows], ["1", "2", "3", "4", "5", "6"])
        refused = self.cli("study", "import", table, "--name", "table", code=2)
        self.assertIn(f"{table}:1: is no line of an exported study", refused.stderr)
        lines = exported.read_text().splitlines()
        exported.write_text("\n".join([lines[0], lines[1].replace('"attempt":1', '"attempt":-1')]))
        refused = self.cli("study", "import", exported, "--name", "bad", code=2)
        self.assertIn(f"{exported}:2: trial.attempt: is -1; must be 1 to 1000000", refused.stderr)
        self.cli("study", "show", "bad", code=3)

    def test_a_backup_of_a_running_server_is_restored(self):
        self.create("toy", trials=6)
        self.start_worker()
        self.cli("study", "watch", "toy")
        exported = self.cli("study", "export", "toy", "--artifacts").stdout
        backup = self.folder / "db.backup"
        self.cli("server", "backup", backup)
        self.cli("server", "backup", backup, code=2)
        storage = f"sqlite://{self.folder}/db"
        used = run("photinus-server", "backup", "--storage", storage, "--to", self.folder / "second", check=False)
        self.assertEqual(used.returncode, 1)
        self.assertIn("photinus server backup FILE", used.stderr)
        self.assertEqual(self.server.stop(), 0)
        run("photinus-server", "backup", "--storage", storage, "--to", self.folder / "second")
        there = run("photinus-server", "restore", "--from", backup, "--storage", storage, check=False)
        self.assertEqual(there.returncode, 1)
        self.assertIn("exists already", there.stderr)
        for number, copy in enumerate([backup, self.folder / "second"]):
            restored = self.folder / f"restored{number}"
            run("photinus-server", "restore", "--from", copy, "--storage", f"sqlite://{restored}")
            server = Server(restored, log=self.folder / "restored.log")
            self.addCleanup(server.close)
            result = run("photinus", "--server", server.endpoint, "--owner", "ada", "study", "export", "toy", "--artifacts")
            self.assertEqual(result.stdout, exported)

    def test_small_mistakes_say_what_to_do(self):
        self.create("toy", trials=6)
        piped = run("photinus", "--server", self.server.endpoint, "--owner", "ada", "study", "create", "-f", "-",
                    "--name", "piped", stdin=(self.folder / "study.yaml").read_text())
        self.assertEqual(piped.stdout, "owners/ada/studies/piped\n")
        refused = self.cli("server", "backup", self.folder / "nowhere" / "db", code=2)
        self.assertIn(f"there is no folder {self.folder / 'nowhere'}\n", refused.stderr)
        refused = self.cli("trial", "list", "toy", "--filter", "state = 'COMPLETED'", code=2)
        self.assertIn("--filter: there is no state 'COMPLETED'; the states are REQUESTED, ", refused.stderr)

    def test_a_watch_survives_a_kill_of_the_server_and_misses_nothing(self):
        self.create("toy", trials=6)
        watch = self.watch("toy")
        self.addCleanup(watch.kill)
        self.assertIn("toy  ACTIVE", watch.stdout.readline())
        watch.send_signal(signal.SIGSTOP)  # sees nothing of what follows until it is over
        self.server.kill()
        self.server.close()
        self.server = Server(self.folder / "db", listen=self.server.endpoint, log=self.folder / "server.log")
        self.start_worker()
        self.cli("study", "watch", "toy")
        watch.send_signal(signal.SIGCONT)
        out, err = watch.communicate(timeout=120)
        self.assertEqual(watch.returncode, 0, err)
        self.assertEqual(sum(" SUCCEEDED " in line for line in out.splitlines()), 6, out)
        self.assertIn("toy  COMPLETED  6/6 trials", out)
        self.assertIn("lost the connection to the server; trying again\nconnected again\n", err)

    def test_a_watch_says_that_its_study_was_deleted(self):
        self.create("toy", trials=6)
        watch = self.watch("toy")
        self.addCleanup(watch.kill)
        self.assertIn("toy  ACTIVE", watch.stdout.readline())
        self.cli("study", "delete", "toy", "--yes")
        _, err = watch.communicate(timeout=120)
        self.assertEqual((watch.returncode, err), (3, "photinus: owners/ada/studies/toy was deleted\n"))

    def test_ctrl_c_leaves_a_watch_quietly_and_the_study_alone(self):
        self.create("toy", trials=6)
        watch = self.watch("toy")
        self.addCleanup(watch.kill)
        self.assertIn("toy  ACTIVE", watch.stdout.readline())
        watch.send_signal(signal.SIGINT)
        out, err = watch.communicate(timeout=60)
        self.assertEqual((watch.returncode, out, err), (130, "", ""))
        self.assertEqual(self.json("study", "show", "toy")["state"], "ACTIVE")

    def test_a_server_that_is_gone_is_exit_code_four(self):
        self.server.stop()
        gone = self.cli("study", "list", code=4)
        self.assertIn("is photinus-server running there?", gone.stderr)


class ServerOptionsTest(unittest.TestCase):
    def test_a_bad_cache_size_is_refused(self):
        folder = self.enterContext(temporary_folder())
        for bad in ("0", "-1", "1048577", "1.5", "much", ""):
            refused = run("photinus-server", "--storage", f"sqlite://{folder}/db", f"--cache-mib={bad}", check=False)
            self.assertEqual(refused.returncode, 2, bad)
            self.assertIn("--cache-mib", refused.stderr)
        self.assertEqual(list(folder.iterdir()), [])
        Server(folder / "db", "--cache-mib", 1, log=folder / "server.log").close()

    def test_every_option_is_documented(self):
        options = set(re.findall(r"--[a-z-]+", run("photinus-server", "--help").stdout)) - {"--help"}
        documented = (pathlib.Path(__file__).parents[3] / "docs/operations.md").read_text()
        self.assertIn("--cache-mib", options)
        self.assertEqual([option for option in sorted(options) if f"`{option}" not in documented], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
