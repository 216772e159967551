"""Named bad inputs: each gives the exact code, reason and a message that says what to do, and changes nothing."""
import contextlib
import hashlib
import os
import pathlib
import queue
import socket
import sqlite3
import subprocess
import sys
import threading
import time

import grpc

from bad_requests import (CATEGORIES, CLOSED, INVALID, MIB, OTHER, OWNER, QUERY, SERVED, STUDY, VIZIER, WORKER, cases, categorical,
                          measurement, study, trial)
from photinus import BIN, Server, Wire, eventually, run, temporary_folder

MESSAGE_BYTES = 1024  # at most
LEASE = 3600  # seconds; none runs out, so nothing changes by itself
WARM_UP_ROUNDS = 6  # until caches and threads have what they keep; one round alone varies by some megabytes
RSS_SLACK = 0.05, 8 << 10  # a share, or kB: equal rounds differ by up to 5 MB, as the heaps of threads do

VALID_FILE = """\
study: from-file
algorithm: RANDOM_SEARCH
parameters:
  - {name: lr, type: double, min: 1.0e-4, max: 1.0e-1, scale: log}
metrics:
  - {name: accuracy, goal: maximize}
budget: {trials: 3}
trial: {executor: command, argv: [echo, '{lr}']}
"""

USAGE = 2  # the exit code

# situation, text replaced in VALID_FILE, its replacement, parts of the message
FILES = [
    ("misspelt top-level key", "budget:", "budgte:", ["study.yaml:7", "budgte", "did you mean 'budget'?"]),
    ("misspelt parameter key", "min: 1.0e-4", "minn: 1.0e-4", ["study.yaml:4", "minn", "did you mean 'min'?"]),
    ("unknown parameter type", "type: double", "type: duoble", ["study.yaml:4", "duoble", "double"]),
    ("text for a number", "max: 1.0e-1", "max: high", ["study.yaml:4", "max", "must be a number"]),
    ("inverted bounds", "max: 1.0e-1", "max: 1.0e-9", ["study.yaml:4", "min"]),
    ("log scale at zero", "min: 1.0e-4", "min: 0", ["study.yaml:4", "log"]),
    ("unknown goal", "maximize", "maximise", ["study.yaml:6", "maximise", "maximize"]),
    ("argv names an unknown parameter", "{lr}", "{rl}", ["study.yaml:8", "rl", "lr"]),
    ("unknown space", "algorithm: RANDOM_SEARCH", "algorithm: RANDOM_SEARCH\nspace: keyword-small", ["study.yaml:3", "keyword-small", "keywords-small"]),
    ("key that is not built yet", "budget: {trials: 3}", "budget: {trials: 3, duration: 24h}", ["study.yaml:7", "duration", "not"]),
    ("duplicate key", "budget: {trials: 3}", "budget: {trials: 3}\nbudget: {trials: 4}", ["study.yaml:8", "budget"]),
    ("YAML that does not parse", "budget: {trials: 3}", "budget: {trials: 3", ["study.yaml:8"]),
    ("integer beyond 2^53", "type: double, min: 1.0e-4, max: 1.0e-1", "type: integer, min: 1, max: 9100000000000000", ["study.yaml:4", "max", "2^53"]),
    ("discrete values too close", "type: double, min: 1.0e-4, max: 1.0e-1", "type: discrete, values: [1, 1.00000000001]", ["study.yaml:4", "values[1]"]),
    ("unknown algorithm", "RANDOM_SEARCH", "RANDOM_SAERCH", ["study.yaml:2", "algorithm", "RANDOM_SEARCH"]),
    ("unknown stopping rule", "budget:", "early_stopping: {rule: MEDAIN}\nbudget:", ["study.yaml:7", "early_stopping.rule", "MEDIAN"]),
]


class State:
    """Every row that the server keeps."""

    def __init__(self, database):
        self._database = sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None)

    def is_erasing(self):
        """Whether something of a deleted study is still there."""
        return bool(self._database.execute("SELECT 1 FROM studies WHERE deleted").fetchone())

    def rows(self):
        return set(self._database.iterdump())


