"""Named bad inputs: each gives the exact status code and a message that says what to do, and changes nothing."""
import contextlib
import json
import math
import os
import pathlib
import socket
import struct
import subprocess
import sys

import grpc

from photinus import BIN, Program, Server, Wire, run, temporary_folder

OWNER = "owners/bad"
STUDY = f"{OWNER}/studies/good"
CATEGORIES = f"{OWNER}/studies/categories"
INVALID, NOT_FOUND, PRECONDITION = "INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION"


def float_parameter(name="x", low=0.0, high=1.0, **extra):
    return {"parameterId": name, "doubleValueSpec": {"minValue": low, "maxValue": high}, **extra}


def study(*parameters, metrics=None, algorithm="RANDOM_SEARCH", document=None, name="new"):
    metadata = [] if document is None else [
        {"ns": "photinus", "key": "study", "value": document if isinstance(document, str) else json.dumps(document)}]
    return {"parent": OWNER, "study": {"displayName": name, "studySpec": {
        "parameters": list(parameters) or [float_parameter()],
        "metrics": metrics or [{"metricId": "y", "goal": "MAXIMIZE"}],
        "algorithm": algorithm, "metadata": metadata}}}


def child(parameter, *values):
    return {"parameterSpec": parameter, "parentCategoricalValues": {"values": list(values)}}


def categorical(name, *values, **extra):
    return {"parameterId": name, "categoricalValueSpec": {"values": list(values)}, **extra}


def discrete(name, *values):
    return {"parameterId": name, "discreteValueSpec": {"values": list(values)}}


def nested(depth):
    spec = categorical(f"p{depth}", "a", "b")
    for level in reversed(range(depth)):
        spec = categorical(f"p{level}", "a", "b", conditionalParameterSpecs=[child(spec, "a")])
    return spec


CREATE = "vizier.VizierService/CreateStudy"
SUGGEST = "vizier.VizierService/SuggestTrials"
COMPLETE = "vizier.VizierService/CompleteTrial"
ADD = "vizier.VizierService/AddTrialMeasurement"
TRIAL = "vizier.VizierService/CreateTrial"

