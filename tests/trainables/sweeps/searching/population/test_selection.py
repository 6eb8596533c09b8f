"""Populations: who takes whose place and what is explored, the generations as a whole, and what children begin with."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from training_runs import numbers

from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.search_spaces import PRESETS, find_space
from soundproof.search_spaces.choices import build, integers, one_of, reals
from soundproof.search_spaces.presets import PlannedTrial, plan_trial
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import (
    Adam,
    Budget,
    Cut,
    FoldSplit,
    GroupSplit,
    MelSpectrogram,
    PlateauStopping,
    Recipe,
    SyntheticSounds,
    Trial,
    WarmStart,
)
from soundproof.search_spaces.specs.classifiers import BandCnn, MaxPool, SoundBlock
from soundproof.search_spaces.specs.sublayers import BatchNorm
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.corpora.embedded.synthetic_sounds import make_synthetic_sounds
from soundproof.trainables.features import prepare
from soundproof.trainables.sweeps.outbox.results import TrialResult, collect
from soundproof.trainables.sweeps.planning.provider import Known
from soundproof.trainables.sweeps.searching.population.members import Member, MemberFactory
from soundproof.trainables.sweeps.searching.population.provider import PopulationProvider
from soundproof.trainables.sweeps.searching.population.selection import explore, first_draws, ranked, stream, succession
from soundproof.trainables.sweeps.searching.provider import TrialFactory
from soundproof.trainables.sweeps.searching.settings import SearchSettings
from soundproof.trainables.sweeps.workers.device import WorkerDevice
from soundproof.trainables.sweeps.workers.messages import WorkerSettings
from soundproof.trainables.sweeps.workers.worker import Worker

SPACE = find_space("speech-recipe")
LOSS = record.best(record.VALIDATION_LOSS)
SMOKE = PRESETS["speech"]["smoke"]
SETTINGS = SearchSettings(
    trials=15, objectives=(LOSS,), sampler="random", scheduler="pbt", population=5, confirm=2, confirm_seeds=2
)
STEPPED = replace(
    SPACE,
    recipe=build(
        Recipe,
        optimizer=build(Adam, learning_rate=reals(0.001, 0.01, step=0.0005)),
        batch_size=integers(4, 64, step=4),
        clip_norm=one_of(none=None, clipped=reals(0.5, 50, log=True)),
    ),
)
values = st.lists(st.none() | st.sampled_from([0.5, 1.0, 2.0, 3.0]), min_size=4, max_size=20).filter(
    lambda drawn: any(value is not None for value in drawn)
)


@given(values, st.integers(0, 99), st.integers(1, 9), st.booleans())
def test_the_worst_quarter_takes_over_from_the_best(
    reached: list[float | None], seed: int, generation: int, higher: bool
) -> None:
    """Exactly the worst quarter and whoever has no value, from donors among the best quarter; drawn alike twice."""
    sources = succession(reached, higher_is_better=higher, seed=seed, generation=generation)
    assert sources == succession(reached, higher_is_better=higher, seed=seed, generation=generation)
    order, quarter = ranked(reached, higher_is_better=higher), len(reached) // 4
    with_value = [value for value in reached if value is not None]
    best = sorted(with_value, reverse=higher)[:quarter]
    for at, source in enumerate(sources):
        if at in order[-quarter:] or reached[at] is None:
            assert source in order[:quarter]
            assert reached[source] in best
        else:
            assert source == at


def test_those_without_a_value_rank_last_and_equal_ones_in_order() -> None:
    """Written out by hand, for losses and for accuracies."""
    assert ranked([2.0, None, 1.0, 2.0], higher_is_better=False) == [2, 0, 3, 1]
    assert ranked([2.0, None, 1.0, 2.0], higher_is_better=True) == [0, 3, 2, 1]


@pytest.mark.parametrize("space", [SPACE, STEPPED], ids=["continuous", "stepped"])
@given(seed=st.integers(0, 2**32))
def test_explored_choices_stay_in_the_space_and_near_the_donor(space: SearchSpace, seed: int) -> None:
    """Numbers in range and on the grid, which building the variant checks; categories the donor's; the same twice."""
    donor = space.draw(stream(seed, 0))
    explored = explore(space, donor, stream(seed, 1))
    assert explored == explore(space, donor, stream(seed, 1))
    space.variant(explored)
    assert explored.keys() == donor.keys()
    assert {name: value for name, value in explored.items() if isinstance(value, str)} == {
        name: value for name, value in donor.items() if isinstance(value, str)
    }


