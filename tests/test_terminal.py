"""What people see: a live line in a terminal, clean text in a file, help with examples that are real commands."""

from __future__ import annotations

import itertools
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

import run_search
from search_spaces import PRESETS, expand, find_study, record
from search_spaces.specs import GroupSplit
from trainables.sweeps import display
from trainables.sweeps.agenda import Forecast

ROOT = Path(__file__).resolve().parents[1]
RUN = ["run", "--file", "mine.py", "--preset", "smoke"]
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def _in_terminal(folder: Path, *arguments: str) -> tuple[int, str]:
    """The status, and all that a terminal of 80 columns was sent."""
    parent, child = pty.openpty()
    environment = os.environ | {"COLUMNS": "80", "TERM": "xterm-256color"}
    command = [sys.executable, str(ROOT / "run_search.py"), *arguments]
    process = subprocess.Popen(command, cwd=folder, stdin=child, stdout=child, stderr=child, env=environment)
    os.close(child)
    sent = b""
    while True:
        try:
            piece = os.read(parent, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        sent += piece
    os.close(parent)
    return process.wait(), sent.decode()


def _in_file(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "run_search.py"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_run_is_alive_in_a_terminal_and_clean_in_a_file(tmp_path: Path) -> None:
    """There it redraws rows with trials, the time left and the best so far; here no control code is written.

    Neither shows anything of Ray's or MLflow's, and both end with what to do next.
    """
    assert _in_file(tmp_path, "init", "mine.py").returncode == 0
    status, sent = _in_terminal(tmp_path, *RUN, "--seeds", "1")
    text = CONTROL.sub("", sent)
    assert status == 0, text
    assert "\x1b[2K" in sent, "no line was redrawn"
    assert "starting…" in text
    assert re.search(r"\d/2 trials, \d+/\d+ epochs \d:\d\d:\d\d \d+ s left", text)
    assert re.search(r"best so far \d+\.\d% \(my-\S+ seed 0\), \d running", text)
    written = _in_file(tmp_path, *RUN, "--seeds", "2")
    assert written.returncode == 0
    assert not CONTROL.search(written.stdout + written.stderr)
    assert "2 trials to train, 2 finished before" in written.stderr
    assert "2/2 trials done" in written.stderr
    assert "python run_search.py browse" in written.stdout
    assert re.search(
        r"run my-convolutions --until-decided --max-seeds \d+ --preset smoke --file mine.py", written.stdout
    )
    for said in (text, written.stdout + written.stderr):
        assert not re.search(r"ray|mlflow|alembic|WARNING|INFO", re.sub(r"/\S+", "", said), flags=re.IGNORECASE)
    quiet = _in_file(tmp_path, *RUN, "--seeds", "2", "--quiet", "--json")
    assert (quiet.returncode, quiet.stderr) == (0, "")
    assert quiet.stdout.startswith("{")


def test_the_time_left_is_unknown_while_actors_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """One epoch of two trials that run says nothing of the pace; two of each do."""
    preset = PRESETS["speech"]["quick"]
    planned = list(expand(find_study("asr-merge-mode"), preset, preset.corpus, GroupSplit(), (0,)))[:2]
    seconds = itertools.count()
    monkeypatch.setattr(display, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    with display.terminal_progress("a study", record.best(record.VALIDATION_LOSS)) as progress:
        progress.planned(Forecast(trials=9, epochs=54, finished=0, reused=0, goal=""), {})
        for trial in planned:
            progress.began(trial)
        said = []
        for number in range(4):
            progress.epoch(planned[number % 2], {})
            said.append("unknown time left" in progress._line())
    assert said == [True, True, True, False]


@pytest.mark.parametrize("command", run_search.EXAMPLES, ids=lambda command: command.__name__)
def test_examples_in_help_are_commands(command: object) -> None:
    """Each parses as its command does, down to the last option, and the help shows it on a line of its own."""
    group = typer.main.get_command(run_search.app)
    for example in run_search.EXAMPLES[command]:  # type: ignore[index]
        name, *arguments = shlex.split(example)
        chosen = group.commands[name]  # type: ignore[attr-defined]
        context = chosen.make_context(name, arguments)
        assert f"\n    python run_search.py {example}\n" in chosen.get_help(context) + "\n"


def test_completion_knows_the_studies() -> None:
    """A shell that asks for words gets ids."""
    asked = {"_SOUNDPROOF_COMPLETE": "complete_bash", "COMP_WORDS": "soundproof report asr-m", "COMP_CWORD": "2"}
    script = "import run_search; run_search.app(prog_name='soundproof')"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=os.environ | asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["asr-merge-mode"]
