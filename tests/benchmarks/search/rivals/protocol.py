"""The side of a rival in the conversation with the bench: one line of JSON in, one out.

    {"parameters": [...], "objectives": [...], "seed": 7}                 -> {"versions": "...", "cpu_seconds": 0.5}
    {"ask": {"first_trial": 1, "count": 2}}                               -> {"trials": [{"x": 0.5}, ...], "cpu_seconds": ...}
    {"tell": [{"trial": 1, "parameters": {"x": 0.5}, "values": [3.1], "slacks": []}]}   -> {"cpu_seconds": ...}

A trial without values (null) is infeasible. Slacks say how far it is from violating each constraint, negative if it does;
to a rival that does not know constraints such a trial is infeasible. A trial may be told that was never asked for. A failure is answered with
{"error": "..."}. The conversation ends with the input.

Usage: protocol.py MODULE RIVAL: MODULE.make(rival, space, objectives, seed) gives an object with `versions`,
`knows_constraints`, `ask(trials) -> [parameters]` and `tell(trial, parameters, values, slacks)`.
"""
import importlib
import json
import os
import sys
import time
import traceback


class Space:
    """Parameters as dicts, parents before children."""

    def __init__(self, parameters):
        self.parameters = parameters

    @staticmethod
    def is_active(parameter, values):
        return "parent" not in parameter or values.get(parameter["parent"]) in parameter["parent_values"]

    def draw(self, choose):
        """A point whose active parameters are what `choose(parameter)` says."""
        values = {}
        for parameter in self.parameters:
            if self.is_active(parameter, values):
                values[parameter["id"]] = choose(parameter)
        return values


def converse(requests, answers, module, name):
    def answer(message):
        answers.write(json.dumps({**message, "cpu_seconds": time.process_time()}) + "\n")
        answers.flush()

    opening = json.loads(requests.readline())
    rival = importlib.import_module(module).make(
        name, Space(opening["parameters"]), opening["objectives"], opening["seed"])
    answer({"versions": rival.versions})
    for line in requests:
        request = json.loads(line)
        if "ask" in request:
            first, count = request["ask"]["first_trial"], request["ask"]["count"]
            answer({"trials": rival.ask(range(first, first + count))})
        else:
            for told in request["tell"]:
                violates = any(slack < 0 for slack in told["slacks"])
                values = told["values"] if rival.knows_constraints or not violates else None
                rival.tell(told["trial"], told["parameters"], values, told["slacks"])
            answer({})


def main():
    # What libraries print must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        converse(sys.stdin, answers, *sys.argv[1:3])
    except Exception:  # pylint: disable=broad-except
        message = traceback.format_exc()
        answers.write(json.dumps({"error": message}) + "\n")
        answers.flush()
        sys.exit(1)


if __name__ == "__main__":
    main()
