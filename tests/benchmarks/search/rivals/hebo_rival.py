"""HEBO at its defaults. It knows no conditions, constraints or infeasible trials: all parameters are given, and an infeasible trial
counts as the worst so far."""
import importlib.metadata
import warnings

import numpy as np
import pandas as pd
import torch
from hebo.design_space.design_space import DesignSpace
from hebo.optimizers.hebo import HEBO

warnings.filterwarnings("ignore")
torch.set_num_threads(1)


def described(parameter):
    name = parameter["id"]
    if parameter["type"] == "categorical":
        return {"name": name, "type": "cat", "categories": parameter["values"]}
    if parameter["type"] == "discrete":  # by index
        return {"name": name, "type": "int", "lb": 0, "ub": len(parameter["values"]) - 1}
    log = parameter["scale"] == "log"
    kind = ("pow_int" if log else "int") if parameter["type"] == "integer" else ("pow" if log else "num")
    return {"name": name, "type": kind, "lb": parameter["min"], "ub": parameter["max"]}


class HeboRival:
    knows_constraints = False

    def __init__(self, space, objectives, seed):
        np.random.seed(seed % 2**32)
        torch.manual_seed(seed)
        self._parameters = space.parameters
        self._sign = -1 if objectives[0]["maximize"] else 1
        self._hebo = HEBO(DesignSpace().parse([described(p) for p in space.parameters]), scramble_seed=seed)
        self._asked = {}
        self._worst = 0.0
        self.versions = ", ".join(
            f"{package} {importlib.metadata.version(package)}" for package in ("HEBO", "torch", "gpytorch", "pymoo"))

    def _outside(self, parameter, value):
        if parameter["type"] == "categorical":
            return str(value)
        if parameter["type"] == "discrete":
            return parameter["values"][int(value)]
        return int(value) if parameter["type"] == "integer" else float(value)

    def _inside(self, parameter, parameters):
        if parameter["id"] not in parameters:
            return parameter["values"][0] if parameter["type"] == "categorical" else parameter.get("min", 0)
        value = parameters[parameter["id"]]
        return parameter["values"].index(value) if parameter["type"] == "discrete" else value

    def ask(self, trials):
        rows = self._hebo.suggest(n_suggestions=len(trials))
        points = []
        for number, (_, row) in zip(trials, rows.iterrows()):
            self._asked[number] = rows.loc[[row.name]]
            points.append({p["id"]: self._outside(p, row[p["id"]]) for p in self._parameters})
        return points

    def tell(self, trial, parameters, values, slacks):
        del slacks
        row = self._asked.pop(trial, None)
        if row is None:
            row = pd.DataFrame([{p["id"]: self._inside(p, parameters) for p in self._parameters}])
        value = self._worst if values is None else self._sign * values[0]
        self._worst = max(self._worst, value) if self._hebo.y.shape[0] > 0 else value
        self._hebo.observe(row, np.array([[value]]))


def make(name, space, objectives, seed):
    del name
    return HeboRival(space, objectives, seed)
