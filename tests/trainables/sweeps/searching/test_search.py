"""Searches as they are opened and recorded: what makes two the same one, and what the same command does again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from toy_searches import LOSS, PRESET, TINY, metrics_of, settings_of

from soundproof.analysis.records.loading import load_search
from soundproof.api.options import SearchOptions
from soundproof.api.searching import search_settings
from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.search_spaces import find_space
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import Features, GroupSplit, SyntheticSpeech
from soundproof.search_spaces.studies import Variant
from soundproof.search_spaces.study_ids import LONGEST_FILE_NAME, LONGEST_ID
from soundproof.trainables.corpora.corpus import Example, Remark
from soundproof.trainables.sweeps.outbox.results import leave
from soundproof.trainables.sweeps.progress.protocol import Silence
from soundproof.trainables.sweeps.ray_tune.resources import Resources
from soundproof.trainables.sweeps.searching.journal import open_journal
from soundproof.trainables.sweeps.searching.provider import TrialFactory
from soundproof.trainables.sweeps.searching.search import Search, _FeatureCache, _make_missing, _open, _open_tracker
from soundproof.trainables.sweeps.searching.settings import SearchSettings, usual_scheduler
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.sweeps.tracking.writer_thread import Recorder
from soundproof.trainables.training.engine import Outcome

Fate = Callable[[PlannedTrial], record.Status]
POPULATION = {"scheduler": "pbt", "population": 4}


@dataclass(frozen=True, kw_only=True)
class _Corpus:
    """One that is never heard."""

    spec: SyntheticSpeech
    examples: tuple[Example, ...] = (Example(key="1", target="one", recording="1"),)
    skipped: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def waveforms(self, indices: Any, sample_rate_hz: int) -> Any:
        raise AssertionError("nothing is trained here")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One storage for the module: making the tables of a store takes seconds."""
    return tmp_path_factory.mktemp("storage")


def _search(root: Path, settings: SearchSettings, *, words: int = 80, space: SearchSpace = TINY) -> Search:
    return Search(
        space=space,
        settings=settings,
        preset=PRESET,
        corpus=_Corpus(spec=replace(PRESET.corpus, words_per_class=words)),
        corpus_name="folder-data",
        split=GroupSplit(),
        storage=Storage(root=root),
        resources=Resources(),
    )


def _trained(search: Search, fate: Fate = lambda planned: "completed") -> list[PlannedTrial]:
    """What the search wants trained when it is opened; all of it ends as `fate` says, and is recorded."""
    variants: dict[str, Variant] = {}
    factory = TrialFactory(
        plan=search.plan,
        infeasible_reason=lambda variant: None,
        register=lambda variant: variants.update({variant.id: variant}),
        reuse=lambda planned: None,
    )
    tracker, ends = _open_tracker(search), []
    provider, outbox = _open(search, tracker, factory)[0], search.storage.outbox(search.name)
    with Recorder(tracker, variants, outbox, {}) as recorder:
        while (planned := provider.take()) is not None:
            status = fate(planned)
            metrics = metrics_of(planned) if status == "completed" else {}
            outcome = Outcome(status=status, reason=None, metrics=metrics, weights=None, predictions={})
            leave(outbox, planned.trial, outcome, [{record.VALIDATION_LOSS: 1.0}], "cpu")
            recorder.began(planned, provider.tags(planned))
            recorder.finished(planned, provider.end(planned, status, metrics))
            ends.append(planned)
    tracker.end()
    return ends


@pytest.mark.parametrize(("scheduler", "trials"), [({}, 3), (POPULATION, 8)], ids=["samples", "population"])
def test_the_same_name_with_other_content_is_another_search(scheduler: dict[str, Any], trials: int, root: Path) -> None:
    """It trains all of its trials and reports those alone; the first one is found again when its content is back."""
    space = replace(find_space("speech-recipe"), id=f"other-content-{trials}")
    settings = settings_of(trials, confirm=1, confirm_seeds=1, **scheduler)
    first, second = (_search(root, settings, words=words, space=space) for words in (80, 81))
    assert (first.corpus_name, first.name == second.name) == (second.corpus_name, False)
    for search in (first, second):
        trained = _trained(search)
        assert [planned.trial.seed for planned in trained[:trials]] == [0] * trials
        assert {planned.trial.seed for planned in trained[trials:]} == {1}
        reported = load_search(search.storage.tracking_uri, space.id)
        assert reported.search == search.id
        assert {trial.trial_id for trial in reported.trials} == {planned.trial.trial_id for planned in trained}
    assert _trained(first) == []
    assert load_search(first.storage.tracking_uri, space.id).search == first.id


