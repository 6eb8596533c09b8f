"""The embedded keywords: honest partitions, balanced classes and speakers, the same audio in any order."""

import pickle
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundproof.search_spaces.presets import PRESETS
from soundproof.search_spaces.specs import Cut, SyntheticKeywords
from soundproof.search_spaces.specs.clips import KEYWORD_CLASSES, KEYWORDS
from soundproof.trainables.audio_maths import resample
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.embedded.cutting import RENDERING_RATE_HZ, RenderedCorpus
from soundproof.trainables.corpora.embedded.synthetic_keywords import UNKNOWN_WORDS, make_synthetic_keywords

PARTITIONS = ("train", "validation", "test")
SPEC = SyntheticKeywords(
    train_clips_per_class=4,
    validation_clips_per_class=2,
    test_clips_per_class=3,
    train_speakers=6,
    validation_speakers=3,
    test_speakers=5,
)


def _speakers(corpus: RenderedCorpus) -> list[set[str]]:
    return [
        {example.speaker for example in corpus.examples if example.partition == partition and example.speaker}
        for partition in PARTITIONS
    ]


def test_every_class_has_the_clips_of_its_partition() -> None:
    """Twelve balanced classes in three partitions, keys unique, a recording to each clip."""
    examples = make_synthetic_keywords(SPEC).examples
    sizes = {"train": 4, "validation": 2, "test": 3}
    counts = Counter((example.partition, example.target) for example in examples)
    assert counts == {(part, target): size for part, size in sizes.items() for target in KEYWORD_CLASSES}
    assert len({example.key for example in examples}) == len({example.recording for example in examples}) == 12 * 9


@pytest.mark.parametrize("size", ["smoke", "quick", "documented"])
def test_partitions_share_neither_speakers_nor_timbres(size: str) -> None:
    """At every preset's size, speakers are as many as promised, and no voice of one partition is in another."""
    spec = PRESETS["keywords"][size].corpus
    speakers = _speakers(make_synthetic_keywords(spec))
    assert [len(names) for names in speakers] == [getattr(spec, f"{partition}_speakers") for partition in PARTITIONS]
    train, validation, test = ({name.split("+")[1] for name in names} for names in speakers)
    assert not train & validation
    assert not (train | validation) & test


@settings(deadline=None)
@given(st.integers(1, 300), st.integers(1, 60), st.integers(1, 60))
def test_any_mix_of_speakers_is_disjoint(train: int, validation: int, test: int) -> None:
    """However unequal the partitions, each gets its speakers, all different, without a timbre of another."""
    spec = replace(
        SPEC,
        **{f"{partition}_clips_per_class": 30 for partition in PARTITIONS},
        train_speakers=train,
        validation_speakers=validation,
        test_speakers=test,
    )
    speakers = _speakers(make_synthetic_keywords(spec))
    assert [len(names) for names in speakers] == [train, validation, test]
    timbres = [{name.split("+")[1] for name in names} for names in speakers]
    assert sum(len(names) for names in timbres) == len(set.union(*timbres))


def test_speakers_are_heard_equally_often_and_in_silence_nobody_is() -> None:
    """Speakers take turns through all spoken classes; silence has none."""
    corpus = make_synthetic_keywords(PRESETS["keywords"]["quick"].corpus)
    for partition in PARTITIONS:
        spoken = [example for example in corpus.examples if example.partition == partition]
        counts = Counter(example.speaker for example in spoken if example.target != "silence")
        assert max(counts.values()) - min(counts.values()) <= 1
    assert all((example.speaker is None) == (example.target == "silence") for example in corpus.examples)


