"""What the Python tests share: running Photinus' programs, and calling the services with plain dicts.

The programs are found in the folder PHOTINUS_BIN, message descriptors in the file PHOTINUS_DESCRIPTORS; ctest sets both.
"""
import contextlib
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

BIN = pathlib.Path(os.environ["PHOTINUS_BIN"])
SKIPPED = 77  # the exit code that ctest takes for it
START_SECONDS = 60  # generous: shared machines and sanitizers


class Program:
    """A child process in a session of its own, so that nothing of it outlives the test."""

    def __init__(self, name, *arguments, env=None, log=None):
        self._log = open(log, "ab") if log else None
        self._log_path = log
        self.process = subprocess.Popen(
            [BIN / name, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log or subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            env={**os.environ, **(env or {})},
        )

    def kill(self):
        """kill -9 of this process alone: its children must cope by themselves."""
        self.process.kill()
        self.process.wait()

    def stop(self, timeout=60):
        """SIGTERM, then waits; returns the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(timeout)

    def close(self):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        if self._log:
            self._log.close()


class Server(Program):
    """A photinus-server on loopback; `database`: a file or a URL; `listen` fixes the address across restarts."""

    def __init__(self, database, *arguments, listen="127.0.0.1:0", log=None):
        storage = str(database) if "://" in str(database) else f"sqlite://{database}"
        super().__init__("photinus-server", "--storage", storage, "--listen", listen, *arguments, log=log)
        line = self._first_line()
        if not line.startswith("listening on "):
            self.close()
            raise RuntimeError(f"photinus-server did not start: {line!r}; see {log or 'its log'}")
        self.endpoint = line.removeprefix("listening on ")

    def end(self):
        """Stops and closes it; fails unless it ended well and logged no error."""
        exit_code = self.stop()
        self.close()
        log = pathlib.Path(self._log_path).read_text()
        assert exit_code == 0, f"photinus-server exited with {exit_code}: {log}"
        assert "[error]" not in log, log

    def gives_memory_back(self):
        """False under sanitizers, which keep what is freed."""
        return "jemalloc" in pathlib.Path(f"/proc/{self.process.pid}/maps").read_text()

    def _first_line(self):
        timer = threading.Timer(START_SECONDS, self.process.kill)
        timer.start()
        try:
            return self.process.stdout.readline().strip()
        finally:
            timer.cancel()


class PostgresServer:
    """A PostgreSQL server with one empty database, `url`; ends with this process. See tests/support/postgres_server.h."""

    def __init__(self):
        self._process = subprocess.Popen(
            [BIN.parent / "tests" / "postgres_server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            self.close()
            sys.exit(1 if os.environ.get("CI") == "true" or self._process.returncode != SKIPPED else SKIPPED)

    def crash(self):
        """kill -9 of the server; returns once it has recovered."""
        self._command("crash")

    def freeze(self):
        """From now on the server accepts connections and never answers."""
        self._command("freeze")

    def _command(self, command):
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        if self._process.stdout.readline() != command + " done\n":
            raise RuntimeError(f"PostgreSQL: {command} failed")

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def run(name, *arguments, check=True, env=None, timeout=120, stdin=""):
    """Runs a program to its end, with the text `stdin` to read; returns the CompletedProcess with text output."""
    result = subprocess.run(
        [BIN / name, *map(str, arguments)],
        input=stdin, capture_output=True, text=True, timeout=timeout, env={**os.environ, **(env or {})})
    if check and result.returncode != 0:
        raise RuntimeError(f"{name} {arguments} exited with {result.returncode}: {result.stderr}")
    return result


class Wire:
    """Calls any method with a dict, by protobuf's JSON names: call('vizier.VizierService/GetStudy', {'name': ...})."""

    def __init__(self, endpoint):
        self._pool = descriptor_pool.DescriptorPool()
        files = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(os.environ["PHOTINUS_DESCRIPTORS"]).read_bytes())
        for file in files.file:
            self._pool.Add(file)
        self._channel = grpc.insecure_channel(endpoint, [
            ("grpc.max_receive_message_length", -1),
            # A killed server is back within milliseconds.
            ("grpc.initial_reconnect_backoff_ms", 50), ("grpc.min_reconnect_backoff_ms", 1000),
            ("grpc.max_reconnect_backoff_ms", 200), ("grpc.use_local_subchannel_pool", 1)])

    def close(self):
        self._channel.close()

    def message(self, name):
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(name))

    def call(self, method, request, metadata=(), timeout=30):
        return self.call_bytes(method, self._bytes(method, request), metadata, timeout)

    def call_bytes(self, method, request_bytes, metadata=(), timeout=30):
        return self._dict(method, self.call_raw(method, request_bytes, metadata, timeout))

    def call_raw(self, method, request_bytes, metadata=(), timeout=30):
        """The bytes of the reply; also of methods that do not exist."""
        stub = self._channel.unary_unary(f"/{method}")
        return stub(request_bytes, metadata=metadata, timeout=timeout, wait_for_ready=True)

    def upload(self, method, requests, timeout=30):
        """Calls a method that takes a stream."""
        return self._dict(method, self.start_upload(method, requests, timeout).result())

    def start_upload(self, method, requests, timeout=30):
        """The same in the background; can be cancelled."""
        stub = self._channel.stream_unary(f"/{method}")
        return stub.future((self._bytes(method, request) for request in requests), timeout=timeout)

    def download(self, method, request, timeout=30):
        """The stream of a method that gives one; can be iterated and cancelled."""
        def to_dict(reply):
            return self._dict(method, reply)

        return self._channel.unary_stream(f"/{method}", response_deserializer=to_dict)(
            self._bytes(method, request), timeout=timeout)

    def _descriptor(self, method):
        service, name = method.split("/")
        return self._pool.FindServiceByName(service).FindMethodByName(name)

    def _bytes(self, method, request):
        message = self.message(self._descriptor(method).input_type.full_name)()
        json_format.ParseDict(request, message, descriptor_pool=self._pool)
        return message.SerializeToString()

    def _dict(self, method, reply):
        message = message_factory.GetMessageClass(self._descriptor(method).output_type).FromString(reply)
        return json_format.MessageToDict(message, descriptor_pool=self._pool)


def eventually(condition, seconds=60, what="the condition"):
    """Polls until `condition()` is truthy and returns its value; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)  # a poll of another process, not a wait for luck
    raise AssertionError(f"{what} did not happen within {seconds} s")


def processes_of(folder):
    """Command lines of the living processes that know `folder`, from their arguments or environment; without this one."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):  # it ended meanwhile
            arguments = (entry / "cmdline").read_bytes()
            if str(folder).encode() in arguments + (entry / "environ").read_bytes():
                found.append(arguments.replace(b"\0", b" ").decode(errors="replace"))
    return found


def children_of(pid):
    listing = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(p) for p in listing.split()]


def kill_any(pids):
    """Kills one of the processes; False if there is none, or it ended in between."""
    if not pids:
        return False
    try:
        os.kill(random.choice(pids), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


@contextlib.contextmanager
def temporary_folder():
    with tempfile.TemporaryDirectory(prefix="photinus-test-") as folder:
        yield pathlib.Path(folder)
