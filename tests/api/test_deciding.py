"""What is asked of a program before any of it runs: options, variants, names, and that runs are of one program."""

import json

import pytest

from soundproof import decide
from soundproof.api.decided import decided_question, keep_question, runs_root
from soundproof.api.deciding_runs import DecisionRuns
from soundproof.api.decision import DecideOptions, Decision
from soundproof.api.program_identity import agree
from soundproof.common.errors import UserError
from soundproof.trainables.sweeps.programs.run_folders import Outcome

COMMAND = "sh train.sh {seed} {width}"


@pytest.fixture(autouse=True)
def _in_a_folder_with_a_program(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.sh").write_text("echo 1\n")


def _decision(tmp_path, command=COMMAND, **options):
    given = {"margin": 0.5, "vary": ["width=1,2,3"], "metric": "wer", "storage": tmp_path / "store"} | options
    return Decision.of(command, DecideOptions(**given), None)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "expects a margin"),
        ({"margin": 0.0}, "above 0"),
        ({"margin": 1.0}, "--vary NAME=VALUE,VALUE or by --variants"),
        ({"margin": 1.0, "vary": ["width=1,2"], "seeds": 3, "max_seeds": 9}, "give one of the two"),
        ({"margin": 1.0, "vary": ["width=1,2"], "curve_end": "first"}, "best or last, got 'first'"),
        ({"margin": 1.0, "vary": ["width=1,2"], "patience": 3}, "no option 'patience'"),
        ({"margin": 1.0, "vary": ["width=1,2"]}, "are higher or lower values of 'result' better"),
        ({"margin": 1.0, "vary": ["width=1,2"], "metric": "wer", "baseline": "4"}, "expected the name of a variant"),
        ({"margin": 1.0, "vary": ["width=1,2"], "metric": "wer", "name": "A b"}, "expects lower-case letters"),
        ({"margin": 1.0, "vary": ["width=1,2"], "metric": "wer", "seeds": 0}, "seeds must be"),
    ],
)
def test_what_cannot_be_is_said_before_anything_runs(given, said):
    """From Python and the command line alike."""
    with pytest.raises(UserError, match=said):
        decide(COMMAND, **given)


def test_a_decision_is_called_by_its_program(tmp_path):
    """Not by the interpreter; and its direction by the metric's name."""
    decision = _decision(tmp_path)
    assert (decision.name, decision.reading.higher_is_better) == ("train", False)
    assert [variant.id for variant in decision.variants] == ["1", "2", "3"]
    assert len(decision.question.claims) == 3
    assert [claim.pairs for claim in _decision(tmp_path, baseline="2").question.claims] == [
        (("1", "2"),),
        (("3", "2"),),
    ]


def test_variants_from_a_table(tmp_path):
    """A row a variant; what is no name in the command is refused."""
    (tmp_path / "variants.csv").write_text("width,depth\n1,2\n4,1\n")
    decision = _decision(tmp_path, "sh train.sh {seed} {width} {depth}", vary=None, variants=tmp_path / "variants.csv")
    assert [variant.id for variant in decision.variants] == ["width=1, depth=2", "width=4, depth=1"]
    with pytest.raises(UserError, match="'depth' varies and has no place"):
        _decision(tmp_path, vary=None, variants=tmp_path / "variants.csv")


def test_runs_of_another_program_are_not_mixed(tmp_path):
    """Another command, another result, another text of a file of the command; the last may be waved through."""
    root = tmp_path / "root"
    agree(_decision(tmp_path), root)
    agree(_decision(tmp_path, baseline="1", seeds=4), root)
    for changed in ({"command": "sh train.sh {seed} {width} again"}, {"metric": "cer"}, {"inside": True}):
        with pytest.raises(UserError, match="a name of its own"):
            agree(_decision(tmp_path, **changed), root)
    (tmp_path / "train.sh").write_text("echo 2\n")
    with pytest.raises(UserError, match=r"train\.sh changed"):
        agree(_decision(tmp_path), root)
    agree(_decision(tmp_path, same_program=True), root)
    agree(_decision(tmp_path), root)


def test_what_has_ended_is_not_wanted_again(tmp_path):
    """Failed runs neither, unless they are to be run again; runs of variants that are gone do not count."""
    root = tmp_path / "runs"
    decision = _decision(tmp_path, seeds=2)
    runs = DecisionRuns(decision, root)
    assert len(runs._wanted()) == 6
    for variant, seed, status in (("1", 0, "completed"), ("2", 0, "failed"), ("9", 0, "completed")):
        runs._folder((variant, seed)).forget()
        runs._folder((variant, seed)).conclude(
            Outcome(
                variant=variant,
                seed=seed,
                status=status,
                value=1.0 if status == "completed" else None,
                reason=None,
                seconds=None,
                ended_at_milliseconds=1,
            )
        )
    again = DecisionRuns(decision, root)
    assert again._wanted() == [("3", 0), ("1", 1), ("2", 1), ("3", 1)]
    retried = DecisionRuns(_decision(tmp_path, seeds=2, retry_failed=True), root)
    assert retried._wanted() == [("2", 0), ("3", 0), ("1", 1), ("2", 1), ("3", 1)]


def test_words_environment_and_folder_of_a_run(tmp_path):
    """Values fill the words; the environment is the user's and what a run needs."""
    runs = DecisionRuns(_decision(tmp_path, "sh train.sh {seed} {width} --out={folder}", result="mlflow"), tmp_path)
    request, folder, start = runs._next()
    assert start.words == ["sh", "train.sh", "0", "1", f"--out={folder.path}"]
    assert start.working_folder == str(tmp_path)
    assert start.environment["SOUNDPROOF_SEED"] == "0"
    assert start.environment["MLFLOW_TRACKING_URI"] == str(folder.path / "mlruns")
    shared = DecisionRuns(_decision(tmp_path, result="mlflow:http://localhost:5000"), tmp_path)._next()[2].environment
    assert shared["MLFLOW_TRACKING_URI"] == "http://localhost:5000"
    assert json.loads(shared["MLFLOW_RUN_CONTEXT"]) == {"soundproof.run": str(folder.path)}
    with pytest.raises(UserError, match="MLFLOW_TRACKING_PASSWORD"):
        _decision(tmp_path, result="mlflow:http://me:secret@localhost:5000")
    inside = DecisionRuns(_decision(tmp_path, inside=True), tmp_path)._next()[2]
    assert inside.words[1] == str(tmp_path / "train.sh")
    assert inside.working_folder == str(folder.path)
    assert request == ("1", 0)


def test_claims_may_stand_in_a_file(tmp_path):
    """One in each line, beside those of the command; the question is found again by its name, and by no path."""
    (tmp_path / "claims.txt").write_text("# asked in spring\n2 better than 1\n\n3 no worse than 2\n")
    decision = _decision(tmp_path, claim=["3 best"], claims=tmp_path / "claims.txt")
    texts = [claim.text for claim in decision.question.claims]
    assert texts == ["3 best", "2 better than 1", "3 no worse than 2"]
    root = runs_root(tmp_path / "store", "train")
    root.mkdir(parents=True)
    keep_question(decision.question, root)
    assert decided_question("train", tmp_path / "store") == decision.question
    assert decided_question("other", tmp_path / "store") is None
    assert decided_question("../programs/train", tmp_path / "store") is None
    (root / "question.json").write_text("{}")
    with pytest.raises(UserError, match="question.json cannot be read .* `decide` again"):
        decided_question("train", tmp_path / "store")
    with pytest.raises(UserError, match="--claims expects a file"):
        _decision(tmp_path, claims=tmp_path / "gone.txt")
