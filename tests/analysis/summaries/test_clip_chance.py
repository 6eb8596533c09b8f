"""New seeds and new clips of one pair, from plain predictions: by hand, by simulated truth, and from a store."""

import json
from dataclasses import replace

import numpy as np
import pytest

from soundproof.analysis.json_forms.values import json_text
from soundproof.analysis.prose.new_clips import chance_words, disagreement, holds_words, sample_words, seed_test_words
from soundproof.analysis.records import artifacts
from soundproof.analysis.records.predictions import Classified, ClipFacts, Transcribed
from soundproof.analysis.reports import report_study
from soundproof.analysis.statistics.matched_pairs import mcnemar_p_value
from soundproof.analysis.summaries import fixed_split as reading
from soundproof.analysis.summaries.clip_chance import compare_on_clips
from soundproof.analysis.summaries.fixed_split import fixed_split
from soundproof.common import record
from soundproof.search_spaces import Better, find_study

HOSTILE = "<script>alert('x')</script>"
STUDIES = 60
LABELS = {"a": "first", "b": "second"}


def _clips(right, *, speakers=None, recordings=None, targets=None, **facts):
    """Predictions of classes; `right` says of each clip whether it is."""
    return [
        Classified(
            key=f"clip {place:04d}",
            reference=(targets or ["dog", "rain"])[place % len(targets or "ab")],
            hypothesis=(targets or ["dog", "rain"])[place % len(targets or "ab")] if good else HOSTILE,
            probability=0.5,
            facts=ClipFacts(
                speaker=None if speakers is None else speakers[place],
                recording=None if recordings is None else recordings[place],
                **{name: values[place] for name, values in facts.items()},
            ),
        )
        for place, good in enumerate(right)
    ]


def _spoken(pairs, speakers):
    """Predictions of transcripts, (reference, hypothesis)."""
    return [
        Transcribed(key=f"u{place}", reference=said, hypothesis=heard, cer=0.0, facts=ClipFacts(speaker=speaker))
        for place, ((said, heard), speaker) in enumerate(zip(pairs, speakers, strict=True))
    ]


def _compared(first, second, **options):
    """The one pair of variants, of which runs are lists by seed."""
    split = fixed_split({"a": dict(enumerate(first)), "b": dict(enumerate(second))})
    assert split is not None
    found = compare_on_clips(split, (("a", "b"),), looked_once=True, **options)
    assert found is not None
    return found, found.pairs["a", "b"]


def _study(generator, *, speakers, seeds, effect=0.0, of_speakers=0.0, of_seeds=0.0, clips=25):
    """Both variants' runs: chances to be right with effects of the pair, of each speaker on it, and of each seed."""
    names = np.repeat([f"s{number}" for number in range(speakers)], clips).tolist()
    own = np.repeat(generator.normal(0, of_speakers, speakers), clips)
    runs = ([], [])
    for _ in range(seeds):
        for side, sign in enumerate((0.5, -0.5)):
            chance = 0.6 + sign * (effect + own) + generator.normal(0, of_seeds)
            runs[side].append(_clips(generator.random(len(names)) < chance, speakers=names))
    return runs


def test_the_numbers_by_hand():
    """Two speakers, two seeds: effect, counts and McNemar's test can be counted on fingers."""
    speakers = ["x", "x", "y", "y"]
    first = [_clips([1, 1, 1, 0], speakers=speakers), _clips([1, 1, 0, 0], speakers=speakers)]
    second = [_clips([0, 1, 0, 0], speakers=speakers), _clips([0, 0, 0, 0], speakers=speakers)]
    found, chance = _compared(first, second)
    assert (found.measured.metric, found.grouping, found.groups, found.clips) == ("test/accuracy", "speaker", 2, 4)
    assert chance.effect == pytest.approx((2 + 2) / 8)
    assert chance.degrees_of_freedom == pytest.approx(1)
    assert [test.p_value for test in chance.seed_tests] == [mcnemar_p_value(2, 0), mcnemar_p_value(2, 0)]
    assert next((clip.key, clip.effect) for clip in chance.clips_apart) == ("clip 0000", 1.0)
    assert chance.clips_apart[0].second == ((HOSTILE, 2),)
    assert chance.over_seeds is None  # two seeds: too few for an interval


def test_a_difference_of_every_speaker_holds_for_both():
    """A large effect that all of many speakers and seeds share is shown for new ones of both."""
    _, chance = _compared(*_study(np.random.default_rng(1), speakers=12, seeds=6, effect=0.3))
    assert chance.holds_for == "both"
    assert chance.over_both.low < min(chance.over_seeds.low, chance.over_clips.low)