def test_unknown_draws_evenly_from_the_other_words() -> None:
    """Within a partition no other word comes twice before all have come; a keyword's clips say the keyword."""
    corpus = make_synthetic_keywords(replace(SPEC, train_clips_per_class=60, test_clips_per_class=25))
    for partition, most in (("train", 3), ("test", 1)):
        said = Counter(
            clip.word
            for clip, example in zip(corpus.sources, corpus.examples, strict=True)
            if example.target == "unknown" and example.partition == partition
        )
        assert set(said) == set(UNKNOWN_WORDS)
        assert max(said.values()) == most
        assert max(said.values()) - min(said.values()) <= 1
    assert all(
        clip.word == example.target
        for clip, example in zip(corpus.sources, corpus.examples, strict=True)
        if example.target in KEYWORDS
    )


@pytest.mark.parametrize(("seconds", "rate_hz"), [(1.0, 8000), (1.0, 16000), (0.73, 11025), (1.2, 44100)])
def test_waveforms_are_well_formed(seconds: float, rate_hz: int) -> None:
    """Length, type and range hold for every class at any rate."""
    corpus = make_synthetic_keywords(replace(SPEC, cut=Cut(seconds=seconds)))
    for clip in corpus.waveforms(range(0, 48, 4), rate_hz):
        assert clip.shape == (round(seconds * rate_hz),)
        assert clip.dtype == np.float32
        assert 0.05 < np.abs(clip).max() <= 1


def test_two_rates_hear_the_same_clip() -> None:
    """A clip at another rate is the same clip resampled, so that studies of the rate compare nothing else."""
    corpus = make_synthetic_keywords(SPEC)
    for index in (0, 46):
        (rendered,) = corpus.waveforms([index], RENDERING_RATE_HZ)
        (heard,) = corpus.waveforms([index], 8000)
        assert np.array_equal(heard, resample(rendered, RENDERING_RATE_HZ, 8000))


def test_a_clip_sounds_the_same_whatever_else_is_asked_for() -> None:
    """Order, company and a trip through pickle do not matter; no two clips are alike."""
    corpus = make_synthetic_keywords(SPEC)
    clips = list(corpus.waveforms(range(len(corpus.examples)), 8000))
    assert len({clip.tobytes() for clip in clips}) == len(clips)
    chosen = [100, 3, 45, 4, 3]
    again = pickle.loads(pickle.dumps(corpus)).waveforms(chosen, 8000)
    assert all(np.array_equal(clip, clips[index]) for index, clip in zip(chosen, again, strict=True))


def test_equal_specs_are_equal_corpora() -> None:
    """A corpus is a value of its spec; another seed has other speakers in other places."""
    assert make_synthetic_keywords(SPEC) == make_synthetic_keywords(replace(SPEC))
    other = make_synthetic_keywords(replace(SPEC, seed=1))
    assert [example.speaker for example in other.examples] != [
        example.speaker for example in make_synthetic_keywords(SPEC).examples
    ]


def test_the_ratio_to_the_background_is_that_of_the_spec() -> None:
    """The spec's bounds reach the clips: without noise a word stands in silence, and at -20 dB it drowns."""
    still, noisy = (
        make_synthetic_keywords(replace(SPEC, minimum_snr_db=ratio, maximum_snr_db=ratio)) for ratio in (80, -20)
    )
    quiet, loud = (next(corpus.waveforms([0], 8000)) for corpus in (still, noisy))
    assert np.quantile(np.abs(quiet), 0.2) / np.abs(quiet).max() < 0.001
    assert np.quantile(np.abs(loud), 0.2) / np.abs(loud).max() > 0.02


def test_more_speakers_than_voices_are_refused() -> None:
    """The message says how many voices there are, and what was asked for."""
    with pytest.raises(CorpusError, match=r"timbres with 8 accents each.*\[900, 3, 5\] speakers, ask for fewer"):
        make_synthetic_keywords(replace(SPEC, train_speakers=900))


def test_a_keyword_is_not_cut_into_pieces() -> None:
    """Several clips to a recording mean nothing here, and are refused instead of left unread."""
    with pytest.raises(CorpusError, match="per_recording=3: use 1"):
        make_synthetic_keywords(replace(SPEC, cut=Cut(seconds=1.0, per_recording=3)))
