"""A real file system that is full: writes are refused, reads go on, and once there is space the server works on.

Needs a disk of its own, which only root may mount; tests/faults/disk_faults_test.cc has the same for everybody.
"""
import contextlib
import os
import subprocess
import sys

import grpc

from photinus import SKIPPED, Server, Wire, temporary_folder

VIZIER = "vizier.VizierService"
STUDY = "owners/full/studies/disk"
DISK_MIB = 12


@contextlib.contextmanager
def small_disk(folder):
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", disk]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        print("cannot mount a small disk here")
        sys.exit(SKIPPED)
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def fill(disk):
    """Leaves no byte."""
    with open(disk / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(bytes(4096))


class Client:
    def __init__(self, endpoint):
        self._wire = Wire(endpoint)

    def create_study(self):
        self._wire.call(f"{VIZIER}/CreateStudy", {"parent": "owners/full", "study": {"displayName": "disk", "studySpec": {
            "algorithm": "RANDOM_SEARCH",
            "parameters": [{"parameterId": "x", "doubleValueSpec": {"minValue": 0, "maxValue": 1}}],
            "metrics": [{"metricId": "y", "goal": "MAXIMIZE"}]}}})

    def note(self, key, size=1000):
        """The status code of one write."""
        try:
            self._wire.call(f"{VIZIER}/UpdateMetadata", {
                "name": STUDY, "delta": [{"metadatum": {"key": key, "value": "v" * size}}]})
            return "OK"
        except grpc.RpcError as error:
            assert "free some space" in error.details(), error.details()
            return error.code().name

    def keys(self):
        study = self._wire.call(f"{VIZIER}/GetStudy", {"name": STUDY})
        return [entry["key"] for entry in study["studySpec"].get("metadata", [])]


def write_until_refused(client):
    """Keys that were acknowledged while the disk filled up."""
    stored = []
    for size in (64_000, 1000):  # the small ones fill the last gap
        while (code := client.note(f"{size}.{len(stored)}", size)) == "OK":
            stored.append(f"{size}.{len(stored)}")
        assert code == "RESOURCE_EXHAUSTED", code
    return stored


def main():
    with temporary_folder() as folder, small_disk(folder) as disk:
        server = Server(disk / "db", log=folder / "server.log")
        try:
            client = Client(server.endpoint)
            client.create_study()
            for when in ("first", "second"):
                fill(disk)
                stored = write_until_refused(client)
                assert set(stored) <= set(client.keys()), f"{when}: reads fail or miss what was acknowledged"
                assert client.note(f"{when} refused") == "RESOURCE_EXHAUSTED"
                (disk / "filler").unlink()
                assert client.note(f"{when} after") == "OK", f"{when}: no recovery once there is space"
            keys = client.keys()
            assert "first after" in keys and "first refused" not in keys, keys
            server.kill()
            server.close()
            server = Server(disk / "db", log=folder / "server.log")
            assert Client(server.endpoint).keys() == keys, "something changed by a restart"
            assert server.stop() == 0, "the server did not drain"
            print(f"{len(keys)} keys on a disk that was full twice")
        except BaseException:
            print((folder / "server.log").read_text(errors="replace")[-4000:], file=sys.stderr)
            raise
        finally:
            server.close()


main()