class Checks:
    """Prints each result and counts the faults."""

    def __init__(self, state):
        self._state = state
        self._before = None
        self.count = 0
        self.faults = []

    def begin(self):
        self._before = self._state.rows()

    def check(self, situation, condition, what):
        self.count += 1
        print(f"{'ok  ' if condition else 'FAIL'} {situation}" + ("" if condition else f": {what}"))
        if not condition:
            self.faults.append(situation)

    def check_nothing_changed(self, situation):
        after = self._state.rows()
        if after != self._before:
            changed = "\n".join(row[:200] for row in sorted(after ^ self._before))
            self._before = after
            self.check(situation, False, f"changed:\n{changed}")


class Refusal:
    """What a server answered to a bad request."""

    def __init__(self, wire, error):
        self.code = error.code().name
        self.message = error.details()
        self.reason = self._reason(wire, dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b""))

    @staticmethod
    def _reason(wire, details):
        info = wire.message("google.rpc.ErrorInfo")()
        for detail in wire.message("google.rpc.Status").FromString(details).details:
            if detail.Unpack(info) and info.domain == "photinus":
                return info.reason
        return ""

    def fits(self, case):
        return ((self.code, self.reason) == (case.code, case.reason) and all(part in self.message for part in case.parts)
                and len(self.message.encode()) <= MESSAGE_BYTES)

    def __str__(self):
        return f"{self.code} ({self.reason}): {self.message[:2000]}"


def prepare(wire):
    """Studies in several states, and the tokens that belong to them."""
    served = {"version": 1, "trial": {"executor": "command", "argv": ["true"]}}
    for request in (study(name="good"), {**study(name="good"), "parent": "owners/other"}, study(name="closed"), study(name="gone"),
                    study(categorical("c", *(f"value {i}" for i in range(1000))), name="categories"),
                    study(name="served", document=served)):
        wire.call(VIZIER + "CreateStudy", request)
    for name in (STUDY, OTHER):
        wire.call(VIZIER + "SuggestTrials", {"parent": name, "clientId": "c", "suggestionCount": 2})
        wire.call(VIZIER + "CompleteTrial", {"name": f"{name}/trials/2", "finalMeasurement": measurement(y=1)})
        wire.call(VIZIER + "CreateTrial", trial(("x", 0.5), parent=name))
    for name in (CLOSED, f"{OWNER}/studies/gone"):
        wire.call(VIZIER + "SuggestTrials", {"parent": name, "clientId": "c", "suggestionCount": 2})
    wire.call(VIZIER + "SetStudyState", {"parent": CLOSED, "state": "COMPLETED"})
    leases = [wire.call(WORKER + "PullTrial", {"worker": "w", "clientId": f"w.{slot}", "incarnation": "i", "executors": ["command"]})["leaseToken"]
              for slot in range(2)]

    wire.call(WORKER + "PullTrial", {"worker": "w2", "clientId": "w2.0", "incarnation": "i", "executors": ["none"]})

    def page(method, **request):
        return wire.call(method, {"pageSize": 1, **request})["nextPageToken"]

    tokens = {
        "trials page": page(VIZIER + "ListTrials", parent=STUDY),
        "studies page": page(VIZIER + "ListStudies", parent=OWNER),
        "query page": page(QUERY + "QueryTrials", parent=STUDY),
        "other page": page(VIZIER + "ListTrials", parent=OTHER),
        "gone page": page(VIZIER + "ListTrials", parent=f"{OWNER}/studies/gone"),
        "lease": leases[0],
        "other lease": leases[1],
        "future lease": leases[0][:-1] + "9",
    }
    wire.call(VIZIER + "DeleteStudy", {"name": f"{OWNER}/studies/gone"})
    return tokens


def requests(wire, checks, tokens):
    for case in cases(tokens):
        try:
            call = wire.call_bytes if isinstance(case.request, bytes) else wire.call
            checks.check(case.situation, False, f"was accepted: {call(case.method, case.request, case.metadata)}")
        except grpc.RpcError as error:
            answer = Refusal(wire, error)
            checks.check(case.situation, answer.fits(case), f"{answer}\n     wanted {case.code} ({case.reason}) with {case.parts}")
        checks.check_nothing_changed(case.situation)


