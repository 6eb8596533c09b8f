"""A search remembers what was written, or says that it does not."""

import json
from pathlib import Path

import pytest
from toy_searches import TINY, ToySearch, settings_of

from soundproof.common.digests import DamagedError
from soundproof.trainables.sweeps.searching.history import History
from soundproof.trainables.sweeps.searching.journal import open_journal

SETTINGS = settings_of(4, sampler="tpe", scheduler="asha")


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Of a search that has ended."""
    ToySearch(tmp_path / "journal", TINY, SETTINGS).run()
    return tmp_path / "journal"


def test_one_other_bit_anywhere_is_found(journal: Path) -> None:
    """A value, the number of a trial, a digest: the line is named, and what to do, unless JSON reads the same."""
    lines = journal.read_bytes().splitlines(keepends=True)
    for number, line in enumerate(lines[1:], start=1):
        for at in range(0, len(line) - 1, 5):
            other = line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :]
            if line[at : at + 1].isdigit() and json.loads(other) == json.loads(line):
                continue  # the last digit of a float, which it does not take to tell it from all others
            journal.write_bytes(b"".join([*lines[:number], other, *lines[number + 1 :]]))
            with pytest.raises(DamagedError, match=f"line {number + 1} of {journal}.*move it away"):
                open_journal(journal)
    journal.write_bytes(b"".join(lines))
    open_journal(journal)


def test_what_was_written_is_remembered_with_and_without_digests(journal: Path) -> None:
    """An earlier version's journal is read, and goes on with digests; the trials are the same."""
    epochs = 9
    known = [trial.params for trial in History(journal, TINY, SETTINGS, epochs=epochs)._trials()]
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert all(line.pop("sha256") for line in lines)
    journal.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
    history = History(journal, TINY, SETTINGS, epochs=epochs)
    assert [trial.params for trial in history._trials()] == known
    history.ask()
    assert "sha256" not in json.loads(journal.read_text().splitlines()[0])
    assert "sha256" in json.loads(journal.read_text().splitlines()[-1])
    assert [trial.params for trial in History(journal, TINY, SETTINGS, epochs=epochs)._trials()][: len(known)] == known


@pytest.mark.parametrize("change", [{"op_code": 99}, {"op_code": None}, {"values": [[1.0]]}])
def test_a_journal_without_digests_that_cannot_be_followed_is_damaged(journal: Path, change: dict[str, object]) -> None:
    """An earlier version wrote none: the file is named, and what to do."""
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert all(line.pop("sha256") for line in lines)
    at = next(
        number for number, line in enumerate(lines) if "trial_id" in line and line.get("values", "values" not in change)
    )
    lines[at] |= change
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(DamagedError, match=f"{journal}.*cannot be followed.*move it away"):
        History(journal, TINY, SETTINGS, epochs=9)
