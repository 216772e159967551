"""photinus-server as the brain of google-vizier: its own Vizier server, unmodified, asks our PythiaService."""
import pathlib
import tempfile
import unittest
from concurrent import futures

import grpc

import stock_vizier  # noqa: F401 (makes the servers importable)
from photinus import Server

from google.protobuf import empty_pb2
from vizier._src.service import stubs_util, vizier_client, vizier_service, vizier_service_pb2_grpc
from vizier.service import clients, pyvizier as vz


class StockBrainTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="photinus-test-")
        cls.log = pathlib.Path(cls.folder.name) / "log"
        servicer = vizier_service.VizierServicer(database_url=None)
        cls.vizier = grpc.server(futures.ThreadPoolExecutor(max_workers=30))
        vizier_service_pb2_grpc.add_VizierServiceServicer_to_server(servicer, cls.vizier)
        endpoint = f"127.0.0.1:{cls.vizier.add_insecure_port('127.0.0.1:0')}"
        cls.vizier.start()
        cls.server = Server(pathlib.Path(cls.folder.name) / "db", "--pythia-vizier", endpoint, log=cls.log)
        cls.pythia = stubs_util.create_pythia_server_stub(cls.server.endpoint)
        servicer.default_pythia_service = cls.pythia
        vizier_client.environment_variables.server_endpoint = endpoint

    @classmethod
    def tearDownClass(cls):
        with cls.folder:
            cls.server.end()
            cls.vizier.stop(grace=None).wait()

    def study(self, algorithm, endpoint=None):
        config = vz.StudyConfig(algorithm=algorithm, pythia_endpoint=endpoint)
        root = config.search_space.root
        root.add_float_param("x", -1.0, 1.0)
        root.add_int_param("n", 1, 3)
        kind = root.add_categorical_param("kind", ["plain", "deep"])
        kind.select_values(["deep"]).add_float_param("depth", 0.1, 10.0, scale_type=vz.ScaleType.LOG)
        config.metric_information.append(vz.MetricInformation("y", goal=vz.ObjectiveMetricGoal.MINIMIZE))
        return clients.Study.from_study_config(config, owner="ada", study_id=self.id().rpartition(".")[2] + algorithm)

    def run_trials(self, study, rounds, count=1):
        """Returns the values in their order."""
        values = []
        for _ in range(rounds):
            for trial in study.suggest(count=count, client_id="c"):
                p = trial.parameters
                self.assertEqual("depth" in p, p["kind"] == "deep")
                y = (p["x"] - 0.3) ** 2 + 0.1 * (p["n"] - 2) ** 2 + (0.0 if p["kind"] == "plain" else 0.2)
                trial.complete(vz.Measurement({"y": y}))
                values.append(y)
        return values

    def test_it_answers_pings(self):
        self.pythia.Ping(empty_pb2.Empty())

    def test_our_searches_serve_its_studies(self):
        for algorithm in ("DEFAULT", "EAGLE_STRATEGY", "NSGA2", "QUASI_RANDOM_SEARCH"):
            study = self.study(algorithm)
            self.assertEqual(len(self.run_trials(study, 4, count=3)), 12)
        # Ours learns: what it tries in the end is better than what it tried in the beginning.
        values = self.run_trials(self.study("GP_UCB_PE"), 20)
        self.assertLess(min(values), 0.02)
        self.assertLess(sum(values[-5:]), sum(values[:5]))

    def test_the_state_lives_in_the_studys_metadata(self):
        study = self.study("HYPER_FIREFLY")
        self.run_trials(study, 5)
        state = study.materialize_study_config().metadata.abs_ns(vz.Namespace(["photinus", "state"]))
        self.assertTrue(state["HYPER_FIREFLY"])

    def test_a_study_of_its_own_may_name_us(self):
        self.assertEqual(len(self.run_trials(self.study("RANDOM_SEARCH", self.server.endpoint), 3)), 3)

    def test_an_error_of_ours_reaches_its_client(self):
        with self.assertRaisesRegex(RuntimeError, "is not an algorithm of this server"):
            self.study("BOCS").suggest(count=1, client_id="c")

    def test_a_bad_trial_is_stopped(self):
        study = self.study("RANDOM_SEARCH")
        for _ in range(6):
            for trial in study.suggest(count=1, client_id="c"):
                for step in range(1, 6):
                    trial.add_measurement(vz.Measurement({"y": 0.5}, steps=step))
                trial.complete()
        good, bad = study.suggest(count=2, client_id="c")
        for trial, y in ((good, 0.1), (bad, 0.9)):
            for step in range(1, 6):
                trial.add_measurement(vz.Measurement({"y": y}, steps=step))
        self.assertFalse(good.check_early_stopping())
        self.assertTrue(bad.check_early_stopping())

    def test_a_photinus_server_may_ask_one(self):
        """Here itself: its address is known after its first start."""
        folder = pathlib.Path(self.folder.name)
        server = Server(folder / "both", log=self.log)
        server.stop()
        server.close()
        server = Server(folder / "both", "--pythia-endpoints", server.endpoint, "--pythia-vizier", server.endpoint,
                        listen=server.endpoint, log=self.log)
        self.addCleanup(server.close)
        before = vizier_client.environment_variables.server_endpoint
        vizier_client.environment_variables.server_endpoint = server.endpoint
        self.addCleanup(setattr, vizier_client.environment_variables, "server_endpoint", before)
        for algorithm in ("GP_UCB_PE", "HYPER_FIREFLY"):
            self.assertEqual(len(self.run_trials(self.study(algorithm, server.endpoint), 8)), 8)


if __name__ == "__main__":
    unittest.main()