def in_band(wire, checks):
    """Vizier's clients look for this error in the reply."""
    reply = wire.call(VIZIER + "UpdateMetadata", {"name": STUDY, "delta": [
        {"metadatum": {"key": "k", "value": "v"}}, {"trialId": "99", "metadatum": {"key": "k", "value": "v"}}]})
    checks.check("metadata of an unknown trial", "99" in reply.get("errorDetails", ""), reply)
    checks.check_nothing_changed("metadata of an unknown trial")


def uploads(wire, checks, tokens):
    """Artifact streams that break the rules."""
    data = b"x" * 1000
    header = {"trial": f"{SERVED}/trials/1", "name": "model", "size": str(len(data)), "sha256": hashlib.sha256(data).hexdigest(),
              "leaseToken": tokens["lease"]}
    good, part = {"header": header}, {"chunk": "eHh4"}  # xxx
    for situation, messages, code, reason, text in (
            ("upload of nothing", [], INVALID, INVALID, "header"),
            ("upload without a header", [part], INVALID, INVALID, "header"),
            ("upload with two headers", [good, good], INVALID, INVALID, "twice"),
            ("upload of too few bytes", [good, part], INVALID, INVALID, "size"),
            ("upload of too many bytes", [{"header": {**header, "size": "2"}}, part], INVALID, INVALID, "size"),
            ("upload of other bytes", [{"header": {**header, "size": "3"}}, part], INVALID, INVALID, "sha256"),
            ("upload of -1 bytes", [{"header": {**header, "size": "-1"}}], INVALID, INVALID, "size"),
            ("upload of 64 MiB + 1", [{"header": {**header, "size": str(64 * MIB + 1)}}], INVALID, INVALID, "size"),
            ("upload without a checksum", [{"header": {**header, "sha256": ""}}], INVALID, INVALID, "sha256"),
            ("upload into another folder", [{"header": {**header, "name": "../model"}}], INVALID, INVALID, "name"),
            ("upload of a hidden file", [{"header": {**header, "name": ".model"}}], INVALID, INVALID, "name"),
            ("upload for a study", [{"header": {**header, "trial": SERVED}}], INVALID, INVALID, "trials/{id}"),
            ("upload with a malformed token", [{"header": {**header, "leaseToken": "x"}}], INVALID, INVALID, "lease_token"),
            ("upload under another lease", [{"header": {**header, "leaseToken": tokens["other lease"], "size": "3",
                                                        "sha256": hashlib.sha256(b"xxx").hexdigest()}}, part],
             "FAILED_PRECONDITION", "LEASE_LOST", "no longer leased"),
            ("upload for an unknown trial", [{"header": {**header, "trial": f"{SERVED}/trials/99", "size": "3",
                                                         "sha256": hashlib.sha256(b"xxx").hexdigest()}}, part],
             "NOT_FOUND", "TRIAL_NOT_FOUND", "99")):
        try:
            checks.check(situation, False, f"was accepted: {wire.upload(WORKER + 'PutArtifact', messages)}")
        except grpc.RpcError as error:
            answer = Refusal(wire, error)
            checks.check(situation, (answer.code, answer.reason) == (code, reason) and text in answer.message, answer)
        checks.check_nothing_changed(situation)
    def client_that_dies():
        yield good
        raise RuntimeError("the client is gone")

    with contextlib.suppress(grpc.RpcError):
        wire.upload(WORKER + "PutArtifact", client_that_dies())
    checks.check_nothing_changed("upload cut in the middle")
    idle_uploads(wire, checks, header)


def idle_uploads(wire, checks, header):
    """Many streams that announce much and send nothing leave room for others."""
    announced, over = queue.SimpleQueue(), threading.Event()

    def idle():
        yield {"header": {**header, "size": str(64 * MIB)}}
        announced.put(None)  # the header is on its way once the next message is asked for
        over.wait()

    streams = [wire.start_upload(WORKER + "PutArtifact", idle()) for _ in range(10)]
    for _ in streams:
        announced.get(timeout=30)
    try:
        wire.upload(WORKER + "PutArtifact", [{"header": {**header, "size": "3"}}, {"chunk": "eHh4"}])
        checks.check("upload beside idle ones", False, "was accepted, with another checksum")
    except grpc.RpcError as error:
        answer = Refusal(wire, error)
        checks.check("upload beside idle ones", "sha256" in answer.message, answer)
    for stream in streams:
        stream.cancel()
    over.set()


