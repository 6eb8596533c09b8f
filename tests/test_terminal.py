"""What people see: a live line in a terminal, clean text in a file, help with examples that are real commands."""

import itertools
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest
import typer
from printed import CONTROL, OTHERS, PATHS

from soundproof.analysis.importance.importance import Granularity
from soundproof.command_line import completion
from soundproof.command_line import main as command_line
from soundproof.command_line.exporting import FORMS
from soundproof.common import record
from soundproof.search_spaces import PRESET_NAMES, PRESETS, expand, find_study
from soundproof.search_spaces.corpus_names import CORPORA, DEFAULT_CORPORA, SPLITS
from soundproof.search_spaces.specs import GroupSplit
from soundproof.trainables.sweeps.planning.provider import Forecast
from soundproof.trainables.sweeps.progress import terminal as display
from soundproof.trainables.sweeps.searching.samplers import SAMPLERS, SCHEDULERS

ROOT = Path(__file__).resolve().parents[1]
RUN = ["run", "--file", "mine.py", "--preset", "smoke", "--seeds", "1"]


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
def test_a_run_is_alive_in_a_terminal(tmp_path: Path) -> None:
    """It redraws rows with trials, the time left and the best so far, and shows nothing of Ray's or MLflow's.

    The same again, asked to be quiet, prints JSON alone. What a run writes into a file: `test_docs`.
    """
    assert _in_file(tmp_path, "init", "mine.py").returncode == 0
    status, sent = _in_terminal(tmp_path, *RUN)
    text = CONTROL.sub("", sent)
    assert status == 0, text
    assert "\x1b[2K" in sent, "no line was redrawn"
    assert "starting…" in text
    assert re.search(r"\d/2 trials, \d+/\d+ epochs \d:\d\d:\d\d \d+ s left", text)
    assert re.search(r"best so far \d+\.\d% \(my-\S+ seed 0\), \d running", text)
    assert OTHERS.search(PATHS.sub("", text)) is None
    quiet = _in_file(tmp_path, *RUN, "--quiet", "--json")
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


@pytest.mark.parametrize("command", command_line.COMMANDS, ids=lambda command: command.__name__)
def test_examples_in_help_are_commands(command: object) -> None:
    """Each parses as its command does, down to the last option, and the help shows it on a line of its own."""
    group = typer.main.get_command(command_line.app)
    for example in command_line.COMMANDS[command][1]:  # type: ignore[index]
        name, *arguments = shlex.split(example)
        chosen = group.commands[name]  # type: ignore[attr-defined]
        context = chosen.make_context(name, arguments)
        assert f"\n    python run_search.py {example}\n" in chosen.get_help(context) + "\n"


def test_the_list_of_commands_is_not_cut() -> None:
    """At 80 columns each command has a whole sentence on a line of its own, and each option has help."""
    group = typer.main.get_command(command_line.app)
    context = group.make_context("soundproof", ["list"], max_content_width=80)
    lines = group.get_help(context).partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines] == list(group.commands)  # type: ignore[attr-defined]
    assert all(line.endswith(".") and not line.endswith("...") for line in lines)
    for command in group.commands.values():  # type: ignore[attr-defined]
        assert [parameter.name for parameter in command.params if not parameter.help] == []


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("report asr-m", ["asr-merge-mode"]),
        ("plan genres", ["genres"]),
        ("run x --preset ", ["smoke", "quick", "documented"]),
        ("run x --corpus esc", ["esc10:", "esc50:"]),
        ("run x --split gr", ["groups", "group-folds"]),
        ("search speech --sampler c", ["cma-es"]),
        ("search speech --scheduler h", ["hyperband"]),
        ("export x --form c", ["csv", "citation"]),
        ("importance x --by l", ["levels"]),
        ("ablate asr-dense-rnn asr-dense-rnn/01", ["asr-dense-rnn/01"]),
        ("ablate asr-dense-rnn asr-dense-rnn/01 --baseline asr-dense", ["asr-dense-rnn/01"]),
    ],
)
def test_completion_knows_what_may_follow(
    typed: str, offered: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A shell that asks for words, by a variable in the environment, gets ids and names."""
    monkeypatch.setenv("_SOUNDPROOF_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", f"soundproof {typed}")
    monkeypatch.setenv("COMP_CWORD", str(1 + typed.count(" ")))
    with pytest.raises(SystemExit):
        command_line.main()
    assert capsys.readouterr().out.split() == offered


def test_what_completes_is_what_is_taken() -> None:
    """The words that are written out for speed are those of their owners."""
    assert completion.PRESETS == PRESET_NAMES
    assert sorted(completion.CORPORA) == sorted(CORPORA)
    assert {name for name in CORPORA if name.startswith(completion.EMBEDDED)} == set(DEFAULT_CORPORA.values())
    assert tuple(SPLITS) == completion.SPLITS
    assert completion.SAMPLERS == SAMPLERS
    assert completion.SCHEDULERS == SCHEDULERS
    assert completion.FORMS == FORMS
    assert get_args(Granularity) == completion.FACTORS
