"""What is trained next."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from soundproof.common import record
from soundproof.common.record import EndedTrial, HeldOut
from soundproof.search_spaces import PRESETS, PlannedTrial, expand, find_study
from soundproof.search_spaces.specs import GroupSplit
from soundproof.trainables.sweeps.planning.provider import Known
from soundproof.trainables.sweeps.planning.seeds import FixedSeeds, FromSeed, Request, Schedule
from soundproof.trainables.sweeps.planning.study_provider import StudyProvider

STUDY = find_study("asr-merge-mode")
PRESET = PRESETS["speech"]["smoke"]
VARIANTS = [variant.id for variant in STUDY.variants]
DONE = Known(status="completed", metrics={"loss": 1.0})


def _plan(request: Request) -> PlannedTrial:
    planned = expand(STUDY, PRESET, PRESET.corpus, GroupSplit(), (request[1],))
    return next(trial for trial in planned if trial.variant_id == request[0])


def _provider(schedule: Schedule, **given: object) -> tuple[StudyProvider, list[PlannedTrial]]:
    reused: list[PlannedTrial] = []
    arguments = {"ended": {}, "known": {}, "infeasible": {}} | given
    return StudyProvider(schedule, _plan, reuse=reused.append, **arguments), reused


def _request(planned: PlannedTrial | None) -> Request | None:
    return None if planned is None else (planned.variant_id, planned.trial.seed)


class OneMoreSeedWhileWorse:
    """An adaptive schedule: a second seed for the variants whose first loss was above 1."""

    adaptive = True
    design = record.UNTIL_DECIDED

    def wanted(self, ended: Sequence[EndedTrial], infeasible: Collection[str]) -> Sequence[Request]:
        """First seeds, then second ones."""
        worse = [(trial.variant, 1) for trial in ended if trial.seed == 0 and trial.metrics["loss"] > 1]
        had = {(trial.variant, trial.seed) for trial in ended}
        return [request for request in [(variant, 0) for variant in VARIANTS[:2]] + worse if request not in had]

    def remark(self) -> str:
        """Nothing."""
        return ""


def test_fixed_seeds_come_seed_by_seed_without_what_is_finished() -> None:
    """Finished and infeasible ones are left out, everything else comes once, in order."""
    provider, _ = _provider(FixedSeeds(STUDY, 2), ended={(VARIANTS[1], 0): DONE}, infeasible={VARIANTS[2]: "too short"})
    assert provider.forecast().trials == 7
    taken = [_request(provider.take()) for _ in range(7)]
    feasible = [variant for variant in VARIANTS if variant != VARIANTS[2]]
    expected = [(variant, seed) for seed in range(2) for variant in feasible]
    assert taken == [request for request in expected if request != (VARIANTS[1], 0)]
    assert provider.take() is None
    assert not provider.done  # they run


def test_the_end_comes_when_the_last_trial_has_ended() -> None:
    """Nothing to hand out is not the end while something runs."""
    provider, _ = _provider(FixedSeeds(STUDY, 1))
    taken = [provider.take() for _ in VARIANTS]
    for planned in taken:
        assert planned is not None
        assert not provider.done
        provider.end(planned, "completed", {})
    assert provider.done


def test_a_trial_known_from_elsewhere_is_not_trained() -> None:
    """It is granted as soon as it is wanted."""
    known = _plan((VARIANTS[0], 0))
    provider, reused = _provider(FixedSeeds(STUDY, 1), known={known.trial.trial_id: DONE})
    assert provider.forecast().reused == 1
    assert _request(provider.take()) == (VARIANTS[1], 0)
    assert reused == [known]


def test_variants_that_are_one_trial_are_trained_once() -> None:
    """The second waits for the first and ends with it."""
    twin = replace(STUDY.variants[0], id="twin")
    study = replace(STUDY, variants=(STUDY.variants[0], twin), baseline="twin", claims=())

    def plan(request: Request) -> PlannedTrial:
        planned = expand(study, PRESET, PRESET.corpus, GroupSplit(), (request[1],))
        return next(trial for trial in planned if trial.variant_id == request[0])

    provider = StudyProvider(FixedSeeds(study, 1), plan, ended={}, known={}, infeasible={}, reuse=lambda _: None)
    assert provider.forecast().trials == 1
    first = provider.take()
    assert first is not None
    assert provider.take() is None
    assert [trial.variant_id for trial in provider.end(first, "completed", {})] == ["twin"]
    assert provider.done


def test_an_adaptive_schedule_hears_of_every_end() -> None:
    """What is wanted next depends on how the trials before ended; while that is open, the answer is: not now."""
    provider, _ = _provider(OneMoreSeedWhileWorse())
    assert provider.forecast().trials is None
    first, second = provider.take(), provider.take()
    assert first is not None
    assert second is not None
    assert provider.take() is None
    assert not provider.done
    provider.end(first, "completed", {"loss": 2.0})
    again = provider.take()
    assert _request(again) == (VARIANTS[0], 1)
    provider.end(second, "completed", {"loss": 0.5})
    assert provider.take() is None
    assert again is not None
    provider.end(again, "completed", {"loss": 2.0})
    assert provider.done


def test_a_failed_trial_is_not_known() -> None:
    """Its twin elsewhere would have to be trained; here it counts as ended and is not tried again at once."""
    provider, _ = _provider(FixedSeeds(STUDY, 1))
    planned = provider.take()
    assert planned is not None
    provider.end(planned, "failed", {})
    assert _request(provider.take()) == (VARIANTS[1], 0)


def test_a_schedule_may_begin_at_another_seed() -> None:
    """It sees its own trials alone, counted from 0, and what it wants is counted from there."""
    provider, _ = _provider(FromSeed(FixedSeeds(STUDY, 2), 100))
    taken = [_request(provider.take()) for _ in range(10)]
    assert taken == [(variant, seed) for seed in (100, 101) for variant in VARIANTS]
    assert provider.take() is None
    worse = Known(status="completed", metrics={"loss": 2.0})
    ended = {(VARIANTS[0], seed): worse for seed in (0, 100)} | {(VARIANTS[1], 100): DONE}
    provider, _ = _provider(FromSeed(OneMoreSeedWhileWorse(), 100), ended=ended)
    assert _request(provider.take()) == (VARIANTS[0], 101)
    assert provider.take() is None


def test_a_schedule_knows_what_seeds_held_out() -> None:
    """Also of trials that an earlier version recorded: the corpus is at hand."""
    seen: list[HeldOut | None] = []

    class Watching(OneMoreSeedWhileWorse):
        def wanted(self, ended: Sequence[EndedTrial], infeasible: Collection[str]) -> Sequence[Request]:
            seen.extend(trial.held_out for trial in ended)
            return []

    speakers = {seed: HeldOut.of("speaker", [f"s{seed}"], []) for seed in range(2)}
    ended = {(VARIANTS[0], seed): DONE for seed in range(2)}
    provider, _ = _provider(Watching(), ended=ended, held_out=lambda trial: speakers[trial.seed])
    assert provider.take() is None
    assert seen == [speakers[0], speakers[1]]


class Listening:
    """An adaptive schedule that keeps what it was told, and wants two seeds of one variant."""

    adaptive = True
    design = record.UNTIL_DECIDED

    def __init__(self) -> None:
        self.told: Sequence[EndedTrial] = ()

    def wanted(self, ended: Sequence[EndedTrial], infeasible: Collection[str]) -> Sequence[Request]:
        """The seeds 0 and 1 of the first variant."""
        self.told = ended
        return [(VARIANTS[0], seed) for seed in (0, 1) if seed not in {trial.seed for trial in ended}]

    def remark(self) -> str:
        """Nothing."""
        return ""


def test_a_schedule_is_told_the_epochs_that_claims_need() -> None:
    """Of a trial that ended here from its result, of one that ended before from the record; no other metric."""
    schedule, first = Listening(), (VARIANTS[0], 0)
    asked: list[str] = []

    def recorded(trial_id: str) -> dict[str, record.Curve]:
        asked.append(trial_id)
        return {record.VALIDATION_LOSS: ((1, 7.0),)}

    curves = {record.VALIDATION_LOSS}
    provider, _ = _provider(schedule, ended={first: DONE}, curves=curves, recorded=recorded)
    planned = provider.take()
    assert _request(planned) == (VARIANTS[0], 1)
    epochs = [{record.VALIDATION_LOSS: 9.0, record.TRAIN_LOSS: 1.0}, {record.VALIDATION_LOSS: float("nan")}]
    provider.end(planned, "completed", {}, epochs)
    assert provider.done
    assert [trial.history for trial in schedule.told] == [
        {record.VALIDATION_LOSS: ((1, 7.0),)},
        {record.VALIDATION_LOSS: ((1, 9.0),)},
    ]
    assert set(asked) == {_plan(first).trial.trial_id}


def test_nothing_is_read_where_no_claim_needs_epochs() -> None:
    """A store of many trials is not asked for curves that nobody judges."""
    schedule = Listening()
    provider, _ = _provider(schedule, ended={(VARIANTS[0], 0): DONE})
    provider.take()
    assert [trial.history for trial in schedule.told] == [{}]