# situation, method, request, code, a part of the message
REQUESTS = [
    ("study name without owner", "vizier.VizierService/GetStudy", {"name": "studies/x"}, INVALID, "owners/{owner}/studies/{study}"),
    ("study name with a control character", "vizier.VizierService/GetStudy", {"name": f"{OWNER}/studies/a\nb"}, INVALID, "control"),
    ("unknown study", "vizier.VizierService/GetStudy", {"name": f"{OWNER}/studies/none"}, NOT_FOUND, "none"),
    ("unknown owner", "vizier.VizierService/ListStudies", {"parent": "owners/nobody"}, NOT_FOUND, "nobody"),
    ("missing display name", CREATE, study(name=""), INVALID, "display_name"),
    ("slash in the display name", CREATE, study(name="a/b"), INVALID, "'/'"),
    ("name set on create", CREATE, {**study(), "study": {**study()["study"], "name": STUDY}}, INVALID, "name"),
    ("inverted bounds", CREATE, study(float_parameter(low=2, high=1)), INVALID, "parameters[0]"),
    ("NaN bound", CREATE, study(float_parameter(low="NaN")), INVALID, "parameters[0]"),
    ("infinite bound", CREATE, study(float_parameter(high="Infinity")), INVALID, "parameters[0]"),
    ("log scale at zero", CREATE, study(float_parameter(scaleType="UNIT_LOG_SCALE")), INVALID, "log"),
    ("duplicate parameter ids", CREATE, study(float_parameter(), float_parameter()), INVALID, "'x'"),
    ("duplicate metric ids", CREATE, study(metrics=[{"metricId": "y", "goal": "MAXIMIZE"}] * 2), INVALID, "'y'"),
    ("unsorted discrete values", CREATE, study(discrete("d", 2, 1)), INVALID, "d"),
    ("discrete values too close", CREATE, study(discrete("d", 1, 1 + 1e-12)), INVALID, "d"),
    ("1,001 discrete values", CREATE, study(discrete("d", *range(1001))), INVALID, "1000"),
    ("no categories", CREATE, study(categorical("c")), INVALID, "c"),
    ("repeated category", CREATE, study(categorical("c", "a", "a")), INVALID, "'a'"),
    ("child of a value that the parent lacks", CREATE,
     study(categorical("c", "a", conditionalParameterSpecs=[child(float_parameter(), "b")])), INVALID, "'b'"),
    ("conditions nested 17 deep", CREATE, study(nested(17)), INVALID, "16"),
    ("default outside the bounds", CREATE,
     study({"parameterId": "x", "doubleValueSpec": {"minValue": 0, "maxValue": 1, "defaultValue": 2}}), INVALID, "default"),
    ("algorithm name of 10 kB", CREATE, study(algorithm="A" * 10_000), INVALID, "RANDOM_SEARCH"),
    ("key of 20 kB in the study document", CREATE, study(document={"k" * 20_000: 1}), INVALID, "unknown key"),
    ("parameter id of 10 kB in a trial", TRIAL,
     {"parent": STUDY, "trial": {"parameters": [{"parameterId": "x" * 10_000, "value": 1}]}}, INVALID, "has no parameter"),
    ("category of 1 MB in a trial", TRIAL,
     {"parent": CATEGORIES, "trial": {"parameters": [{"parameterId": "c", "value": "v" * 1_000_000}]}}, INVALID, "is not one of"),
    ("siblings of one name with different domains", CREATE,
     study(categorical("c", "a", "b", conditionalParameterSpecs=[
         child(float_parameter(), "a"), child(float_parameter(high=2), "b")])), INVALID, "different domains"),
    ("unknown algorithm", CREATE, study(algorithm="RANDOM_SAERCH"), INVALID, "RANDOM_SEARCH"),
    ("study document that is no JSON", CREATE, study(document="{"), INVALID, "JSON"),
    ("unknown key in the study document", CREATE, study(document={"version": 1, "budget": {"trails": 3}}), INVALID, "did you mean 'trials'"),
    ("derived metric that does not parse", CREATE,
     study(document={"version": 1, "metrics": [{"name": "y", "goal": "maximize", "expression": "1 +"}]}), INVALID, "expression"),
    ("budget of -1 trials", CREATE, study(document={"version": 1, "budget": {"trials": -1}}), INVALID, "budget.trials"),
    ("unknown stopping rule", CREATE, study(document={"version": 1, "early_stopping": {"rule": "MEDAIN"}}), INVALID, "MEDIAN"),
    ("study document made invalid by UpdateMetadata", "vizier.VizierService/UpdateMetadata",
     {"name": STUDY, "delta": [{"metadatum": {"ns": "photinus", "key": "study", "value": "[]"}}]}, INVALID, "object"),
    ("suggestion count of 2^31-1", SUGGEST, {"parent": STUDY, "clientId": "c", "suggestionCount": 2**31 - 1}, INVALID, "1000"),
    ("negative suggestion count", SUGGEST, {"parent": STUDY, "clientId": "c", "suggestionCount": -1}, INVALID, "suggestion_count"),
    ("empty client id", SUGGEST, {"parent": STUDY, "suggestionCount": 1}, INVALID, "client_id"),
    ("slash in the client id", SUGGEST, {"parent": STUDY, "clientId": "a/b", "suggestionCount": 1}, INVALID, "client_id"),
    ("trial id that overflows", "vizier.VizierService/GetTrial", {"name": f"{STUDY}/trials/9223372036854775808"}, INVALID, "trial id"),
    ("unknown trial", "vizier.VizierService/GetTrial", {"name": f"{STUDY}/trials/99"}, NOT_FOUND, "99"),
    ("unknown operation", "vizier.VizierService/GetOperation", {"name": f"{OWNER}/operations/suggestion/good/c/9"}, NOT_FOUND, "9"),
    ("malformed operation name", "vizier.VizierService/GetOperation", {"name": "operations/1"}, INVALID, "operations"),
    ("requested trial without its parameter", TRIAL, {"parent": STUDY, "trial": {}}, INVALID, "x"),
    ("trial with an unknown parameter", TRIAL,
     {"parent": STUDY, "trial": {"parameters": [{"parameterId": "x", "value": 0.5}, {"parameterId": "z", "value": 1}]}}, INVALID, "z"),
    ("parameter outside its bounds", TRIAL,
     {"parent": STUDY, "trial": {"parameters": [{"parameterId": "x", "value": 7}]}}, INVALID, "x"),
    ("completion with nothing to complete with", COMPLETE, {"name": f"{STUDY}/trials/1"}, PRECONDITION, "measurement"),
    ("second, different completion", COMPLETE,
     {"name": f"{STUDY}/trials/2", "finalMeasurement": {"metrics": [{"metricId": "y", "value": 9}]}}, PRECONDITION, "SUCCEEDED"),
    ("measurement for a finished trial", ADD, {"trialName": f"{STUDY}/trials/2", "measurement": {"stepCount": 1}}, PRECONDITION, "SUCCEEDED"),
    ("study state unspecified", "vizier.VizierService/SetStudyState", {"parent": STUDY}, INVALID, "state"),
    ("negative page size", "vizier.VizierService/ListTrials", {"parent": STUDY, "pageSize": -1}, INVALID, "page_size"),
    ("tampered page token", "vizier.VizierService/ListTrials", {"parent": STUDY, "pageSize": 1, "pageToken": "AAAA"}, INVALID, "page_token"),
    ("filter that does not parse", "photinus.v1.QueryService/QueryTrials", {"parent": STUDY, "filter": "y >"}, INVALID, "filter"),
    ("heartbeat without a worker", "photinus.v1.WorkerService/Heartbeat", {}, INVALID, "worker"),
    ("pull without executors", "photinus.v1.WorkerService/PullTrial", {"worker": "w", "clientId": "w.0", "incarnation": "i"}, INVALID, "executors"),
]

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


