"""google-vizier's designers, made as its Pythia service makes them. They know no constraints and no conditions: all parameters are given."""
import importlib.metadata
import logging

import jax

jax.config.update("jax_enable_x64", True)  # as its Pythia service does
logging.disable(logging.WARNING)

# pylint: disable=g-import-not-at-top,wrong-import-position
from vizier import algorithms as vza
from vizier import pyvizier as vz
from vizier._src.algorithms.designers import gp_ucb_pe
from vizier._src.algorithms.designers.eagle_strategy import eagle_strategy

SCALES = {"linear": vz.ScaleType.LINEAR, "log": vz.ScaleType.LOG, "reverse_log": vz.ScaleType.REVERSE_LOG}


def add_parameter(root, parameter):
    name, scale = parameter["id"], SCALES[parameter["scale"]]
    if parameter["type"] == "categorical":
        root.add_categorical_param(name, parameter["values"])
    elif parameter["type"] == "discrete":
        root.add_discrete_param(name, parameter["values"], scale_type=scale)
    elif parameter["type"] == "integer":
        root.add_int_param(name, int(parameter["min"]), int(parameter["max"]), scale_type=scale)
    else:
        root.add_float_param(name, parameter["min"], parameter["max"], scale_type=scale)


def any_value(parameter):
    """What an inactive parameter of a trial from elsewhere gets."""
    if "values" in parameter:
        return parameter["values"][0]
    return parameter["min"]


class VizierRival:
    knows_constraints = False

    def __init__(self, name, space, objectives, seed):
        self._space = space
        self._metrics = [o["metric"] for o in objectives]
        problem = vz.ProblemStatement()
        for parameter in space.parameters:
            add_parameter(problem.search_space.root, parameter)
        for o in objectives:
            goal = vz.ObjectiveMetricGoal.MAXIMIZE if o["maximize"] else vz.ObjectiveMetricGoal.MINIMIZE
            problem.metric_information.append(vz.MetricInformation(o["metric"], goal=goal))
        if name == "VIZIER_EAGLE":
            self._designer = eagle_strategy.EagleStrategyDesigner(problem, seed=seed)
        else:
            self._designer = gp_ucb_pe.VizierGPUCBPEBandit(problem, rng=jax.random.PRNGKey(seed))
        self._asked = {}
        self.versions = ", ".join(
            f"{package} {importlib.metadata.version(package)}" for package in ("google-vizier", "jax", "tfp-nightly"))

    def ask(self, trials):
        points = []
        for number, suggestion in zip(trials, self._designer.suggest(len(trials))):
            self._asked[number] = suggestion.to_trial(number)
            points.append({name: value.value for name, value in suggestion.parameters.items()})
        return points

    def tell(self, trial, parameters, values, slacks):
        del slacks
        if trial in self._asked:
            told = self._asked.pop(trial)
        else:
            told = vz.Trial(id=trial, parameters={
                p["id"]: parameters.get(p["id"], any_value(p)) for p in self._space.parameters})
        if values is None:
            told.complete(vz.Measurement(), infeasibility_reason="infeasible")
        else:
            told.complete(vz.Measurement(metrics=dict(zip(self._metrics, values))))
        active = vza.ActiveTrials(list(self._asked.values()))
        self._designer.update(vza.CompletedTrials([told]), active)


def make(name, space, objectives, seed):
    return VizierRival(name, space, objectives, seed)
