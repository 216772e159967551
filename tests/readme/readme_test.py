"""Runs the README's commands as they stand there, in order, in one shell; only the default port becomes a free one.

Usage: readme_test.py REPOSITORY
"""
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys

from photinus import BIN, temporary_folder

DEFAULT_PORT = "28080"


def blocks(markdown, language):
    return re.findall(rf"^```{language}\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def shell_script(markdown, port):
    script = ["set -euo pipefail", "trap 'kill $(jobs -p); wait' EXIT"]
    for block in blocks(markdown, "sh"):
        # The programs are wherever this build put them.
        script.append(block.replace("$PWD/build/release/bin", str(BIN)))
        if "photinus-server" in block:
            script.append("for i in $(seq 100); do photinus study list >/dev/null 2>&1 && break; sleep 0.1; done")
    python = blocks(markdown, "python")[0]
    script.append(f"{sys.executable} - <<'END'\n{python}END\n")
    return "\n".join(script).replace(DEFAULT_PORT, str(port))


def main():
    markdown = (pathlib.Path(sys.argv[1]) / "README.md").read_text()
    port = free_port()
    with temporary_folder() as folder:
        environment = {**os.environ, "HOME": str(folder), "USER": "reader"}
        shell = subprocess.Popen(["bash", "-c", shell_script(markdown, port)], cwd=folder, env=environment, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            output, _ = shell.communicate(timeout=300)
        finally:
            try:
                os.killpg(shell.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        print(output)
        assert shell.returncode == 0, f"a command of the README failed with {shell.returncode}"
        for expected in ("COMPLETED", "tuned", "width", "'x'"):
            assert expected in output, f"'{expected}' is missing from the output"
        assert (folder / "net.tflite").read_bytes()[4:8] == b"TFL3"


main()
