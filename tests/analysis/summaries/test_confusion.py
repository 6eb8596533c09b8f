"""Which classes are confused: by hand, pooled over seeds, and on the page."""

import json
import re

import numpy as np
import pytest
from balanced_pages import assert_balanced
from rich.console import Console
from sklearn.metrics import classification_report

from soundproof.analysis.figures.confusion_matrix import MOST_NUMBERED, draw_matrix
from soundproof.analysis.records.artifacts import Artifacts, load_predictions
from soundproof.analysis.records.predictions import Classified, ClipFacts
from soundproof.analysis.reports import report_study
from soundproof.analysis.summaries.confusion import ClassScores, Confusion, confusions, documented_classes
from soundproof.common import record
from soundproof.search_spaces import find_study
from soundproof.search_spaces.documented.numbers import documented_numbers

STUDY = find_study("esc-cnn-family")
HOSTILE = "<script>alert('x')</script>"
CLASSES = ("dog", "rain", HOSTILE, "שלום")
WORSE = "esc-cnn-family/02"
SIZES = {"data/train": 24, "data/validation": 8, "data/test": 8}


def _row(number, true, given):
    return {
        "key": f"clip {number}",
        "recording": f"r{number}",
        "speaker": "",
        "reference": true,
        "hypothesis": given,
        "probability": 0.5,
    }


def _predictions(variant, seed):
    """Two clips of each class; `WORSE` takes every dog for rain, and nothing is ever taken for the last class."""
    rows = []
    for number, true in enumerate(CLASSES * 2):
        given = "rain" if (variant == WORSE and true == "dog") or true == CLASSES[-1] else true
        rows.append(_row(8 * seed + number, true, given))
    return {"validation": rows[:1], "test": rows}


@pytest.fixture(scope="module")
def report(writer):
    """Two variants by three seeds of five folds, one trial without predictions, a reused one, a variant without any."""
    parent = writer.study(STUDY.id, preset="documented-100-epochs", corpus="folder-birds.folds", margin=0.02)
    best, worse, reusing, without = (variant.id for variant in STUDY.variants[:4])
    for variant in (best, worse):
        for seed in range(3):
            metrics = SIZES | {
                STUDY.metric: (0.75 if variant == best else 0.5) + 0.01 * seed,
                record.best(record.VALIDATION_MACRO_F1): 0.6,
                record.TEST_ACCURACY: 0.775,
                record.PARAMETERS: 1234,
                record.TRAIN_SECONDS: 4.5,
            }
            curve = {record.VALIDATION_ACCURACY: (0.1, 0.4, 0.5 + 0.01 * seed)}
            predictions = None if (variant, seed) == (best, 2) else _predictions(variant, seed)
            run = writer.trial(
                parent,
                variant,
                seed,
                metrics=metrics,
                curve=(2.0, 1.0, 0.5),
                curves=curve,
                predictions=predictions,
                tags={record.SPLIT: "FoldSplit"},
            )
    writer.trial(parent, reusing, 0, metrics={STUDY.metric: 0.4}, reused_from=run)
    writer.trial(parent, without, 0, metrics={STUDY.metric: 0.3})
    return report_study(STUDY, writer.tracking_uri, "documented-100-epochs", "folder-birds.folds")


@pytest.fixture(scope="module")
def page(report, tmp_path_factory):
    """The page without Plotly's own script."""
    text = report.write(tmp_path_factory.mktemp("classes")).read_text(encoding="utf-8")
    return re.sub(r'<script type="text/plain" id="plotly">[^<]*', "<script>", text)


def test_predictions_of_classes_are_read(report):
    """A row with a probability is one of a class; an empty speaker is none, and what older records lack is None."""
    trial = report.records.comparable(WORSE)[0]
    first = load_predictions(Artifacts(report.records), trial).test[0]
    facts = ClipFacts(recording="r0")
    assert first == Classified(key="clip 0", reference="dog", hypothesis="rain", probability=0.5, facts=facts)