def test_a_difference_of_one_speaker_holds_for_seeds_alone():
    """Every seed is better, on one speaker of six: sure for new seeds, nothing for new speakers."""
    speakers = np.repeat(list("uvwxyz"), 20).tolist()
    better = [name == "u" or place % 2 == 0 for place, name in enumerate(speakers)]
    worse = [place % 2 == 0 for place in range(120)]
    flips = np.random.default_rng(2).integers(0, 120, (5, 4))
    first = [
        _clips([good != (place in flip) for place, good in enumerate(better)], speakers=speakers) for flip in flips
    ]
    found, chance = _compared(first, [_clips(worse, speakers=speakers)] * 5)
    assert chance.holds_for == "seeds"
    words = "holds for new seeds; not shown for new speakers"
    assert holds_words(chance.holds_for, found.grouping) == words
    assert disagreement(chance, found) == (f"Difference in test accuracy: {words}.",)
    assert words in chance_words(chance, found, LABELS)
    apart = {part.name: part.adjusted for part in chance.slices if part.kind == "speaker"}
    assert apart["u"] < 0.05
    assert all(value > 0.05 for name, value in apart.items() if name != "u")


def test_a_lucky_seed_holds_for_clips_alone():
    """Seeds that vary more than speakers do: these networks differ on new clips, others may not."""
    speakers = np.repeat([f"s{number}" for number in range(10)], 20).tolist()
    generator = np.random.default_rng(3)
    first = [_clips(generator.random(200) < chance, speakers=speakers) for chance in (0.9, 0.9, 0.35)]
    second = [_clips(generator.random(200) < 0.5, speakers=speakers) for _ in range(3)]
    found, chance = _compared(first, second)
    assert chance.holds_for == "clips"
    assert "holds for new speakers; not shown for new seeds" in chance_words(chance, found, LABELS)


@pytest.mark.parametrize("speakers", [6, 20])
def test_two_equal_variants_rarely_hold(speakers):
    """Speakers with effects of their own, and no difference at all: 5% over speakers; with seeds' too, over both."""
    generator = np.random.default_rng(speakers)

    def studies(of_seeds):
        runs = {"speakers": speakers, "seeds": 3, "of_speakers": 0.15, "of_seeds": of_seeds, "clips": 8}
        return [_compared(*_study(generator, **runs))[1] for _ in range(STUDIES)]

    clear = [not chance.over_clips.low <= 0 <= chance.over_clips.high for chance in studies(0.0)]
    assert np.mean(clear) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / STUDIES)
    assert np.mean([chance.holds_for == "both" for chance in studies(0.05)]) <= 0.05


def test_pairs_share_the_error():
    """Three pairs have intervals at 1 - 0.05/3 each; a pair without common seeds has none."""
    runs = {name: dict(enumerate(_study(np.random.default_rng(4), speakers=4, seeds=3)[0])) for name in "abc"}
    runs["d"] = {9: runs["a"][0]}
    pairs = (("a", "b"), ("b", "c"), ("a", "c"), ("a", "d"))
    found = compare_on_clips(fixed_split(runs), pairs, looked_once=True)
    assert set(found.pairs) == set(pairs[:3])
    assert found.confidence == pytest.approx(1 - 0.05 / 3)
    assert all(chance.over_clips.confidence == found.confidence for chance in found.pairs.values())
    assert compare_on_clips(fixed_split(runs), pairs[3:], looked_once=True) is None


def test_many_looks_widen_the_seeds_alone():
    """Data looked at after every seed: the interval over seeds widens, that over clips does not."""
    runs = _study(np.random.default_rng(5), speakers=6, seeds=5, effect=0.2)
    split = fixed_split({"a": dict(enumerate(runs[0])), "b": dict(enumerate(runs[1]))})
    once, often = (
        compare_on_clips(split, (("a", "b"),), looked_once=looked).pairs["a", "b"] for looked in (True, False)
    )
    assert once.over_clips == often.over_clips
    assert often.over_seeds.low < once.over_seeds.low
    assert often.over_both.low < once.over_both.low