def downloads(wire, checks):
    """Streams of the server's that have nothing to send."""
    for situation, method, request, code, reason in (
            ("download of an unknown artifact", WORKER + "GetArtifact", {"trial": f"{STUDY}/trials/1", "name": "none"}, "NOT_FOUND", "ARTIFACT_NOT_FOUND"),
            ("download of an unknown trial", WORKER + "GetArtifact", {"trial": f"{STUDY}/trials/99", "name": "none"}, "NOT_FOUND", "TRIAL_NOT_FOUND"),
            ("download of a malformed trial", WORKER + "GetArtifact", {"trial": STUDY, "name": "none"}, INVALID, INVALID),
            ("watch of an unknown study", QUERY + "WatchStudy", {"name": f"{OWNER}/studies/none"}, "NOT_FOUND", "STUDY_NOT_FOUND"),
            ("watch of an owner", QUERY + "WatchStudy", {"name": OWNER}, INVALID, INVALID)):
        try:
            checks.check(situation, False, f"was accepted: {list(wire.download(method, request))}")
        except grpc.RpcError as error:
            answer = Refusal(wire, error)
            checks.check(situation, (answer.code, answer.reason) == (code, reason), answer)
        checks.check_nothing_changed(situation)
    watch = wire.download(QUERY + "WatchStudy", {"name": STUDY})
    next(watch)
    watch.cancel()
    checks.check_nothing_changed("watch cut in the middle")


