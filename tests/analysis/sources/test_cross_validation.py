"""Tables of scikit-learn's searches, written by pandas."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import FitFailedWarning
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, RepeatedKFold

from soundproof.analysis.sources import delimited
from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import SourceError


@pytest.fixture
def data():
    """Points of two classes."""
    random = np.random.default_rng(0)
    features = random.normal(size=(80, 2))
    return features, (features[:, 0] + random.normal(size=80) > 0).astype(int)


def written(folder, search):
    """The search's results as a file."""
    path = folder / "cv_results.csv"
    pd.DataFrame(search.cv_results_).to_csv(path, index=False)
    return path


def test_a_run_for_each_candidate_and_split(tmp_path, data):
    """With the scores of that split, several metrics and repeats of the folds included."""
    search = GridSearchCV(
        LogisticRegression(),
        [{"C": [0.1, 1.0]}, {"C": [1.0], "fit_intercept": [False]}],
        scoring=["accuracy", "roc_auc"],
        refit=False,
        cv=RepeatedKFold(n_splits=2, n_repeats=2, random_state=0),
        return_train_score=True,
    ).fit(*data)
    found = delimited.read(written(tmp_path, search))
    assert found.kind == "scikit-learn cv_results_"
    assert len(found.runs) == 3 * 4
    metrics = ("test_accuracy", "train_accuracy", "test_roc_auc", "train_roc_auc")
    assert set(found.columns) == {"param_C", "param_fit_intercept", "params", "fold", *metrics}
    assert found.hints == {"params": "bookkeeping", "fold": "fold"}
    for at, run in enumerate(found.runs):
        candidate, fold = divmod(at, 4)
        assert run.where == f"line {candidate + 2} of cv_results.csv, split {fold}"
        assert run.cells["fold"] == str(fold)
        assert number(run.cells["param_C"]) == search.cv_results_["param_C"][candidate]
        assert ("param_fit_intercept" in run.cells) == (candidate == 2)
        for metric in metrics:
            assert number(run.cells[metric]) == search.cv_results_[f"split{fold}_{metric}"][candidate]
    assert "mean_fit_time, std_fit_time" in found.notes[0]
    assert "rank_test_roc_auc" in found.notes[0]


def test_fits_that_failed_are_nan(tmp_path, data):
    """They are empty in the file, and neither absent nor 0."""
    search = GridSearchCV(DummyClassifier(), {"strategy": ["prior", "no such"]}, cv=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FitFailedWarning)
        warnings.simplefilter("ignore", UserWarning)
        search.fit(*data)
    found = delimited.read(written(tmp_path, search))
    failed = [run for run in found.runs if run.cells["param_strategy"] == "no such"]
    assert [run.cells["test_score"] for run in failed] == ["nan", "nan"]
    assert "2 fits failed: NaN here." in found.notes


def test_a_halving_search_compares_last_iterations(tmp_path, data):
    """A candidate stands in the file once for each iteration, the earlier ones on less data."""
    search = HalvingGridSearchCV(
        LogisticRegression(), {"C": [0.01, 0.1, 1.0, 10.0]}, cv=2, factor=2, min_resources=20, random_state=0
    ).fit(*data)
    path = written(tmp_path, search)
    rows = pd.read_csv(path)
    found = delimited.read(path)
    assert rows["param_C"].duplicated().any()
    last = rows.sort_values("iter").groupby("param_C").last()
    assert len(found.runs) == 2 * len(last) == 8
    for run in found.runs:
        row = last.loc[number(run.cells["param_C"])]
        assert number(run.cells["n_resources"]) == row["n_resources"]
        assert number(run.cells["test_score"]) == row[f"split{run.cells['fold']}_test_score"]
    assert f"4 rows of {len(rows)} are read" in found.notes[0]
    used = ", ".join(map(str, sorted(last["n_resources"].unique())))
    assert f"unlike n_resources: {used}." in found.notes[1]


def test_a_halving_search_without_its_iterations_is_refused(tmp_path):
    """A cell that should count is named."""
    path = tmp_path / "broken.csv"
    path.write_text("iter,n_resources,param_C,mean_fit_time,split0_test_score\n0,20,1,0,0.5\nlate,40,1,0,0.5\n")
    with pytest.raises(SourceError, match="line 3 of broken.csv: expected a whole number below iter, found late"):
        delimited.read(path)
