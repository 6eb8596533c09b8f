"""Tables of other programs become verdicts, those that our own records have; and questions where they are silent."""

import json
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from soundproof.analysis.exports import trial_frame, trials_csv
from soundproof.analysis.judging.answers import Answers, AnswersError
from soundproof.analysis.judging.judging import judge_found
from soundproof.analysis.sources.found import SourceError
from soundproof.analysis.sources.kinds import read_source
from soundproof.analysis.verdicts.verdicts import decide
from soundproof.api import judge
from soundproof.command_line.main import app
from soundproof.common.errors import UserError
from soundproof.search_spaces.claims import Better
from tests.letters import LOSS, MARGIN, records_of, study_of

ROWS = "model,seed,wer\n" + "".join(
    f"{model},{seed},{value}\n"
    for model, values in {"base": (0.21, 0.223, 0.217, 0.2251), "wide": (0.18, 0.191, 0.1873, 0.19)}.items()
    for seed, value in enumerate(values)
)
METRICS = "model,seed,metric,value\n" + "".join(
    f"{model},{seed},acc,0.8{place}{seed}\n{model},{seed},loss,0.2{place}{seed}\n"
    for place, model in enumerate(("base", "wide"))
    for seed in range(4)
)


def _table(tmp_path, text, name="results.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


@pytest.mark.parametrize("fixed", [True, False])
def test_our_own_study_exported_and_judged_has_the_same_verdicts(tmp_path, fixed):
    """Effect, interval, p value and verdict, digit for digit."""
    generator = np.random.default_rng(12)
    means = {"a": 80.0, "b": 72.0, "c": 79.0}
    losses = {name: mean + generator.normal(0, 3, 6) for name, mean in means.items()}
    claims = tuple(
        Better(text=f"{name} better than a", source="asked of the source", pairs=((name, "a"),)) for name in "bc"
    )
    study, records = study_of(*claims), records_of(losses, planned_seeds=6 if fixed else None)
    path = _table(tmp_path, trials_csv(trial_frame(records)))
    judged = judge(
        path,
        variant=["variant"],
        metric=f"metrics.{LOSS}",
        seed="seed",
        higher_is_better=False,
        margin=MARGIN,
        baseline="a",
        claims=[claim.text for claim in claims],
        fixed_beforehand=fixed,
    )
    for ours, theirs in zip(decide(study, records, MARGIN), judged.report.summary.claims, strict=True):
        assert (ours.verdict, ours.p_value, ours.adjusted_p_value) == (
            theirs.verdict,
            theirs.p_value,
            theirs.adjusted_p_value,
        )
        assert (ours.deciding.effect, ours.deciding.interval) == (theirs.deciding.effect, theirs.deciding.interval)


def test_what_the_table_shows_is_proposed_and_named(tmp_path):
    """Variant, seed, metric and direction of a plain table are read off it, each in a sentence."""
    judged = judge(_table(tmp_path, ROWS))
    assert judged.understood.answers.variant == ("model",)
    assert (judged.understood.answers.seed, judged.understood.answers.metric) == ("seed", "wer")
    assert judged.understood.answers.higher_is_better is False
    assert len(judged.understood.proposed) == 4
    (claim,) = judged.report.summary.claims
    assert claim.verdict == "contradicted"
    assert claim.claim.text == "“base” is better than “wide”."
    assert "“base” has a wer" in claim.sentence


def test_saved_answers_judge_the_next_export_without_questions(tmp_path):
    """And what is said beside them goes before them."""
    path = _table(tmp_path, ROWS.replace("wer", "quality"))
    with pytest.raises(SourceError, match="--higher-is-better or --lower-is-better"):
        judge(path, metric="quality")
    saved = tmp_path / "study.json"
    first = judge(path, metric="quality", higher_is_better=False, baseline="base", margin=0.01)
    first.understood.answers.save(saved)
    again = judge(path, answers=saved)
    assert again.report.plain() == first.report.plain()
    assert judge(path, answers=saved, margin=0.5).report.summary.margin == 0.5


@pytest.mark.parametrize(
    ("text", "given", "words"),
    [
        ("model,wer\na,0.1\nb,0.2\n", {}, None),
        ("model,seed,wer\na,0,0.1\na,1,bad\nb,0,0.2\nb,1,0.3\n", {"metric": "wer"}, "line 3.*'wer'.*'bad'"),
        ('model,seed,wer\na,0,"0,1"\nb,0,0.2\n', {"metric": "wer"}, "decimal points"),
        ("model,seed,wer,cer\na,0,0.1,0.1\nb,0,0.2,0.1\n", {}, "which column is compared.*--metric"),
        ("model,seed,wer\na,0,0.1\n", {}, "two variants or more"),
        ("model,seed,wer\na,0,nan\nb,0,nan\n", {"failed": ["nan"]}, "no run has a finite wer"),
        (ROWS.replace("0.217", "NaN"), {}, "line 4 .*column 'wer', is NaN.*--failed nan"),
        (ROWS + "base,1,0.223\n", {}, "1 run listed twice.*line 10.*--listed-twice once"),
        (METRICS, {"metric": "value", "higher_is_better": True}, "several metrics.*line 3.*--only metric=acc"),
        (ROWS, {"claims": ["wide no worse than base"]}, "how large a difference is.*--margin"),
        (ROWS.replace("0.18\n", "1.8e300\n"), {}, "line 6 .*expected a number up to 1e+150".replace("+", r"\+")),
        (ROWS, {"variant": ["nothing"]}, "no column 'nothing'"),
        (ROWS, {"claims": ["wide beats base"]}, "A better than B"),
        (ROWS, {"claims": ["wide better than tall"]}, "name of a variant.*'tall'"),
        (ROWS, {"baseline": "tall"}, "name of a variant.*'tall'"),
        (ROWS, {"curve_end": "middle"}, "best or last"),
        ("model,seed,wer,status\na,0,0.1,odd\nb,0,0.2,odd\n", {}, "--finished odd or --failed odd"),
    ],
)
def test_a_bad_table_is_a_clear_question_or_error(tmp_path, text, given, words):
    """It names what was expected, the row and column, and the option that says it."""
    path = _table(tmp_path, text)
    if words is None:
        assert {claim.verdict for claim in judge(path, **given).report.summary.claims} == {"undecided"}
        return
    with pytest.raises(UserError, match=words):
        judge(path, **given)


def test_runs_without_seeds_are_compared_unpaired(tmp_path):
    """Whatever the order of rows within a variant: nothing pairs them, and the sentence does not say so."""
    rows = ROWS.splitlines()
    bare = "\n".join(",".join(row.split(",")[::2]) for row in rows)
    judged = judge(_table(tmp_path, bare), fixed_beforehand=True)
    assert "4 runs of each" in judged.report.summary.claims[0].sentence
    shuffled = "\n".join(",".join(row.split(",")[::2]) for row in [rows[0], *rows[4:0:-1], *rows[5:]])
    other = judge(_table(tmp_path, shuffled, "other.csv"), fixed_beforehand=True)
    one, two = judged.report.summary.claims[0].deciding, other.report.summary.claims[0].deciding
    assert (one.effect, one.n) == (pytest.approx(two.effect), two.n)
    assert one.interval.low == pytest.approx(two.interval.low)


def test_a_failed_run_is_missing_and_its_number_is_not_used(tmp_path):
    """A crash with 0.0 where lower is better does not win."""
    text = ROWS.replace("\n", ",ok\n").replace("wer,ok", "wer,status") + "wide,4,0.0,crash\nbase,4,0.22,ok\n"
    summary = judge(_table(tmp_path, text)).report.summary
    wide = next(variant for variant in summary.variants if variant.id == "wide")
    assert (wide.estimate.n, wide.statuses["failed"]) == (4, 1)
    assert min(wide.values.values()) == pytest.approx(0.18)


def test_a_grid_of_two_levels_is_asked_for_its_main_effects(tmp_path):
    """Two --variant columns that make a whole grid."""
    generator = np.random.default_rng(2)
    lines = [
        f"{norm},{width},{seed},{0.3 - 0.1 * (norm == 'yes') + 0.002 * generator.normal():.6f}"
        for norm in ("no", "yes")
        for width in ("8", "16")
        for seed in range(5)
    ]
    path = _table(tmp_path, "\n".join(["norm,width,seed,loss", *lines]))
    norm, width = judge(path, variant=["norm", "width"], metric="loss").report.summary.claims
    assert (norm.verdict, width.verdict) == ("supported", "undecided")


def test_a_wide_table_is_read_as_runs(tmp_path):
    """A column a seed: said by --wide, or seen."""
    text = "model,seed_0,seed_1,seed_2,seed_3\nbase,0.21,0.223,0.217,0.2251\nwide,0.18,0.191,0.1873,0.19\n"
    path = _table(tmp_path, text)
    long = judge(_table(tmp_path, ROWS, "long.csv"))
    for judged in (
        judge(path, wide=[f"seed_{seed}" for seed in range(4)], higher_is_better=False),
        judge(path, higher_is_better=False),
    ):
        saved = tmp_path / "study.json"
        judged.understood.answers.save(saved)
        for found in (judged, judge(path, answers=saved)):
            assert [claim.p_value for claim in found.report.summary.claims] == [
                claim.p_value for claim in long.report.summary.claims
            ]


def test_the_command_prints_verdicts_and_json_and_writes_a_page(tmp_path, soundproof_here):
    """From the shell: neither torch, Ray, MLflow nor pandas is loaded; bad input ends with status 2, no traceback."""
    path = _table(tmp_path, ROWS)
    code = (
        "import sys; sys.argv[0] = 'soundproof'\n"
        "from soundproof.command_line.main import app\n"
        "try:\n    app(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('torch', 'ray', 'mlflow', 'pandas', 'plotly', 'optuna') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code, "judge", path], capture_output=True, text=True, check=True)
    assert "contradicted" in run.stdout
    assert run.stdout.rstrip().endswith("[]")
    shown = soundproof_here("judge", path, "--json", "--out", tmp_path / "page")
    plain = json.loads(shown.stdout)
    assert plain["claims"][0]["verdict"] == "contradicted"
    page = (tmp_path / "page" / "report.html").read_text()
    assert "results.csv" in page
    assert "Preset" not in page
    bad = soundproof_here("judge", tmp_path / "none.csv")
    assert (bad.returncode, "Traceback" in bad.stderr) == (2, False)


def test_answers_from_a_file_that_is_none_are_refused(tmp_path):
    """With the file, what was expected, and what was given."""
    path = _table(tmp_path, '{"variant": "model"}', "study.json")
    with pytest.raises(AnswersError, match="variant expects a list"):
        Answers.load(path)
    path.write_text('{"colour": 1}')
    with pytest.raises(AnswersError, match="expects no colour"):
        Answers.load(path)
    path.write_text("nothing")
    with pytest.raises(AnswersError, match="could not read"):
        Answers.load(path)


def test_several_sources_are_judged_together(tmp_path):
    """Half of the seeds in each file: the same as one table."""
    head, *rows = ROWS.splitlines()
    parts = [
        read_source(str(_table(tmp_path, "\n".join([head, *rows[start::2]]), f"part{start}.csv"))) for start in (0, 1)
    ]
    together = judge_found(parts, Answers(variant=("model",), metric="wer", seed="seed", higher_is_better=False))
    alone = judge(_table(tmp_path, ROWS))
    assert together.report.summary.claims[0].deciding.effect == alone.report.summary.claims[0].deciding.effect


def test_without_a_margin_no_sentence_names_one(tmp_path):
    """Neither the sentence, the answer, JSON nor the page: what stands in its place is nobody's."""
    judged = judge(_table(tmp_path, ROWS.replace("base", "best")), claims=["wide better than best"])
    (claim,) = judged.report.summary.claims
    assert claim.verdict == "supported"
    assert claim.sentence.endswith("more than chance explains.")
    assert "that matter" not in judged.report.answer()
    plain = judged.report.plain()
    assert (plain["margin"], plain["claims"][0]["margin"], plain["claims"][0]["flips_at"]) == (None, None, [])
    page = judged.report.write(tmp_path / "out").read_text()
    assert "<dt>Smallest difference that matters</dt><dd>nobody said</dd>" in page
    assert "that matter<" not in page
    assert "grey band" not in page
    assert "With another margin" not in page
    told = judge(_table(tmp_path, ROWS, "told.csv"), claims=["wide better than base"], margin=0.001)
    assert "the 0.0010 that matter" in told.report.summary.claims[0].sentence


def test_rows_listed_twice_count_as_it_is_said(tmp_path):
    """Once, noted with their rows; or each as a run of its own, two of one seed with their mean."""
    path = _table(tmp_path, ROWS + "base,1,0.223\n")
    once = judge(path, listed_twice="once")
    fault = once.faults[0]
    assert (fault.kind, fault.alarm, fault.where) == ("listed twice", False, ("line 10 of results.csv",))
    assert "listed twice" not in {fault.kind for fault in judge(path, listed_twice="each").faults}


def test_nan_is_a_run_that_failed_once_somebody_says_so(tmp_path):
    """Of a table; it is missing then, and named."""
    judged = judge(_table(tmp_path, ROWS.replace("0.223", "nan")), failed=["nan"])
    (fault,) = (fault for fault in judged.faults if fault.kind == "no result")
    assert fault.where == ("line 3 of results.csv (diverged)",)


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        (ROWS, 0),
        (ROWS.replace("wide", "x").replace("base", "wide").replace("x,", "base,"), 10),
        ("model,seed,wer\nbase,0,0.2\nbase,1,0.3\nwide,0,0.1\nwide,1,0.4\n", 11),
    ],
)
def test_an_exit_status_says_the_verdict_where_that_is_wanted(tmp_path, rows, status):
    """And is 0 whatever it is where it is not."""
    path = _table(tmp_path, rows)
    asked = ["judge", str(path), "--claim", "wide better than base"]
    assert CliRunner().invoke(app, [*asked, "--exit-status"]).exit_code == status
    assert CliRunner().invoke(app, asked).exit_code == 0


