"""photinus-server on PostgreSQL: a study from its file to its best trial, across kill -9 of the server; and a server's
end while the database hangs."""
import pathlib
import subprocess
import sys
import time
import unittest

from photinus import PostgresServer, Program, Server, run, temporary_folder

STUDY = """
study: toy
algorithm: RANDOM_SEARCH
parameters:
  - {{name: lr, type: double, min: 0, max: 1}}
metrics:
  - {{name: accuracy, goal: maximize}}
budget: {{trials: 6, parallel: 2}}
trial: {{executor: command, argv: [{python}, {script}, '{{lr}}']}}
"""


class PostgresTest(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(temporary_folder())
        self.postgres = PostgresServer()
        self.addCleanup(self.postgres.close)

    def cli(self, *arguments):
        return run("photinus", "--server", self.server.endpoint, "--owner", "ada", *arguments).stdout

    def start(self, listen="127.0.0.1:0", *arguments):
        self.server = Server(self.postgres.url, *arguments, listen=listen, log=self.folder / "server.log")
        self.addCleanup(self.server.close)

    def test_a_study_survives_the_server(self):
        self.start()
        file = self.folder / "study.yaml"
        script = self.folder / "train.py"
        script.write_text("import json, sys; print(json.dumps({'step': 1, 'accuracy': float(sys.argv[1])}))")
        file.write_text(STUDY.format(python=sys.executable, script=script))
        self.assertEqual(self.cli("study", "create", "-f", file), "owners/ada/studies/toy\n")
        self.server.kill()
        self.start(self.server.endpoint)
        worker = Program("photinus-worker", "--server", self.server.endpoint, "--name", "w1", "--slots", 2,
                         "--data-dir", self.folder / "data", log=self.folder / "worker.log")
        self.addCleanup(worker.close)
        lines = self.cli("study", "watch", "toy").splitlines()
        self.assertEqual(lines[-1], "toy  COMPLETED  6/6 trials [########################]")
        best = self.cli("trial", "best", "toy")
        self.assertEqual(self.server.stop(), 0, (self.folder / "server.log").read_text())
        self.start(self.server.endpoint)
        self.assertEqual(self.cli("trial", "best", "toy"), best)
        log = (self.folder / "server.log").read_text()
        self.assertNotIn("[error]", log)
        self.assertNotIn(self.postgres.url, log, "a URL may hold a password")
        self.assertRegex(log, r"serves postgresql://[^@?]*/\w+ on ")

        self.assert_a_dump_is_equal()

    def test_a_server_ends_though_the_database_hangs(self):
        self.start("127.0.0.1:0", "--drain-time", "0s")
        self.postgres.freeze()
        log = self.folder / "server.log"
        while "the database is away" not in log.read_text():
            time.sleep(0.05)  # a poll of another process, not a wait for luck
        self.assertEqual(self.server.stop(), 1)
        self.assertIn("the storage still does not answer", log.read_text())

    def assert_a_dump_is_equal(self):
        """The commands of docs/operations.md."""
        exported = self.cli("study", "export", "toy", "--artifacts")
        refused = run("photinus", "--server", self.server.endpoint, "server", "backup", self.folder / "copy", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("pg_dump", refused.stderr)
        dump = self.folder / "photinus.dump"
        location, parameters = self.postgres.url.split("?", 1)
        restored = f"{location.rsplit('/', 1)[0]}/restored?{parameters}"
        tools = pathlib.Path("/usr/lib/postgresql/15/bin")
        for command in (["pg_dump", "--format=custom", f"--file={dump}", self.postgres.url],
                        ["createdb", f"--maintenance-db={self.postgres.url}", "restored"],
                        ["pg_restore", "--no-owner", f"--dbname={restored}", dump]):
            subprocess.run([tools / command[0], *command[1:]], check=True, capture_output=True, text=True)
        server = Server(restored, log=self.folder / "restored.log")
        self.addCleanup(server.close)
        there = run("photinus", "--server", server.endpoint, "--owner", "ada", "study", "export", "toy", "--artifacts")
        self.assertEqual(there.stdout, exported)


if __name__ == "__main__":
    unittest.main()
