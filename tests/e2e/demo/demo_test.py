"""The demo: Ctrl-C ends all of it, --resume goes on even after kill -9, and the search finds a good small network.

Usage: demo_test.py REPOSITORY
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

from photinus import eventually, processes_of, temporary_folder

LAST_LINE = re.compile(r"best: trial \d+ int8_test_accuracy (0\.\d{3}) size_bytes (\d+) tflite (\S+)")
SECONDS = 600  # of a whole demo, data included


class Demo:
    """demo.sh in a session of its own, as a terminal would start it."""

    def __init__(self, repository, folder, mode):
        self.process = subprocess.Popen(
            [pathlib.Path(repository) / "deploy/demo/demo.sh", mode], env={**os.environ, "PHOTINUS_DEMO_DIR": str(folder)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)

    def read_until(self, text):
        """Lines up to the first that holds `text`; all of them where `text` is None."""
        lines = []
        for line in self.process.stdout:
            lines.append(line.rstrip("\n"))
            if text is not None and text in line:
                return lines
        assert text is None, f"the demo ended without '{text}':\n" + "\n".join(lines)
        return lines

    def signal(self, number):
        os.killpg(self.process.pid, number)  # as a terminal does
        return self.process.wait(120)


def main():
    repository = sys.argv[1]
    with temporary_folder() as folder:
        demo = Demo(repository, folder, "--fresh")
        demo.read_until("SUCCEEDED")
        status = demo.signal(signal.SIGINT)
        assert status == 130, f"Ctrl-C: exit status {status}"
        assert not processes_of(folder), f"Ctrl-C left {processes_of(folder)}"

        demo = Demo(repository, folder, "--resume")
        demo.read_until("step")
        demo.signal(signal.SIGKILL)
        assert processes_of(folder), "kill -9 of the script was to leave its programs behind"

        started = time.monotonic()
        demo = Demo(repository, folder, "--resume")
        lines = demo.read_until(None)
        print("\n".join(lines))
        assert demo.process.wait(60) == 0, f"exit status {demo.process.returncode}"
        assert time.monotonic() - started < SECONDS
        match = LAST_LINE.fullmatch(lines[-1])
        assert match, f"the last line is {lines[-1]!r}"
        accuracy, size, path = float(match[1]), int(match[2]), pathlib.Path(match[3])
        assert accuracy >= 0.70 and size <= 60_000 and path.stat().st_size == size, lines[-1]
        assert path.read_bytes()[4:8] == b"TFL3"
        assert any("24/24 trials" in line for line in lines), "not all trials were run"
        eventually(lambda: not processes_of(folder), 10, "the end of all processes")


main()
