"""The embedded music: clips of a track share its recording, and sound the same in any order."""

import pickle
from collections import Counter
from dataclasses import replace

import numpy as np

from soundproof.search_spaces.specs import Cut, SyntheticGenres
from soundproof.search_spaces.specs.clips import GENRE_CLASSES
from soundproof.trainables.corpora.embedded.cutting import RENDERING_RATE_HZ
from soundproof.trainables.corpora.embedded.synthetic_genres import make_synthetic_genres, render_track

SPEC = SyntheticGenres(tracks_per_genre=3, cut=Cut(seconds=0.7, per_recording=3))


def test_every_genre_has_as_many_tracks_and_clips() -> None:
    """Tracks and clips are balanced, keys are unique, and neither partition nor fold is fixed."""
    examples = make_synthetic_genres(SPEC).examples
    assert Counter(example.target for example in examples) == dict.fromkeys(GENRE_CLASSES, 3 * 3)
    assert set(Counter(example.recording for example in examples).values()) == {3}
    assert len({example.key for example in examples}) == len(examples)
    assert {(example.partition, example.fold, example.speaker) for example in examples} == {(None, None, None)}


def test_a_recording_is_one_track_of_the_genre_that_it_names() -> None:
    """At the rate of rendering, the clips of a recording side by side are one track, and of its genre."""
    corpus = make_synthetic_genres(SPEC)
    for number, genre in enumerate(GENRE_CLASSES):
        indices = [index for index, example in enumerate(corpus.examples) if example.recording == f"{genre}/00002"]
        assert {corpus.examples[index].target for index in indices} == {genre}
        heard = np.concatenate(list(corpus.waveforms(indices, RENDERING_RATE_HZ)))
        track = render_track(genre, np.random.default_rng([0, number, 2]), 2.1, RENDERING_RATE_HZ)
        assert np.array_equal(heard, track)


def test_a_clip_sounds_the_same_whatever_else_is_asked_for() -> None:
    """Order, company and a trip through pickle do not matter; no two clips are alike."""
    corpus = make_synthetic_genres(SPEC)
    clips = list(corpus.waveforms(range(len(corpus.examples)), 8000))
    assert len({clip.tobytes() for clip in clips}) == len(clips)
    chosen = [40, 3, 41, 4]
    again = pickle.loads(pickle.dumps(corpus)).waveforms(chosen, 8000)
    assert all(np.array_equal(clip, clips[index]) for index, clip in zip(chosen, again, strict=True))


def test_equal_specs_are_equal_corpora() -> None:
    """A corpus is a value of its spec, and another seed is other audio."""
    assert make_synthetic_genres(SPEC) == make_synthetic_genres(replace(SPEC))
    (clip,) = make_synthetic_genres(SPEC).waveforms([0], 8000)
    (other,) = make_synthetic_genres(replace(SPEC, seed=1)).waveforms([0], 8000)
    assert not np.array_equal(clip, other)


def test_more_tracks_leave_the_others_as_they_were() -> None:
    """A larger corpus contains the smaller one."""
    small, large = make_synthetic_genres(SPEC), make_synthetic_genres(replace(SPEC, tracks_per_genre=5))
    places = {example.key: index for index, example in enumerate(large.examples)}
    chosen = [0, 10, 30, len(small.examples) - 1]
    theirs = large.waveforms([places[small.examples[index].key] for index in chosen], 8000)
    assert all(np.array_equal(*pair) for pair in zip(small.waveforms(chosen, 8000), theirs, strict=True))
