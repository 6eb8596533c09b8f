"""Labelled clips from files: cut where they should be, all problems named at once, the same everywhere."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded import clip_files
from soundproof.trainables.corpora.recorded.audio_files import read_mono, read_waveform
from soundproof.trainables.corpora.recorded.clip_files import Findings, LabelledClipsCorpus, Recording, open_clips

RATE_HZ = 8000
ONE_SECOND = Cut(seconds=1.0)


def write(path: Path, seconds: float = 1.0, rate_hz: int = RATE_HZ, channels: int = 1, **form: str) -> Path:
    """A tone that swells, so that every moment of it is another; its length is in `seconds`."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    tone = 0.5 * np.sin(2 * np.pi * 440 * time) * time / seconds
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.repeat(tone[:, None], channels, axis=1), rate_hz, **form)
    return path


def recordings(*labels: str, count: int = 3) -> list[Recording]:
    """Recordings called as `make` makes them."""
    return [Recording(name=f"{label}/{number}.wav", label=label) for label in labels for number in range(count)]


def make(folder: Path, found: list[Recording], seconds: float = 1.0) -> Path:
    """A file for each recording."""
    for recording in found:
        write(folder / recording.name, seconds)
    return folder


def opened(folder: Path, cut: Cut = ONE_SECOND, skip_broken: bool = False, **found) -> LabelledClipsCorpus:
    """Two classes of three recordings, unless `found` says otherwise."""
    findings = Findings(**{"recordings": recordings("high", "low"), **found})
    return open_clips("folder", folder, cut, findings, skip_broken=skip_broken)


@pytest.mark.parametrize(
    ("seconds", "piece_seconds", "per_recording", "starts"),
    [
        (2.0, 1.0, 1, [0]),
        (2.0, 1.0, 5, [0, 1]),
        (1.99, 1.0, 5, [0, 1]),  # a decoder may have dropped that much
        (1.9, 1.0, 5, [0]),
        (0.3, 0.1, 5, [0, 0.1, 0.2]),  # 0.3 / 0.1 is below 3 in floating point
        (0.2, 1.0, 3, [0]),
    ],
)
def test_a_recording_yields_the_pieces_that_fit(tmp_path, seconds, piece_seconds, per_recording, starts):
    """As many as asked for and as fit, one where none fits; each at its own start, with a key of its own."""
    found = recordings("high", "low")
    corpus = opened(make(tmp_path, found, seconds), Cut(seconds=piece_seconds, per_recording=per_recording))
    first = [place.start_seconds for place in corpus.places if place.name == found[0].name]
    assert first == pytest.approx(starts)
    assert len(corpus.examples) == len(found) * len(starts)
    assert len({example.key for example in corpus.examples}) == len(corpus.examples)
    assert corpus.examples[0].key == ("high/0.wav" if per_recording == 1 else "high/0.wav#0")
    assert {example.recording for example in corpus.examples} == {recording.name for recording in found}


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000])
def test_pieces_in_a_row_are_the_recording(tmp_path, rate_hz):
    """Joined, the pieces of a recording are what reading it whole gives, at any rate, with silence after its end."""
    found = recordings("high", "low")
    cut = Cut(seconds=0.333, per_recording=4)
    corpus = opened(make(tmp_path, found, seconds=1.33), cut)
    whole = read_waveform(tmp_path / found[0].name, rate_hz)
    clips = list(corpus.waveforms(range(4), rate_hz))
    assert {clip.shape for clip in clips} == {(round(0.333 * rate_hz),)}
    assert clips[0].dtype == np.float32
    for number, clip in enumerate(clips):
        start = round(number * 0.333 * rate_hz)
        expected = whole[start : start + len(clip)]
        np.testing.assert_array_equal(clip[: len(expected)], expected)
        np.testing.assert_array_equal(clip[len(expected) :], 0)


