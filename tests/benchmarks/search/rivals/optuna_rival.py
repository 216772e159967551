"""Optuna's samplers at their defaults, asked by define-by-run as its users do, so conditions are native to it.
Its TPE and GP know constraints."""
import importlib.metadata

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)

SAMPLERS = {
    "OPTUNA_TPE": optuna.samplers.TPESampler,
    "OPTUNA_GP": optuna.samplers.GPSampler,
    "OPTUNA_CMA_ES": optuna.samplers.CmaEsSampler,
}


def distribution(parameter):
    """Discrete values by their index: Optuna has no ordinal type, and their order helps it."""
    if parameter["type"] == "categorical":
        return optuna.distributions.CategoricalDistribution(parameter["values"])
    if parameter["type"] == "discrete":
        return optuna.distributions.IntDistribution(0, len(parameter["values"]) - 1)
    log = parameter["scale"] == "log"
    if parameter["type"] == "integer":
        return optuna.distributions.IntDistribution(int(parameter["min"]), int(parameter["max"]), log=log)
    return optuna.distributions.FloatDistribution(parameter["min"], parameter["max"], log=log)


class OptunaRival:
    def __init__(self, name, space, objectives, seed):
        self._space = space
        self.knows_constraints = name != "OPTUNA_CMA_ES"
        self._distributions = {p["id"]: distribution(p) for p in space.parameters}
        self._discrete = {p["id"]: p["values"] for p in space.parameters if p["type"] == "discrete"}
        self._study = optuna.create_study(
            sampler=SAMPLERS[name](seed=seed),
            directions=["maximize" if o["maximize"] else "minimize" for o in objectives])
        self._asked = {}
        self.versions = ", ".join(
            f"{package} {importlib.metadata.version(package)}" for package in ("optuna", "cmaes", "torch"))

    def _outside(self, parameter, value):
        return parameter["values"][value] if parameter["type"] == "discrete" else value

    def ask(self, trials):
        points = []
        for number in trials:
            trial = self._study.ask()
            self._asked[number] = trial
            points.append(self._space.draw(
                lambda p, trial=trial: self._outside(p, trial._suggest(p["id"], self._distributions[p["id"]]))))
        return points

    def tell(self, trial, parameters, values, slacks):
        state = optuna.trial.TrialState.COMPLETE if values else optuna.trial.TrialState.FAIL
        constraints = {str(i): -slack for i, slack in enumerate(slacks)} if self.knows_constraints else {}
        if trial in self._asked:
            for name, violation in constraints.items():
                self._asked[trial].set_constraint(name, violation)
            self._study.tell(self._asked.pop(trial), values, state=state)
            return
        inside = {name: self._discrete[name].index(value) if name in self._discrete else value
                  for name, value in parameters.items()}
        self._study.add_trial(optuna.trial.create_trial(
            state=state, params=inside, values=values, constraints=constraints,
            distributions={name: self._distributions[name] for name in inside}))


def make(name, space, objectives, seed):
    return OptunaRival(name, space, objectives, seed)