def test_numbers_are_varied_by_a_fifth_or_drawn_anew() -> None:
    """Of 400 explorations from the middle of a wide range about a quarter is drawn anew, and the rest is two values."""
    donor = {"recipe.optimizer": "adam", "recipe.optimizer.adam.learning_rate": 1e-3, "recipe.clip_norm": "none"}
    donor |= {"recipe.optimizer.adam.first_decay": 0.9, "recipe.optimizer.adam.second_decay": 0.95}
    rates = [explore(SPACE, donor, stream(0, 1, at))["recipe.optimizer.adam.learning_rate"] for at in range(400)]
    counts = [rates.count(1e-3 * factor) for factor in (0.8, 1.2)]
    assert all(120 <= count <= 180 for count in counts)
    assert 70 <= 400 - sum(counts) <= 130


def test_what_is_not_of_the_recipe_stays() -> None:
    """A network cannot change while it trains."""
    space = replace(find_space("speech"), recipe=STEPPED.recipe)
    for at in range(20):
        donor = space.draw(stream(at, 0))
        explored = explore(space, donor, stream(at, 1))
        kept = {name: value for name, value in donor.items() if not name.startswith("recipe.")}
        assert {name: value for name, value in explored.items() if not name.startswith("recipe.")} == kept


def test_quasi_random_draws_differ_from_random_ones_and_repeat() -> None:
    """Both are endless, and the same for the same seed."""
    drawn = {name: list(islice(first_draws(SPACE, name, 3), 6)) for name in ("random", "quasi-random")}
    for name, sequence in drawn.items():
        assert sequence == list(islice(first_draws(SPACE, name, 3), 6))
        assert len({str(element) for element in sequence}) == 6
    assert drawn["random"] != drawn["quasi-random"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sampler": "tpe"}, "got --sampler tpe: use --sampler random or quasi-random"),
        ({"population": 3}, "at least 4 members, got 3"),
        ({"trials": 9}, "2 generations of 5 members, that is 10 trials, got 9"),
        ({"objectives": (LOSS, record.PARAMETERS)}, "pbt ranks trials by one objective"),
    ],
)
def test_settings_that_cannot_be_are_refused(changed: dict[str, Any], said: str) -> None:
    """With the numbers, and what to do."""
    with pytest.raises(UserError, match=said):
        replace(SETTINGS, **changed)


def test_trials_are_rounded_down_to_whole_generations_and_sizes_tell_searches_apart() -> None:
    """More generations continue a search; other members or other epochs are another one."""
    longer = replace(SETTINGS, trials=24)
    assert (longer.generations, longer.asked) == (4, 20)
    assert longer.name == SETTINGS.name == "random.pbt.0.5"
    assert replace(SETTINGS, generation_epochs=2).name == "random.pbt.0.5x2"


class _Population:
    """A provider over trials that are not trained: what each reaches follows from its id. Kept are `kept` states."""

    def __init__(self, ended: Mapping[str, Known], settings: SearchSettings = SETTINGS, failing: str = "") -> None:
        self.ended = dict(ended)
        self.released: list[str] = []
        self.order: list[str] = []
        self._failing = failing
        factory = TrialFactory(
            plan=_plan, infeasible_reason=lambda _: None, register=lambda _: None, reuse=lambda _: None
        )
        release = self.released.append
        self.provider = PopulationProvider(
            MemberFactory(SPACE, settings, factory, epochs=2), ended=ended, release=release
        )

    def run(self, most: int | None = None) -> None:
        """Two at a time; the later one ends first. At most so many trials end."""
        running: list[PlannedTrial] = []
        while most is None or most > 0:
            while len(running) < 2 and (planned := self.provider.take()) is not None:
                running.append(planned)
                warm_start = planned.trial.warm_start
                assert warm_start is None or warm_start.parent in self.ended
                assert warm_start is None or warm_start.parent not in self.released
            if not running:
                return
            self._end(running.pop())
            most = None if most is None else most - 1

    def _end(self, planned: PlannedTrial) -> None:
        trial_id = planned.trial.trial_id
        failed = bool(self._failing) and trial_id[0] in self._failing
        reached = {} if failed else {LOSS: int(trial_id, 16) / 2**64}
        end = Known(status="failed" if failed else "completed", metrics=reached)
        self.ended[trial_id] = end
        self.order.append(trial_id)
        self.provider.end(planned, end.status, end.metrics)

    def members(self) -> list[Member]:
        return [member for member in map(self.provider.member_of, self.ended) if member is not None]

    def of(self, purpose: str) -> list[Member]:
        return [member for member in self.members() if member.purpose == purpose]


