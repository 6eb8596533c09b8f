"""The embedded sounds: balanced folds, recordings that stay in one fold, the same audio in any order."""

import pickle
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from soundproof.search_spaces.specs import Cut, SyntheticSounds
from soundproof.search_spaces.specs.clips import SOUND_CLASSES
from soundproof.trainables.corpora.corpus import Waveform
from soundproof.trainables.corpora.embedded.cutting import RENDERING_RATE_HZ, RenderedCorpus
from soundproof.trainables.corpora.embedded.synthetic_sounds import make_synthetic_sounds, render_event

SPEC = SyntheticSounds(cut=Cut(seconds=0.6, per_recording=2), sources_per_fold=3, folds=4)


def _clips(corpus: RenderedCorpus, rate_hz: int = 8000) -> dict[str, Waveform]:
    waveforms = corpus.waveforms(range(len(corpus.examples)), rate_hz)
    return {example.key: clip for example, clip in zip(corpus.examples, waveforms, strict=True)}


def test_every_fold_has_as_many_sources_of_every_kind() -> None:
    """Kinds, folds and pieces are balanced, keys are unique, and the partition is left to the split."""
    examples = make_synthetic_sounds(SPEC).examples
    counts = Counter((example.fold, example.target) for example in examples)
    assert counts == {(fold, kind): 3 * 2 for fold in (1, 2, 3, 4) for kind in SOUND_CLASSES}
    assert len({example.key for example in examples}) == len(examples) == 4 * 10 * 3 * 2
    assert {(example.partition, example.speaker) for example in examples} == {(None, None)}


def test_a_recording_is_one_source_in_one_fold() -> None:
    """All pieces of a recording share fold and kind."""
    recordings: dict[str, set[tuple[int | None, str]]] = {}
    for example in make_synthetic_sounds(SPEC).examples:
        recordings.setdefault(example.recording, set()).add((example.fold, example.target))
    assert len(recordings) == 4 * 10 * 3
    assert all(len(places) == 1 for places in recordings.values())


def test_pieces_are_cut_from_one_rendering_of_the_kind_that_they_name() -> None:
    """At the rate of rendering, the pieces side by side are one event of their class."""
    corpus = make_synthetic_sounds(SPEC)
    indices = [index for index, example in enumerate(corpus.examples) if example.recording == "2/rain/001"]
    heard = np.concatenate(list(corpus.waveforms(indices, RENDERING_RATE_HZ)))
    generator = np.random.default_rng([0, SOUND_CLASSES.index("rain"), 2, 1])
    assert np.array_equal(heard, render_event("rain", generator, 1.2, RENDERING_RATE_HZ))


def test_a_clip_sounds_the_same_whatever_else_is_asked_for() -> None:
    """Order, company and a trip through pickle do not matter."""
    corpus = make_synthetic_sounds(SPEC)
    all_clips = list(_clips(corpus).values())
    chosen = [31, 7, 6, 30, 31]
    again = pickle.loads(pickle.dumps(corpus)).waveforms(chosen, 8000)
    assert all(np.array_equal(clip, all_clips[index]) for index, clip in zip(chosen, again, strict=True))


def test_no_two_sources_sound_alike() -> None:
    """Every clip has random numbers of its own."""
    clips = _clips(make_synthetic_sounds(SPEC)).values()
    assert len({clip.tobytes() for clip in clips}) == len(clips)


def test_equal_specs_are_equal_corpora() -> None:
    """A corpus is a value of its spec, and another seed is other audio."""
    assert make_synthetic_sounds(SPEC) == make_synthetic_sounds(replace(SPEC))
    (clip,) = make_synthetic_sounds(SPEC).waveforms([0], 8000)
    (other,) = make_synthetic_sounds(replace(SPEC, seed=1)).waveforms([0], 8000)
    assert not np.array_equal(clip, other)


@pytest.mark.parametrize("larger", [replace(SPEC, sources_per_fold=4), replace(SPEC, folds=5)])
def test_a_larger_corpus_contains_the_smaller(larger: SyntheticSounds) -> None:
    """More sources or folds leave the others as they were."""
    small, large = _clips(make_synthetic_sounds(SPEC)), _clips(make_synthetic_sounds(larger))
    assert len(large) > len(small)
    assert all(np.array_equal(clip, large[key]) for key, clip in small.items())


def test_the_ratio_to_the_background_is_that_of_the_spec() -> None:
    """The spec's bounds reach the sounds: at -20 dB a kind is mostly background, at 60 dB its pauses are still."""
    still, noisy = (
        make_synthetic_sounds(replace(SPEC, minimum_snr_db=ratio, maximum_snr_db=ratio)) for ratio in (60, -20)
    )
    index = [example.target for example in still.examples].index("clock_tick")
    quiet, loud = (next(corpus.waveforms([index], 22050)) for corpus in (still, noisy))
    assert np.median(np.abs(quiet)) / np.abs(quiet).max() < 0.01 < np.median(np.abs(loud)) / np.abs(loud).max()
