"""`report`, `export`, `importance` and `register` on a corpus that is named as `run` took it."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from soundproof.analysis.records.trials import RecordsError
from soundproof.api.options import parse_recorded_corpus
from soundproof.command_line import main as command_line

STUDY = "asr-merge-mode"
READERS = {
    "report": ["report", STUDY],
    "report of a search": ["report", "speech"],
    "export": ["export", STUDY, "--form", "csv"],
    "export of a search": ["export", "speech", "--form", "csv"],
    "importance": ["importance", STUDY],
    "importance of a search": ["importance", "speech"],
    "register": ["register", "--best", STUDY],
    "register of a search": ["register", "--best", "speech"],
}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("folder:no/where/my_voices", "folder-my_voices"),
        ("folder:my.voices", "folder-my.voices"),
        ("esc10:no/where", "esc10"),
        ("manifest:calls.jsonl", "manifest-calls"),
        ("synthetic-speech", "synthetic-speech"),
        ("folder-my_voices", "folder-my_voices"),
        ("esc10", "esc10"),
        ("esc10.groups", "esc10.groups"),
        (None, None),
    ],
)
def test_a_corpus_by_either_name(text: str | None, label: str | None) -> None:
    """Nothing is opened: the record holds what was trained, wherever the files are by now."""
    assert parse_recorded_corpus(text) == label


@pytest.mark.parametrize("arguments", READERS.values(), ids=READERS.keys())
def test_every_reader_of_the_record_takes_the_corpus_of_a_run(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is looked for in the record is the name that the record has."""
    asked: list[Any] = []

    def look(*given: Any, **named: Any) -> None:
        asked.extend([*given, *named.values()])
        raise RecordsError("seen")

    for place in (
        "soundproof.analysis.reports.load_study",
        "soundproof.analysis.reports.load_search",
        "soundproof.analysis.records.loading.load_study",
        "soundproof.analysis.records.loading.load_search",
    ):
        monkeypatch.setattr(place, look)
    words = [*arguments, "--corpus", "folder:data/my.voices", "--storage", str(tmp_path)]
    done = CliRunner().invoke(command_line.app, words)
    assert isinstance(done.exception, RecordsError)
    assert "folder-my.voices" in asked


@pytest.mark.parametrize("command", ["report", "export", "importance", "register"])
def test_help_says_how_the_record_calls_them(command: str) -> None:
    """A limit of epochs is part of a preset's name there."""
    said = " ".join(CliRunner().invoke(command_line.app, [command, "--help"], terminal_width=200).output.split())
    assert "documented-40-epochs" in said
    assert "As `run` takes it" in said