def test_counts_are_pooled_over_seeds_and_scores_are_those_of_the_definition(report):
    """Best variant first; two seeds of the best have predictions, one has none; a reused trial shows its original's."""
    best, worse, reusing = confusions(report.summary, report.records)
    assert [value.seeds for value in (best, worse, reusing)] == [(0, 1), (0, 1, 2), (0,)]
    assert worse.classes == tuple(sorted(CLASSES))
    scores = {score.name: score for score in worse.scores}
    assert worse.counts[worse.classes.index("dog")] == tuple(6 if name == "rain" else 0 for name in worse.classes)
    assert scores["rain"].precision == pytest.approx(6 / 18)
    assert scores["rain"].recall == 1
    assert scores["rain"].f1 == pytest.approx(0.5)
    assert (scores["dog"].precision, scores["dog"].recall, scores["dog"].f1) == (None, 0, 0)
    assert (scores["dog"].support, scores["dog"].taken_for) == (6, ("rain", 1.0))
    assert scores["rain"].taken_for is None
    assert (worse.right, worse.total) == (12, 24)
    assert worse.most_confused == ((("dog", "rain"), 6), (("שלום", "rain"), 6))


def test_scores_agree_with_scikit_learn_on_random_predictions(report, monkeypatch):
    """A trusted reference, on 300 predictions of six classes."""
    generator = np.random.default_rng(2)
    true, given = generator.integers(0, 6, (2, 300))
    rows = tuple(
        Classified(key=str(i), reference=f"c{t}", hypothesis=f"c{g}", probability=1.0)
        for i, (t, g) in enumerate(zip(true, given, strict=True))
    )

    class Found:
        test = rows

    trial = report.records.comparable(WORSE)[0]
    monkeypatch.setattr(
        "soundproof.analysis.summaries.confusion.load_all_predictions", lambda records, trials: [(trial, Found)]
    )
    (one,) = confusions(report.summary, report.records)
    expected = classification_report(true, given, output_dict=True)
    for number, scores in enumerate(one.scores):
        row = expected[str(number)]
        assert (scores.precision, scores.recall, scores.f1, scores.support) == pytest.approx(
            (row["precision"], row["recall"], row["f1-score"], row["support"])
        )


def test_the_matrix_has_shares_of_rows(report):
    """Right and wrong answers are separate traces; a cell that is empty is no cell; names are no markup."""
    confusion = confusions(report.summary, report.records)[1]
    drawn = draw_matrix(confusion)
    right, wrong = drawn.data
    counted = [int(count) for trace in drawn.data for row in trace.text for count in row if count]
    assert (len(counted), sum(counted)) == (4, 24)
    dog, rain = confusion.classes.index("dog"), confusion.classes.index("rain")
    assert (right.z[rain][rain], right.z[dog][dog], wrong.z[dog][rain], wrong.z[rain][rain]) == (1.0, None, 1.0, None)
    assert (wrong.text[dog][rain], wrong.texttemplate) == ("6", "%{text}")
    assert "&lt;script&gt;alert('x'…" not in drawn.layout.yaxis.ticktext
    assert not any("<" in name for name in drawn.layout.yaxis.ticktext)


def test_many_classes_have_no_numbers_in_their_cells():
    """There is no room for them."""
    count = MOST_NUMBERED + 1
    scores = [
        ClassScores(name=f"class {n}", precision=None, recall=None, f1=None, support=6, taken_for=None)
        for n in range(count)
    ]
    counts = tuple(tuple(3 if given <= 1 else 0 for given in range(count)) for _ in scores)
    drawn = draw_matrix(Confusion(variant="a", label="level a", seeds=(0,), counts=counts, scores=tuple(scores)))
    assert {trace.texttemplate for trace in drawn.data} == {None}


def test_the_page_opens_the_best_and_folds_the_others(page):
    """A matrix and a table for each variant with predictions, class names escaped, and no transcripts."""
    section = page[
        page.index('<section aria-labelledby="classes">') : page.index('<section aria-labelledby="caveats">')
    ]
    assert (section.count("<details open>"), section.count("<details>")) == (1, 2)
    assert [section.count(f'id="figure-confusion-{n}"') for n in (1, 2, 3, 4)] == [1, 1, 1, 0]
    assert "12 of 24 test predictions are right (50.0%), over 3 seeds." in section
    assert "“dog” for “rain” (6)" in section
    assert "&lt;script&gt;alert" in section
    assert "<script>alert" not in page
    assert "What they heard" not in page
    before, _, after = page.partition("<h3>Documented and ours</h3>")
    assert "nats" not in before + after.partition("</table>")[2]


def test_the_page_speaks_of_accuracy(page):
    """Percentages and points, accuracy curves, folds, and a command that works."""
    for text in (
        "validation accuracy",
        "2.0 points",
        "Validation accuracy<br>(%)",
        "Test<br>accuracy<br>(%)",
        ">77.5",
        "Validation accuracy by epoch",
        "rise of the first epochs",
        "cross-validation by 5 folds",
        "--preset documented --epochs 100 --corpus folder:PATH --split folds --until-decided",
        "the documented sizes and epochs",
    ):
        assert text in page