def test_a_recording_is_read_once_for_clips_in_a_row(tmp_path, monkeypatch):
    """Ten pieces of a track cost one reading; in any other order each still sounds the same."""
    corpus = opened(make(tmp_path, recordings("high", "low"), seconds=1.0), Cut(seconds=0.25, per_recording=4))
    reads = []
    monkeypatch.setattr(clip_files, "read_mono", lambda *given: reads.append(given) or read_mono(*given))
    in_order = list(corpus.waveforms(range(8), RATE_HZ))
    assert len(reads) == 2
    for index, clip in zip([5, 0, 7], corpus.waveforms([5, 0, 7], RATE_HZ), strict=True):
        np.testing.assert_array_equal(clip, in_order[index])


def test_a_clip_can_be_changed_by_whoever_gets_it(tmp_path):
    """Clips are copies: writing into one does not change the next clip of the recording."""
    corpus = opened(make(tmp_path, recordings("high", "low")))
    clips = corpus.waveforms([0, 0], RATE_HZ)
    first = next(clips)
    kept = first.copy()
    first[:] = 1
    np.testing.assert_array_equal(next(clips), kept)


@pytest.mark.parametrize(
    ("rate_hz", "channels", "form"),
    [
        (RATE_HZ, 1, {"subtype": "PCM_U8"}),
        (RATE_HZ, 1, {"subtype": "PCM_24"}),
        (44100, 2, {"subtype": "PCM_16"}),
        (192000, 1, {"subtype": "PCM_16"}),
        (96000, 6, {"subtype": "FLOAT"}),
    ],
)
def test_unusual_files_are_heard_as_usual_ones(tmp_path, rate_hz, channels, form):
    """8 and 24 bits, stereo, surround, 192 kHz: each gives the clip that the plain file gives."""
    found = recordings("high", "low")
    make(tmp_path, found)
    write(tmp_path / found[1].name, 1.0, rate_hz, channels, **form)
    plain, unusual = opened(tmp_path).waveforms([0, 1], RATE_HZ)
    assert np.abs(plain - unusual)[100:-100].max() < 0.01  # 8 bits are steps of 0.008


def test_all_problems_are_named_at_once(tmp_path):
    """A text called .wav, an empty clip, a missing one, one cut short: one error names each, and what to do."""
    found = [*recordings("high", "low"), Recording(name="low/gone.wav", label="low", listed="list.csv:7")]
    make(tmp_path, found[:-1])
    (tmp_path / "high/0.wav").write_text("I am no sound")
    soundfile.write(tmp_path / "high/1.wav", np.zeros(0), RATE_HZ)
    content = (tmp_path / "low/0.wav").read_bytes()
    (tmp_path / "low/0.wav").write_bytes(content[:100])
    with pytest.raises(CorpusError) as seen:
        opened(tmp_path, recordings=found, problems=["low/x.wav: must be named y.wav"])
    text = str(seen.value)
    assert f"{tmp_path}: 5 problems in 8 recordings" in text
    assert "high/0.wav: must be audio" in text
    assert "high/1.wav: empty" in text
    assert "low/0.wav: cut short" in text
    assert "list.csv:7: low/gone.wav: does not exist" in text
    assert "low/x.wav: must be named y.wav" in text
    assert text.endswith("leave broken recordings out (--skip-broken)")


def test_no_more_than_twenty_problems_are_written_out(tmp_path):
    """A message stays readable where everything is broken."""
    with pytest.raises(CorpusError) as seen:
        opened(tmp_path, recordings=recordings("high", "low", count=20))
    assert str(seen.value).count("does not exist") == 20
    assert "and 20 more" in str(seen.value)


def test_broken_recordings_are_left_out_and_counted_where_allowed(tmp_path):
    """What is skipped is named; the rest is a corpus of its own, with other content than the whole one."""
    found = recordings("high", "low", count=4)
    whole = opened(make(tmp_path, found), recordings=found)
    (tmp_path / "low/1.wav").write_text("I am no sound")
    corpus = opened(tmp_path, skip_broken=True, recordings=found, problems=["z.wav: must be named y.wav"])
    assert [line.split(":")[0] for line in corpus.skipped] == ["z.wav", "low/1.wav"]
    assert "low/1.wav" not in {example.key for example in corpus.examples}
    assert len(corpus.examples) == 7
    assert corpus.spec.content != whole.spec.content