def snapshot(wire):
    """All that the bad requests could have changed."""
    return [
        wire.call("vizier.VizierService/ListStudies", {"parent": OWNER}),
        wire.call("vizier.VizierService/ListTrials", {"parent": STUDY}),
        wire.call("photinus.v1.QueryService/GetStudyStatus", {"name": STUDY}),
    ]


def check(faults, situation, condition, what):
    print(f"{'ok  ' if condition else 'FAIL'} {situation}" + ("" if condition else f": {what}"))
    if not condition:
        faults.append(situation)


def reason_of(error):
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            return b"photinus" in value
    return False


def requests(wire, faults):
    wire.call(CREATE, study(name="good"))
    wire.call(CREATE, study(categorical("c", *(f"value {i}" for i in range(1000))), name="categories"))
    wire.call(SUGGEST, {"parent": STUDY, "clientId": "c", "suggestionCount": 2})
    wire.call(COMPLETE, {"name": f"{STUDY}/trials/2", "finalMeasurement": {"metrics": [{"metricId": "y", "value": 1}]}})
    before = snapshot(wire)
    for situation, method, request, code, part in REQUESTS:
        try:
            reply = wire.call(method, request)
            check(faults, situation, False, f"was accepted: {reply}")
        except grpc.RpcError as error:
            check(faults, situation, error.code().name == code and part in error.details() and reason_of(error),
                  f"{error.code().name}: {error.details()} (wanted {code} with '{part}', and an ErrorInfo)")
        after = snapshot(wire)
        check(faults, f"{situation}: changes nothing", after == before, f"{before} became {after}")
        before = after
    try:
        wire.call_bytes(CREATE, b"\xff\xff\xff\xff")
        check(faults, "bytes that are no message", False, "was accepted")
    except grpc.RpcError as error:
        # gRPC itself answers these, before any of our code.
        check(faults, "bytes that are no message", error.code().name in ("INTERNAL", "UNIMPLEMENTED", INVALID), error.code())


def study_files(server, wire, folder, faults):
    before = wire.call("vizier.VizierService/ListStudies", {"parent": OWNER})
    file = folder / "study.yaml"
    for situation, old, new, parts in FILES:
        assert old in VALID_FILE, old
        file.write_text(VALID_FILE.replace(old, new, 1))
        result = run("photinus", "--server", server.endpoint, "--owner", "bad", "study", "create", "-f", file, check=False)
        check(faults, f"study file: {situation}", result.returncode == USAGE and all(p in result.stderr for p in parts),
              f"exit {result.returncode}: {result.stderr!r} (wanted {USAGE}, {parts})")
    missing = run("photinus", "--server", server.endpoint, "study", "create", "-f", folder / "none.yaml", check=False)
    check(faults, "study file: missing", missing.returncode == USAGE and "none.yaml" in missing.stderr, missing.stderr)
    check(faults, "study files: change nothing", wire.call("vizier.VizierService/ListStudies", {"parent": OWNER}) == before,
          "a study was created")