def transport(server, wire, checks):
    """What gRPC answers by itself, before any of our code."""
    excessive = Wire(server.endpoint)  # a connection that gRPC may close after such requests

    def expect(situation, code, call):
        try:
            checks.check(situation, False, f"was accepted: {call()}")
        except grpc.RpcError as error:
            checks.check(situation, error.code().name == code, error)
        checks.check_nothing_changed(situation)

    def pull(timeout):
        return wire.call(WORKER + "PullTrial", {"worker": "w2", "clientId": "w2.0", "incarnation": "i", "executors": ["none"],
                                                "waitSeconds": 60}, timeout=timeout)

    large = study(name="l" * (17 * MIB))
    expect("message of 17 MiB", "RESOURCE_EXHAUSTED", lambda: excessive.call(VIZIER + "CreateStudy", large))
    expect("header of 64 KiB", "RESOURCE_EXHAUSTED",
           lambda: excessive.call(VIZIER + "GetStudy", {"name": STUDY}, metadata=(("x-lease-token", "t" * 65536),)))
    excessive.close()
    expect("deadline that passes while the call waits", "DEADLINE_EXCEEDED", lambda: pull(0.2))
    expect("unknown method", "UNIMPLEMENTED", lambda: wire.call_raw("vizier.VizierService/DropStudies", b""))
    expect("unknown service", "UNIMPLEMENTED", lambda: wire.call_raw("admin.Service/Shutdown", b""))


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def garbage(server, wire, checks):
    """Connections that do not speak the protocol; the server goes on."""
    host, port = server.endpoint.split(":")
    for situation, data in (
            ("HTTP/1.1 on the port", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
            ("TLS on the port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)),
            ("NUL bytes on the port", bytes(100_000)),
            ("text on the port", b"hello\n" * 10_000),
            ("HTTP/2 preface and text", PREFACE + b"hello\n" * 10_000),
            ("HTTP/2 frame of 16 MiB", PREFACE + b"\xff\xff\xff\x00\x00\x00\x00\x00\x01" + bytes(1000)),
            ("HTTP/2 frame of an unknown kind", PREFACE + b"\x00\x00\x04\xee\x00\x00\x00\x00\x01abcd"),
            ("HTTP/2 headers that do not decode", PREFACE + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" + b"\x00\x00\x04\x01\x05\x00\x00\x00\x01\xff\xff\xff\xff"),
            ("HTTP/2 data without a stream", PREFACE + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" + b"\x00\x00\x04\x00\x01\x00\x00\x00\x07abcd"),
            ("HTTP/2 settings out of range", PREFACE + b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x04\xff\xff\xff\xff"),
            ("connection that is closed at once", b"")):
        with socket.create_connection((host, int(port)), timeout=10) as connection, contextlib.suppress(OSError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        name = wire.call(VIZIER + "GetStudy", {"name": STUDY}).get("name")
        checks.check(situation, server.process.poll() is None and name == STUDY, f"the server answers {name}")
        checks.check_nothing_changed(situation)


def rss(server):
    for line in pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


def settled_rss(server):
    """In kB, once it has stopped falling."""
    lowest, since = rss(server), time.monotonic()

    def has_settled():
        nonlocal lowest, since
        if rss(server) < lowest:
            lowest, since = rss(server), time.monotonic()
        return time.monotonic() - since > 1

    eventually(has_settled)
    return lowest


def check_memory(server, checks, before):
    if not server.gives_memory_back():
        print("memory: not checked, because sanitizers keep what is freed")
        return
    print(f"memory: {before} kB before, {rss(server)} kB after")
    limit = before + max(RSS_SLACK[0] * before, RSS_SLACK[1])
    given_back = True
    try:  # what is free goes back to the system within a second or two
        eventually(lambda: rss(server) <= limit, seconds=20)
    except AssertionError:
        given_back = False
    checks.check("memory is given back", given_back, f"{before} kB became {rss(server)} kB")


def study_files(server, folder, checks):
    file = folder / "study.yaml"
    for situation, old, new, parts in FILES:
        assert old in VALID_FILE, old
        file.write_text(VALID_FILE.replace(old, new, 1))
        result = run("photinus", "--server", server.endpoint, "--owner", "bad", "study", "create", "-f", file, check=False)
        checks.check(f"study file: {situation}", result.returncode == USAGE and all(p in result.stderr for p in parts),
              f"exit {result.returncode}: {result.stderr!r} (wanted {USAGE}, {parts})")
    missing = run("photinus", "--server", server.endpoint, "study", "create", "-f", folder / "none.yaml", check=False)
    checks.check("study file: missing", missing.returncode == USAGE and "none.yaml" in missing.stderr, missing.stderr)
    checks.check_nothing_changed("study files")


def server_environment(server, folder, checks):
    busy = run("photinus-server", "--storage", f"sqlite://{folder}/other.db", "--listen", server.endpoint, check=False)
    checks.check("busy port", busy.returncode == 1 and server.endpoint.split(":")[1] in busy.stderr and "in use" in busy.stderr.lower(),
          f"exit {busy.returncode}: {busy.stderr!r}")
    checks.check("a busy port leaves the database alone", not (folder / "other.db").exists(), "it was made")
    second = run("photinus-server", "--storage", f"sqlite://{folder}/db", "--listen", "127.0.0.1:0", check=False)
    checks.check("database of another server", second.returncode == 1 and str(folder / "db") in second.stderr, second.stderr)
    lost = run("photinus-server", "--storage", f"sqlite://{folder}/no/such/folder/db", "--listen", "127.0.0.1:0", check=False)
    checks.check("missing folder", lost.returncode == 1 and "no/such/folder" in lost.stderr, lost.stderr)
    for url, quoted in (("mysql://ada:secret@host/db", "mysql:...@host/db"), ("ada:secret@host", "ada:...@host"),
                        ("host=h password=secret", "..."), ("sqlite://relative/db", "sqlite://relative/db"),
                        ("/tmp/x.db", "/tmp/x.db"), ("sqlite:x.db", "sqlite:x.db"),
                        ("sqlite:///:memory:", "sqlite:///:memory:"), ("sqlite:///x.db?mode=ro", "sqlite:///x.db?mode=ro")):
        scheme = run("photinus-server", "--storage", url, "--listen", server.endpoint, check=False)
        checks.check(f"storage {url}", scheme.returncode == 2 and f"--storage '{quoted}'" in scheme.stderr
              and "sqlite:///" in scheme.stderr and "secret" not in scheme.stderr,
              f"exit {scheme.returncode}: {scheme.stderr!r}")
    url = run("photinus-server", "--storage", "postgresql://ada:%zzsecret@host/db", "--listen", server.endpoint, check=False)
    checks.check("malformed URL of PostgreSQL", url.returncode == 2 and "(invalid percent-encoded token)" in url.stderr
          and "secret" not in url.stderr, f"exit {url.returncode}: {url.stderr!r}")
    name = run("photinus-server", "--storage", f"sqlite://{folder}/unused.db", "--listen", "nosuch.host.invalid:0", check=False)
    checks.check("unknown host in --listen", name.returncode == 1 and "'nosuch.host.invalid' does not resolve" in name.stderr,
          f"exit {name.returncode}: {name.stderr!r}")
    listen = run("photinus-server", "--storage", f"sqlite://{folder}/unused.db", "--listen", "nonsense", check=False)
    checks.check("malformed --listen", listen.returncode == 2 and "HOST:PORT" in listen.stderr,
          f"exit {listen.returncode}: {listen.stderr!r}")
    for option in ("--pythia-endpoints", "--pythia-vizier"):
        pythia = run("photinus-server", "--storage", f"sqlite://{folder}/unused.db", option, "nonsense", check=False)
        checks.check(f"malformed {option}", pythia.returncode == 2 and option[2:] in pythia.stderr,
              f"exit {pythia.returncode}: {pythia.stderr!r}")
    checks.check("bad addresses leave the database alone", not (folder / "unused.db").exists(), "it was made")
    read_only_disk(folder, checks)


@contextlib.contextmanager
def read_only_place(folder):
    """A read-only disk where this process may mount one; else a folder that it cannot write to."""
    target = folder / "readonly"
    target.mkdir()
    if os.geteuid() != 0:
        target.chmod(0o555)
        yield target
    elif subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", target], capture_output=True).returncode == 0:
        yield target
        subprocess.run(["umount", target], check=True)
    else:
        yield pathlib.Path("/sys")  # root of a container: no mode binds it, but nobody makes files there


def read_only_disk(folder, checks):
    with read_only_place(folder) as place:
        result = run("photinus-server", "--storage", f"sqlite://{place}/db", "--listen", "127.0.0.1:0", check=False)
        checks.check("read-only disk", result.returncode == 1 and str(place) in result.stderr and "writ" in result.stderr.lower(),
              f"exit {result.returncode}: {result.stderr!r}")


def cli_usage(server, checks):
    unknown = run("photinus", "--server", server.endpoint, "trial", "list", "no-such-study", check=False)
    checks.check("CLI: unknown study", unknown.returncode == 3 and "no-such-study" in unknown.stderr, f"exit {unknown.returncode}: {unknown.stderr!r}")
    for arguments in (["--version"], ["--server", server.endpoint, "--owner", "bad", "trial", "list", "good", "-o", "csv"]):
        with open("/dev/full", "wb") as full:
            unwritten = subprocess.run([BIN / "photinus", *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=120)
        checks.check(f"CLI: full disk: {arguments[-1]}", unwritten.returncode == 1 and "standard output" in unwritten.stderr,
              f"exit {unwritten.returncode}: {unwritten.stderr!r}")
    usage = run("photinus", "trial", "lst", check=False)
    checks.check("CLI: unknown verb", usage.returncode == 2, f"exit {usage.returncode}: {usage.stderr!r}")
    with socket.socket() as unused:  # bound, not listening: nobody serves there
        unused.bind(("127.0.0.1", 0))
        away = run("photinus", "--server", f"127.0.0.1:{unused.getsockname()[1]}", "study", "list", check=False)
    checks.check("CLI: no server", away.returncode == 4, f"exit {away.returncode}: {away.stderr!r}")


def main():
    with temporary_folder() as folder:
        server = Server(folder / "db", "--lease-ttl", LEASE, log=folder / "server.log")
        try:
            wire = Wire(server.endpoint)
            tokens = prepare(wire)
            state = State(folder / "db")
            checks = Checks(state)
            eventually(lambda: not state.is_erasing(), what="the erasure of the study that is gone")
            checks.begin()
            before = 0
            for _ in range(WARM_UP_ROUNDS + 1):  # equal rounds: the last must not need more than those before it
                before = max(before, settled_rss(server))
                requests(wire, checks, tokens)
                in_band(wire, checks)
                uploads(wire, checks, tokens)
                downloads(wire, checks)
                transport(server, wire, checks)
                garbage(server, wire, checks)
            check_memory(server, checks, before)
            study_files(server, folder, checks)
            cli_usage(server, checks)
            server_environment(server, folder, checks)
            wire.close()
            checks.check("server still serves and drains", server.stop() == 0, "exit code not 0")
        finally:
            server.close()
    print(f"{checks.count} checks, {len(checks.faults)} faults")
    sys.exit(1 if checks.faults else 0)


main()
