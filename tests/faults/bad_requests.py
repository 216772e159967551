"""Requests that must be refused: what is asked, and the code, reason and message of the answer."""
import dataclasses
import json

INVALID, NOT_FOUND, PRECONDITION = "INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION"
OWNER = "owners/bad"
STUDY = f"{OWNER}/studies/good"
CATEGORIES = f"{OWNER}/studies/categories"
CLOSED = f"{OWNER}/studies/closed"
SERVED = f"{OWNER}/studies/served"
OTHER = "owners/other/studies/good"
MIB = 2**20
MAX_ID = 2**63 - 1

VIZIER, WORKER, QUERY = "vizier.VizierService/", "photinus.v1.WorkerService/", "photinus.v1.QueryService/"


@dataclasses.dataclass
class Case:
    situation: str
    method: str
    request: object  # a dict, or bytes where no client library would send it
    parts: tuple  # of the message
    code: str = INVALID
    reason: str = INVALID
    metadata: tuple = ()


# --- Parts of requests -----------------------------------------------------------------------------------------------

def float_parameter(name="x", low=0.0, high=1.0, **extra):
    return {"parameterId": name, "doubleValueSpec": {"minValue": low, "maxValue": high}, **extra}


def integer(name, low, high):
    return {"parameterId": name, "integerValueSpec": {"minValue": low, "maxValue": high}}


def categorical(name, *values, **extra):
    return {"parameterId": name, "categoricalValueSpec": {"values": list(values)}, **extra}


def discrete(name, *values):
    return {"parameterId": name, "discreteValueSpec": {"values": list(values)}}


def child(parameter, *values):
    return {"parameterSpec": parameter, "parentCategoricalValues": {"values": list(values)}}


def study(*parameters, metrics=None, algorithm="RANDOM_SEARCH", document=None, name="new", **spec):
    metadata = [] if document is None else [
        {"ns": "photinus", "key": "study", "value": document if isinstance(document, str) else json.dumps(document)}]
    return {"parent": OWNER, "study": {"displayName": name, "studySpec": {
        "parameters": list(parameters) or [float_parameter()],
        "metrics": [{"metricId": "y", "goal": "MAXIMIZE"}] if metrics is None else metrics,
        "algorithm": algorithm, "metadata": metadata, **spec}}}


def trial(*parameters, parent=STUDY, **fields):
    return {"parent": parent, "trial": {
        "parameters": [{"parameterId": name, "value": value} for name, value in parameters], **fields}}


def measurement(step=1, **metrics):
    return {"stepCount": step, "metrics": [{"metricId": name, "value": value} for name, value in metrics.items()]}


def update(key="k", value="v", name=STUDY, **fields):
    return {"name": name, "delta": [{"metadatum": {"ns": fields.pop("ns", ""), "key": key, "value": value}, **fields}]}


# --- Bytes that no client library would send -------------------------------------------------------------------------

def varint(n):
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes(out + bytes([n]))


