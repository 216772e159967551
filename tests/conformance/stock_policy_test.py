"""Policies of google-vizier, unmodified and served by its own Pythia server, search for studies of a photinus-server."""
import pathlib
import tempfile
import unittest

import grpc

import stock_vizier
from photinus import Server

from vizier import pythia
from vizier import pyvizier as base_vz
from vizier._src.service import policy_factory, vizier_client
from vizier.service import clients, pyvizier as vz


class UserPolicy(pythia.Policy):
    """What a user may write: it counts its calls in the study's metadata, and looks at the trials."""

    def __init__(self, supporter):
        self._supporter = supporter

    def suggest(self, request):
        calls = int(request.study_config.metadata.ns("mine").get("calls", "0")) + 1
        known = self._supporter.GetTrials()
        delta = base_vz.MetadataDelta()
        delta.on_study.ns("mine")["calls"] = str(calls)
        for trial in known:
            delta.on_trials[trial.id].ns("mine")["seen"] = str(calls)
        suggestions = []
        for i in range(request.count + 1):  # one more than asked for
            suggestion = base_vz.TrialSuggestion({"x": (request.max_trial_id + i + 1) / 100, "kind": "a"})
            suggestion.metadata.ns("mine")["born"] = str(calls)
            suggestions.append(suggestion)
        return pythia.SuggestDecision(suggestions, delta)

    def early_stop(self, request):
        decisions = [
            pythia.EarlyStopDecision(id=trial.id, reason="below 0.5", should_stop=trial.measurements[-1].metrics["y"].value < 0.5)
            for trial in self._supporter.GetTrials(status_matches=base_vz.TrialStatus.ACTIVE) if trial.measurements
        ]
        delta = base_vz.MetadataDelta()
        delta.on_study.ns("mine")["asked"] = ",".join(map(str, sorted(request.trial_ids)))
        return pythia.EarlyStopDecisions(decisions, delta)


class OutOfBoundsPolicy(UserPolicy):
    def suggest(self, request):
        delta = base_vz.MetadataDelta()
        delta.on_study["outside"] = "1"
        return pythia.SuggestDecision([base_vz.TrialSuggestion({"x": 7.0, "kind": "a"})], delta)


class FailingPolicy(UserPolicy):
    def suggest(self, request):
        raise ValueError("no luck today")


class Policies(policy_factory.DefaultPolicyFactory):
    OWN = {"USER": UserPolicy, "OUTSIDE": OutOfBoundsPolicy, "FAILING": FailingPolicy}

    def __call__(self, problem_statement, algorithm, policy_supporter, study_name):
        if algorithm in self.OWN:
            return self.OWN[algorithm](policy_supporter)
        return super().__call__(problem_statement, algorithm, policy_supporter, study_name)


class StockPolicyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="photinus-test-")
        cls.log = pathlib.Path(cls.folder.name) / "log"
        cls.pythia = stock_vizier.PythiaServer(Policies())
        cls.server = Server(pathlib.Path(cls.folder.name) / "db", "--pythia-endpoints", cls.pythia.endpoint, log=cls.log)
        cls.pythia.connect_to_vizier(cls.server.endpoint)
        vizier_client.environment_variables.server_endpoint = cls.server.endpoint

    @classmethod
    def tearDownClass(cls):
        with cls.folder:
            cls.server.end()
            cls.pythia.stop()

    def study(self, algorithm, endpoint=None):
        config = vz.StudyConfig(algorithm=algorithm, pythia_endpoint=endpoint or self.pythia.endpoint)
        root = config.search_space.root
        root.add_float_param("x", 0.0, 1.0)
        root.add_categorical_param("kind", ["a", "b"])
        config.metric_information.append(vz.MetricInformation("y", goal=vz.ObjectiveMetricGoal.MAXIMIZE))
        return clients.Study.from_study_config(config, owner="ada", study_id=self.id().rpartition(".")[2] + algorithm)

    def run_trials(self, study, rounds, count=1):
        for _ in range(rounds):
            for trial in study.suggest(count=count, client_id="c"):
                trial.complete(vz.Measurement({"y": trial.parameters["x"]}))

    def test_a_stock_designer_keeps_its_state_with_the_study(self):
        """Grid search knows by its state alone which points it has given: none comes twice, and none is left out."""
        study = self.study("GRID_SEARCH")
        self.run_trials(study, 20)
        points = [tuple(sorted(t.parameters.items())) for t in list(study.trials().get())]
        self.assertEqual(len(points), 20)
        self.assertEqual(len(set(points)), 20)
        self.assertIn("designer_policy_v0", str(study.materialize_study_config().metadata.namespaces()))

    def test_stock_evolution_learns_from_the_trials_that_it_fetches(self):
        study = self.study("NSGA2")
        self.run_trials(study, 11, count=10)  # past its first population
        values = [t.final_measurement.metrics["y"].value for t in list(study.trials().get())]
        self.assertEqual(len(values), 110)

    def test_what_the_policy_notes_and_what_it_gives_besides_is_kept(self):
        study = self.study("USER")
        first = study.suggest(count=2, client_id="c")
        self.assertEqual([t.id for t in first], [1, 2])
        self.assertEqual([t.materialize().metadata.ns("mine")["born"] for t in first], ["1", "1"])
        waiting = study.get_trial(3).materialize()
        self.assertEqual(waiting.status, vz.TrialStatus.REQUESTED)
        self.assertEqual(waiting.parameters["x"].value, 0.03)
        self.assertEqual([t.id for t in study.suggest(count=1, client_id="d")], [3])  # without a question to the policy
        self.assertEqual([t.id for t in study.suggest(count=1, client_id="e")], [4])
        self.assertEqual(study.materialize_study_config().metadata.ns("mine")["calls"], "2")
        self.assertEqual([study.get_trial(i).materialize().metadata.ns("mine").get("seen") for i in (1, 2, 3, 4)],
                         ["2", "2", "2", None])

    def test_the_policy_stops_trials_also_those_that_nobody_asked_about(self):
        study = self.study("USER")
        good, bad, worse = study.suggest(count=3, client_id="c")
        for trial, y in ((good, 0.9), (bad, 0.4), (worse, 0.1)):
            trial.add_measurement(vz.Measurement({"y": y}, steps=1))
        self.assertFalse(good.check_early_stopping())
        self.assertEqual(study.materialize_study_config().metadata.ns("mine")["asked"], "1")
        self.assertEqual([t.materialize().status for t in (good, bad, worse)],
                         [vz.TrialStatus.ACTIVE, vz.TrialStatus.STOPPING, vz.TrialStatus.STOPPING])
        self.assertTrue(bad.check_early_stopping())

    def test_an_answer_of_no_use_leaves_nothing_behind(self):
        for algorithm, reason in (("OUTSIDE", "x"), ("FAILING", "no luck today")):
            study = self.study(algorithm)
            with self.assertRaisesRegex(RuntimeError, f"(?s){self.pythia.endpoint}.*{reason}"):
                study.suggest(count=1, client_id="c")
            self.assertEqual(list(study.trials().get()), [])
            self.assertNotIn("outside", study.materialize_study_config().metadata)

    def test_an_endpoint_that_is_not_allowed_is_refused_with_advice(self):
        with self.assertRaisesRegex(grpc.RpcError, "(?s)INVALID_ARGUMENT.*127.0.0.1:1.*--pythia-endpoints"):
            self.study("USER", endpoint="127.0.0.1:1")

    def test_a_study_survives_that_its_endpoint_dies_and_comes_back(self):
        study = self.study("GRID_SEARCH")
        self.run_trials(study, 3)
        self.pythia.stop()
        with self.assertRaisesRegex(RuntimeError, f"(?s){self.pythia.endpoint}.*cannot be reached"):
            study.suggest(count=1, client_id="c")
        self.assertEqual(len(list(study.trials().get())), 3)
        self.pythia.start()
        self.run_trials(study, 3)
        points = {tuple(sorted(t.parameters.items())) for t in list(study.trials().get())}
        self.assertEqual(len(points), 6)


if __name__ == "__main__":
    unittest.main()