def test_figures_are_in_percent_where_the_record_has_shares(page):
    """The dots of every run, and the curves."""
    figures = {
        name: json.loads(text)
        for name, text in re.findall(
            r'<script type="application/json" data-figure="figure-([^"]+)">(.*?)</script>', page
        )
    }
    (dots,) = (trace["x"] for trace in figures["seeds"]["data"] if trace["marker"].get("opacity") == 0.6)
    assert sorted(dots)[-3:] == pytest.approx([75, 76, 77])
    assert figures["seeds"]["layout"]["xaxis"]["title"]["text"] == "validation accuracy (%)"
    assert figures["differences"]["layout"]["xaxis"]["title"]["text"].endswith("(points)")
    assert figures["curves"]["layout"]["yaxis"]["title"]["text"] == "validation accuracy (%)"
    assert figures["curves"]["layout"]["yaxis"]["range"][1] > 50


def test_json_keeps_fractions(report):
    """No unit, values as recorded, the further metrics by name, and no character error rate."""
    plain = json.loads(report.json())
    best = plain["variants"][0]
    assert (plain["unit"], plain["margin"], best["mean"]) == ("", 0.02, pytest.approx(0.76))
    assert best["metrics"] == {
        record.best(record.VALIDATION_MACRO_F1): pytest.approx(0.6),
        record.TEST_ACCURACY: pytest.approx(0.775),
    }
    assert "best_cer" not in best


def test_the_terminal_shows_percentages(report):
    """Means in per cent to one decimal, differences in points, at 100 columns."""
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        console.print(report.tables()[0])
    text = console.export_text()
    for part in ("(%)", "(points)", "76.0", "77.5", "60.0", "macro"):
        assert part in text
    assert "CER" not in text


def test_the_terminal_has_documented_numbers_beside_ours(report):
    """In a table of their own, at 100 columns."""
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        console.print(report.tables()[1])
    text = console.export_text()
    assert re.search(r"test accuracy \(%\)\s+│\s+77.5 \(1 run\) │\s+77.5 ± 0.0 │ 3", text)
    assert "ESC-50, classes 0 to 9" in text


def test_the_page_has_documented_numbers_beside_ours(page):
    """Single runs of the document, our mean over three seeds, whose clips those are, and its scores of each class."""
    _, _, after = page.partition("<h3>Documented and ours</h3>")
    words = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", after.partition("</table>")[0]))
    assert "test accuracy (%) 77.5 (1 run) 77.5 77.5 to 77.5 3" in words
    assert "validation accuracy (%) 52.5 (1 run) 76.0" in words
    assert "parameters 47,018 1,234 3" in words
    assert "test loss (nats) 1.1992 (1 run) \N{EN DASH} 0" in words
    assert "ESC-50, classes 0 to 9, 400 clips; 70/20/10 at random" in words
    assert "02-decibels" not in words
    assert page.count("<h3>Documented, validation part (1 run)</h3>") == 2


def test_json_has_documented_numbers_where_there_are_any(report):
    """As they are printed, by recorded name; a variant that no document knows has no field for them."""
    first, second, *_, decibels = json.loads(report.json())["variants"]
    assert first["documented"]["parameters"]["total"] == 47018
    assert second["documented"]["metrics"][record.TEST_ACCURACY] == [0.775]
    assert "documented" not in decibels


def test_a_documented_matrix_is_drawn_below_ours(writer, tmp_path):
    """With the scores that follow from its counts; of two runs the table has both values."""
    study = find_study("genre-cnn-filters")
    predictions = {"validation": [], "test": [_row(0, "rock", "rock"), _row(1, "pop", "rock")]}
    metrics = SIZES | {study.metric: 0.5, record.TEST_ACCURACY: 0.5}
    writer.trial(writer.study(study.id), study.baseline, 0, metrics=metrics, predictions=predictions)
    page = report_study(study, writer.tracking_uri).write(tmp_path).read_text(encoding="utf-8")
    assert 'id="figure-confusion-1-documented"' in page
    assert "61.415 to 70.29 (2 runs)" in page
    matrix = documented_classes(documented_numbers(study.baseline))[0]
    assert (matrix.confusion.right, matrix.confusion.total) == (1840, 2996)
    blues = next(score for score in matrix.scores if score.name == "blues")
    assert (blues.recall, blues.taken_for[0]) == (255 / 292, "country")
    assert documented_classes(None) == ()


def test_the_page_is_balanced(page):
    """Each element is closed, each id unique."""
    assert_balanced(page)
