"""What a search trains next, what it need not train, and whom it confirms."""

from collections import Counter
from pathlib import Path

import pytest
from toy_searches import CONDITIONAL, FIXED, LOSS, TINY, ToySearch, settings_of, space_of

from soundproof.common import record
from soundproof.search_spaces.choices import build, one_of, reals
from soundproof.search_spaces.specs import Adam
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.sweeps.planning.provider import Known
from soundproof.trainables.sweeps.searching import provider as providers


def test_constraints_cost_nothing_and_are_counted(tmp_path: Path) -> None:
    """What is turned down is not trained, does not count among the trials, and its reasons are kept."""

    def infeasible_reason(variant: Variant) -> str | None:
        levels = {level.factor: level.value for level in variant.levels}
        return "too slow" if levels["recipe.optimizer"] == "sgd" else None

    search = ToySearch(tmp_path / "journal", CONDITIONAL, settings_of(10), infeasible_reason=infeasible_reason).run(2)
    assert len(search.ends) == 10
    assert {sample.assignment["recipe.optimizer"] for sample in search.samples()} == {"adam"}
    turned_down = Counter(search.history.turned_down())
    assert set(turned_down) == {"too slow"}
    assert turned_down["too slow"] == len(search.told()) - 10 > 0


def test_a_space_whose_constraints_leave_nothing_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not searched for ever."""
    monkeypatch.setattr(providers, "MOST_SAMPLES_IN_VAIN", 15)
    search = ToySearch(
        tmp_path / "journal", CONDITIONAL, settings_of(3), infeasible_reason=lambda variant: "never"
    ).run()
    assert search.ends == []
    assert Counter(search.history.turned_down()) == {"never": 15}


def test_contradictions_are_turned_down_in_words(tmp_path: Path) -> None:
    """An assignment that no spec can be made of is a sample in vain, with the spec's own message."""
    space = space_of(build(Adam, learning_rate=one_of(0.001, -1.0), first_decay=reals(0.5, 0.9)))
    search = ToySearch(tmp_path / "journal", space, settings_of(4)).run()
    assert len(search.ends) == 4
    assert all("learning_rate" in reason for reason in search.history.turned_down())
    assert list(search.history.turned_down())


def test_a_space_without_choices_has_one_trial(tmp_path: Path) -> None:
    """Its only network is trained once."""
    assert len(ToySearch(tmp_path / "journal", FIXED, settings_of(5)).run().ends) == 1


def test_two_assignments_that_are_the_same_trial_are_trained_once(tmp_path: Path) -> None:
    """Two labels for one value: the second sample is a duplicate, whatever it is called."""
    space = space_of(build(Adam, learning_rate=one_of(a=0.001, b=0.001, c=0.002)))
    search = ToySearch(tmp_path / "journal", space, settings_of(5)).run(2)
    assert len(search.ends) == 2
    assert "a trial of this search already" in set(search.history.turned_down())


def test_what_others_have_trained_is_granted(tmp_path: Path) -> None:
    """Told to the sampler with its numbers, recorded as reused, and not trained."""
    first = ToySearch(tmp_path / "first", TINY, settings_of(12)).run()
    second = ToySearch(tmp_path / "second", TINY, settings_of(12, seed=1), known=first.known()).run(2)
    assert second.ends == []
    assert len(second.reused) == 12
    values = {str(params): values for _, state, params, values, _ in first.told() if state == "COMPLETE"}
    assert {str(params): values for _, state, params, values, _ in second.told() if state == "COMPLETE"} == values
    assert len(values) == 12


def test_a_grant_that_was_not_written_is_made_again(tmp_path: Path) -> None:
    """The journal has it and the record has not: the driver died between the two. It is recorded, and once."""
    known = ToySearch(tmp_path / "first", TINY, settings_of(12)).run().known()
    path, settings = tmp_path / "second", settings_of(2, seed=1)
    granted = ToySearch(path, TINY, settings, known=known).run().reused
    again = ToySearch(path, TINY, settings, known=known).run()
    assert [trial.trial for trial in again.reused] == sorted(
        (trial.trial for trial in granted), key=lambda value: value.trial_id
    )
    ended = {(trial.variant_id, 0): known[trial.trial.trial_id] for trial in granted}
    assert ToySearch(path, TINY, settings, known=known, ended=ended).run().reused == []
    assert len(again.told()) == 2


def test_a_trial_that_was_running_may_have_been_trained_elsewhere_since(tmp_path: Path) -> None:
    """It is granted, and not trained a second time."""
    first = ToySearch(tmp_path / "journal", TINY, settings_of(1))
    planned = first.provider.take()
    assert planned is not None
    known = {planned.trial.trial_id: Known(status="completed", metrics={LOSS: 3.0})}
    second = ToySearch(tmp_path / "journal", TINY, settings_of(1), known=known).run()
    assert (second.ends, second.reused) == ([], [planned])
    assert second.told()[0][1:4:2] == ("COMPLETE", [3.0])


