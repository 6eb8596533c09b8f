"""What is drawn while a sweep runs: two rows that fit the terminal, and plain lines in a file."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console
from rich.text import Text

from soundproof.common import record
from soundproof.search_spaces import PRESETS, expand, find_study
from soundproof.search_spaces.specs import GroupSplit
from soundproof.trainables.sweeps.planning.provider import Forecast
from soundproof.trainables.sweeps.progress import terminal as display
from soundproof.trainables.sweeps.progress.terminal import Best, LiveRows, TerminalProgress, row_of_words, shortened

PRESET = PRESETS["speech"]["quick"]
PLANNED = list(expand(find_study("asr-time-distributed-dense"), PRESET, PRESET.corpus, GroupSplit(), (0,)))
EPOCHS = PLANNED[0].trial.budget.epochs


class _Drawn:
    """A display on a terminal or a file, at a time that the test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, width: int = 80, *, terminal: bool = True) -> None:
        self.seconds = 0.0
        monkeypatch.setattr(display, "time", SimpleNamespace(monotonic=lambda: self.seconds))
        self.written = io.StringIO()
        self.console = Console(file=self.written, force_terminal=terminal, width=width)
        self._live = LiveRows(self.console)
        metric = record.best(record.VALIDATION_ACCURACY)
        self.progress = TerminalProgress(self.console, self._live, metric, lambda value: f"{100 * value:.1f}%")

    def rows(self) -> list[str]:
        with self.console.capture() as caught:
            self.console.print(self._live.get_renderable())
        return Text.from_ansi(caught.get()).plain.splitlines()

    def planned(self, trials: int | None, epochs: int | None) -> None:
        self.progress.planned(Forecast(trials=trials, epochs=epochs, finished=0, reused=0, goal="on"), {})

    def epoch(self, number: int, seconds: float, accuracy: float = 0.1) -> None:
        self.seconds += seconds
        self.progress.epoch(PLANNED[number], {record.VALIDATION_ACCURACY: accuracy})


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_the_rows_fit_the_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials, epochs, time left and the best value are there however narrow it is; nothing is cut off."""
    drawn = _Drawn(monkeypatch, width)
    drawn.planned(48, 48 * EPOCHS)
    for trial in PLANNED[:2]:
        drawn.progress.began(trial)
    for _ in range(3):
        for number in range(2):
            drawn.epoch(number, 1.0, 0.1527)
    bar, words = drawn.rows()
    assert len(bar) <= width
    assert len(words) <= width
    assert f"0/48 trials, 6/{48 * EPOCHS} epochs" in " ".join(bar.split())
    assert bar.rstrip().endswith(f"{48 * EPOCHS - 6} s left" if 48 * EPOCHS - 6 < 120 else " min left")
    assert words.startswith("best so far 15.3% (asr-")
    assert " seed 0), 2 running" in words
    assert ("60 epochs a minute" in words) == (width > 60)


def test_something_moves_until_the_first_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the question on: features, Ray and actors take their time."""
    drawn = _Drawn(monkeypatch)
    assert drawn.rows()[0].startswith("starting…")
    drawn.progress.preparing(12, 360)
    assert "12/360" in drawn.rows()[1]
    drawn.planned(2, 2 * EPOCHS)
    drawn.progress.began(PLANNED[0])
    (row,) = drawn.rows()
    assert row.startswith("starting…")
    drawn.epoch(0, 30.0)
    assert "0/2 trials, 1/" in drawn.rows()[0]


def test_the_start_of_actors_is_no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty seconds pass before the first epoch: they are not counted in the time that is left."""
    drawn = _Drawn(monkeypatch)
    drawn.planned(1, EPOCHS)
    drawn.progress.began(PLANNED[0])
    drawn.epoch(0, 50.0)
    for _ in range(EPOCHS - 2):
        drawn.epoch(0, 1.0)
    assert "1 s left" in drawn.rows()[0]
    drawn.epoch(0, 1.0)
    assert "0 s left" in drawn.rows()[0]


def test_one_is_singular(monkeypatch: pytest.MonkeyPatch) -> None:
    """One trial, one epoch; slow epochs are counted by the hour."""
    drawn = _Drawn(monkeypatch, terminal=False)
    drawn.planned(1, EPOCHS)
    drawn.progress.began(PLANNED[0])
    drawn.epoch(0, 1.0)
    drawn.epoch(0, 3600.0)
    drawn.progress.ended(PLANNED[0], "completed", None)
    drawn.progress.finished()
    text = drawn.written.getvalue()
    assert "1 trial to train\n" in text
    assert "1/1 trial done, 0 running, 1 epoch an hour" in text
    assert text.endswith("1 trial trained\n")
    assert "\x1b" not in text


def test_an_open_end_has_no_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where results decide how many trials there are, the rows say how far it has come."""
    drawn = _Drawn(monkeypatch)
    drawn.planned(None, None)
    drawn.progress.began(PLANNED[0])
    drawn.progress.remark("2 of 4 claims decided")
    for _ in range(2):
        drawn.epoch(0, 1.0)
    bar, words = drawn.rows()
    assert "0 trials, 2 epochs" in bar
    assert "left" not in bar
    assert "2 of 4 claims decided" in words


def test_an_id_is_shortened_in_its_middle() -> None:
    """Its beginning and its end tell variants apart."""
    assert shortened("my-convolutions/baseline", 24) == "my-convolutions/baseline"
    assert shortened("my-convolutions/baseline", 15) == "my-conv…aseline"
    best = Best(value=0.15, level="15.0%", variant_id="my-convolutions-of-long-names/with-a-longer-one", seed=0)
    row = row_of_words(best, "2 running", ["60 epochs a minute"], 60)
    assert row == "best so far 15.0% (my-convolut…longer-one seed 0), 2 running"
    assert len(row) == 60


def test_trials_that_failed_are_not_counted_as_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are counted beside those that were."""
    drawn = _Drawn(monkeypatch, terminal=False)
    drawn.planned(2, 2 * EPOCHS)
    for trial, status in zip(PLANNED[:2], ("failed", "completed"), strict=True):
        drawn.progress.began(trial)
        drawn.progress.ended(trial, status, "why")
    drawn.progress.finished()
    assert drawn.written.getvalue().splitlines()[-1] == "1 trial trained, 1 failed"
