"""Optuna: what it loads from the file is what the record says, from a journal and from a database."""

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState
from search_writer import LOSS

from soundproof.analysis.exports import (
    optuna_file,
    optuna_url,
    recorded_space,
    run_facts,
    search_as_optuna,
    study_as_optuna,
)
from soundproof.analysis.exports.optuna_study import curve_of
from soundproof.analysis.records.loading import load_search, load_study
from soundproof.common import record
from soundproof.search_spaces import find_space, find_study
from soundproof.trainables.sweeps.searching.proposals import compiled


def load(content, path):
    """Optuna's studies in the file, by name."""
    path.write_bytes(content)
    url = optuna_url(path)
    storage = url if url.startswith("sqlite:") else JournalStorage(JournalFileBackend(url))
    names = optuna.get_all_study_names(storage)
    return {name: optuna.load_study(study_name=name, storage=storage) for name in names}


@pytest.mark.parametrize("name", ["study.journal", "study.db"])
def test_a_study_has_its_levels_as_parameters(exported_study, name, tmp_path) -> None:
    """Values, epochs, seeds and times of every trial; a trial without a number has failed, and none is made up."""
    study = find_study("asr-merge-mode")
    records = load_study(exported_study, study.id)
    runs = run_facts(records, curve_of(study.metric))
    content = optuna_file([study_as_optuna(study, records, runs)], f".{name.partition('.')[2]}")
    ((called, loaded),) = load(content, tmp_path / name).items()
    assert called == "asr-merge-mode.quick.synthetic-speech"
    assert loaded.metric_names == [LOSS]
    assert loaded.user_attrs["question"] == study.question
    by_run = {trial.user_attrs["run_id"]: trial for trial in loaded.trials}
    assert len(by_run) == len(records.trials) == 2 * len(study.variants) + 2
    for trial in records.trials:
        found = by_run[trial.run_id]
        assert found.params == {level.factor: level.value for level in study.variant(trial.variant).levels}
        assert found.user_attrs.get("seed") == trial.seed
        assert found.value == trial.metrics.get(LOSS)
        assert (found.state == TrialState.COMPLETE) == (LOSS in trial.metrics)
        assert found.datetime_complete.timestamp() == runs.times[trial.run_id][1].timestamp()
        if trial.comparable:
            loss = trial.metrics[LOSS]
            assert found.intermediate_values == {1: loss + 2, 2: loss + 1, 3: loss}
    assert loaded.best_trial.user_attrs["variant"] == study.variants[0].id
    assert loaded.trials[0].user_attrs["seed"] == 0


def test_a_search_has_its_space_and_its_confirmation_apart(exported_search, tmp_path) -> None:
    """Distributions are those of the space, states those of the record; fresh seeds are another study."""
    space = find_space("speech-recipe")
    records = load_search(exported_search, space.id, "quick", "synthetic-speech")
    runs = run_facts(records, curve_of(records.objectives[0]))
    assert recorded_space(records, runs) == space
    studies = search_as_optuna(records, runs, lambda choices: compiled(space, choices).distributions)
    loaded = load(optuna_file(studies, ".journal"), tmp_path / "search.journal")
    name = "speech-recipe.quick.synthetic-speech.tpe.asha.0"
    assert list(loaded) == [name, f"{name}.confirmation"]
    states = {trial.user_attrs["status"]: trial.state for trial in loaded[name].trials}
    assert states == {
        "completed": TrialState.COMPLETE,
        "stopped_early": TrialState.COMPLETE,
        "pruned": TrialState.PRUNED,
        "diverged": TrialState.FAIL,
        "failed": TrialState.FAIL,
    }
    for trial, found in zip(records.searched, loaded[name].trials, strict=True):
        assert found.params == dict(trial.choices)
        assert found.distributions == compiled(space, trial.choices).distributions
        assert found.user_attrs["number"] == trial.number
        assert found.intermediate_values == dict.fromkeys((1, 2, 3), 0.001)
    confirmed = loaded[f"{name}.confirmation"].trials
    assert [(trial.user_attrs["seed"], trial.value) for trial in confirmed] == [(1, 43.0), (2, 44.0)]


def test_curves_are_those_of_best_values_alone() -> None:
    """A cost, an epoch and a test value have no value for each epoch."""
    assert curve_of(record.best(record.VALIDATION_ACCURACY)) == record.VALIDATION_ACCURACY
    assert [curve_of(metric) for metric in (record.PARAMETERS, record.BEST_EPOCH, record.TEST_ACCURACY)] == [None] * 3
