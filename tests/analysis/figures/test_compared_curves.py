"""Curves of several studies, variants and corpora on one pair of axes."""

import json
import xml.etree.ElementTree as ET  # only what was drawn here is read
from dataclasses import replace

import pytest

from soundproof.analysis.figures.compared_curves import Limits, compared_curves, compared_plain, draw_compared_curves
from soundproof.analysis.figures.svg.picture import document
from soundproof.analysis.pages.compared_curves import CurveComparison
from soundproof.analysis.records.trials import RecordsError
from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.search_spaces.catalogue import UnknownNameError

HOSTILE = '<script>alert(1)</script> & "x" \x1b שלום'
FREE = Limits()


def _with_training(made):
    """A study with its records, in which training is 2 nats better than validation."""

    def further(trial):
        curve = trial.history[record.VALIDATION_LOSS]
        train = tuple((epoch, loss - 2) for epoch, loss in curve)
        return replace(trial, history={record.VALIDATION_LOSS: curve, record.TRAIN_LOSS: train})

    return made.study, replace(made.records, trials=tuple(map(further, made.records.trials)))


@pytest.fixture
def study(make):
    """Two variants on two seeds; the label of the second is hostile."""
    return _with_training(make(losses=((10.0, 12.0), (9.0, 11.0)), labels=("plain", HOSTILE)))


def test_a_curve_is_the_mean_between_the_seeds(study):
    """Validation and training of each variant, as they were recorded, with the number of seeds."""
    first, second = compared_plain(compared_curves([study], (), "loss", FREE))["curves"]
    assert (first["variant"], second["variant"]) == ("a", "b")
    assert first["validation"]["points"][0] == {"epoch": 1, "mean": 14.0, "lowest": 13.0, "highest": 15.0}
    assert first["training"]["points"][3] == {"epoch": 4, "mean": 9.0, "lowest": 8.0, "highest": 10.0}
    assert second["validation"]["seeds"] == 2


def test_validation_is_solid_training_dashed_in_one_colour(study):
    """A band and two lines for each variant; one name in the legend for the three."""
    drawn = draw_compared_curves(compared_curves([study], (), "loss", FREE))
    band, solid, dashed = drawn.data[:3]
    assert (band.fill, solid.line.dash, dashed.line.dash) == ("toself", None, "dash")
    assert solid.line.color == dashed.line.color != drawn.data[4].line.color
    assert [trace.showlegend for trace in drawn.data[:3]] == [False, True, False]
    assert solid.name == "made: plain (a), 2 seeds"
    assert drawn.layout.yaxis.title.text == "loss (nats): validation solid, training dashed"


def test_accuracies_are_drawn_in_percent_and_given_as_recorded(study):
    """The axis and its limits are those of a reader, the JSON those of the record."""
    declared, records = study
    accuracy = {record.VALIDATION_ACCURACY: ((1, 0.25), (2, 0.75))}
    trials = tuple(replace(trial, history=accuracy) for trial in records.trials)
    found = compared_curves(
        [(declared, replace(records, trials=trials))], (), "accuracy", Limits(lowest=20, highest=90)
    )
    drawn = draw_compared_curves(found)
    assert (list(drawn.data[1].y), list(drawn.layout.yaxis.range)) == ([25.0, 75.0], [20, 90])
    plain = compared_plain(found)["curves"][0]
    assert [point["mean"] for point in plain["validation"]["points"]] == [0.25, 0.75]
    assert "training" not in plain


def test_limits_are_those_of_the_user(study):
    """No later epoch is drawn, and the axis ends where it was told to."""
    found = compared_curves([study], (), "loss", Limits(epochs=2, highest=30))
    drawn = draw_compared_curves(found)
    assert {max(trace.x) for trace in drawn.data} == {2}
    assert (list(drawn.layout.xaxis.range), drawn.layout.yaxis.range[1]) == ([0.5, 2.5], 30)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"lowest": 5, "highest": 5}, "lowest must be below highest, got 5 and 5"),
        ({"lowest": float("nan")}, "lowest expects a number"),
        ({"epochs": 0}, "1 or more, got 0"),
        ({"lowest": 1000}, "give both lowest and highest"),
    ],
)
def test_limits_that_cross_are_refused(limits, message, study):
    """Also where only one is given, and the curves lie on its other side."""
    with pytest.raises(UserError, match=message):
        compared_curves([study], (), "loss", Limits(**limits))


