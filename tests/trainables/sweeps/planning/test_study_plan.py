"""What is trained next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from soundproof.common import record
from soundproof.common.record import EndedTrial
from soundproof.search_spaces import PRESETS, PlannedTrial, expand, find_study
from soundproof.search_spaces.specs import GroupSplit
from soundproof.search_spaces.studies import Study
from soundproof.trainables.sweeps.planning.seeds import FixedSeeds, Schedule, Wish
from soundproof.trainables.sweeps.planning.study_plan import Known, StudyProvider

STUDY = find_study("asr-merge-mode")
PRESET = PRESETS["speech"]["smoke"]
VARIANTS = [variant.id for variant in STUDY.variants]
DONE = Known(status="completed", metrics={"loss": 1.0})


def _plan(wish: Wish) -> PlannedTrial:
    planned = expand(STUDY, PRESET, PRESET.corpus, GroupSplit(), (wish[1],))
    return next(one for one in planned if one.variant_id == wish[0])


def _agenda(schedule: Schedule, **given: object) -> tuple[StudyProvider, list[PlannedTrial]]:
    reused: list[PlannedTrial] = []
    arguments = {"finished": {}, "known": {}, "infeasible": {}} | given
    return StudyProvider(schedule, _plan, reuse=reused.append, **arguments), reused


def _wish(planned: PlannedTrial | None) -> Wish | None:
    return None if planned is None else (planned.variant_id, planned.trial.seed)


class OneMoreSeedWhileWorse:
    """An adaptive schedule: a second seed for the variants whose first loss was above 1."""

    adaptive = True
    design = record.UNTIL_DECIDED

    def wanted(self, ended: Sequence[EndedTrial], infeasible: Collection[str]) -> Sequence[Wish]:
        """First seeds, then second ones."""
        worse = [(trial.variant, 1) for trial in ended if trial.seed == 0 and trial.metrics["loss"] > 1]
        had = {(trial.variant, trial.seed) for trial in ended}
        return [wish for wish in [(variant, 0) for variant in VARIANTS[:2]] + worse if wish not in had]

    def remark(self) -> str:
        """Nothing."""
        return ""


def test_fixed_seeds_come_seed_by_seed_without_what_is_finished() -> None:
    """Finished and infeasible ones are left out, everything else comes once, in order."""
    provider, _ = _agenda(
        FixedSeeds(STUDY, 2), finished={(VARIANTS[1], 0): DONE}, infeasible={VARIANTS[2]: "too short"}
    )
    assert provider.forecast().trials == 7
    taken = [_wish(provider.take()) for _ in range(7)]
    feasible = [variant for variant in VARIANTS if variant != VARIANTS[2]]
    expected = [(variant, seed) for seed in range(2) for variant in feasible]
    assert taken == [wish for wish in expected if wish != (VARIANTS[1], 0)]
    assert provider.take() is None
    assert not provider.done  # they run


def test_the_end_comes_when_the_last_trial_has_ended() -> None:
    """Nothing to hand out is not the end while something runs."""
    provider, _ = _agenda(FixedSeeds(STUDY, 1))
    taken = [provider.take() for _ in VARIANTS]
    for planned in taken:
        assert planned is not None
        assert not provider.done
        provider.end(planned, "completed", {})
    assert provider.done


def test_a_trial_known_from_elsewhere_is_not_trained() -> None:
    """It is granted as soon as it is wanted."""
    known = _plan((VARIANTS[0], 0))
    provider, reused = _agenda(FixedSeeds(STUDY, 1), known={known.trial.trial_id: DONE})
    assert provider.forecast().reused == 1
    assert _wish(provider.take()) == (VARIANTS[1], 0)
    assert reused == [known]


def test_variants_that_are_one_trial_are_trained_once() -> None:
    """The second waits for the first and ends with it."""
    twin = replace(STUDY.variants[0], id="twin")
    study = replace(STUDY, variants=(STUDY.variants[0], twin), baseline="twin", claims=())

    def plan(wish: Wish) -> PlannedTrial:
        planned = expand(study, PRESET, PRESET.corpus, GroupSplit(), (wish[1],))
        return next(one for one in planned if one.variant_id == wish[0])

    provider = StudyProvider(FixedSeeds(study, 1), plan, finished={}, known={}, infeasible={}, reuse=lambda _: None)
    assert provider.forecast().trials == 1
    first = provider.take()
    assert first is not None
    assert provider.take() is None
    assert [one.variant_id for one in provider.end(first, "completed", {})] == ["twin"]
    assert provider.done


def test_an_adaptive_schedule_hears_of_every_end() -> None:
    """What is wanted next depends on how the trials before ended; while that is open, the answer is: not now."""
    provider, _ = _agenda(OneMoreSeedWhileWorse())
    assert provider.forecast().trials is None
    first, second = provider.take(), provider.take()
    assert first is not None
    assert second is not None
    assert provider.take() is None
    assert not provider.done
    provider.end(first, "completed", {"loss": 2.0})
    again = provider.take()
    assert _wish(again) == (VARIANTS[0], 1)
    provider.end(second, "completed", {"loss": 0.5})
    assert provider.take() is None
    assert again is not None
    provider.end(again, "completed", {"loss": 2.0})
    assert provider.done


def test_a_failed_trial_is_not_known() -> None:
    """Its twin elsewhere would have to be trained; here it counts as ended and is not tried again at once."""
    provider, _ = _agenda(FixedSeeds(STUDY, 1))
    planned = provider.take()
    assert planned is not None
    provider.end(planned, "failed", {})
    assert _wish(provider.take()) == (VARIANTS[1], 0)


ORDERS = find_study("asr-cnn-sublayer-order")


def _orders(wish: Wish) -> PlannedTrial:
    planned = expand(ORDERS, PRESET, PRESET.corpus, GroupSplit(), (wish[1],))
    return next(one for one in planned if one.variant_id == wish[0])


def _agenda_of_orders(study: Study, seeds: int) -> StudyProvider:
    nothing = {"finished": {}, "known": {}, "infeasible": {}}
    return StudyProvider(FixedSeeds(study, seeds), _orders, reuse=lambda _: None, **nothing)


def test_trials_of_one_shape_are_handed_out_together() -> None:
    """At most four, none twice, and nothing is lost."""
    provider = _agenda_of_orders(ORDERS, 3)
    crews = []
    while (planned := provider.take()) is not None:
        crews.append([planned, *provider.company(planned, slots=2)])
    assert [len(crew) for crew in crews] == [4, 4, 4, 4, 4, 2, 1, 1]
    taken = [_wish(planned) for crew in crews for planned in crew]
    assert len(set(taken)) == len(taken)
    assert set(taken) == {(variant.id, seed) for variant in ORDERS.variants for seed in range(3)}


def test_company_leaves_something_for_every_slot() -> None:
    """Four trials on four slots go one by one; on two slots in pairs."""
    study = replace(ORDERS, variants=ORDERS.variants[:1], baseline=ORDERS.variants[0].id, claims=())
    for slots, size in ((4, 1), (2, 2), (1, 4)):
        provider = _agenda_of_orders(study, 4)
        first = provider.take()
        assert first is not None
        assert 1 + len(provider.company(first, slots)) == size
