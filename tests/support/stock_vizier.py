"""Makes google-vizier's servers and policies importable from the package alone.

They import jax and its friends for algorithms that the tests do not run; importing this module first puts empty stand-ins
in their places. Nothing of google-vizier itself is replaced.
"""
import importlib.abc
import importlib.machinery
import sys
from concurrent import futures
from unittest import mock

import grpc

MISSING = {"chex", "equinox", "flax", "jax", "jaxlib", "jaxopt", "jaxtyping", "optax", "scipy", "tensorflow_probability"}


class _StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in MISSING:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        module = mock.MagicMock(name=spec.name)
        module.__path__ = []
        return module

    def exec_module(self, module):
        pass


sys.meta_path.append(_StandIns())  # the last, so that what is installed is used

from vizier._src.service import pythia_service, pythia_service_pb2_grpc  # noqa: E402


class PythiaServer:
    """google-vizier's own PythiaServicer over gRPC, as its DistributedPythiaVizierServer sets it up."""

    def __init__(self, policy_factory):
        self._policy_factory = policy_factory
        self._vizier = None
        self._port = 0
        self.start()

    @property
    def endpoint(self):
        return f"127.0.0.1:{self._port}"

    def connect_to_vizier(self, endpoint):
        self._vizier = endpoint
        self._servicer.connect_to_vizier(endpoint)

    def start(self):
        """At first on a free port, and later on the same one."""
        self._servicer = pythia_service.PythiaServicer(policy_factory=self._policy_factory)
        if self._vizier:
            self._servicer.connect_to_vizier(self._vizier)
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
        pythia_service_pb2_grpc.add_PythiaServiceServicer_to_server(self._servicer, self._server)
        port = self._server.add_insecure_port(self.endpoint)
        assert port, f"{self.endpoint} is taken"
        self._port = port
        self._server.start()

    def stop(self):
        self._server.stop(grace=None).wait()
