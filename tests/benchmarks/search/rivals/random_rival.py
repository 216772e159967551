"""Uniform draws in plain Python: what a rival must do at least, and what the tests of the protocol run."""
import math
import platform
import random


class RandomRival:
    knows_constraints = False
    versions = f"python {platform.python_version()}"

    def __init__(self, space, seed):
        self._space = space
        self._random = random.Random(seed)

    def _choose(self, parameter):
        if "values" in parameter:
            return self._random.choice(parameter["values"])
        low, high = parameter["min"], parameter["max"]
        if parameter["type"] == "integer":
            return self._random.randint(int(low), int(high))
        if parameter["scale"] == "log":
            return min(max(math.exp(self._random.uniform(math.log(low), math.log(high))), low), high)
        return self._random.uniform(low, high)

    def ask(self, trials):
        return [self._space.draw(self._choose) for _ in trials]

    def tell(self, trial, parameters, values, slacks):
        pass


def make(name, space, objectives, seed):
    del name, objectives
    return RandomRival(space, seed)
