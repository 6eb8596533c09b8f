"""What a study is said to cost: by its own trials, by those of another study, by the table, or not at all."""

import json
import math
from importlib.resources import files

import numpy as np
import pytest

from soundproof.analysis.json_forms.foresight import foresight_plain
from soundproof.analysis.prose.foresight import foresight_lines
from soundproof.analysis.records.loading import load_study
from soundproof.analysis.summaries.foreseen import foresee_study
from soundproof.analysis.summaries.spread_sources import TABLE, endpoints_of, shipped_sources, source_of
from soundproof.analysis.summaries.stored_spreads import stored_source
from soundproof.api.foresight import foresee
from soundproof.common import record
from soundproof.search_spaces import find_study, preset_of
from soundproof.search_spaces.studies import NatsPerCharacter

STUDY = find_study("asr-merge-mode")
OTHER = find_study("asr-cnn-front-end")
LOSS = record.best(record.VALIDATION_LOSS)
SPREADS = {STUDY.id: 1.5, OTHER.id: 4.0}


@pytest.fixture(scope="module")
def recorded(own_writer):
    """Six seeds of two studies of speech: values of a variant on a circle of known spread."""
    generator = np.random.default_rng(3)
    for study in (STUDY, OTHER):
        parent = own_writer.study(study.id, margin=2.0)
        for place, variant in enumerate(study.variants):
            for seed, step in enumerate(generator.permutation(np.array([-1.0, -1.0, -1.0, 1.0, 1.0, 1.0]))):
                metrics = {
                    LOSS: 50 + place + SPREADS[study.id] * step * math.sqrt(5 / 6),
                    record.BEST_EPOCH: 5.0 + seed % 2,
                }
                own_writer.trial(parent, variant.id, seed, metrics=metrics)
    return own_writer.tracking_uri


@pytest.mark.parametrize(("asked", "kind", "of"), [(STUDY, "this study", STUDY), (OTHER, "this study", OTHER)])
def test_its_own_trials_come_first(recorded, asked, kind, of):
    """The deviation is the one that was written; the correlation belongs to the order of the seeds."""
    source = stored_source(asked, recorded, "quick", "synthetic-speech")
    assert (source.kind, source.study) == (kind, of.id)
    assert source.spreads[LOSS].deviation == pytest.approx(SPREADS[of.id])
    assert source.spreads[LOSS].values == 6 * len(of.variants)


def test_another_study_of_the_domain_stands_in(recorded):
    """Where a study has no trials; not at another preset, nor on another corpus, nor for another domain."""
    speech, sounds = find_study("asr-dilation"), find_study("sound-augmentation")
    source = stored_source(speech, recorded, "quick")
    assert source.kind == "another study"
    assert source.characters == pytest.approx(40.0)  # a margin of 2 nats at 0.05 for each
    assert stored_source(speech, recorded, "documented") is None
    assert stored_source(speech, recorded, "quick", "fsdd") is None
    assert stored_source(sounds, recorded, "quick") is None


def test_a_store_that_is_not_there_is_no_error(tmp_path):
    """What a first run would cost is asked before its store is made."""
    assert stored_source(STUDY, f"sqlite:///{tmp_path / 'none.db'}", "quick") is None


def test_the_table_stands_in_for_a_store():
    """Every entry is of a declared study of its domain, has its run, and spreads of what that domain measures."""
    table = json.loads(files("soundproof.analysis.summaries").joinpath(TABLE).read_text(encoding="utf-8"))
    assert [entry["domain"] for entry in table["spreads"]] == list(dict.fromkeys(key[0] for key in shipped_sources()))
    for (domain, preset), source in shipped_sources().items():
        study = find_study(source.study)
        assert (study.domain, source.preset) == (domain, preset)
        assert source.run.startswith(f"run {study.id} --preset {preset} --seeds ")
        assert study.metric in source.spreads
        assert all(spread.values >= 12 and spread.deviation > 0 for spread in source.spreads.values())
        assert (source.characters is None) != isinstance(study.margin, NatsPerCharacter)


def test_a_longer_transcript_changes_no_number_of_seeds():
    """Loss and margin grow together: twice the characters, twice the margin, the same seeds."""
    source = shipped_sources()["speech", "quick"]
    one, two = (foresee_study(STUDY, [source], source.characters * factor) for factor in (1, 2))
    for shorter, longer in zip(one.claims, two.claims, strict=True):
        if shorter.endpoint.quantity.metric == LOSS:
            assert longer.endpoint.margin == pytest.approx(2 * shorter.endpoint.margin)
        assert longer.effects == shorter.effects


def test_nothing_is_said_where_nothing_is_known():
    """No source, one without the metric, and smoke, which decides nothing."""
    assert foresee_study(STUDY, []) is None
    assert foresee_study(STUDY, [shipped_sources()["genres", "quick"]]) is None
    assert foresee(STUDY, preset_of(STUDY, "smoke")) is None
    assert foresee(find_study("speech-commands"), preset_of(find_study("speech-commands"), "documented")) is None


def test_lines_and_json_have_every_claim(recorded):
    """Each statistical claim by its number, what the spread is of, and the seeds that the JSON has."""
    foresight = foresee(STUDY, preset_of(STUDY, "quick"), tracking_uri=recorded, corpus="synthetic-speech")
    plain = foresight_plain(foresight)
    lines = foresight_lines(foresight)
    assert [claim["claim"] for claim in plain["claims"]] == [1, 2, 3, 4]
    assert plain["level"] == pytest.approx(0.05 / 4)
    text = "\n".join(lines)
    assert f"{6 * len(STUDY.variants)} trials of this study in the record" in text
    assert lines[0].endswith("4 claims together at 5%:")
    for claim in plain["claims"]:
        supported = [effect for effect in claim["effects"] if effect["verdict"] == "supported" and effect["fixed"]]
        assert all(f"{effect['fixed']:,} ({effect['until_decided']:,})" in text for effect in supported)
        assert claim["source"] == {
            "kind": "this study",
            "study": STUDY.id,
            "preset": "quick",
            "corpus": "synthetic-speech",
            "run": None,
        }
    assert foresight_plain(None) is None


def test_out_of_reach_is_said(recorded):
    """A difference of nothing at a twentieth of the margin takes thousands of seeds, and the line says so."""
    source = stored_source(STUDY, recorded, "quick")
    fine = source_of(
        STUDY, load_study(recorded, STUDY.id, histories=()), "this study", endpoints_of(STUDY, 2.0).values()
    )
    assert fine.spreads == source.spreads
    tiny = foresee_study(STUDY, [source], characters=None)
    assert "out of reach" not in "\n".join(foresight_lines(tiny))
    from dataclasses import replace

    noisy = replace(source, spreads={name: replace(of, deviation=30.0) for name, of in source.spreads.items()})
    (line,) = (line for line in foresight_lines(foresee_study(STUDY, [noisy])) if line.startswith("  claim 3:"))
    assert "supported at no effect with " in line
    assert line.endswith(", out of reach")
