"""Standard output that takes little or nothing, terminals that know few characters, names that are no text."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

from soundproof.command_line.exit_status import exit_if_all_failed
from tests.interrupting import interruptible

ROOT = Path(__file__).resolve().parents[1]
COMMAND = f"{sys.executable} {ROOT / 'run_search.py'}"


def _shell(line: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """What a shell makes of a line."""
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, capture_output=True, env=os.environ | environment, check=False
    )


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        pytest.param("{} list | head -1; exit ${{PIPESTATUS[0]}}", 0, b"", id="a reader that has seen enough"),
        pytest.param("{} list > /dev/full", 2, b"could not be written (No space left on device)", id="a full disk"),
        pytest.param("{} list >&-", 0, b"", id="closed"),
        pytest.param("{} list >&- 2>&- <&-", 0, b"", id="all closed"),
        pytest.param("{} plan none 2> /dev/full", 2, b"", id="no place for the message"),
        pytest.param("{} plan $'x\\xff\\e[31m'", 2, rb"'x\udcff\x1b[31m'", id="a name that is no text"),
        pytest.param("mkdir gone; cd gone; rmdir ../gone; {} list", 2, b"has been removed", id="a folder that is gone"),
        pytest.param("{} run asr-dilation --storage $'x\\xff'", 2, b"is text in UTF-8", id="a storage that is no text"),
    ],
)
def test_no_output_is_a_reason_for_a_traceback(tmp_path: Path, line: str, status: int, said: bytes) -> None:
    """A message and status 2, or status 0."""
    done = _shell(line.format(COMMAND), tmp_path)
    assert done.returncode == status
    assert b"Traceback" not in done.stderr
    assert said in done.stderr
    assert said or not done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_signs_that_a_terminal_lacks_are_replaced(tmp_path: Path, encoding: str) -> None:
    """In text by a question mark; in JSON as JSON writes them out, so that nothing is lost."""
    (tmp_path / "Ω").mkdir()
    missing = _shell(f"{COMMAND} describe folder:Ω", tmp_path, PYTHONIOENCODING=encoding)
    assert missing.returncode == 2
    assert b"error: " in missing.stderr
    assert b"Traceback" not in missing.stderr
    whole, ours = (
        _shell(f"{COMMAND} plan asr-dilation --json", PYTHONIOENCODING=name).stdout.decode(name)
        for name in ("utf-8", encoding)
    )
    assert json.loads(ours) == json.loads(whole)


def test_a_file_that_is_opened_is_never_the_standard_output(tmp_path: Path) -> None:
    """Else what a process prints that is started later would be written into it: into a database, say."""
    code = (
        "import os; from soundproof.common import streams; streams.install(); "
        "file = open('kept', 'w'); assert file.fileno() > 2; os.system('echo printed'); print('said')"
    )
    done = _shell(f"{sys.executable} -c {json.dumps(code)} >&- <&-", tmp_path, PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "kept").read_text() == ""


@pytest.mark.parametrize(
    ("statuses", "status"),
    [(["failed", "failed"], 1), (["failed", "completed"], None), (["completed"], None), ([], None)],
)
def test_a_study_of_which_every_trial_failed_has_a_status_of_its_own(
    capsys: pytest.CaptureFixture[str], statuses: list[str], status: int | None
) -> None:
    """Variants that cannot be trained have no seed, and do not count."""
    trials = [SimpleNamespace(status=name, seed=seed) for seed, name in enumerate(statuses)]
    trials.append(SimpleNamespace(status="infeasible", seed=None))
    if status is None:
        exit_if_all_failed(trials)
        return
    with pytest.raises(typer.Exit) as left:
        exit_if_all_failed(trials)
    assert left.value.exit_code == status
    assert "every trial has failed" in capsys.readouterr().err


PRESSED_WHILE = """import os, signal, sys
sys.argv = ["run_search.py", "list"]
class Press:
    def find_spec(self, name, *_):
        if name == "{module}":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Press())
from soundproof.command_line.entry import main
main()
"""


@pytest.mark.parametrize("module", ["typer", "soundproof.command_line.browsing", "soundproof.search_spaces.catalogue"])
def test_ctrl_c_during_imports_is_a_status_and_a_line(module: str) -> None:
    """A program that is not there yet has nothing to write: no traceback of a library that is half imported."""
    code = PRESSED_WHILE.format(module=module)
    with interruptible():
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "stopped before anything began\n")


def _ended(body: str) -> subprocess.CompletedProcess[str]:
    """How a program ends of which the one command does this, in its line 4."""
    code = (
        "from soundproof.command_line.exit_status import exit_with_status\n"
        "import io, pickle, typer\n"
        f"def command() -> None:\n    {body}\n"
        "app = typer.Typer()\n"
        "app.command()(command)\n"
        "exit_with_status(lambda: app(args=[]))\n"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)


def test_ctrl_c_in_a_command_says_how_to_go_on() -> None:
    """Also where nothing of ours is told of it: Typer would end with the status alone."""
    done = _ended("raise KeyboardInterrupt")
    assert done.returncode == 130
    assert "the same command goes on from there" in done.stderr


def test_a_file_that_ends_early_is_a_fault_with_its_place() -> None:
    """A library that raises EOFError is not somebody who closed standard input: Typer would say "Aborted!" alone."""
    done = _ended("pickle.load(io.BytesIO())")
    assert done.returncode == 1
    assert "line 4, in command" in done.stderr
    assert "EOFError: Ran out of input" in done.stderr
