"""The stock google-vizier client, unmodified, against a photinus-server: its client suite and its performance test.

Usage: stock_client_test.py sqlite|postgresql
Fails, rather than skips, when the package is missing: build/venv is made by ./run from tests/requirements.txt.
"""
import pathlib
import sys
import tempfile
import time
import types

from absl import flags
from absl.testing import absltest

from photinus import PostgresServer, Server


class SphereFactory:
    """Stands in for vizier.benchmarks.experimenters, whose import needs jax: the performance test wants any function."""

    def __init__(self, name, dimension):
        assert name == "Sphere"
        self._names = [f"x{i}" for i in range(dimension)]

    def __call__(self):
        return self

    def problem_statement(self):
        from vizier import pyvizier as vz
        problem = vz.ProblemStatement()
        for name in self._names:
            problem.search_space.root.add_float_param(name, -5.0, 5.0)
        problem.metric_information.append(
            vz.MetricInformation(name="bbob_eval", goal=vz.ObjectiveMetricGoal.MINIMIZE))
        return problem

    def evaluate(self, suggestions):
        from vizier import pyvizier as vz
        for trial in suggestions:
            value = sum(trial.parameters.get_value(name) ** 2 for name in self._names)
            trial.complete(vz.Measurement(metrics={"bbob_eval": value}))


benchmarks = types.ModuleType("vizier.benchmarks")
benchmarks.experimenters = types.SimpleNamespace(BBOBExperimenterFactory=SphereFactory)
sys.modules["vizier.benchmarks"] = benchmarks
# Their own server needs jax too; ours takes its place.
sys.modules["vizier._src.service.vizier_server"] = types.ModuleType("vizier._src.service.vizier_server")

from vizier._src.service import performance_test, vizier_client  # noqa: E402 (after the stand-in)
from vizier.client import client_abc_testing  # noqa: E402
from vizier.service import clients, pyvizier as vz  # noqa: E402

STORAGE = sys.argv.pop(1)
folder = None
database = None
server = None


def setUpModule():
    global folder, database, server
    flags.FLAGS.mark_as_parsed()
    folder = tempfile.TemporaryDirectory(prefix="photinus-test-")
    database = PostgresServer() if STORAGE == "postgresql" else None
    server = Server(database.url if database else pathlib.Path(folder.name) / "db", log=pathlib.Path(folder.name) / "log")
    vizier_client.environment_variables.server_endpoint = server.endpoint


def tearDownModule():
    with folder:
        server.end()
        if database:
            database.close()


class StockClientTest(client_abc_testing.TestCase):
    def create_study(self, problem, study_id):
        config = vz.StudyConfig.from_problem(problem)
        config.algorithm = vz.Algorithm.RANDOM_SEARCH
        return clients.Study.from_study_config(config, owner="owner", study_id=study_id)

    def test_e2e_tuning(self):
        self.assertPassesE2ETuning()

    def test_e2e_tuning_multi_objective(self):
        self.assertPassesE2ETuning(multi_objective=True)

    def test_conditional_space(self):
        """One child under several values of its parent, which the client sends once for each value."""
        problem = vz.ProblemStatement()
        root = problem.search_space.root
        model = root.add_categorical_param("model", ["dnn", "cnn", "tree"])
        model.select_values(["dnn", "cnn"]).add_float_param("lr", 1e-4, 1e-1, scale_type=vz.ScaleType.LOG)
        model.select_values(["cnn"]).add_int_param("kernel", 2, 5)
        problem.metric_information.append(vz.MetricInformation(name="y", goal=vz.ObjectiveMetricGoal.MAXIMIZE))
        active = {"dnn": {"model", "lr"}, "cnn": {"model", "lr", "kernel"}, "tree": {"model"}}
        for algorithm in ("RANDOM_SEARCH", "DEFAULT"):
            config = vz.StudyConfig.from_problem(problem)
            config.algorithm = algorithm
            study = clients.Study.from_study_config(config, owner="owner", study_id=f"conditional-{algorithm}")
            for _ in range(12):
                for trial in study.suggest(count=1, client_id="c"):
                    self.assertEqual(set(trial.parameters), active[trial.parameters["model"]])
                    trial.complete(vz.Measurement(metrics={"y": trial.parameters.get("lr", 0.05)}))
            self.assertLen(list(study.trials()), 12)

    def test_study_document(self):
        """The client spells the namespace "photinus" with a colon before it."""
        problem = vz.ProblemStatement()
        problem.search_space.root.add_float_param("x", 0.0, 1.0)
        problem.metric_information.append(vz.MetricInformation(name="y", goal=vz.ObjectiveMetricGoal.MAXIMIZE))
        config = vz.StudyConfig.from_problem(problem)
        config.algorithm = "RANDOM_SEARCH"
        config.metadata.ns("photinus")["study"] = '{"budget": {"trials": 1}}'
        study = clients.Study.from_study_config(config, owner="owner", study_id="document")
        self.assertLen(study.suggest(count=5, client_id="a"), 1)
        more = vz.Metadata()
        more.ns("photinus")["study"] = '{"budget": {"trials": 3}}'
        study.update_metadata(more)
        self.assertEqual(study.materialize_study_config().metadata.ns("photinus")["study"], '{"budget": {"trials": 3}}')
        self.assertLen(study.suggest(count=5, client_id="b"), 2)

    def test_e2e_tuning_gp(self):
        def create_study(problem):
            config = vz.StudyConfig.from_problem(problem)
            config.algorithm = vz.Algorithm.GAUSSIAN_PROCESS_BANDIT
            return clients.Study.from_study_config(config, owner="owner", study_id=self.id())

        self.assertPassesE2ETuning(study_factory=create_study, num_iterations=2)


class PerformanceTest(performance_test.PerformanceTest):
    @classmethod
    def setUpClass(cls):  # theirs starts a server of its own
        pass

    def setUp(self):
        super().setUp()
        self._begin = time.monotonic()

    def tearDown(self):
        print(f"{self.id()}: {time.monotonic() - self._begin:.2f} s", file=sys.stderr)
        super().tearDown()


del client_abc_testing.TestCase, performance_test.PerformanceTest  # else they would run as well, without a server

if __name__ == "__main__":
    absltest.main()
