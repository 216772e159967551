"""Compares our int8 interpreter with a real TFLite runtime (LiteRT from PyPI), bit for bit.

`litert_cases` writes networks, inputs and our outputs; every operator's output of every example must equal what LiteRT
gives, by default (XNNPACK: mode xnn) and without delegates (mode builtin, on x86 with AVX).

Exit codes: 0 equal, 1 different, broken, or the runtime is not installed.
"""
import argparse
import pathlib
import platform
import subprocess
import sys
import tempfile

MODES = {"xnn": "AUTO", "builtin": "BUILTIN_WITHOUT_DEFAULT_DELEGATES"}


def import_runtime():
    """Returns (numpy, LiteRT's interpreter module), or ends the program."""
    try:
        import numpy
        from ai_edge_litert import interpreter
    except ImportError as error:
        print(f"{error}; install it with: pip install ai-edge-litert==2.3.0 numpy")
        sys.exit(1)
    return numpy, interpreter


def builtin_kernels_are_the_ones_we_follow():
    """LiteRT's own kernels round by the machine's instructions; mode builtin follows those of x86 with AVX."""
    if platform.machine() != "x86_64":
        return False
    return " avx " in pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii").replace("\n", " ")


def modes_to_compare():
    return list(MODES) if builtin_kernels_are_the_ones_we_follow() else ["xnn"]


def open_network(runtime, file, mode):
    """LiteRT's interpreter of a file, which XNNPACK must have taken in mode xnn and must not have in mode builtin."""
    resolver = getattr(runtime.OpResolverType, MODES[mode])
    interpreter = runtime.Interpreter(model_path=str(file), num_threads=1, experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    delegated = any(op["op_name"] == "DELEGATE" for op in interpreter._get_ops_details())
    assert delegated == (mode == "xnn"), f"{file}: XNNPACK {'took' if delegated else 'did not take'} the graph"
    return interpreter


class Comparison:
    """Runs the cases of a folder and counts values that differ."""

    def __init__(self, folder, numpy, runtime):
        self.folder = folder
        self.numpy = numpy
        self.runtime = runtime
        self.values = 0
        self.different = 0

    def outputs(self, interpreter, inputs):
        """[examples, values]: all outputs of the file, in its order, one after the other."""
        where = interpreter.get_input_details()[0]["index"]
        outputs = [detail["index"] for detail in interpreter.get_output_details()]
        rows = []
        for example in inputs:
            interpreter.set_tensor(where, example[None])
            interpreter.invoke()
            rows.append(self.numpy.concatenate([interpreter.get_tensor(index).ravel() for index in outputs]))
        return self.numpy.stack(rows)

    def compare(self, case, mode):
        inputs = self.numpy.load(self.folder / f"{case}.input.npy")
        ours = self.numpy.load(self.folder / f"{case}.{mode}.npy")
        layers = open_network(self.runtime, self.folder / f"{case}.layers.tflite", mode)
        self.count(case, mode, "layers", ours, self.outputs(layers, inputs), layers)
        network = open_network(self.runtime, self.folder / f"{case}.tflite", mode)
        theirs = self.outputs(network, inputs)
        self.count(case, mode, "network", ours[:, -theirs.shape[1] :], theirs, network)

    def count(self, case, mode, part, ours, theirs, interpreter):
        assert ours.shape == theirs.shape, f"case {case}: {ours.shape} values, LiteRT has {theirs.shape}"
        different = int((ours != theirs).sum())
        self.values += ours.size
        self.different += different
        if different:
            print(f"case {case}, mode {mode}, {part}: {different} of {ours.size} values differ")
            self.explain(ours, theirs, interpreter)

    def explain(self, ours, theirs, interpreter):
        """Names the first operator whose output differs."""
        start = 0
        for detail in interpreter.get_output_details():
            size = int(self.numpy.prod(detail["shape"]))
            part = slice(start, start + size)
            start += size
            wrong = self.numpy.argwhere(ours[:, part] != theirs[:, part])
            if len(wrong):
                example, value = wrong[0]
                print(
                    f"  first at {detail['name']} {detail['shape']}: example {example}, value {value}: "
                    f"ours {ours[example, part][value]}, LiteRT {theirs[example, part][value]}; {len(wrong)} there"
                )
                return


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases-program", required=True, help="path of litert_cases")
    parser.add_argument("--space", default="keywords-small", help="a named space, or any: graphs of every operator")
    parser.add_argument("--cases", type=int, default=28)
    parser.add_argument("--examples", type=int, default=100)
    arguments = parser.parse_args()
    numpy, runtime = import_runtime()
    modes = modes_to_compare()
    with tempfile.TemporaryDirectory() as folder:
        program = [arguments.cases_program, folder, arguments.space, str(arguments.cases), str(arguments.examples)]
        subprocess.run(program, check=True)
        comparison = Comparison(pathlib.Path(folder), numpy, runtime)
        for case in range(arguments.cases):
            for mode in modes:
                comparison.compare(case, mode)
    print(
        f"{arguments.cases} networks of {arguments.space} x {arguments.examples} examples, modes {', '.join(modes)}: "
        f"{comparison.different} of {comparison.values} values differ"
    )
    return 1 if comparison.different or not comparison.values else 0


if __name__ == "__main__":
    sys.exit(main())
