"""What is heard of recordings: counted, said, and chosen before most of it is left out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundproof.common.errors import UserError
from soundproof.search_spaces.clip_choice import ClipChoice, ClipChoiceError
from soundproof.search_spaces.corpus_names import CorpusLabel, corpus_argument
from soundproof.search_spaces.presets import PRESETS
from soundproof.search_spaces.specs import Cut, SpecError
from soundproof.trainables.corpora import choose_corpus, open_corpus
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.hearing import measure_hearing
from soundproof.trainables.description.files import example_seconds

RATE = 8000
WORDS = ("yes", "no")


def _word(number: int) -> np.ndarray:
    """Half a second of a tone that is told apart by its pitch."""
    return 0.3 * np.sin(2 * np.pi * (300 + 40 * number) * np.arange(RATE // 2) / RATE)


@pytest.fixture
def late(tmp_path: Path) -> Path:
    """Recordings of 3 s in which the word begins after 1.2 to 1.5 s, as of people who press a button first."""
    generator = np.random.default_rng(0)
    for place, label in enumerate(WORDS):
        (tmp_path / label).mkdir()
        for number in range(4 * place, 4 * place + 4):
            sound = generator.normal(0, 0.001, 3 * RATE)
            start = int(1.2 * RATE) + number % 4 * RATE // 10
            sound[start : start + RATE // 2] += _word(number)
            soundfile.write(tmp_path / label / f"{number}.wav", sound, RATE)
    return tmp_path


def _open(folder: Path, preset: str = "quick", **clips):
    return open_corpus(
        choose_corpus(f"folder:{folder}", "keywords"), PRESETS["keywords"][preset], clips=ClipChoice(**clips)
    )


def test_nobody_is_compared_on_what_is_not_there(late: Path) -> None:
    """The first second holds next to nothing: it is refused with what can be chosen, once chosen it is said."""
    with pytest.raises(CorpusError, match="8 of 8 recordings are longer .* the first 1 s.*--clip-place loudest"):
        _open(late)
    chosen = _open(late, clip_place="start")
    (remark,) = chosen.remarks
    assert "of 24 s of sound 8 s are heard" in remark.text
    assert measure_hearing(chosen).energy < 0.02
    assert [remark.kind for remark in _open(late, "smoke").remarks] == ["not heard"]


def test_the_loudest_second_has_the_word(late: Path) -> None:
    """At any rate of the features, the same place of the recording."""
    corpus = _open(late, clip_place="loudest")
    assert measure_hearing(corpus).energy > 0.98
    for rate in (RATE, 16_000):
        for example, clip in zip(corpus.examples, corpus.waveforms(range(8), rate), strict=True):
            number = int(Path(example.key).stem)
            assert len(clip) == rate
            assert np.square(clip).sum() == pytest.approx(np.square(_word(number)).sum() * rate / RATE, rel=0.02)


def test_whole_recordings_are_padded_to_the_longest(late: Path) -> None:
    """One clip each; the length is part of what the corpus is, and much silence is said."""
    soundfile.write(late / "yes" / "long.wav", np.random.default_rng(1).normal(0, 0.1, 12 * RATE), RATE)
    corpus = _open(late, clip_place="whole")
    assert corpus.spec.cut == Cut(seconds=12.0, place="whole")
    assert len(corpus.examples) == 9
    assert [remark.kind for remark in corpus.remarks] == ["padded"]
    assert "67% of the clips is silence" in corpus.remarks[0].text
    for clip in corpus.waveforms(range(9), RATE):
        assert len(clip) == 12 * RATE


def test_recordings_of_their_own_lengths_are_not_padded(late: Path) -> None:
    """One clip each, as it was recorded, to the sample; the longest is part of what the corpus is, nothing is said."""
    soundfile.write(late / "yes" / "long.wav", np.random.default_rng(1).normal(0, 0.1, 12 * RATE), RATE)
    soundfile.write(late / "no" / "short.wav", np.random.default_rng(2).normal(0, 0.1, 1001), RATE)
    corpus = _open(late, clip_place="own-length")
    assert corpus.spec.cut == Cut(seconds=12.0, place="own-length")
    assert corpus.remarks == ()
    assert example_seconds(corpus, None) == pytest.approx(corpus.clip_seconds())
    for example, seconds, clip in zip(
        corpus.examples, corpus.clip_seconds(), corpus.waveforms(range(10), RATE), strict=True
    ):
        recorded, _ = soundfile.read(late / example.key, dtype="float32")
        np.testing.assert_array_equal(clip, recorded)
        assert seconds == len(recorded) / RATE


def test_several_clips_of_a_recording_do_not_overlap(late: Path) -> None:
    """Each of the three seconds once, and all is heard: nothing has to be said."""
    corpus = _open(late, clips_per_recording=3)
    assert len(corpus.examples) == 24
    assert corpus.remarks == ()
    loud = _open(late, clips_per_recording=2, clip_place="loudest")
    assert len(loud.examples) == 16
    clips = list(loud.waveforms(range(16), RATE))
    assert all(not np.array_equal(a, b) for a, b in zip(clips[::2], clips[1::2], strict=True))


def test_what_was_chosen_is_in_the_identity(late: Path) -> None:
    """Another cut is another corpus; what nobody chose has the hash that it always had."""
    digests = {_open(late, **clips).spec.digest() for clips in CHOICES[1:]}
    assert len(digests) == len(CHOICES) - 1
    cut = Cut(seconds=1.0, per_recording=3)
    assert cut.digest() == replace(cut, place="start").digest() == "d8a424344caaa179"


CHOICES = (
    {},
    {"clip_place": "loudest"},
    {"clip_place": "middle"},
    {"clip_place": "whole"},
    {"clip_place": "own-length"},
    {"clip_seconds": 1.5, "clip_place": "start"},
    {"clip_seconds": 0.5, "clips_per_recording": 3},
)


@pytest.mark.parametrize("clips", CHOICES)
@pytest.mark.parametrize("split", [None, "random"])
def test_labels_are_read_back(clips: dict, split: str | None) -> None:
    """What the record calls a corpus says how to ask for it again."""
    label = CorpusLabel(corpus="folder-my.birds", clips=ClipChoice(**clips), split=split)
    assert CorpusLabel.read(str(label)) == label
    assert corpus_argument(str(label)).startswith("folder:PATH")


def test_options_of_a_label() -> None:
    """As the command line takes them."""
    assert corpus_argument("folder-a.3-clips-1.5-seconds-loudest.random") == (
        "folder:PATH --clips-per-recording 3 --clip-seconds 1.5 --clip-place loudest --split random"
    )


def test_what_cannot_be_is_refused(late: Path) -> None:
    """Whole recordings of another length, utterances that are cut, places in what is made to measure."""
    with pytest.raises(ClipChoiceError, match="leave out --clip-seconds"):
        ClipChoice(clip_place="whole", clip_seconds=1.0)
    with pytest.raises(ClipChoiceError, match="own-length makes one clip of each recording, as long as that is"):
        ClipChoice(clip_place="own-length", clips_per_recording=2)
    with pytest.raises(SpecError, match="own-length makes one clip a recording, got per_recording=2"):
        Cut(seconds=1.0, per_recording=2, place="own-length")
    with pytest.raises(UserError, match="did you mean 'loudest'"):
        ClipChoice(clip_place="loudes")
    with pytest.raises(ClipChoiceError, match="utterances are heard whole"):
        open_corpus(choose_corpus(None, "speech"), PRESETS["speech"]["smoke"], clips=ClipChoice(clip_seconds=1.0))
    with pytest.raises(ClipChoiceError, match="made at the length of its clips"):
        open_corpus(choose_corpus(None, "sounds"), PRESETS["sounds"]["smoke"], clips=ClipChoice(clip_place="middle"))