def server_environment(server, folder, faults):
    busy = run("photinus-server", "--storage", f"sqlite://{folder}/other.db", "--listen", server.endpoint, check=False)
    check(faults, "busy port", busy.returncode == 1 and server.endpoint.split(":")[1] in busy.stderr and "in use" in busy.stderr.lower(),
          f"exit {busy.returncode}: {busy.stderr!r}")
    second = run("photinus-server", "--storage", f"sqlite://{folder}/db", "--listen", "127.0.0.1:0", check=False)
    check(faults, "database of another server", second.returncode == 1 and str(folder / "db") in second.stderr, second.stderr)
    lost = run("photinus-server", "--storage", f"sqlite://{folder}/no/such/folder/db", check=False)
    check(faults, "missing folder", lost.returncode == 1 and "no/such/folder" in lost.stderr, lost.stderr)
    for url in ("mysql://ada:secret@host/db", "sqlite://relative/secret", "secret"):
        scheme = run("photinus-server", "--storage", url, check=False)
        check(faults, f"storage {url}", scheme.returncode == 2 and "sqlite:///" in scheme.stderr and "secret" not in scheme.stderr,
              f"exit {scheme.returncode}: {scheme.stderr!r}")
    listen = run("photinus-server", "--storage", f"sqlite://{folder}/unused.db", "--listen", "nonsense", check=False)
    check(faults, "malformed --listen", listen.returncode == 2 and "HOST:PORT" in listen.stderr,
          f"exit {listen.returncode}: {listen.stderr!r}")
    read_only_disk(folder, faults)


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


def read_only_disk(folder, faults):
    with read_only_place(folder) as place:
        result = run("photinus-server", "--storage", f"sqlite://{place}/db", check=False)
        check(faults, "read-only disk", result.returncode == 1 and str(place) in result.stderr and "writ" in result.stderr.lower(),
              f"exit {result.returncode}: {result.stderr!r}")


def cli_usage(server, faults):
    unknown = run("photinus", "--server", server.endpoint, "trial", "list", "no-such-study", check=False)
    check(faults, "CLI: unknown study", unknown.returncode == 3 and "no-such-study" in unknown.stderr, f"exit {unknown.returncode}: {unknown.stderr!r}")
    for arguments in (["--version"], ["--server", server.endpoint, "--owner", "bad", "trial", "list", "good", "-o", "csv"]):
        with open("/dev/full", "wb") as full:
            unwritten = subprocess.run([BIN / "photinus", *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=120)
        check(faults, f"CLI: full disk: {arguments[-1]}", unwritten.returncode == 1 and "standard output" in unwritten.stderr,
              f"exit {unwritten.returncode}: {unwritten.stderr!r}")
    usage = run("photinus", "trial", "lst", check=False)
    check(faults, "CLI: unknown verb", usage.returncode == 2, f"exit {usage.returncode}: {usage.stderr!r}")
    with socket.socket() as unused:  # bound, not listening: nobody serves there
        unused.bind(("127.0.0.1", 0))
        away = run("photinus", "--server", f"127.0.0.1:{unused.getsockname()[1]}", "study", "list", check=False)
    check(faults, "CLI: no server", away.returncode == 4, f"exit {away.returncode}: {away.stderr!r}")


def main():
    faults = []
    with temporary_folder() as folder:
        server = Server(folder / "db", log=folder / "server.log")
        try:
            wire = Wire(server.endpoint)
            requests(wire, faults)
            study_files(server, wire, folder, faults)
            server_environment(server, folder, faults)
            cli_usage(server, faults)
            wire.close()
            check(faults, "server still serves and drains", server.stop() == 0, "exit code not 0")
        finally:
            server.close()
    print(f"{len(faults)} faults")
    sys.exit(1 if faults else 0)


main()
