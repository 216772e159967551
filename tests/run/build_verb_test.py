"""`./run build --torch` never leaves people without a photinus-trial: the script itself, with programs that only
pretend to build.

Usage: build_verb_test.py RUN
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

RUN = pathlib.Path(sys.argv.pop())
HEADER = "include/torch/csrc/api/include/torch/torch.h"

# Keeps the prefix that it was configured with, and "links" a program that names it where there is none or an old one.
CMAKE = r"""#!/usr/bin/env bash
set -eu
link() { mkdir -p "${1%/*}"; [ -f "$1" ] && [ "$(date -r "$1" +%Y)" -gt 2000 ] || echo "$2" >"$1"; }
case "$*" in
  *-DPHOTINUS_TORCH_PREFIX=*)
    mkdir -p build/torch; for each in "$@"; do case $each in
      -DPHOTINUS_TORCH_PREFIX=*) echo "${each#*=}" >build/torch/prefix ;; esac; done ;;
  *-DPHOTINUS_WITH_TORCH=ON*) touch with-debian ;;
  *-DPHOTINUS_WITH_TORCH=OFF*) rm -f with-debian ;;
  "--install build/release --prefix "*) echo "$4" >installed-into ;;
  "--build build/torch "*) [ ! -f broken ]; link build/torch/bin/photinus-trial "$(cat build/torch/prefix)" ;;
  "--build --preset release "*)
    [ ! -f broken ]; mkdir -p build/release/bin; [ ! -f with-debian ] || link build/release/bin/photinus-trial debian ;;
  *) echo "cmake: unexpected: $*"; exit 1 ;;
esac
"""


class BuildVerb(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="photinus_build_verb."))
        self.addCleanup(shutil.rmtree, self.root)
        shutil.copy(RUN, self.root / "run")
        for name, text in {"cmake": CMAKE, "apt-get": "#!/bin/sh\nexit 1\n", "ctest": "#!/bin/sh\n",
                           "dpkg-query": "#!/bin/sh\necho installed\n"}.items():
            program = self.root / "programs" / name
            program.parent.mkdir(exist_ok=True)
            program.write_text(text)
            program.chmod(0o755)
        for name in ("first", "second"):
            header = self.root / name / HEADER
            header.parent.mkdir(parents=True)
            header.touch()
        # As if its packages were installed.
        requirements = self.root / "tests/requirements.txt"
        requirements.parent.mkdir()
        requirements.touch()
        installed = self.root / "build/venv/requirements.sha256"
        installed.parent.mkdir(parents=True)
        installed.write_text(hashlib.sha256(b"").hexdigest() + "  -\n")

    def run_verb(self, *arguments, caller=None):
        return subprocess.run([self.root / "run", *arguments], cwd=caller or self.root, text=True, capture_output=True,
                              env={**os.environ, "PATH": f"{self.root / 'programs'}:{os.environ['PATH']}"})

    def build(self, *arguments):
        ended = self.run_verb("build", *arguments)
        self.assertEqual(ended.returncode, 0, ended.stderr)

    def program(self):
        """What the photinus-trial that people run was linked with."""
        return (self.root / "build/release/bin/photinus-trial").read_text().strip()

    def test_another_libtorch_stays_chosen_until_debians_is_named(self):
        self.build()
        self.assertEqual(self.program(), "debian")
        self.build("--torch", "first")
        self.assertEqual(self.program(), str(self.root / "first"))
        self.build()
        self.assertEqual(self.program(), str(self.root / "first"))
        self.build("--torch", "debian")
        self.assertEqual(self.program(), "debian")
        self.build()
        self.assertEqual(self.program(), "debian")

    def test_tests_say_that_they_put_debians_in_its_place(self):
        said = f"now, as tests and benchmarks need it; ./run build puts that of {self.root / 'first'} back"
        self.assertNotIn(said, self.run_verb("test").stderr)
        self.build("--torch", "first")
        ended = self.run_verb("test")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn(said, ended.stderr)
        self.assertEqual(self.program(), "debian")
        self.build()
        self.assertEqual(self.program(), str(self.root / "first"))

    def test_takes_the_cmake_folder_of_a_python_wheel(self):
        (self.root / "first/share/cmake").mkdir(parents=True)
        self.build("--torch", "first/share/cmake")
        self.assertEqual(self.program(), str(self.root / "first/share/cmake"))

    def test_relative_paths_begin_where_the_caller_is(self):
        caller = self.root / "home"
        caller.mkdir()
        for verb in ("install", "--prefix", "opt"), ("build", "--torch", "../first"), ("install", "--prefix", "opt"):
            ended = self.run_verb(*verb, caller=caller)
            self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual((self.root / "build/torch-prefix").read_text().strip(), str(self.root / "first"))
        self.assertEqual((self.root / "installed-into").read_text().strip(), str(caller / "opt"))
        self.assertEqual((caller / "opt/bin/photinus-trial").read_text().strip(), str(self.root / "first"))

    def test_refuses_what_is_no_libtorch_before_it_touches_anything(self):
        self.build("--torch", "first")
        for wrong in ("", "frist", "programs"):
            for verb in ("build", "--torch", wrong), ("test", "torch", wrong):
                with self.subTest(verb=verb):
                    ended = self.run_verb(*verb)
                    self.assertEqual(ended.returncode, 1)
                    self.assertIn(f"there is no libtorch in '{wrong}'; give the folder of an unpacked libtorch",
                                  ended.stderr)
                    self.assertEqual(self.program(), str(self.root / "first"))
        self.build()
        self.assertEqual(self.program(), str(self.root / "first"))

    def test_a_build_that_fails_leaves_program_and_choice_as_they_were(self):
        for chosen in "debian", "first":
            self.build("--torch", chosen)
            before = self.program()
            for torch in "second", "debian":
                with self.subTest(chosen=chosen, torch=torch):
                    (self.root / "broken").touch()
                    self.assertNotEqual(self.run_verb("build", "--torch", torch).returncode, 0)
                    self.assertEqual(self.program(), before)
                    (self.root / "broken").unlink()
                    self.build()
                    self.assertEqual(self.program(), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
