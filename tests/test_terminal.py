"""What people see: the time left, help with examples that are real commands, completion.

What a run shows in a terminal and writes into a file: `test_docs`.
"""

import itertools
import shlex
from types import SimpleNamespace
from typing import get_args

import pytest
import typer

from soundproof.analysis.importance.importance import Granularity
from soundproof.command_line import completion
from soundproof.command_line import main as command_line
from soundproof.command_line.exporting import FORMS
from soundproof.common import record
from soundproof.search_spaces import PRESET_NAMES, PRESETS, expand, find_study
from soundproof.search_spaces.corpus_names import CORPORA, DEFAULT_CORPORA, SPLITS
from soundproof.search_spaces.specs import GroupSplit
from soundproof.search_spaces.specs.clips import ClipPlace
from soundproof.trainables.corpora.recorded.downloads import SUBSETS
from soundproof.trainables.sweeps.planning.provider import Forecast
from soundproof.trainables.sweeps.progress import terminal as display
from soundproof.trainables.sweeps.searching.samplers import SAMPLERS, SCHEDULERS


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
        ("run x --corpus esc", ["esc10:", "esc50:", "esc50-animals:"]),
        ("download librispeech data --subset test", ["test-clean", "test-other"]),
        ("run x --split gr", ["groups", "groups-by-amount", "group-folds"]),
        ("search speech --sampler c", ["cma-es"]),
        ("search speech --scheduler h", ["hyperband"]),
        ("export x --form c", ["csv", "citation"]),
        ("importance x --by l", ["levels"]),
        ("curves asr-merge-mode asr-dilatio", ["asr-dilation"]),
        ("curves asr-merge-mode asr-dilation --variant asr-dilation/01", ["asr-dilation/01"]),
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
    assert get_args(ClipPlace) == completion.CLIP_PLACES
    assert completion.SUBSETS == SUBSETS
    assert completion.SAMPLERS == SAMPLERS
    assert completion.SCHEDULERS == SCHEDULERS
    assert completion.FORMS == FORMS
    assert get_args(Granularity) == completion.FACTORS
