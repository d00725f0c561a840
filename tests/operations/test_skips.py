"""What the lock files bring may not be missing in CI without anybody noticing."""

import os
import subprocess
import sys

import pytest

from stadtkern.config.testing.skips import is_excused
from tests.operations.conftest import ROOT

TRIAL = """
import pytest

def test_a_tool(): pytest.importorskip("a_locked_tool")
def test_a_browser(): pytest.skip("no Chromium at /usr/bin/chromium (say where by CHROMIUM)")
def test_this_machine(): pytest.skip("the folder of real input is not here (STADTKERN_SHARED)")
def test_fine(): pass
"""
WHOLE = 'import pytest\npytest.importorskip("a_locked_tool")\ndef test_never_reached(): pass\n'


@pytest.fixture
def summary(tmp_path):
    """The last line of pytest over a few skipping tests, in CI or not."""
    (tmp_path / "test_trial.py").write_text(TRIAL)
    (tmp_path / "test_whole.py").write_text(WHOLE)

    def run(**environment: str) -> str:
        command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(tmp_path)]
        command += ["-p", "no:django", "-p", "stadtkern.config.testing.skips"]
        command += ["--continue-on-collection-errors", str(tmp_path)]
        env = {name: value for name, value in os.environ.items() if name != "CI"} | environment
        done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip().splitlines()[-1]

    return run


def test_in_ci_a_missing_tool_is_a_failure(summary):
    assert "2 failed, 1 passed, 1 skipped, 1 error" in summary(CI="true")


def test_elsewhere_it_is_a_skip(summary):
    assert "1 passed, 4 skipped" in summary()


@pytest.mark.parametrize("reason", ["no mount: refused", "this Chromium draws no WebGL"])
def test_what_belongs_to_the_machine_is_excused(reason):
    assert is_excused(reason)