def _plan(variant: Variant, seed: int) -> PlannedTrial:
    return plan_trial(SMOKE.variant(variant), SMOKE, SMOKE.corpus, GroupSplit(), seed)


@pytest.fixture(scope="module")
def whole() -> _Population:
    """A population to its end."""
    population = _Population({})
    population.run()
    assert population.provider.done
    return population


def test_generations_follow_each_other_as_the_paper_says(whole: _Population) -> None:
    """Three generations of five: every later trial goes on from one of the generation before, one of them a donor's."""
    searched = sorted(whole.of(record.PURPOSE_SEARCH), key=lambda member: member.number)
    assert [member.number for member in searched] == list(range(15))
    for member in searched:
        trial = member.planned.trial
        assert (trial.seed, trial.budget.epochs, member.generation) == (
            0,
            2 * (member.number // 5 + 1),
            member.number // 5,
        )
        assert trial.warm_start == (
            None if member.parent is None else WarmStart(parent=member.parent.trial_id, epochs=2 * member.generation)
        )
    for generation in (1, 2):
        before = [member for member in searched if member.generation == generation - 1]
        taken = [member.parent for member in searched if member.generation == generation]
        reached = [whole.ended[member.trial_id].metrics[LOSS] for member in before]
        best, worst = before[reached.index(min(reached))], before[reached.index(max(reached))]
        assert worst not in taken
        assert taken.count(best) == 2
        assert len({member.trial_id for member in taken if member}) == 4


def test_the_best_are_trained_again_with_all_their_ancestors(whole: _Population) -> None:
    """Two fresh seeds of whole chains; only the last link of each is a confirmation."""
    confirmed = whole.of(record.PURPOSE_CONFIRMATION)
    assert len(confirmed) == 4
    searched = [member for member in whole.of(record.PURPOSE_SEARCH) if member.generation == 2]
    best = sorted(searched, key=lambda member: whole.ended[member.trial_id].metrics[LOSS])[:2]
    assert {(member.planned.variant_id, member.planned.trial.seed) for member in confirmed} == {
        (member.planned.variant_id, seed) for member in best for seed in (1, 2)
    }
    for member in confirmed:
        own = next(trial for trial in best if trial.planned.variant_id == member.planned.variant_id)
        assert [link.assignment for link in member.lineage] == [link.assignment for link in own.lineage]
        assert {link.planned.trial.seed for link in member.lineage} == {member.planned.trial.seed}
        assert {link.purpose for link in member.lineage[:-1]} == {record.PURPOSE_LINEAGE}
    tags = whole.provider.tags(confirmed[0].planned)
    assert record.NUMBER not in tags
    assert tags[record.GENERATION] == "2"


def test_only_states_that_nobody_needs_are_removed(whole: _Population) -> None:
    """No parent's before its child began, which `run` checks; in the end those of the last generation are left."""
    kept = {value.trial_id for value in whole.members() if whole.provider.keeps_checkpoint(value.planned)}
    last = {member.trial_id for member in whole.of(record.PURPOSE_SEARCH) if member.generation == 2}
    assert kept - set(whole.released) == last


def test_a_population_interrupted_anywhere_goes_on_as_if_nothing_had_happened(whole: _Population) -> None:
    """After various numbers of ended trials, from the ends alone: the same trials, and no others."""
    for stopped in range(1, len(whole.order), 5):
        first = _Population({})
        first.run(stopped)
        second = _Population(first.ended)
        second.run()
        assert second.ended == whole.ended


def test_more_generations_continue_the_search(whole: _Population) -> None:
    """None of the trials that have ended is trained again, and their states were kept."""
    longer = _Population(whole.ended, replace(SETTINGS, trials=20, confirm=0))
    longer.run()
    fresh = [member for member in longer.of(record.PURPOSE_SEARCH) if member.trial_id in longer.order]
    assert [member.generation for member in fresh] == [3] * 5
    assert not {member.parent.trial_id for member in fresh if member.parent} & set(whole.released)


def test_members_that_failed_are_replaced_and_a_population_that_failed_ends() -> None:
    """Nobody goes on from a trial without a value; where none has one, nothing more is wanted."""
    some = _Population({}, failing="01234567")
    some.run()
    assert some.provider.done
    for member in some.of(record.PURPOSE_SEARCH):
        assert member.parent is None or some.ended[member.parent.trial_id].status == "completed"
    none = _Population({}, failing="0123456789abcdef")
    none.run()
    assert none.provider.done
    assert len(none.ended) == 5


def test_what_failed_on_a_fresh_seed_can_go_on_from_its_ancestors(whole: _Population) -> None:
    """Their states are kept until it has ended otherwise, and what ended well is not trained again."""
    failed = whole.of(record.PURPOSE_CONFIRMATION)[0]
    ended = {**whole.ended, failed.trial_id: Known(status="failed", metrics={})}
    left = _Population(ended)
    left.run()
    assert left.order == []
    assert not {member.trial_id for member in failed.lineage} & set(left.released)
    again = _Population({trial_id: end for trial_id, end in ended.items() if end.status != "failed"})
    again.run()
    assert again.order == [failed.trial_id]
    assert {member.trial_id for member in failed.lineage[:-1]} <= set(again.released)


def test_a_space_without_numbers_in_its_recipe_is_refused() -> None:
    """There would be nothing to explore."""
    factory = TrialFactory(plan=_plan, infeasible_reason=lambda _: None, register=lambda _: None, reuse=lambda _: None)
    with pytest.raises(UserError, match="speech has none to choose"):
        PopulationProvider(
            MemberFactory(find_space("speech"), SETTINGS, factory, epochs=1), ended={}, release=lambda _: None
        )


def test_recipes_that_stop_early_are_no_members() -> None:
    """They would have no state at the end of their generation."""
    recipe = build(
        Recipe,
        optimizer=build(Adam, learning_rate=reals(0.001, 0.01)),
        stopping=PlateauStopping(patience_epochs=2),
    )
    factory = TrialFactory(plan=_plan, infeasible_reason=lambda _: None, register=lambda _: None, reuse=lambda _: None)
    space = replace(SPACE, recipe=recipe)
    with pytest.raises(UserError, match="may stop before the end of a generation"):
        PopulationProvider(MemberFactory(space, SETTINGS, factory, epochs=1), ended={}, release=lambda _: None)


CORPUS = SyntheticSounds(cut=Cut(seconds=1.0), sources_per_fold=10, folds=3)
FEATURES = MelSpectrogram(sample_rate_hz=8000, window_samples=512, hop_samples=256, mel_bands=24)
BLOCK = SoundBlock(filters=8, kernel_size=3, sublayers=(MaxPool(size=2), BatchNorm()))
WHOLE = Trial(
    corpus=CORPUS,
    split=FoldSplit(),
    features=FEATURES,
    network=BandCnn(blocks=(BLOCK,), dense=(16,), classes=10),
    recipe=Recipe(optimizer=Adam(learning_rate=3e-3), batch_size=8),
    budget=Budget(epochs=4, preset="smoke"),
    seed=0,
)
PARENT = replace(WHOLE, budget=Budget(epochs=2, preset="smoke"))
CHILD = replace(WHOLE, warm_start=WarmStart(parent=PARENT.trial_id, epochs=2))


@pytest.fixture(scope="module")
def entry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Features of sound events."""
    return prepare(make_synthetic_sounds(CORPUS), FEATURES, tmp_path_factory.mktemp("features"), workers=1)


class _Room:
    """Actors that share an outbox and a folder of checkpoints."""

    def __init__(self, entry: Path, folder: Path) -> None:
        self.entry, self.folder = entry, folder

    def begin(self, trial: Trial, *, keep: bool = False) -> Worker:
        settings = WorkerSettings(
            entry=self.entry,
            outbox=self.folder / "outbox",
            checkpoints=self.folder / "checkpoints",
            keep_checkpoint=keep,
        )
        return Worker(trial.to_json(), settings, WorkerDevice(threads=1, gpu=False))

    def train(self, trial: Trial, *, keep: bool = False) -> tuple[list[dict[str, Any]], TrialResult]:
        worker = self.begin(trial, keep=keep)
        results = list(_steps(worker))
        return results, collect(self.folder / "outbox" / trial.trial_id)

    def states(self) -> set[str]:
        return {folder.name for folder in (self.folder / "checkpoints").iterdir()}


def _steps(worker: Worker) -> Iterator[dict[str, Any]]:
    while True:
        result = worker.step()
        yield result
        if result["done"]:
            return


@pytest.fixture
def room(entry: Path, tmp_path: Path) -> _Room:
    """An empty one."""
    return _Room(entry, tmp_path)


def _result(trial_result: TrialResult) -> tuple[Any, ...]:
    weights = (trial_result.artifacts / record.WEIGHTS_ARTIFACT).read_bytes()
    predictions = (trial_result.artifacts / record.PREDICTIONS_ARTIFACT).read_bytes()
    history = numbers([dict(epoch) for epoch in trial_result.history])
    return (
        trial_result.status,
        trial_result.reason,
        numbers([dict(trial_result.metrics)]),
        history,
        weights,
        predictions,
    )


def test_parent_and_child_are_one_longer_trial(room: _Room) -> None:
    """Two epochs and two more equal four, bit for bit; the child counts the time of its own epochs alone."""
    _, whole = room.train(WHOLE)
    results, _ = room.train(PARENT, keep=True)
    assert [result["epoch"] for result in results] == [1, 2]
    results, child = room.train(CHILD)
    assert [result["epoch"] for result in results] == [3, 4]
    assert _result(child) == _result(whole)
    assert room.states() == {PARENT.trial_id}
    assert [record.EPOCH_SECONDS in epoch for epoch in child.history] == [False, False, True, True]
    assert child.metrics[record.TRAIN_SECONDS] <= sum(epoch[record.EPOCH_SECONDS] for epoch in child.history[2:])


def test_another_learning_rate_goes_on_from_the_same_state(room: _Room) -> None:
    """The parent's epochs are the child's first, and what follows differs."""
    _, parent = room.train(PARENT, keep=True)
    _, same = room.train(CHILD)
    _, other = room.train(replace(CHILD, recipe=replace(CHILD.recipe, optimizer=Adam(learning_rate=1e-3))))
    assert numbers([dict(epoch) for epoch in other.history[:2]]) == numbers([dict(epoch) for epoch in parent.history])
    assert other.history[2][record.TRAIN_LOSS] != same.history[2][record.TRAIN_LOSS]


def test_a_child_whose_actor_dies_goes_on_from_its_own_checkpoint(room: _Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no longer needs its parent's."""
    monkeypatch.setattr("soundproof.trainables.sweeps.workers.worker.CHECKPOINT_SECONDS", 0.0)
    room.train(PARENT, keep=True)
    assert room.begin(CHILD).step()["epoch"] == 3
    for file in (room.folder / "checkpoints" / PARENT.trial_id).rglob("*.*"):
        file.unlink()
    results, child = room.train(CHILD)
    assert [result["epoch"] for result in results] == [4]
    _, whole = room.train(WHOLE)
    assert _result(child) == _result(whole)


def test_an_actor_that_dies_between_its_end_and_its_parcel_trains_nothing_again(
    room: _Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kept state is the trial's last: the next actor only tests and leaves the result."""
    _, expected = _Room(room.entry, room.folder / "other").train(PARENT, keep=True)
    with monkeypatch.context() as patched:
        patched.setattr("soundproof.trainables.sweeps.workers.worker.leave", _dies)
        dying = room.begin(PARENT, keep=True)
        dying.step()
        with pytest.raises(SystemExit):
            dying.step()
    results, trial_result = room.train(PARENT, keep=True)
    assert [(result["epoch"], result["done"]) for result in results] == [(2, True)]
    assert _result(trial_result) == _result(expected)
    _, child = room.train(CHILD)
    assert child.status == "completed"


def _dies(*_: Any, **_named: Any) -> None:
    raise SystemExit


@pytest.mark.parametrize("broken", [False, True], ids=["missing", "broken"])
def test_a_child_without_its_parent_fails_and_says_so(room: _Room, broken: bool) -> None:
    """As an ordinary failed trial; the actor is ready for the next."""
    if broken:
        room.train(PARENT, keep=True)
        for file in (room.folder / "checkpoints").rglob("*.safetensors"):
            file.write_bytes(file.read_bytes()[:100])
    (result,), child = room.train(CHILD)
    assert (result["epoch"], child.status) == (0, "failed")
    assert child.reason is not None
    assert child.reason.startswith(f"the parent, trial {PARENT.trial_id}, left no usable state of epoch 2")


def test_a_state_that_cannot_be_kept_is_an_error_of_the_disk(room: _Room) -> None:
    """The trial is tried again later, and does not end without the state that others need."""
    worker = room.begin(PARENT, keep=True)
    worker.step()
    (room.folder / "checkpoints").write_text("a file where a folder should be")
    with pytest.raises(OSError, match="Free some space"):
        worker.step()
    assert not (room.folder / "outbox").exists()