def test_word_errors_are_sums_over_sums():
    """Rates count words, not utterances; matched pairs and the bootstrap stand beside the interval over speakers."""
    said = ["one two three four", "five", "six seven", "eight nine ten"] * 3
    speakers = [name for name in "xyz" for _ in range(4)]
    first = _spoken([(text, text) for text in said], speakers)
    second = _spoken([(text, text.replace("two", "to").replace("nine", "")) for text in said], speakers)
    found, chance = _compared([first] * 3, [second] * 3)
    assert found.measured.metric == "test/wer"
    assert chance.effect == pytest.approx(6 / 30)
    assert chance.bootstrap.blocks == 3
    assert chance.bootstrap.share_above == 1.0
    assert [test.p_value for test in chance.seed_tests] == [2 * 0.5**6] * 3  # six segments, one error each
    assert "MAPSSWE" in seed_test_words(chance, found.measured)
    assert [part.kind for part in chance.slices] == ["speaker"] * 3
    assert chance.clips_apart[0].effect == 1.0


def test_what_the_record_does_not_tell():
    """Older records: each clip stands alone, and the report says so. Unknown speakers among known ones do, too."""
    found, chance = _compared([_clips([1] * 9)] * 3, [_clips([0] * 9)] * 3)
    assert (found.grouping, found.groups) == ("clip", 9)
    assert "names no speakers or recordings" in sample_words(found)
    assert 0 < chance.p_over_clips < 1e-4  # nine clips alike are no certainty
    found, _ = _compared([_clips([1] * 6, recordings=list("ppqqrr"))] * 2, [_clips([0] * 6)] * 2)
    assert (found.grouping, found.groups) == ("recording", 3)
    found, _ = _compared([_clips([1, 0] * 3, speakers=["x", "x", "y", "y", None, None])] * 2, [_clips([0] * 6)] * 2)
    assert (found.grouping, found.groups, found.alone) == ("speaker", 4, 2)
    assert "6 clips of 2 speakers (2 clips of no speaker that is known, each counted alone)" in sample_words(found)
    found, chance = _compared([_clips([1] * 4, speakers=["x"] * 4)] * 3, [_clips([0] * 4, speakers=["x"] * 4)] * 3)
    assert chance.over_clips is None
    assert chance.holds_for == "seeds"
    assert "One speaker alone shows nothing" in sample_words(found)


def test_clips_that_differ_have_no_split_in_common():
    """Seeds that test on other clips, or on the same with another target, or on none, are not compared."""
    runs = _clips([1, 0, 1, 0])
    assert fixed_split({"a": {0: runs, 1: runs[:3]}}) is None
    assert fixed_split({"a": {0: runs, 1: _clips([1, 0, 1, 0], targets=["cat"])}}) is None
    assert fixed_split({"a": {0: []}}) is None
    assert fixed_split({}) is None
    assert fixed_split({"a": {0: runs, 1: runs[::-1]}}) is not None  # in any order


def test_slices_by_length_and_noise_are_quarters():
    """Quarters of clips that tell them, named by their ends; equal values make no quarters; Holm corrects over all."""
    lengths, noise = [float(place) for place in range(16)], [5.0] * 15 + [9.0]
    speakers = ["x", "y"] * 8
    facts = {"speakers": speakers, "duration_seconds": lengths, "snr_db": noise}
    first = [_clips([1] * 16, **facts)] * 3
    second = [_clips([place >= 4 for place in range(16)], **facts)] * 3
    _, chance = _compared(first, second)
    kinds = {kind: [part for part in chance.slices if part.kind == kind] for kind in ("duration", "signal to noise")}
    assert [(part.name, part.clips, part.effect) for part in kinds["duration"]] == [
        ("0.0 to 3.00 s", 4, 1.0),
        ("4.00 to 7.00 s", 4, 0.0),
        ("8.00 to 11.0 s", 4, 0.0),
        ("12.0 to 15.0 s", 4, 0.0),
    ]
    assert [part.clips for part in kinds["signal to noise"]] == [15, 1]
    assert kinds["signal to noise"][1].p_value is None  # one clip of one speaker
    tested = [part for part in chance.slices if part.p_value is not None]
    assert all(part.adjusted >= part.p_value for part in tested)
    assert min(tested, key=lambda part: part.p_value).adjusted == pytest.approx(
        min(1.0, len(tested) * min(part.p_value for part in tested))
    )


def _stored(writer, name, *, variants=2, seeds=3, rows, split="RandomSplit"):
    """A study in the store, of which `rows(variant, seed)` are the test predictions."""
    documented = find_study("esc-cnn-family")
    ids = [f"{name}/{number}" for number in range(variants)]
    study = replace(
        documented,
        id=name,
        variants=tuple(
            replace(variant, id=made) for variant, made in zip(documented.variants[:variants], ids, strict=True)
        ),
        baseline=ids[0],
        claims=(Better(text="The second is better.", source="nowhere", pairs=((ids[1], ids[0]),)),),
    )
    parent = writer.study(name, corpus="made", margin=0.02, design=str(seeds))
    for number, variant in enumerate(ids):
        for seed in range(seeds):
            found = rows(number, seed)
            metrics = {documented.metric: 0.5 + 0.2 * number + 0.01 * seed, "data/test": float(len(found))}
            writer.trial(
                parent,
                variant,
                seed,
                metrics=metrics,
                predictions={"validation": [], "test": found},
                tags={record.SPLIT: split},
            )
    return study