def field(number, content):
    """A length-delimited field of a protobuf message."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def nested_study(depth):
    """CreateStudyRequest whose conditions are nested so deep."""
    domain = field(4, field(1, b"a") + field(1, b"b"))
    spec = field(1, b"p%d" % depth) + domain
    for level in reversed(range(depth)):
        condition = field(1, spec) + field(4, field(1, b"a"))
        spec = field(1, b"p%d" % level) + domain + field(10, condition)
    return field(1, OWNER.encode()) + field(2, field(2, b"new") + field(3, field(2, spec)))


def one_string(number, text):
    return field(number, text)


# --- The table -------------------------------------------------------------------------------------------------------

def names():
    form = "owners/{owner}/studies/{study}"
    for situation, name, part in (
            ("empty study name", "", form),
            ("study name without owner", "studies/x", form),
            ("study name with a slash at its end", f"{STUDY}/", form),
            ("study name with a slash in front", f"/{STUDY}", form),
            ("study name of another collection", "owners/bad/trials/good", form),
            ("study name in capitals", "OWNERS/bad/STUDIES/good", form),
            ("study name with a query", f"{OWNER}/studies/good?x=1/..", form),
            ("study name with an empty owner", "owners//studies/x", "must not be empty"),
            ("study name with an empty study", "owners/bad/studies/", "must not be empty"),
            ("study name with ..", f"{OWNER}/studies/..", "'..'"),
            ("owner named .", "owners/./studies/x", "'.'"),
            ("study name with a line feed", f"{OWNER}/studies/a\nb", "control"),
            ("study name with a NUL", f"{OWNER}/studies/a\0b", "control"),
            ("study name with DEL", f"{OWNER}/studies/a\x7fb", "control"),
            ("study name with a C1 control", f"{OWNER}/studies/a\x85b", "control"),
            ("study name with a bidi override", f"{OWNER}/studies/a\u202eb", "control"),
            ("study name with a bidi isolate", f"{OWNER}/studies/a\u2066b", "control"),
            ("study name with a line separator", f"{OWNER}/studies/a\u2028b", "control"),
            ("study name of 257 bytes", f"{OWNER}/studies/{'a' * 257}", "at most 256"),
            ("study name of 257 bytes in 4-byte characters", f"{OWNER}/studies/{'😀' * 64}a", "at most 256"),
            ("study name of 1 MiB", f"{OWNER}/studies/{'a' * MIB}", "at most 256")):
        yield Case(situation, VIZIER + "GetStudy", {"name": name}, ("name", part))
    yield Case("unknown study", VIZIER + "GetStudy", {"name": f"{OWNER}/studies/none"}, ("none",), NOT_FOUND, "STUDY_NOT_FOUND")
    yield Case("unknown study with 4-byte characters", VIZIER + "GetStudy", {"name": f"{OWNER}/studies/😀"}, ("😀",), NOT_FOUND, "STUDY_NOT_FOUND")
    yield Case("study of another owner", VIZIER + "GetStudy", {"name": "owners/other/studies/closed"}, ("closed",), NOT_FOUND, "STUDY_NOT_FOUND")
    yield Case("unknown owner", VIZIER + "ListStudies", {"parent": "owners/nobody"}, ("nobody",), NOT_FOUND, "OWNER_NOT_FOUND")
    yield Case("study in the place of an owner", VIZIER + "ListStudies", {"parent": STUDY}, ("parent", "owners/{owner}"))
    yield Case("deletion of an unknown study", VIZIER + "DeleteStudy", {"name": f"{OWNER}/studies/none"}, ("none",), NOT_FOUND, "STUDY_NOT_FOUND")
    yield Case("deletion of a trial as a study", VIZIER + "DeleteStudy", {"name": f"{STUDY}/trials/1"}, ("name", form))
    for situation, number in (
            ("0", "0"), ("negative", "-1"), ("empty", ""), ("with a sign", "+1"), ("with a leading zero", "01"),
            ("with a space", " 1"), ("hexadecimal", "0x1"), ("a fraction", "1.0"), ("2^63", str(2**63)),
            ("of 1,000 digits", "9" * 1000), ("in other digits", "١"), ("a word", "last")):
        yield Case(f"trial id {situation}", VIZIER + "GetTrial", {"name": f"{STUDY}/trials/{number}"}, ("name", "trial id", "decimal"))
    yield Case("trial of a trial", VIZIER + "GetTrial", {"name": f"{STUDY}/trials/1/trials/1"}, ("name", "trials/{id}"))
    yield Case("study in the place of a trial", VIZIER + "GetTrial", {"name": STUDY}, ("name", "trials/{id}"))
    for situation, number in (("unknown trial", 99), ("unknown trial with the largest id", MAX_ID)):
        yield Case(situation, VIZIER + "GetTrial", {"name": f"{STUDY}/trials/{number}"}, (str(number),), NOT_FOUND, "TRIAL_NOT_FOUND")
    yield Case("trial of an unknown study", VIZIER + "GetTrial", {"name": f"{OWNER}/studies/none/trials/1"}, ("none",), NOT_FOUND, "STUDY_NOT_FOUND")
    yield Case("deletion of an unknown trial", VIZIER + "DeleteTrial", {"name": f"{STUDY}/trials/99"}, ("99",), NOT_FOUND, "TRIAL_NOT_FOUND")
    yield Case("malformed operation name", VIZIER + "GetOperation", {"name": "operations/1"}, ("name", "owners/{owner}/operations/suggestion/"))
    yield Case("operation number 0", VIZIER + "GetOperation", {"name": f"{OWNER}/operations/suggestion/good/c/0"}, ("name", "{number}"))
    yield Case("operation number 2^63", VIZIER + "GetOperation", {"name": f"{OWNER}/operations/suggestion/good/c/{2**63}"}, ("name", "{number}"))
    yield Case("operation of another kind", VIZIER + "GetOperation", {"name": f"{OWNER}/operations/earlystopping/good/1"}, ("name", "suggestion"))
    yield Case("unknown operation", VIZIER + "GetOperation", {"name": f"{OWNER}/operations/suggestion/good/c/9"}, ("9",), NOT_FOUND, "OPERATION_NOT_FOUND")
    yield Case("operation of another client", VIZIER + "GetOperation", {"name": f"{OWNER}/operations/suggestion/good/d/1"}, ("d/1",), NOT_FOUND, "OPERATION_NOT_FOUND")
    yield Case("operation of another study", VIZIER + "GetOperation", {"name": f"{OWNER}/operations/suggestion/categories/c/1"}, ("c/1",), NOT_FOUND, "OPERATION_NOT_FOUND")


def studies():
    def create(situation, request, *parts):
        return Case(situation, VIZIER + "CreateStudy", request, parts)

    yield create("missing parent", {**study(), "parent": ""}, "parent", "owners/{owner}")
    yield create("study in the place of a parent", {**study(), "parent": STUDY}, "parent", "owners/{owner}")
    yield create("missing study", {"parent": OWNER}, "study.display_name", "missing")
    yield create("missing display name", study(name=""), "study.display_name", "missing")
    yield create("slash in the display name", study(name="a/b"), "study.display_name", "'/'")
    yield create("display name of 257 bytes", study(name="a" * 257), "study.display_name", "256")
    yield create("display name of a parent folder", study(name=".."), "study.display_name", "'..'")
    yield create("bidi override in the display name", study(name="a\u202eb"), "study.display_name", "control")
    yield create("name set on create", {**study(), "study": {**study()["study"], "name": STUDY}}, "study.name", "display_name")
    spec = "study.study_spec."
    first = spec + "parameters[0]"
    yield create("inverted bounds", study(float_parameter(low=2, high=1)), first + ".min", "exchange")
    yield create("inverted integer bounds", study(integer("i", 2, 1)), first + ".min", "exchange")
    yield create("NaN in the lower bound", study(float_parameter(low="NaN")), first + ".min", "needs a number")
    yield create("NaN in the upper bound", study(float_parameter(high="NaN")), first + ".max", "needs a number")
    yield create("infinite bound", study(float_parameter(high="Infinity")), first + ".max", "needs a number")
    yield create("integers beyond 2^53", study(integer("i", 0, 2**53 + 1)), first + ".max", "2^53")
    yield create("smallest integer of 64 bits", study(integer("i", -2**63, 0)), first + ".min", "2^53")
    yield create("log scale at zero", study(float_parameter(scaleType="UNIT_LOG_SCALE")), first + ".scale", "above 0")
    yield create("log scale below zero", study(float_parameter(low=-1, scaleType="UNIT_REVERSE_LOG_SCALE")), first + ".scale", "above 0")
    yield create("unknown scale", study(float_parameter(scaleType=99)), first + ".scale", "linear, log or")
    yield create("no domain", study({"parameterId": "x"}), first + ".type", "domain")
    yield create("no parameter id", study(float_parameter(name="")), first + ".name", "missing")
    yield create("parameter id of 257 bytes", study(float_parameter(name="x" * 257)), first + ".name", "256")
    yield create("parameter id with a NUL", study(float_parameter(name="x\0")), first + ".name", "control")
    yield create("duplicate parameter ids", study(float_parameter(), float_parameter()), spec + "parameters[1].name", "'x'")
    yield create("1,001 parameters", study(*(float_parameter(f"x{i}") for i in range(1001))), spec + "parameters[1000]", "1000")
    yield create("duplicate metric ids", study(metrics=[{"metricId": "y", "goal": "MAXIMIZE"}] * 2), spec + "metrics[1]", "'y'")
    yield create("no metric id", study(metrics=[{"goal": "MAXIMIZE"}]), spec + "metrics[0].metric_id", "empty")
    yield create("metric with goal 99", study(metrics=[{"metricId": "y", "goal": 99}]), spec + "metrics[0].goal", "MAXIMIZE")
    yield create("unsorted discrete values", study(discrete("d", 2, 1)), first + ".values[1]", "sort")
    yield create("equal discrete values", study(discrete("d", 1, 1)), first + ".values[1]", "same")
    yield create("discrete values too close", study(discrete("d", 1, 1 + 1e-12)), first + ".values[1]", "closer")
    yield create("NaN among discrete values", study(discrete("d", 1, "NaN")), first + ".values[1]", "finite")
    yield create("no discrete values", study(discrete("d")), first + ".values", "missing")
    yield create("1,001 discrete values", study(discrete("d", *range(1001))), first + ".values", "1000")
    yield create("no categories", study(categorical("c")), first + ".values", "missing")
    yield create("repeated category", study(categorical("c", "a", "a")), first + ".values[1]", "'a'")
    yield create("1,000,000 categories", study(categorical("c", *map(str, range(10**6)))), first + ".values", "1000")
    yield create("child of a value that the parent lacks",
                 study(categorical("c", "a", conditionalParameterSpecs=[child(float_parameter(), "b")])), "when", "'b'")
    yield create("child of no value", study(categorical("c", "a", conditionalParameterSpecs=[child(float_parameter())])), "when", "no value")
    yield create("child of a double", study(float_parameter(conditionalParameterSpecs=[child(float_parameter("z"), "b")])), "when", "double")
    yield create("child with a condition of another type", study(
        {**integer("i", 0, 1), "conditionalParameterSpecs": [child(float_parameter("z"), "b")]}), "when", "type")
    yield create("siblings of one name with different domains", study(categorical("c", "a", "b", conditionalParameterSpecs=[
        child(float_parameter(), "a"), child(float_parameter(high=2), "b")])), "name", "different domains")
    for depth in (17, 48):
        yield create(f"conditions nested {depth} deep", nested_study(depth), "parameters[0]", "16 deep")
    for depth in (60, 5000):
        yield create(f"conditions nested {depth:,} deep", nested_study(depth), "not a valid", "CreateStudyRequest")
    yield create("default outside the bounds", study({"parameterId": "x", "doubleValueSpec": {
        "minValue": 0, "maxValue": 1, "defaultValue": 2}}), first + ".default", "outside")
    yield create("default that is no category", study({"parameterId": "c", "categoricalValueSpec": {
        "values": ["a"], "defaultValue": "b"}}), first + ".default", "'b'")
    yield create("unknown algorithm", study(algorithm="RANDOM_SAERCH"), spec + "algorithm", "did you mean 'RANDOM_SEARCH'")
    yield create("algorithm name of 10 kB", study(algorithm="A" * 10_000), spec + "algorithm", "RANDOM_SEARCH")
    yield create("metadata value of 10 MiB + 1", {**study(), "study": {"displayName": "new", "studySpec": {
        "metadata": [{"key": "k", "value": "v" * (10 * MIB + 1)}]}}}, spec + "metadata[0].value", "10485760")


def documents():
    def create(situation, document, *parts):
        return Case(situation, VIZIER + "CreateStudy", study(document=document), parts)

    yield create("study document that is no JSON", "{", "JSON")
    yield create("study document that is a list", "[]", "object")
    yield create("study document of NUL bytes", "\0\0", "JSON")
    yield create("study document nested 10,000 deep", "[" * 10_000, "JSON")
    yield create("study document of version 2", {"version": 2}, "version", "1")
    yield create("key twice in the study document", '{"seed": 1, "seed": 2}', "seed", "twice")
    yield create("unknown key in the study document", {"version": 1, "budget": {"trails": 3}}, "budget.trails", "did you mean 'trials'")
    yield create("key of 20 kB in the study document", {"k" * 20_000: 1}, "unknown key")
    yield create("key of a planned feature", {"version": 1, "budget": {"duration": "1h"}}, "budget.duration", "not")
    yield create("negative seed", {"seed": -1}, "seed")
    yield create("seed beyond 64 bits", '{"seed": 18446744073709551616}', "seed")
    yield create("derived metric that does not parse", {"version": 1, "metrics": [
        {"name": "y", "goal": "maximize", "expression": "1 +"}]}, "metrics[0].expression")
    yield create("derived metric of 4,000 brackets", {"version": 1, "metrics": [
        {"name": "y", "goal": "maximize", "expression": "(" * 4000}]}, "metrics[0].expression", "deep")
    yield create("derived metric that refers to itself", {"version": 1, "metrics": [
        {"name": "y", "goal": "maximize", "expression": "y + 1"}]}, "metrics[0].expression", "itself")
    yield create("budget of -1 trials", {"version": 1, "budget": {"trials": -1}}, "budget.trials")
    yield create("budget of half a trial", {"version": 1, "budget": {"trials": 0.5}}, "budget.trials")
    yield create("budget of 10^30 trials", '{"budget": {"trials": 1e30}}', "budget.trials")
    yield create("unknown stopping rule", {"version": 1, "early_stopping": {"rule": "MEDAIN"}}, "early_stopping.rule", "MEDIAN")
    yield create("unknown executor", {"version": 1, "trial": {"executor": "docker"}}, "trial.executor", "command")
    yield create("command without a program", {"version": 1, "trial": {"executor": "command", "argv": []}}, "trial.argv", "program")
    yield create("network without a space", {"version": 1, "trial": {
        "executor": "network", "task": "keywords", "epochs": 1}}, "space", "required")


def suggestions():
    def suggest(situation, *parts, parent=STUDY, client="c", count=1, **answer):
        return Case(situation, VIZIER + "SuggestTrials", {"parent": parent, "clientId": client, "suggestionCount": count}, parts, **answer)

    yield suggest("suggestion count of 2^31-1", "suggestion_count", "1000", count=2**31 - 1)
    yield suggest("suggestion count of 1,001", "suggestion_count", "1000", count=1001)
    yield suggest("negative suggestion count", "suggestion_count", "1000", count=-1)
    yield suggest("smallest suggestion count", "suggestion_count", "1000", count=-2**31)
    yield suggest("empty client id", "client_id", "empty", client="")
    yield suggest("slash in the client id", "client_id", "'/'", client="a/b")
    yield suggest("NUL in the client id", "client_id", "control", client="a\0")
    yield suggest("client id of 257 bytes", "client_id", "256", client="a" * 257)
    yield suggest("suggestions for an owner", "parent", "studies/{study}", parent=OWNER)
    yield suggest("suggestions of an unknown study", "none", parent=f"{OWNER}/studies/none", code=NOT_FOUND, reason="STUDY_NOT_FOUND")
    yield suggest("suggestions of a closed study", "COMPLETED", parent=CLOSED, code=PRECONDITION, reason="STUDY_NOT_ACTIVE")


def trials():
    def create(situation, request, *parts, **answer):
        return Case(situation, VIZIER + "CreateTrial", request, parts, **answer)

    yield create("requested trial without its parameter", trial(), "trial", "'x'")
    yield create("trial with an unknown parameter", trial(("x", 0.5), ("z", 1)), "trial", "'z'")
    yield create("finished trial with an unknown parameter", trial(("z", 1), state="SUCCEEDED"), "trial", "'z'")
    yield create("parameter id of 10 kB in a trial", trial(("x" * 10_000, 1)), "trial", "has no parameter")
    yield create("parameter outside its bounds", trial(("x", 7)), "trial", "outside [0, 1]")
    yield create("NaN parameter", {"parent": STUDY, "trial": {"parameters": [
        {"parameterId": "x", "value": "NaN"}]}}, "trial", "number")
    yield create("text for a number", trial(("x", "high")), "trial", "number")
    yield create("truth for a number", trial(("x", True)), "trial", "number")
    yield create("list for a number", trial(("x", [1])), "trial", "number")
    yield create("nothing for a number", trial(("x", None)), "trial", "number")
    yield create("number for a category", trial(("c", 1), parent=CATEGORIES), "trial", "string")
    yield create("parameter twice", trial(("x", 0.1), ("x", 0.2)), "trial", "twice")
    yield create("unknown category", trial(("c", "value 1000"), parent=CATEGORIES), "trial", "is not one of")
    yield create("category of 1 MB in a trial", trial(("c", "v" * 1_000_000), parent=CATEGORIES), "trial", "is not one of")
    yield create("trial of an owner", trial(("x", 0.5), parent=OWNER), "parent", "studies/{study}")
    yield create("trial of a closed study", trial(("x", 0.5), parent=CLOSED), "COMPLETED", code=PRECONDITION, reason="STUDY_NOT_ACTIVE")
    yield create("metadata value of 10 MiB + 1 in a trial", trial(("x", 0.5), metadata=[{"key": "k", "value": "v" * (10 * MIB + 1)}]),
                 "trial.metadata[0].value", "10485760")


def results(tokens):
    def complete(situation, name, *parts, final=None, metadata=(), **answer):
        request = {"name": name} if final is None else {"name": name, "finalMeasurement": final}
        return Case(situation, VIZIER + "CompleteTrial", request, parts, metadata=metadata, **{"code": PRECONDITION, **answer})

    def add(situation, name, *parts, metadata=(), **answer):
        return Case(situation, VIZIER + "AddTrialMeasurement", {"trialName": name, "measurement": measurement(y=1)}, parts,
                    metadata=metadata, **answer)

    active, finished, waiting = (f"{STUDY}/trials/{number}" for number in (1, 2, 3))
    leased = f"{SERVED}/trials/1"
    wrong = {"code": PRECONDITION, "reason": "WRONG_TRIAL_STATE"}
    lost = {"code": PRECONDITION, "reason": "LEASE_LOST"}
    unknown = {"code": NOT_FOUND, "reason": "TRIAL_NOT_FOUND"}
    closed = {"code": PRECONDITION, "reason": "STUDY_NOT_ACTIVE"}
    yield complete("completion with nothing to complete with", active, "final_measurement", reason="NO_MEASUREMENT")
    yield complete("second, different completion", finished, "SUCCEEDED", "create a new trial", final=measurement(y=9), reason="WRONG_TRIAL_STATE")
    yield complete("completion of a waiting trial", waiting, "SuggestTrials", final=measurement(y=9), reason="WRONG_TRIAL_STATE")
    yield complete("completion of an unknown trial", f"{STUDY}/trials/99", "99", final=measurement(y=9), **unknown)
    yield complete("completion in a closed study", f"{CLOSED}/trials/1", "COMPLETED", final=measurement(y=9), reason="STUDY_NOT_ACTIVE")
    yield complete("completion of a study", STUDY, "name", "trials/{id}", code=INVALID, reason=INVALID)
    yield add("measurement for a finished trial", finished, "SUCCEEDED", **wrong)
    yield add("measurement for a waiting trial", waiting, "REQUESTED", **wrong)
    yield add("measurement for an unknown trial", f"{STUDY}/trials/99", "99", **unknown)
    yield add("measurement in a closed study", f"{CLOSED}/trials/1", "COMPLETED", **closed)
    yield add("measurement without a trial", "", "trial_name", "trials/{id}")
    for situation, token in (("a word", "secret"), ("two numbers", "1-2"), ("four numbers", "1-2-3-4"), ("a negative epoch", "1-1--1"),
                             ("an overflow", f"1-1-{2**63}"), ("a fraction", "1-1-1.5"), ("10 kB", "1-1-" + "1" * 4000)):
        yield add(f"lease token of {situation}", leased, "lease_token", "PullTrial", metadata=(("x-lease-token", token),))
    yield add("lease token of another trial", leased, "no longer leased", metadata=(("x-lease-token", tokens["other lease"]),), **lost)
    yield add("lease token of the future", leased, "no longer leased", metadata=(("x-lease-token", tokens["future lease"]),), **lost)
    yield complete("completion under the lease of another trial", leased, "no longer leased", final=measurement(y=1),
                   metadata=(("x-lease-token", tokens["other lease"]),), reason="LEASE_LOST")
    yield Case("stopping a waiting trial", VIZIER + "StopTrial", {"name": waiting}, ("REQUESTED", "running"), **wrong)
    yield Case("stopping an unknown trial", VIZIER + "StopTrial", {"name": f"{STUDY}/trials/99"}, ("99",), **unknown)
    yield Case("early stopping of an unknown trial", VIZIER + "CheckTrialEarlyStoppingState", {"trialName": f"{STUDY}/trials/99"}, ("99",), **unknown)
    yield Case("early stopping without a trial", VIZIER + "CheckTrialEarlyStoppingState", {}, ("trial_name", "trials/{id}"))
    yield Case("early stopping in a closed study", VIZIER + "CheckTrialEarlyStoppingState", {"trialName": f"{CLOSED}/trials/1"}, ("COMPLETED",), **closed)
    yield Case("deletion of a trial of a closed study", VIZIER + "DeleteTrial", {"name": f"{CLOSED}/trials/1"}, ("COMPLETED",), **closed)


def metadata_updates():
    def change(situation, request, *parts, **answer):
        return Case(situation, VIZIER + "UpdateMetadata", request, parts, **answer)

    yield change("metadata of an owner", update(name=OWNER), "name", "studies/{study}")
    yield change("metadata of a closed study", update(name=CLOSED), "COMPLETED", code=PRECONDITION, reason="STUDY_NOT_ACTIVE")
    yield change("metadata value of 10 MiB + 1 in an update", update(value="v" * (10 * MIB + 1)), "delta[0].metadatum.value", "10485760")
    yield change("metadata key of 10 kB", update(key="k" * 10_000), "delta[0].metadatum.key", "at most")
    yield change("metadata namespace of 10 kB", update(ns="n" * 10_000), "delta[0].metadatum.ns", "at most")
    yield change("metadata of a malformed trial id", update(trialId="x"), "delta[0].trial_id", "decimal")
    yield change("metadata of trial 0", update(trialId="0"), "delta[0].trial_id", "decimal")
    yield change("study document made invalid", update("study", "[]", ns="photinus"), "object")
    yield change("study document of another space", update("study", '{"space": "keyword-small"}', ns="photinus"), "space", "keywords-small")


def states_and_lists(tokens):
    yield Case("study state unspecified", VIZIER + "SetStudyState", {"parent": STUDY}, ("state", "ACTIVE"))
    yield Case("study state 99", VIZIER + "SetStudyState", {"parent": STUDY, "state": 99}, ("state", "ACTIVE"))
    yield Case("state of an unknown study", VIZIER + "SetStudyState", {"parent": f"{OWNER}/studies/none", "state": "ACTIVE"}, ("none",),
               NOT_FOUND, "STUDY_NOT_FOUND")
    tampered = tokens["trials page"][:-1] + ("0" if tokens["trials page"][-1] != "0" else "1")
    moved = "9" + tokens["trials page"]
    for method, parent in (("ListTrials", STUDY), ("ListOptimalTrials", STUDY), ("ListStudies", OWNER)):
        yield Case(f"{method}: negative page size", VIZIER + method, {"parent": parent, "pageSize": -1}, ("page_size", "negative"))
        yield Case(f"{method}: made-up page token", VIZIER + method, {"parent": parent, "pageSize": 1, "pageToken": "AAAA"}, ("page_token", "begin again"))
    for situation, token in (("tampered signature", tampered), ("moved position", moved), ("token of another study", tokens["other page"]),
                             ("token of a query", tokens["query page"]), ("token of 1 MB", "1." * 500_000), ("token with a NUL", "1.1.\0")):
        yield Case(f"ListTrials: {situation}", VIZIER + "ListTrials", {"parent": STUDY, "pageSize": 1, "pageToken": token}, ("page_token", "begin again"))
    yield Case("trials of an unknown study", VIZIER + "ListTrials", {"parent": f"{OWNER}/studies/none"}, ("none",), NOT_FOUND, "STUDY_NOT_FOUND")
    yield Case("page of a study that is gone", VIZIER + "ListTrials", {"parent": f"{OWNER}/studies/gone", "pageSize": 1, "pageToken": tokens["gone page"]},
               ("gone",), NOT_FOUND, "STUDY_NOT_FOUND")


def queries(tokens):
    def query(situation, *parts, **fields):
        return Case(situation, QUERY + "QueryTrials", {"parent": STUDY, **fields}, parts)

    yield query("filter that does not parse", "filter", filter="y >")
    yield query("filter of an unknown name", "filter", "'z'", filter="z > 1")
    yield query("filter that is a number", "filter", filter="1 + 1")
    yield query("filter with a string left open", "filter", filter="state == 'ACTIVE")
    yield query("filter of 4,000 brackets", "filter", "deep", filter="(" * 4000)
    yield query("filter of 1 MB", "filter", "4096", filter="y > 1 and " * 100_000 + "y > 1")
    yield query("filter with an aggregate", "filter", "min_over_trials", filter="y > min_over_trials(y)")
    yield query("filter with a NUL", "filter", filter="y\0")
    yield query("sort by an unknown name", "order_by", "'z'", orderBy="z")
    yield query("sort by nothing, descending", "order_by", orderBy="-")
    yield query("query with a negative page size", "page_size", pageSize=-1)
    yield query("query with the token of a list", "page_token", "begin again", pageSize=1, pageToken=tokens["trials page"])
    yield query("query with the token of another filter", "page_token", "begin again", pageSize=1, filter="id > 0", pageToken=tokens["query page"])
    unknown = {"code": NOT_FOUND, "reason": "STUDY_NOT_FOUND"}
    yield Case("query of an unknown study", QUERY + "QueryTrials", {"parent": f"{OWNER}/studies/none"}, ("none",), **unknown)
    yield Case("status of an unknown study", QUERY + "GetStudyStatus", {"name": f"{OWNER}/studies/none"}, ("none",), **unknown)
    yield Case("status without a name", QUERY + "GetStudyStatus", {}, ("name", "studies/{study}"))
    yield Case("statuses of an unknown owner", QUERY + "ListStudyStatuses", {"parent": "owners/nobody"}, ("nobody",), NOT_FOUND, "OWNER_NOT_FOUND")
    yield Case("statuses with a negative page size", QUERY + "ListStudyStatuses", {"parent": OWNER, "pageSize": -1}, ("page_size",))
    yield Case("statuses with the token of a list", QUERY + "ListStudyStatuses", {"parent": OWNER, "pageSize": 1, "pageToken": tokens["studies page"]},
               ("page_token", "begin again"))
    yield Case("draining without a mode", QUERY + "DrainStudy", {"name": STUDY}, ("mode", "STOP, PAUSE or RESUME"))
    yield Case("draining in mode 99", QUERY + "DrainStudy", {"name": STUDY, "mode": 99}, ("mode", "STOP, PAUSE or RESUME"))
    yield Case("draining an unknown study", QUERY + "DrainStudy", {"name": f"{OWNER}/studies/none", "mode": "STOP"}, ("none",), **unknown)
    yield Case("attempts of an unknown trial", QUERY + "ListAttempts", {"trial": f"{STUDY}/trials/99"}, ("99",), NOT_FOUND, "TRIAL_NOT_FOUND")
    yield Case("attempts of a study", QUERY + "ListAttempts", {"trial": STUDY}, ("trial", "trials/{id}"))
    yield Case("artifacts of an unknown trial", QUERY + "ListArtifacts", {"trial": f"{STUDY}/trials/99"}, ("99",), NOT_FOUND, "TRIAL_NOT_FOUND")


def workers(tokens):
    def pull(situation, *parts, **fields):
        return Case(situation, WORKER + "PullTrial",
                    {"worker": "w", "clientId": "w.0", "incarnation": "i", "executors": ["command"], **fields}, parts)

    yield pull("pull without a worker", "worker", "empty", worker="")
    yield pull("pull with a slash in the worker", "worker", "'/'", worker="a/b")
    yield pull("pull without a client id", "client_id", "empty", clientId="")
    yield pull("pull without an incarnation", "incarnation", "empty", incarnation="")
    yield pull("pull with an incarnation of 1 kB", "incarnation", "256", incarnation="i" * 1000)
    yield pull("pull without executors", "executors", "name what", executors=[])
    yield pull("pull with a negative wait", "wait_seconds", "negative", waitSeconds=-1)
    yield pull("pull with an executor of 1 MB", "executors[0]", "256", executors=["e" * MIB])
    yield pull("pull with 10,000 executors", "executors", "at most", executors=[f"e{i}" for i in range(10_000)])
    lease = {"trial": f"{SERVED}/trials/1", "leaseToken": tokens["lease"]}
    beat = {"worker": "w", "incarnation": "i", "leases": [lease], "slots": 1, "version": "1"}
    for situation, fields, *parts in (
            ("heartbeat without a worker", {"worker": ""}, "worker", "empty"),
            ("heartbeat of an incarnation of 1 kB", {"incarnation": "i" * 1000}, "incarnation", "256"),
            ("heartbeat with a version of 1 MB", {"version": "v" * MIB}, "version", "256"),
            ("heartbeat with negative slots", {"slots": -1}, "slots", "negative"),
            ("heartbeat of a malformed trial", {"leases": [{**lease, "trial": "1"}]}, "leases[0].trial", "trials/{id}"),
            ("heartbeat with a malformed token", {"leases": [{**lease, "leaseToken": "x"}]}, "leases[0].lease_token", "PullTrial"),
            ("heartbeat without a token", {"leases": [{**lease, "leaseToken": ""}]}, "leases[0].lease_token", "PullTrial")):
        yield Case(situation, WORKER + "Heartbeat", {**beat, **fields}, tuple(parts))
    yield Case("release of a malformed trial", WORKER + "Release", {**lease, "trial": STUDY}, ("trial", "trials/{id}"))
    yield Case("release without a token", WORKER + "Release", {**lease, "leaseToken": ""}, ("lease_token", "PullTrial"))
    yield Case("release under another lease", WORKER + "Release", {**lease, "leaseToken": tokens["other lease"]}, ("no longer leased",),
               PRECONDITION, "LEASE_LOST")
    yield Case("release of an unknown trial", WORKER + "Release", {**lease, "trial": f"{SERVED}/trials/99"}, ("99",), NOT_FOUND, "TRIAL_NOT_FOUND")


def malformed_messages():
    for situation, method, request in (
            ("bytes that are no message", "CreateStudy", b"\xff\xff\xff\xff"),
            ("message cut short", "CreateStudy", nested_study(1)[:-1]),
            ("length beyond the message", "GetStudy", b"\x0a\xff\xff\xff\xff\x0f"),
            ("group that never ends", "GetStudy", b"\x0b" * 1000),
            ("field number 0", "GetStudy", b"\x02\x00"),
            ("name of invalid UTF-8", "GetStudy", one_string(1, b"owners/bad/studies/\xff")),
            ("name of overlong UTF-8", "GetStudy", one_string(1, b"owners/bad/studies/\xc0\xaf")),
            ("name with half a surrogate pair", "GetStudy", one_string(1, b"owners/bad/studies/\xed\xa0\x80")),
            ("client id of invalid UTF-8", "SuggestTrials", one_string(1, STUDY.encode()) + one_string(3, b"\x80"))):
        yield Case(situation, VIZIER + method, request, ("not a valid", f"vizier.{method}Request"))


def cases(tokens):
    """tokens: page and lease tokens of a server in the state that bad_inputs_test.py prepares."""
    return [*names(), *studies(), *documents(), *suggestions(), *trials(), *results(tokens), *metadata_updates(),
            *states_and_lists(tokens), *queries(tokens), *workers(tokens), *malformed_messages()]
