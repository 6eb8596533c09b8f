"""The journal of a search: nothing is lost or repeated, wherever its process dies."""

from pathlib import Path
from random import Random

import pytest
from toy_searches import CONDITIONAL, EPOCHS, LOSS, TINY, ToySearch, settings_of

from soundproof.common import record
from soundproof.search_spaces.choices import Assignment
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.trainables.sweeps.planning.provider import Known
from soundproof.trainables.sweeps.searching import proposals
from soundproof.trainables.sweeps.searching.history import History, PriorTrial
from soundproof.trainables.sweeps.searching.settings import SearchSettings

RANDOM = settings_of(8, scheduler="asha")
SEARCHES = {
    "random-asha": (CONDITIONAL, RANDOM),
    "tpe-asha": (CONDITIONAL, settings_of(8, sampler="tpe", scheduler="asha")),
    "tpe-hyperband": (CONDITIONAL, settings_of(8, sampler="tpe", scheduler="hyperband")),
    "random-median": (CONDITIONAL, settings_of(8, scheduler="median")),
    "grid": (TINY, settings_of(8, sampler="grid")),
}


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Samplers learn from the fourth trial on."""
    monkeypatch.setattr(proposals, "STARTUP_TRIALS", 3)


@pytest.mark.parametrize(("space", "settings"), SEARCHES.values(), ids=SEARCHES)
def test_death_at_any_point_changes_nothing(space: SearchSpace, settings: SearchSettings, tmp_path: Path) -> None:
    """The journal ends after any of its lines, or within the next: going on gives the same trials and ends.

    The record knows of no trial that is not in the journal, so a trial that ran is trained again from its beginning.
    """
    undisturbed = ToySearch(tmp_path / "whole", space, settings).run()
    told = undisturbed.told()
    assert any(end.status == "pruned" for end in undisturbed.ends) == (settings.scheduler != "none")
    lines = undisturbed.path.read_bytes().splitlines(keepends=True)
    early, late = range(len(lines) // 2, len(lines) // 2 + 10), range(0, len(lines), 17)
    for survived in sorted({*early, *late, len(lines)}):
        half = lines[survived][:7] if survived % 2 and survived < len(lines) else b""
        path = tmp_path / f"until-{survived}"
        path.write_bytes(b"".join(lines[:survived]) + half)
        assert ToySearch(path, space, settings).run().told() == told, (survived, lines[survived - 1])


def test_a_stopped_trial_is_stopped_again(tmp_path: Path) -> None:
    """Death between the scheduler's decision and the trial's end, for every trial that was stopped.

    Also where the trial goes on from a checkpoint, beyond the last epoch that the journal knows.
    """
    undisturbed = ToySearch(tmp_path / "whole", CONDITIONAL, RANDOM).run()
    lines = undisturbed.path.read_bytes().splitlines(keepends=True)
    stopped = [at for at, line in enumerate(lines) if b'"pruned"' in line]
    assert len(stopped) >= 3
    for at in stopped:
        path = tmp_path / f"until-{at}"
        path.write_bytes(b"".join(lines[:at]))
        history = History(path, CONDITIONAL, RANDOM, epochs=EPOCHS)
        (sample,) = history.pending()
        last = max(history._frozen(sample.number).intermediate_values)
        assert [history.report(sample.number, epoch, 0.0) for epoch in range(1, last)] == [False] * (last - 1)
        assert history.report(sample.number, last, 0.0)
        assert history.report(sample.number, last + 1, 0.0)
        history.tell(sample.number, "pruned", {})
        assert history._frozen(sample.number).last_step == last + 1


def test_a_trial_that_goes_on_is_not_stopped_by_those_that_came_later(tmp_path: Path) -> None:
    """A decision is repeated with what was known then: others that reached the rung since do not change it."""
    path, epochs = tmp_path / "journal", 1
    history = History(path, CONDITIONAL, RANDOM, epochs=EPOCHS)
    for number, value in enumerate((5.0, 4.0, 3.0, 2.0, 1.0)):
        sample = history.ask()
        assert sample is not None
        history.accept(sample, str(number))
        assert not history.report(sample.number, epochs, value)
    history = History(path, CONDITIONAL, RANDOM, epochs=EPOCHS)
    assert [history.report(number, epochs, 9.0) for number in range(5)] == [False] * 5


def test_a_lock_that_a_dead_process_left_is_no_obstacle(tmp_path: Path) -> None:
    """Optuna would wait half a minute for whoever holds it."""
    path = tmp_path / "journal"
    ToySearch(path, CONDITIONAL, settings_of(1)).run()
    Path(f"{path}.lock").symlink_to(path)
    search = ToySearch(path, CONDITIONAL, settings_of(2)).run()
    assert len(search.told()) == 2
    assert [value.name for value in tmp_path.iterdir()] == ["journal"]


def test_what_the_record_holds_is_told_and_not_trained_again(tmp_path: Path) -> None:
    """Its outcome lay in the outbox when the driver died: it ends as recorded, with the recorded value."""
    first = ToySearch(tmp_path / "journal", CONDITIONAL, settings_of(3))
    planned = first.provider.take()
    assert planned is not None
    ended = {(planned.variant_id, 0): Known(status="completed", metrics={LOSS: 1.5})}
    second = ToySearch(tmp_path / "journal", CONDITIONAL, settings_of(3), ended=ended).run()
    assert len(second.ends) == 2
    assert second.told()[0][1:4:2] == ("COMPLETE", [1.5])


@pytest.mark.parametrize(
    ("status", "metrics", "state", "values"),
    [
        ("completed", {LOSS: 1.0}, "COMPLETE", [1.0]),
        ("stopped_early", {LOSS: 1.0}, "COMPLETE", [1.0]),
        ("completed", {}, "FAIL", None),
        ("completed", {LOSS: float("nan")}, "FAIL", None),
        ("diverged", {}, "PRUNED", None),
        ("pruned", {}, "PRUNED", None),
        ("failed", {}, "FAIL", None),
    ],
)
def test_ends_are_told_as_what_they_are(
    status: record.Status, metrics: dict[str, float], state: str, values: list[float] | None, tmp_path: Path
) -> None:
    """No number is made up where there is none, and a missing metric is a failure."""
    search = ToySearch(tmp_path / "journal", CONDITIONAL, settings_of(1))
    planned = search.provider.take()
    assert planned is not None
    search.provider.end(planned, status, metrics)
    assert search.told()[0][1:4:2] == (state, values)


def test_the_best_are_those_trained_to_their_end(tmp_path: Path) -> None:
    """The lowest losses first; pruned, diverged and failed trials and those of others are never among them."""
    history = History(tmp_path / "journal", CONDITIONAL, settings_of(9), epochs=EPOCHS)
    warm = PriorTrial(trial_id="warm", assignment=_drawn(history), status="completed", metrics={LOSS: 0.0}, epochs={})
    history.begin_with([warm])
    ends: list[tuple[record.Status, float]] = [
        ("completed", 3.0), ("stopped_early", 1.0), ("pruned", 0.1), ("diverged", 0.2), ("failed", 0.3),
        ("completed", 2.0),
    ]  # fmt: skip
    numbers = []
    for status, value in ends:
        sample = history.ask()
        assert sample is not None
        history.accept(sample, str(sample.number))
        history.tell(sample.number, status, {LOSS: value})
        numbers.append(sample.number)
    assert [sample.number for sample in history.best(2)] == [numbers[1], numbers[5]]
    assert [sample.number for sample in history.best(9)] == [numbers[1], numbers[5], numbers[0]]


def test_of_two_objectives_the_front_is_the_best(tmp_path: Path) -> None:
    """Those that nobody is better than in both, by the first; a trial that lacks one of them has failed."""
    settings = settings_of(9, objectives=(LOSS, record.PARAMETERS))
    history = History(tmp_path / "journal", CONDITIONAL, settings, epochs=EPOCHS)
    for loss, parameters in ((1.0, 30.0), (2.0, 20.0), (3.0, 20.0), (3.0, 10.0), (2.5, 25.0)):
        sample = history.ask()
        assert sample is not None
        history.accept(sample, str(sample.number))
        history.tell(sample.number, "completed", {LOSS: loss, record.PARAMETERS: parameters})
    assert [sample.number for sample in history.best(9)] == [0, 1, 3]
    sample = history.ask()
    assert sample is not None
    history.accept(sample, "lacking")
    history.tell(sample.number, "completed", {LOSS: 0.0})
    assert [sample.number for sample in history.best(9)] == [0, 1, 3]


def test_precedents_are_taken_over_once_and_whole(tmp_path: Path) -> None:
    """A process that dies between them leaves some: the next takes over the rest, and none twice."""
    history = History(tmp_path / "journal", CONDITIONAL, settings_of(9), epochs=EPOCHS)
    known = [
        PriorTrial(trial_id=str(at), assignment=_drawn(history, at), status=status, metrics=metrics, epochs={1: 4.0})
        for at, (status, metrics) in enumerate(
            [("completed", {LOSS: 2.0}), ("pruned", {}), ("completed", {}), ("diverged", {})]
        )
    ]
    history.begin_with(known[:1])
    again = History(tmp_path / "journal", CONDITIONAL, settings_of(9), epochs=EPOCHS)
    assert again.is_new
    assert again.begin_with(known) == 3  # the third lacks its metric
    states = [(trial.state.name, trial.values, trial.intermediate_values) for trial in again._trials()]
    assert states == [("COMPLETE", [2.0], {1: 4.0}), ("PRUNED", None, {1: 4.0}), ("PRUNED", None, {1: 4.0})]
    assert again.accepted() == {}
    again.ask()
    assert not again.is_new


def _drawn(history: History, seed: int = 0) -> Assignment:
    """An assignment of its space."""
    return history.space.draw(Random(seed))