def _rows(variant, seed):
    """Six speakers, of whom the second variant understands one better; the record has hostile names."""
    wrong = {place for place in range(60) if place % 3 == (seed + place // 10) % 3}
    return [
        {
            "key": f"k{place:02d} {HOSTILE}",
            "speaker": f"{HOSTILE} {place // 10}",
            "recording": f"r{place}",
            "duration_seconds": 1.0 + place / 10,
            "reference": "dog",
            "hypothesis": HOSTILE if place in wrong and not (variant and place < 10) else "dog",
            "probability": 0.5,
        }
        for place in range(60)
    ]


def test_the_report_has_the_section(writer, tmp_path):
    """Page, JSON and terminal say for what the difference holds; hostile names are text."""
    report = report_study(_stored(writer, "clips-shown", seeds=8, rows=_rows), writer.tracking_uri)
    page = report.write(tmp_path).read_text(encoding="utf-8")
    assert '<h2 id="new-clips">New clips</h2>' in page
    assert HOSTILE not in page
    assert "60 clips of 6 speakers" in page
    plain = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert plain == json.loads(json_text(report.plain()))
    assert plain["new_clips"] == {
        "metric": "test/accuracy",
        "clips": 60,
        "grouping": "speaker",
        "groups": 6,
        "alone": 0,
        "confidence": 0.95,
    }
    claim = plain["claims"][0]["new_clips"]
    assert claim["holds_for"] == "seeds"
    assert claim["over_clips"]["interval"][0] < 0 < claim["over_seeds"]["interval"][0] < claim["effect"]
    assert claim["over_both"]["interval"][0] <= claim["over_clips"]["interval"][0]
    assert {part["kind"] for part in claim["slices"]} == {"speaker", "duration"}
    assert len(claim["clips_apart"]) <= 20
    assert all(clip["effect"] for clip in claim["clips_apart"])
    (line,) = disagreement(report.clips.of(report.summary.claims[0]), report.clips)
    assert any(line in cell for table in report.tables() for column in table.columns for cell in map(str, column.cells))


def test_folds_are_read_no_further_than_two_trials(writer, monkeypatch):
    """Where seeds test on clips of their own, two files tell, and a report of hundreds of trials reads no more."""

    def fold(variant, seed):
        return [row | {"key": f"{seed} {row['key']}"} for row in _rows(variant, seed)]

    report = report_study(_stored(writer, "clips-folds", seeds=5, rows=fold, split="FoldSplit"), writer.tracking_uri)
    read, real = [], artifacts.load_predictions

    def counted(found, trial):
        read.append(trial.run_id)
        return real(found, trial)

    monkeypatch.setattr(artifacts, "load_predictions", counted)
    assert report.clips is None
    assert len(read) == 2
    assert report.plain()["new_clips"] is None
    assert report.plain()["claims"][0]["new_clips"] is None


def test_the_first_seeds_are_read_once(writer, monkeypatch):
    """Of each variant as many seeds as are worth reading; every file once, however often the report is asked."""
    report = report_study(_stored(writer, "clips-many", seeds=6, rows=_rows), writer.tracking_uri)
    read, real = [], artifacts.load_predictions

    def counted(found, trial):
        read.append(trial.run_id)
        return real(found, trial)

    monkeypatch.setattr(artifacts, "load_predictions", counted)
    monkeypatch.setattr(reading, "MOST_SEEDS", 4)
    report.plain()
    report.tables()
    assert report.clips.pairs[report.summary.claims[0].claim.groups[0][0]].seeds == (0, 1, 2, 3)
    assert len(read) == len(set(read)) == 8


def test_many_variants_share_the_reading(writer, monkeypatch):
    """Of many variants fewer seeds are read, and never fewer than five."""
    report = report_study(_stored(writer, "clips-shared", seeds=6, rows=_rows), writer.tracking_uri)
    monkeypatch.setattr(reading, "MOST_TRIALS", 6)
    split = reading.load_fixed_split(report.records, [variant.id for variant in report.summary.study.variants])
    assert [sorted(of_variant) for of_variant in split.errors.values()] == [[0, 1, 2, 3, 4]] * 2