@pytest.mark.parametrize(("scheduler", "trials"), [({}, 3), (POPULATION, 8)], ids=["samples", "population"])
def test_what_failed_on_a_fresh_seed_is_trained_again(scheduler: dict[str, Any], trials: int, root: Path) -> None:
    """By the next command, with whatever goes on from it, and then no more; a sample that failed stays as it is."""
    space = replace(find_space("speech-recipe"), id=f"failed-once-{trials}")
    settings = settings_of(trials, confirm=1, confirm_seeds=1, **scheduler)
    search = _search(root, settings, words=82, space=space)  # what the other tests have trained would be granted
    sample: list[PlannedTrial] = []

    def once(planned: PlannedTrial) -> record.Status:
        """The first sample fails, and all on the fresh seed."""
        sample.append(planned)
        return "failed" if planned == sample[0] or planned.trial.seed == 1 else "completed"

    failed = [planned for planned in _trained(search, once) if planned.trial.seed == 1]
    assert failed
    assert _trained(search) == failed
    assert _trained(search) == []
    ends = [(trial.seed, trial.status) for trial in load_search(search.storage.tracking_uri, space.id).trials]
    assert sorted(ends) == sorted(
        [(0, "failed"), *[(0, "completed")] * (trials - 1), *[(1, "completed")] * len(failed)]
    )


def test_the_order_of_objectives_and_each_of_them_tells_searches_apart(tmp_path: Path) -> None:
    """The first one ranks, whichever the space's own is; a space's own alone needs no name."""
    costs = (record.PARAMETERS, record.LATENCY_SECONDS)
    asked = [order for count in (1, 2, 3) for order in permutations((LOSS, *costs), count)]
    ids = [_search(tmp_path, settings_of(3, objectives=objectives)).id for objectives in asked]
    assert len(set(ids)) == len(asked)
    own, whole = ids[asked.index((LOSS,))], ids[asked.index((LOSS, *costs))]
    assert "loss" not in own
    assert whole == own.replace(".0.", ".0.best-validation-loss.cost-parameters.cost-latency_seconds.")


def test_a_space_of_the_longest_id_can_be_searched(tmp_path: Path) -> None:
    """Its journal, and what Optuna makes beside it, have names that the file system takes."""
    preset = replace(PRESET, most_epochs=100)
    costs = (record.PARAMETERS, record.LATENCY_SECONDS, record.TRAIN_SECONDS)
    settings = settings_of(3, sampler="quasi-random", scheduler="none", objectives=(LOSS, *costs))
    search = replace(_search(tmp_path, settings, space=replace(TINY, id="a" * LONGEST_ID)), preset=preset)
    assert len(search.name) == LONGEST_FILE_NAME
    other = replace(search, settings=replace(settings, objectives=(LOSS, *reversed(costs))))
    assert other.name != search.name
    journal = search.storage.journal(search.name)
    number = open_journal(journal).create_new_study([], "written")
    assert open_journal(journal).get_study_id_from_name("written") == number
    with search.storage.exclusive(search.name):
        search.storage.outbox(search.name).mkdir(parents=True)
    names = [path.name for path in search.storage.root.rglob("*") if LONGEST_ID * "a" in path.name]
    assert {name[:LONGEST_ID] for name in names} == {"a" * LONGEST_ID}
    assert len(names) >= 3  # lock, journal, outbox


def test_a_finished_search_makes_features_that_were_removed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of every trial with numbers, as a study does: whoever explains one is told to give the command again."""
    space = replace(find_space("speech"), id="removed-features")
    search = _search(root, settings_of(4, confirm=1, confirm_seeds=1), space=space)
    sample: list[PlannedTrial] = []

    def once(planned: PlannedTrial) -> record.Status:
        sample.append(planned)
        return "diverged" if planned == sample[0] else "completed"

    made: list[Features] = []
    monkeypatch.setattr(Search, "prepare", lambda self, features, speeds, progress: made.append(features))
    trained = _trained(search, once)
    tracker = _open_tracker(search)
    _make_missing(search, tracker.runs.finished_here().values(), _FeatureCache(search, Silence()))
    tracker.end()
    assert len(made) == len(set(made)) > 1
    assert set(made) == {planned.trial.features for planned in trained[1:]}


@pytest.mark.parametrize("objective", [record.PARAMETERS, record.LATENCY_SECONDS, record.TRAIN_SECONDS])
def test_nobody_is_stopped_by_what_is_known_at_the_end_alone(objective: str) -> None:
    """The usual scheduler gives way to none; one that was named is refused, but for pbt, which ranks by ends."""
    assert usual_scheduler((objective,)) == "none"
    assert {usual_scheduler((metric,)) for metric in (LOSS, record.best(record.VALIDATION_ACCURACY))} == {"asha"}
    for name in ("asha", "hyperband", "median"):
        with pytest.raises(UserError, match=f"{name} stops .* {objective} is known .*: add --scheduler none"):
            settings_of(3, objectives=(objective,), scheduler=name)
    settings_of(8, objectives=(objective,), **POPULATION)


@pytest.mark.parametrize(("objective", "scheduler"), [("parameters", "none"), (None, "asha")])
def test_the_command_names_the_scheduler_that_it_uses(objective: str | None, scheduler: str) -> None:
    """Where the user named none; one that the user named is refused where it would stop nobody."""
    options = SearchOptions(trials=3, objective=None if objective is None else [objective])
    settings = search_settings(options, find_space("speech"))
    assert (settings.scheduler, settings.name) == (scheduler, f"tpe.{scheduler}.0")
    with pytest.raises(UserError, match="add --scheduler none"):
        search_settings(SearchOptions(trials=3, objective=["latency"], scheduler="asha"), find_space("speech"))