def test_named_variants_alone_are_drawn(make, study):
    """Of a study of which none is named, all; names say the corpus where there are several."""
    declared, records = study
    variants = tuple(replace(variant, id=f"o{variant.id}") for variant in declared.variants)
    other = replace(declared, id="other", variants=variants, baseline="oa")
    renamed = tuple(replace(trial, variant=f"o{trial.variant}") for trial in records.trials)
    elsewhere = (other, replace(records, study="other", corpus="fsdd", trials=renamed))
    found = compared_curves([study, elsewhere], ["b"], "loss", FREE).curves
    assert [(curve.study, curve.variant) for curve in found] == [("made", "b"), ("other", "oa"), ("other", "ob")]
    assert found[1].name == "other: plain (oa) on fsdd, 2 seeds"


def test_what_is_not_there_is_named(make, study):
    """The nearest names of variants and metrics; a variant that failed; a study of which nothing has ended."""
    with pytest.raises(UnknownNameError, match="no variant of these studies is called 'c'"):
        compared_curves([study], ["c"], "loss", FREE)
    declared, records = study
    trial = replace(records.trials[0], history={}, metrics={record.VALIDATION_LOSS: 1.0, record.PARAMETERS: 1.0})
    with pytest.raises(UnknownNameError, match="'made' recorded by epoch is called 'los': did you mean 'loss'"):
        compared_curves([(declared, replace(records, trials=(trial,)))], (), "los", FREE)
    failed = make(losses=((10.0, 12.0), (None, None)))
    with pytest.raises(RecordsError, match="expected a curve of loss of 'b' on synthetic-speech, found none"):
        compared_curves([(failed.study, failed.records)], ["b"], "loss", FREE)
    assert len(compared_curves([(failed.study, failed.records)], (), "loss", FREE).curves) == 1
    nothing = make(losses=((None,), (None,)))
    with pytest.raises(RecordsError, match="found none yet: wait"):
        compared_curves([(nothing.study, nothing.records)], (), "loss", FREE)


def test_many_curves_are_told_apart(make):
    """Where colours are used up, by the points of the lines."""
    made = make(losses=((10.0,),) * 25)
    drawn = draw_compared_curves(compared_curves([(made.study, made.records)], (), "loss", FREE))
    looks = {(trace.line.color, trace.marker.symbol) for trace in drawn.data if trace.fill is None}
    assert len(looks) == 25


def test_what_users_wrote_is_text(study, tmp_path):
    """In the page, in Plotly's own figure, and in an SVG that any reader of XML takes."""
    compared = CurveComparison(curves=compared_curves([study], (), "loss", FREE))
    page = compared.write(tmp_path / "new" / "curves.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    picture = ET.fromstring(compared.write(tmp_path / "curves.svg").read_text(encoding="utf-8"))
    texts = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert f"made: {HOSTILE} (b), 2 seeds".replace("\x1b", "\N{REPLACEMENT CHARACTER}") in texts
    assert "made: plain (a), 2 seeds" in texts
    drawn = json.loads(draw_compared_curves(compared.curves).to_json())
    assert "<script>" not in json.dumps(drawn)
    assert document(drawn, HOSTILE).count("<title>") == 1


@pytest.mark.parametrize("name", ["curves", "curves.pdf", ""])
def test_other_files_are_not_written(name, study, tmp_path):
    """The ending says the form; a folder is no file."""
    compared = CurveComparison(curves=compared_curves([study], (), "loss", FREE))
    with pytest.raises(UserError, match=r"ends in \.html or \.svg"):
        compared.write(tmp_path / name)
