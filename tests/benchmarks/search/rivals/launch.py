"""Runs a rival in its own virtual environment, or installs that.

Usage: launch.py ENVIRONMENTS RIVAL [--install]

ENVIRONMENTS is the folder of the virtual environments, one for each requirements file beside this one.
"""
import fcntl
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# Rival -> (module, requirements).
RIVALS = {
    "PYTHON_RANDOM": ("random_rival", None),
    "OPTUNA_TPE": ("optuna_rival", "optuna.txt"),
    "OPTUNA_GP": ("optuna_rival", "optuna.txt"),
    "OPTUNA_CMA_ES": ("optuna_rival", "optuna.txt"),
    "VIZIER_EAGLE": ("vizier_rival", "vizier.txt"),
    "VIZIER_DEFAULT": ("vizier_rival", "vizier.txt"),
    "HEBO": ("hebo_rival", "hebo.txt"),
}
# One thread each, as ours have.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "CUDA_VISIBLE_DEVICES": "",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def python_of(environments, requirements):
    if requirements is None:
        return pathlib.Path(sys.executable)
    return pathlib.Path(environments) / pathlib.Path(requirements).stem / "bin" / "python"


def install(environments, requirements):
    """Every package is pinned, so an environment is complete once the list it was made from stands in it."""
    wanted = (HERE / requirements).read_text()
    python = python_of(environments, requirements)
    folder = python.parent.parent
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / f"{folder.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed = folder / "installed.txt"
        if installed.exists() and installed.read_text() == wanted:
            return
        print(f"installing {requirements} into {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "-r", HERE / requirements], check=True)
        installed.write_text(wanted)


def main():
    environments, name = sys.argv[1:3]
    if name not in RIVALS:
        sys.exit(f"no rival {name}; there are {', '.join(RIVALS)}")
    module, requirements = RIVALS[name]
    if sys.argv[3:] == ["--install"]:
        if requirements is not None:
            install(environments, requirements)
        return
    python = python_of(environments, requirements)
    os.execve(python, [str(python), str(HERE / "protocol.py"), module, name], {**os.environ, **ONE_THREAD})


main()
