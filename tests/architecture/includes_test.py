"""Fails on an include or a link that points the wrong way: the table of docs/rooms.md, checked.

Usage: includes_test.py REPOSITORY
"""
import pathlib
import re
import sys

# Room -> what its sources may include and its libraries link, besides themselves, the standard library and third-party headers.
# 'proto' stands for generated headers.
COMMON = {"common/base", "common/expression", "common/plot", "common/space", "common/spaces", "common/study_document", "proto"}
ROOMS = {
    "common/base": {"proto"},
    "common/expression": {"common/base"},
    "common/plot": set(),
    "common/spaces": set(),
    "common/space": {"common/base", "proto"},
    "common/study_document": {"common/base", "common/expression", "common/space", "common/spaces", "proto"},
    "common/rpc": {"common/base", "proto"},
    "server/storage": COMMON,
    "server/study": COMMON | {"server/storage"},
    "server/algorithms": COMMON,
    "server/stopping": COMMON | {"server/algorithms"},
    "server/scheduling": COMMON | {"server/storage", "server/study", "server/algorithms", "server/stopping"},
    "server/transfer": COMMON | {"server/storage", "server/study"},
    "server/analysis": COMMON | {"server/storage", "server/study", "server/algorithms"},
    "server/pythia": COMMON | {"common/rpc", "server/storage", "server/study", "server/algorithms", "server/stopping", "server/scheduling"},
    "server/api": COMMON | {"common/rpc", "server/storage", "server/study", "server/transfer", "server/scheduling", "server/analysis", "server/pythia"},
    "server/replica": COMMON | {"server/storage", "server/study", "server/transfer", "server/scheduling", "server/pythia", "server/api"},
    "worker/base": set(),
    "worker/graph": {"common/spaces", "worker/base"},
    "worker/tflite": {"common/spaces", "worker/base", "worker/graph"},
    "worker/xnnpack": {"worker/base", "worker/energy", "worker/graph", "worker/tflite"},
    "worker/energy": {"common/spaces", "worker/base", "worker/graph"},
    "worker/predictor": {"common/plot", "common/spaces", "worker/base", "worker/energy", "worker/graph"},
    "worker/data": {"common/spaces", "worker/base"},
    "worker/train": {"worker/base", "worker/graph", "worker/data"},
    "worker/trial": {"common/spaces", "worker/base", "worker/graph", "worker/tflite", "worker/xnnpack", "worker/energy", "worker/predictor", "worker/data", "worker/train"},
    "worker/net": {"common/spaces", "worker/base", "worker/energy", "worker/graph", "worker/predictor", "worker/tflite", "worker/xnnpack"},
    "worker/agent": COMMON | {"common/rpc", "worker/base", "worker/graph"},
    "client/cli": COMMON | {"common/rpc"},
}
# Only these rooms may include gRPC; databases; libtorch; protobuf and Abseil.
GRPC_ROOMS = {"common/rpc", "server/api"}
DATABASE_ROOMS = {"server/storage"}
TORCH_ROOMS = {"worker/train", "worker/trial"}
PLAIN_ROOMS = {room for room in ROOMS if room.startswith("worker/") and room != "worker/agent"} | {"common/plot", "common/spaces"}
# main.cc wires the rooms together; tests may use everything.
EXEMPT = re.compile(r"(^|/)main\.cc$|_test\.cc$|_benchmark\.cc$|_contract\.(h|cc)$|^tests/")

LIBRARY = re.compile(r"photinus_library\((\w+)([^)]*)\)")
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.MULTILINE)


def room_of(path):
    parts = path.split("/")
    room = "/".join(parts[:2])
    return room if room in ROOMS else None


def is_generated(include):
    return include.endswith(".pb.h") and include.startswith(("vizier/", "photinus/v1/", "google/"))


def faults_of(path, text):
    room = room_of(path)
    if room is None:
        return [f"{path}: belongs to no room of tests/architecture/includes_test.py; add the room there and in docs/rooms.md"]
    faults = []
    for include in INCLUDE.findall(text):
        target = "proto" if is_generated(include) else room_of(include)
        if target and target != room and target not in ROOMS[room]:
            faults.append(f"{path}: {room} must not include {include}")
        if include.startswith(("grpcpp/", "grpc/")) or include.endswith(".grpc.pb.h"):
            if room not in GRPC_ROOMS:
                faults.append(f"{path}: gRPC ({include}) belongs to {', '.join(sorted(GRPC_ROOMS))}")
        if include in ("sqlite3.h", "libpq-fe.h") and room not in DATABASE_ROOMS:
            faults.append(f"{path}: databases ({include}) belong to {', '.join(sorted(DATABASE_ROOMS))}")
        if include.startswith(("torch/", "ATen/", "c10/")) and room not in TORCH_ROOMS:
            faults.append(f"{path}: libtorch ({include}) belongs to {', '.join(sorted(TORCH_ROOMS))}")
        if room in PLAIN_ROOMS and (include.startswith(("absl/", "google/protobuf/")) or target == "proto"):
            faults.append(f"{path}: {room} builds against any libtorch and must not include {include}")
    return faults


def link_faults(lists):
    """lists: path of each CMakeLists.txt -> its text. Programs and tests may link everything."""
    room_of_target = {"proto_messages": "proto", "proto_services": "proto"}
    links = []
    for path, text in lists.items():
        for name, arguments in LIBRARY.findall(text):
            room_of_target[name] = room_of(path)
            links += [(path, name, target) for target in arguments.partition("DEPS")[2].split()]
    faults = []
    for path, name, target in links:
        room, other = room_of(path), room_of_target.get(target)
        if other and other != room and other not in ROOMS[room]:
            faults.append(f"{path}: {name} must not link {target} of {other}")
    return faults


def self_test():
    """The check itself must be able to fail."""
    assert faults_of("server/storage/a.cc", '#include "server/study/b.h"\n')
    assert faults_of("worker/graph/a.h", "#include <torch/torch.h>\n")
    assert faults_of("worker/data/a.h", '#include "absl/status/status.h"\n')
    assert faults_of("server/study/a.cc", "#include <grpcpp/grpcpp.h>\n")
    assert faults_of("server/study/a.cc", "#include <libpq-fe.h>\n")
    assert faults_of("client/cli/a.cc", '#include "worker/graph/graph.h"\n')
    assert faults_of("client/cli/a.cc", "#include <grpcpp/grpcpp.h>\n")
    study = "photinus_library(server_study SRCS a.cc DEPS server_storage)\n"
    storage = "photinus_library(server_storage HDRS a.h DEPS %s)\n"
    assert link_faults({"server/study/C": study, "server/storage/C": storage % "common_base\n server_study"})
    assert not link_faults({"server/study/C": study, "server/storage/C": storage % "common_base"})
    assert not faults_of("server/study/a.cc", '#include "server/storage/storage.h"\n#include <vector>\n')


def main():
    self_test()
    root = pathlib.Path(sys.argv[1])
    faults, count, lists = [], 0, {}
    for top in ("common", "server", "worker", "client"):
        for file in sorted((root / top).rglob("CMakeLists.txt")):
            lists[file.relative_to(root).as_posix()] = file.read_text()
        for file in sorted((root / top).rglob("*")):
            path = file.relative_to(root).as_posix()
            if file.suffix not in (".h", ".cc") or EXEMPT.search(path):
                continue
            count += 1
            faults += faults_of(path, file.read_text())
    faults += link_faults(lists)
    print("\n".join(faults) if faults else f"{count} files keep to the table of rooms")
    sys.exit(1 if faults or count == 0 else 0)


main()