def test_an_empty_cell_is_a_variant_of_its_own_beside_the_word_none(tmp_path):
    """Both count, under names that differ."""
    text = ROWS.replace("wide", "none") + "".join(f",{seed},0.3{seed}1\n" for seed in range(4))
    assert {variant.id for variant in judge(_table(tmp_path, text)).report.summary.variants} == {
        "base",
        "none",
        "(empty)",
    }


def test_where_no_seed_changes_anything_nothing_is_decided(tmp_path):
    """It is an alarm, and the sentence says that chance cannot be told."""
    text = "model,seed,acc\n" + "".join(f"a,{seed},0.5123\nb,{seed},0.6123\n" for seed in range(6))
    judged = judge(_table(tmp_path, text))
    assert [fault.kind for fault in judged.faults if fault.alarm] == ["seeds change nothing"]
    (claim,) = judged.report.summary.claims
    assert claim.verdict == "undecided"
    assert claim.sentence.endswith("always by as much, so that nothing tells what chance could do.")


@pytest.mark.parametrize("text", ["[" * 100_000, f'{{"margin": {10**400}}}'])
def test_answers_that_cannot_be_read_are_named(tmp_path, text):
    """Lists without end, and a number that is too large for one."""
    (tmp_path / "answers.json").write_text(text)
    with pytest.raises(AnswersError, match="answers.json"):
        Answers.load(tmp_path / "answers.json")