def test_faults_are_not_skipped(tmp_path):
    """A list that contradicts itself has to be mended, whatever is allowed."""
    with pytest.raises(CorpusError, match=r"1 problem in 6 recordings:\n  list.csv:3: fold.*\ncorrect them"):
        opened(make(tmp_path, recordings("high", "low")), skip_broken=True, faults=["list.csv:3: fold is bad"])


@pytest.mark.parametrize("count", [1, 2])
def test_a_class_needs_recordings_for_each_partition(tmp_path, count):
    """With fewer than three, somebody would train, validate or test without the class."""
    found = [*recordings("high"), *recordings("rare", count=count)]
    with pytest.raises(CorpusError, match=rf"class rare: expected at least 3 recordings.*got {count}: add"):
        opened(make(tmp_path, found), recordings=found)


def test_takes_of_one_source_count_once(tmp_path):
    """Three takes of one source cannot be divided: they are one recording."""
    takes = [Recording(name=f"low/{number}.wav", label="low", group="source") for number in range(3)]
    found = [*recordings("high"), *takes]
    with pytest.raises(CorpusError, match=r"class low: .*got 1"):
        opened(make(tmp_path, found), recordings=found)


def test_a_class_does_not_vanish_by_skipping(tmp_path):
    """Where all recordings of a class are broken, leaving them out would change the question: an error."""
    make(tmp_path, recordings("high", "low"))
    found = recordings("high", "low", "gone")
    with pytest.raises(CorpusError, match=r"class gone: .*got 0"):
        opened(tmp_path, skip_broken=True, recordings=found)


def test_one_class_is_nothing_to_tell_apart(tmp_path):
    """The message names the class that was found."""
    with pytest.raises(CorpusError, match="expected at least two classes, got high"):
        opened(make(tmp_path, recordings("high")), recordings=recordings("high"))


def test_content_tells_files_and_labels_and_not_where_they_lie(tmp_path):
    """Moved, or found in another order, the corpus is the same; another byte, label or fold makes another one."""
    found = recordings("high", "low")
    make(tmp_path / "here", found)
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    content = opened(tmp_path / "here").spec.content
    assert opened(tmp_path / "there", recordings=found[::-1]).spec.content == content
    relabelled = [Recording(name=finding.name, label=finding.label, fold=1) for finding in found]
    assert opened(tmp_path / "there", recordings=relabelled).spec.content != content
    swapped = [Recording(name=finding.name, label={"high": "low", "low": "high"}[finding.label]) for finding in found]
    assert opened(tmp_path / "there", recordings=swapped).spec.content != content
    write(tmp_path / "there" / found[0].name, seconds=1.5)
    assert opened(tmp_path / "there").spec.content != content


def test_the_corpus_can_be_pickled(tmp_path):
    """Workers get it whole: same table, same audio."""
    corpus = opened(make(tmp_path, recordings("high", "low")))
    copy = pickle.loads(pickle.dumps(corpus))
    assert copy == corpus
    np.testing.assert_array_equal(next(copy.waveforms([4], RATE_HZ)), next(corpus.waveforms([4], RATE_HZ)))


def test_the_spec_says_what_was_found(tmp_path):
    """Classes are sorted, whatever order they were found in, and the spec survives the way through JSON."""
    found = recordings("low", "high")
    spec = opened(make(tmp_path, found), recordings=found).spec
    assert spec.classes == ("high", "low")
    assert spec.dataset == "folder"
    assert len(spec.content) == 16
    assert type(spec).from_json(spec.to_json()) == spec


def test_a_file_that_goes_away_later_is_named(tmp_path):
    """Audio is read when it is asked for; a file that is gone by then is an error with its name."""
    corpus = opened(make(tmp_path, recordings("high", "low")))
    (tmp_path / "low/2.wav").unlink()
    with pytest.raises(CorpusError, match="low/2.wav: does not exist"):
        list(corpus.waveforms([5], RATE_HZ))
