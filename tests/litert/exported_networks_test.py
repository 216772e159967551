"""The networks that our programs export load in a real TFLite runtime and give there what our interpreter gives.

Draws architectures of a space, exports them with photinus-trial's weights and ranges, runs random examples through
`photinus-worker net run` (in mode xnn by both of its runners) and through LiteRT, by default (XNNPACK: mode xnn) and
without delegates (mode builtin, on x86 with AVX), and compares bit for bit.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

from compare_litert import import_runtime, modes_to_compare, open_network


def run(*command):
    subprocess.run([str(part) for part in command], check=True)


class Programs:
    """`photinus-worker net ...` on files of one folder."""

    def __init__(self, folder):
        self.worker = pathlib.Path(os.environ["PHOTINUS_BIN"]) / "photinus-worker"
        self.folder = folder

    def export(self, space, seed):
        net, model = self.folder / f"{seed}.json", self.folder / f"{seed}.tflite"
        run(self.worker, "net", "sample", space, "--seed", seed, "-o", net)
        run(self.worker, "net", "export", net, "--seed", seed, "-o", model)
        return model

    def outputs(self, numpy, model, inputs, mode, runner="interpreter"):
        source, target = model.with_suffix(".in.npy"), model.with_suffix(".out.npy")
        numpy.save(source, inputs)
        files = ["--input", source, "--output", target]
        run(self.worker, "net", "run", model, *files, "--rounding", mode, "--runner", runner)
        return numpy.load(target)


def litert_outputs(numpy, interpreter, inputs):
    """[examples, classes]"""
    source = interpreter.get_input_details()[0]["index"]
    target = interpreter.get_output_details()[0]["index"]
    rows = []
    for example in inputs:
        interpreter.set_tensor(source, example[None])
        interpreter.invoke()
        rows.append(interpreter.get_tensor(target)[0])
    return numpy.stack(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--space", default="keywords-small")
    parser.add_argument("--networks", type=int, default=20)
    parser.add_argument("--examples", type=int, default=100)
    arguments = parser.parse_args()
    numpy, runtime = import_runtime()
    different = dict.fromkeys(modes_to_compare(), 0)
    values = 0
    answers = set()
    with tempfile.TemporaryDirectory() as folder:
        programs = Programs(pathlib.Path(folder))
        for seed in range(arguments.networks):
            model = programs.export(arguments.space, seed)
            for mode in different:
                interpreter = open_network(runtime, model, mode)
                shape = [arguments.examples, *interpreter.get_input_details()[0]["shape"][1:]]
                inputs = numpy.random.default_rng(seed).integers(-128, 128, shape, numpy.int8)
                ours = programs.outputs(numpy, model, inputs, mode)
                theirs = litert_outputs(numpy, interpreter, inputs)
                if mode == "xnn":
                    assert (programs.outputs(numpy, model, inputs, mode, "xnnpack") == ours).all(), f"seed {seed}: XNNPACK"
                different[mode] += int((ours != theirs).sum())
                values += ours.size
                answers.update(theirs.ravel().tolist())
                if (ours != theirs).any():
                    print(f"seed {seed}, mode {mode}: {int((ours != theirs).sum())} of {ours.size} values differ")
    print(
        f"{arguments.networks} networks of {arguments.space} x {arguments.examples} examples: different values "
        f"{different}, of {values} in all; {len(answers)} distinct values"
    )
    # Constant outputs would agree without proving anything.
    return 1 if any(different.values()) or len(answers) < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
