"""A server and workers of a build, for scripts that run studies of real networks in pieces."""
import json
import os
import pathlib
import signal
import subprocess
import sys


class StudyPrograms:
    """A server and its workers on the folder `work`; all end with this object."""

    def __init__(self, programs, work, workers=1, slots=1, worker_options=()):
        self._bin = pathlib.Path(programs)
        self._work = work
        self._slots = slots
        self._worker_options = worker_options
        self._workers = [None] * workers
        self.server = self._start("photinus-server", "photinus-server", "--storage", f"sqlite://{work}/photinus.db",
                                  "--listen", "127.0.0.1:0", stdout=subprocess.PIPE)
        line = self.server.stdout.readline().strip()
        if not line.startswith("listening on "):
            sys.exit(f"photinus-server did not start: see {work}/photinus-server.log")
        self._address = line.removeprefix("listening on ")

    def keep_running(self):
        """Starts the workers that do not run: they leave when they see no work, or fail, which their logs say."""
        if self.server.poll() is not None:
            sys.exit(f"photinus-server ended: see {self._work}/photinus-server.log, then start this script again")
        for i, worker in enumerate(self._workers):
            if worker is None or worker.poll() is not None:
                name = f"worker-{i + 1}"
                self._workers[i] = self._start("photinus-worker", name, "--server", self._address, "--slots",
                                               str(self._slots), "--name", name, "--data-dir", str(self._work / "data"),
                                               "--exit-when-idle", *self._worker_options)

    def client(self, *arguments):
        """What `photinus` prints."""
        result = subprocess.run([self._bin / "photinus", *arguments], capture_output=True, text=True,
                                env={**os.environ, "PHOTINUS_SERVER": self._address, "PHOTINUS_OWNER": "bench"})
        if result.returncode != 0:
            raise RuntimeError(f"photinus {' '.join(arguments)}: {result.stderr.strip()}")
        return result.stdout

    def rows(self, *arguments):
        return json.loads(self.client(*arguments, "-o", "json"))

    def end(self):
        for group in (self._workers, [self.server]):  # workers first: they hand unfinished trials back
            running = [process for process in group if process is not None and process.poll() is None]
            for process in running:
                process.send_signal(signal.SIGTERM)
            for process in running:
                process.wait()

    def _start(self, program, log_name, *arguments, stdout=subprocess.DEVNULL):
        with open(self._work / f"{log_name}.log", "a") as log:
            return subprocess.Popen([self._bin / program, *arguments], stdin=subprocess.DEVNULL, stdout=stdout, stderr=log,
                                    text=True, start_new_session=True)