def test_the_best_are_confirmed_after_the_search_seed_by_seed(tmp_path: Path) -> None:
    """Pairs form on every seed before the next begins; the search's own seed confirms nothing."""
    search = ToySearch(tmp_path / "journal", CONDITIONAL, settings_of(7, confirm=2, confirm_seeds=3)).run(3)
    seeds = [end.planned.trial.seed for end in search.ends]
    assert seeds[:7] == [0] * 7
    assert sorted(seeds[7:]) == [1, 1, 2, 2, 3, 3]
    ranked = sorted(search.ends[:7], key=lambda end: end.metrics[LOSS])
    best = {end.planned.variant_id for end in ranked[:2]}
    confirmed = {(end.planned.variant_id, end.planned.trial.seed) for end in search.ends[7:]}
    assert confirmed == {(variant, seed) for variant in best for seed in (1, 2, 3)}
    first = search.ends[7].planned
    tags = search.provider.tags(first)
    assert tags[record.PURPOSE] == record.PURPOSE_CONFIRMATION
    assert record.NUMBER not in tags
    assert search.provider.tags(search.ends[0].planned)[record.NUMBER] == "0"


def test_confirmation_waits_for_the_last_trial(tmp_path: Path) -> None:
    """While one of the search runs nothing else is handed out, however much room there is, and it is not over."""
    search = ToySearch(tmp_path / "journal", CONDITIONAL, settings_of(2, confirm=1, confirm_seeds=1))
    first, second = search.provider.take(), search.provider.take()
    assert first is not None
    assert second is not None
    search.end(first, "completed", 9, {LOSS: 1.0})
    assert search.provider.take() is None
    assert not search.provider.done
    search.end(second, "completed", 9, {LOSS: 2.0})
    third = search.provider.take()
    assert third is not None
    assert (third.variant_id, third.trial.seed) == (first.variant_id, 1)


def test_confirmations_are_not_stopped_and_their_ends_not_told(tmp_path: Path) -> None:
    """What the sampler and the scheduler know is the search alone."""
    settings = settings_of(9, scheduler="asha", confirm=2, confirm_seeds=2)
    search = ToySearch(tmp_path / "journal", CONDITIONAL, settings).run()
    confirmations = [end for end in search.ends if end.planned.trial.seed > 0]
    assert any(end.status == "pruned" for end in search.ends)
    assert [end.status for end in confirmations] == ["completed"] * len(confirmations) != []
    assert len(search.told()) == 9


def test_no_trial_is_started_when_time_is_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs goes on to its end, and the best are confirmed."""
    now = [0.0]
    monkeypatch.setattr(providers.time, "monotonic", lambda: now[0])
    search = ToySearch(tmp_path / "journal", CONDITIONAL, settings_of(9, minutes=2, confirm=1, confirm_seeds=1))
    planned = search.provider.take()
    assert planned is not None
    now[0] = 119.0
    assert search.provider.take() is not None
    now[0] = 120.0
    assert search.provider.take() is None
    search.end(planned, "completed", 9, {LOSS: 1.0})
    assert search.provider.take() is None
    assert len(search.told()) == 2


def test_more_trials_continue_the_same_search(tmp_path: Path) -> None:
    """Five and then four more are the nine that would have come at once, and none is trained twice."""
    path = tmp_path / "journal"
    five = ToySearch(path, CONDITIONAL, settings_of(5, sampler="tpe")).run()
    nine = ToySearch(path, CONDITIONAL, settings_of(9, sampler="tpe")).run()
    assert (len(five.ends), len(nine.ends)) == (5, 4)
    assert nine.told() == ToySearch(tmp_path / "at once", CONDITIONAL, settings_of(9, sampler="tpe")).run().told()


def test_failed_and_diverged_trials_have_had_their_turn(tmp_path: Path) -> None:
    """They count, are not tried again, and are never confirmed."""
    statuses: dict[str, record.Status] = {}

    def fate(planned: object) -> record.Status:
        trial_id = planned.trial.trial_id  # type: ignore[attr-defined]
        return statuses.setdefault(trial_id, ("failed", "diverged", "completed")[len(statuses) % 3])

    settings = settings_of(6, confirm=6, confirm_seeds=1)
    search = ToySearch(tmp_path / "journal", CONDITIONAL, settings, fate=fate).run()
    searched = [end for end in search.ends if end.planned.trial.seed == 0]
    assert Counter(end.status for end in searched) == {"failed": 2, "diverged": 2, "completed": 2}
    completed = {end.planned.variant_id for end in searched if end.status == "completed"}
    assert {end.planned.variant_id for end in search.ends if end.planned.trial.seed == 1} == completed


def test_the_agenda_says_how_far_it_is(tmp_path: Path) -> None:
    """The forecast names the goal, and the remark what has been begun."""
    search = ToySearch(tmp_path / "journal", TINY, settings_of(3, confirm=1, confirm_seeds=2))
    assert search.provider.forecast().goal == "3 trials, then the best 1 on 2 fresh seeds"
    search.provider.take()
    assert search.provider.remark == "1 of 3 trials"
