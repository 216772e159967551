"""A real file system that is full: writes are refused, reads go on, and once there is space the server works on.

Needs a disk of its own, which only root may mount; server/storage/sqlite_guards_test.cc and disk_faults_test.cc have the
same for everybody.
"""
import contextlib
import os
import subprocess
import sys
import time

import grpc

from photinus import SKIPPED, Server, Wire, temporary_folder

VIZIER = "vizier.VizierService"
RECOVERY_SECONDS = 5
LARGE = 300_000


@contextlib.contextmanager
def small_disk(folder, mib):
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", disk]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        print("cannot mount a small disk here")
        sys.exit(SKIPPED)
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)
        disk.rmdir()


class Filler:
    """Another program that takes every byte that is free, again and again."""

    def __init__(self, disk):
        self._file = open(disk / "filler", "wb", buffering=0)

    def fill(self):
        with contextlib.suppress(OSError):
            while True:
                self._file.write(bytes(4096))

    def empty(self):
        self._file.truncate(0)
        self._file.seek(0)

    def close(self):
        self._file.close()


class Client:
    def __init__(self, endpoint):
        self._wire = Wire(endpoint)

    def create_study(self, study):
        self._wire.call(f"{VIZIER}/CreateStudy", {"parent": "owners/full", "study": {"displayName": study, "studySpec": {
            "algorithm": "RANDOM_SEARCH",
            "parameters": [{"parameterId": "x", "doubleValueSpec": {"minValue": 0, "maxValue": 1}}],
            "metrics": [{"metricId": "y", "goal": "MAXIMIZE"}]}}})

    def delete_study(self, study):
        self._wire.call(f"{VIZIER}/DeleteStudy", {"name": f"owners/full/studies/{study}"})

    def note(self, study, key, size=1000):
        """The status code of one write."""
        try:
            self._wire.call(f"{VIZIER}/UpdateMetadata", {
                "name": f"owners/full/studies/{study}", "delta": [{"metadatum": {"key": key, "value": "v" * size}}]})
            return "OK"
        except grpc.RpcError as error:
            assert "free some space" in error.details(), error.details()
            return error.code().name

    def note_soon(self, study, key, size=1000):
        """The same, within the time of a recovery."""
        end = time.monotonic() + RECOVERY_SECONDS
        while (code := self.note(study, key, size)) != "OK" and time.monotonic() < end:
            time.sleep(0.1)
        return code

    def keys(self, study):
        stored = self._wire.call(f"{VIZIER}/GetStudy", {"name": f"owners/full/studies/{study}"})
        return [entry["key"] for entry in stored["studySpec"].get("metadata", [])]


def write_until_refused(client, study, sizes=(LARGE, 64_000, 1000)):
    """Keys that were acknowledged while the disk filled up; the small ones fill the last gaps."""
    stored = []
    for size in sizes:
        while (code := client.note(study, f"{size}.{len(stored)}", size)) == "OK":
            stored.append(f"{size}.{len(stored)}")
        assert code == "RESOURCE_EXHAUSTED", code
    return stored


def space_comes_back(disk, start):
    """Another program fills the disk and frees it again, twice."""
    server, filler = start(), Filler(disk)
    client = Client(server.endpoint)
    client.create_study("disk")
    for when in ("first", "second"):
        filler.fill()
        stored = write_until_refused(client, "disk", sizes=(64_000, 1000))
        assert set(stored) <= set(client.keys("disk")), f"{when}: reads fail or miss what was acknowledged"
        assert client.note("disk", f"{when} refused") == "RESOURCE_EXHAUSTED"
        filler.empty()
        assert client.note("disk", f"{when} after") == "OK", f"{when}: no recovery once there is space"
    filler.close()
    keys = client.keys("disk")
    assert "first after" in keys and "first refused" not in keys, keys
    server.kill()
    server.close()
    server = start()
    assert Client(server.endpoint).keys("disk") == keys, "something changed by a restart"
    assert server.stop() == 0, "the server did not drain"
    return f"{len(keys)} keys on a disk that was full twice"


def deleted_studies_make_room(disk, start):
    """The server alone fills the disk; deleting a study is enough, also after a restart."""
    server = start()
    client = Client(server.endpoint)
    client.create_study("0")
    counts = []
    for study in range(3):
        client.create_study(str(study + 1))
        counts.append(len(write_until_refused(client, str(study))))
        if study == 1:
            server.kill()
            server.close()
            server = start()
            client = Client(server.endpoint)
        client.delete_study(str(study))
        assert client.note_soon(str(study + 1), "after", LARGE) == "OK", f"{study}: no room after a study was deleted"
    assert min(counts) >= 10, counts
    assert server.stop() == 0, "the server did not drain"
    return f"{counts} keys on a disk that the server filled"


def others_get_no_room(disk, start):
    """However many writes were refused, another program did not get what deletions need."""
    server, filler = start(), Filler(disk)
    client = Client(server.endpoint)
    for study in ("large", "small"):
        client.create_study(study)
    for i in range(10):
        assert client.note("large", str(i), LARGE) == "OK"
    for _ in range(20):
        filler.fill()
        assert client.note("small", "refused", 10 * LARGE) == "RESOURCE_EXHAUSTED"
    filler.fill()
    client.delete_study("large")
    filler.fill()
    assert client.note_soon("small", "after", 5 * LARGE) == "OK", "the room inside the file is not used"
    filler.close()
    assert server.stop() == 0, "the server did not drain"
    return "a study deleted on a disk that another program keeps full"


def main():
    for scenario in (space_comes_back, deleted_studies_make_room, others_get_no_room):
        with temporary_folder() as folder, small_disk(folder, mib=28) as disk, contextlib.ExitStack() as servers:
            def start():
                server = Server(disk / "db", log=folder / "server.log")
                servers.callback(server.close)
                return server

            try:
                print(scenario(disk, start))
            except BaseException:
                print((folder / "server.log").read_text(errors="replace")[-4000:], file=sys.stderr)
                raise


main()
