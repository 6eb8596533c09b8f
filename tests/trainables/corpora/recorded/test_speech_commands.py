"""Speech Commands as twelve classes: partitions by the lists, fair shares, noise that nobody shares."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundproof.search_spaces.specs import Cut
from soundproof.search_spaces.specs.clips import KEYWORD_CLASSES, KEYWORDS
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.speech_commands import open_speech_commands

RATE_HZ = 16000
CUT = Cut(seconds=0.5)
OTHERS = ("bed", "cat", "wow")
VALIDATION, TEST = ("v1", "v2"), ("t1", "t2", "t3")
TRAIN = ("a1", "a2", "a3", "a4", "a5")


def write(path: Path, samples: np.ndarray) -> None:
    """A 16-bit file like the published ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, RATE_HZ, subtype="PCM_16")


def make(folder: Path, words=(*KEYWORDS, *OTHERS), noise_seconds: float = 10.0) -> Path:
    """Every speaker says every word once; the noise is a ramp, so that its level tells the place."""
    for word in words:
        for speaker in (*TRAIN, *VALIDATION, *TEST):
            write(folder / word / f"{speaker}_nohash_0.wav", np.full(800, 0.25))
    for name in ("dishes", "pink"):
        ramp = np.linspace(0, 0.99, round(noise_seconds * RATE_HZ))
        write(folder / f"_background_noise_/{name}.wav", ramp)
    for name, speakers in (("validation_list.txt", VALIDATION), ("testing_list.txt", TEST)):
        (folder / name).write_text("".join(f"{word}/{who}_nohash_0.wav\n" for word in words for who in speakers))
    return folder


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A whole made-up dataset, changed by no test."""
    return make(tmp_path_factory.mktemp("commands"))


def test_there_are_twelve_classes_of_fair_shares(tree):
    """In every partition, unknown and silence are as large as a keyword on average."""
    corpus = open_speech_commands(tree, CUT)
    assert corpus.spec.dataset == "speech-commands"
    assert corpus.spec.classes == tuple(sorted(KEYWORD_CLASSES))
    sizes = Counter((example.partition, example.target) for example in corpus.examples)
    for partition, speakers in (("train", TRAIN), ("validation", VALIDATION), ("test", TEST)):
        assert {sizes[partition, label] for label in KEYWORD_CLASSES} == {len(speakers)}


def test_partition_and_speaker_come_from_list_and_name(tree):
    """No speaker is in two partitions, since the lists put none there."""
    corpus = open_speech_commands(tree, CUT)
    spoken = [example for example in corpus.examples if example.target != "silence"]
    partitions = {example.speaker: example.partition for example in spoken}
    assert partitions == {
        **dict.fromkeys(TRAIN, "train"),
        **dict.fromkeys(VALIDATION, "validation"),
        **dict.fromkeys(TEST, "test"),
    }
    assert all(partitions[example.speaker] == example.partition for example in spoken)
    assert {example.key.split("/")[0] for example in spoken if example.target == "unknown"} <= set(OTHERS)


def test_the_same_words_and_places_are_drawn_every_time(tree):
    """Nothing is left to chance: opened again, the corpus is equal, audio and all."""
    first, second = open_speech_commands(tree, CUT), open_speech_commands(tree, CUT)
    assert first == second
    assert len({example.key for example in first.examples}) == len(first.examples)


@pytest.mark.parametrize("noise_seconds", [1.6, 10.0])
def test_partitions_do_not_share_noise(tmp_path, noise_seconds):
    """Clips of two partitions never overlap in time; within the train share they vary in place and gain."""
    corpus = open_speech_commands(make(tmp_path, ("yes", "no"), noise_seconds), CUT)
    spans: dict[tuple[str, str], list[float]] = {}
    for example, place in zip(corpus.examples, corpus.places, strict=True):
        if example.target == "silence":
            ends = [place.start_seconds, place.start_seconds + CUT.seconds]
            spans.setdefault((place.name, example.partition), []).extend(ends)
            assert example.recording == f"{place.name}:{example.partition}"
    for name in ("_background_noise_/dishes.wav", "_background_noise_/pink.wav"):
        train, validation, test = (spans[name, partition] for partition in ("train", "validation", "test"))
        assert min(train) >= 0
        assert max(train) < min(validation)
        assert max(validation) < min(test)
        assert max(test) <= noise_seconds
    gains = [place.gain for place in corpus.places if place.name.startswith("_")]
    assert len(set(gains)) == len(gains)
    assert all(0 <= gain < 1 for gain in gains)


def test_silence_is_heard_at_its_place_and_gain(tree):
    """The ramp tells where a clip was cut: level = place times gain, at any rate."""
    corpus = open_speech_commands(tree, CUT)
    for index in (index for index, example in enumerate(corpus.examples) if example.target == "silence"):
        place = corpus.places[index]
        (clip,) = corpus.waveforms([index], 8000)
        assert clip.shape == (4000,)
        middle = 0.99 * (place.start_seconds + CUT.seconds / 2) / 10 * place.gain
        assert clip[2000] == pytest.approx(middle, abs=2e-3)


def test_words_that_are_not_there_are_no_classes(tmp_path):
    """A tree of three words, lists and all, has the classes that it has; lines about other words are passed over."""
    make(tmp_path, ("yes", "no", "cat"))
    with (tmp_path / "testing_list.txt").open("a") as lists:
        lists.write("\nhappy/t1_nohash_0.wav\n")
    assert open_speech_commands(tmp_path, CUT).spec.classes == ("no", "silence", "unknown", "yes")


def test_without_noise_and_other_words_only_keywords_are_left(tmp_path):
    """Neither folder has to be there."""
    make(tmp_path, ("yes", "no"))
    for file in (tmp_path / "_background_noise_").iterdir():
        file.unlink()
    (tmp_path / "_background_noise_").rmdir()
    assert open_speech_commands(tmp_path, CUT).spec.classes == ("no", "yes")


def test_a_line_that_names_a_missing_file_is_an_error(tmp_path):
    """It names list, line and file; skipped, it is counted."""
    make(tmp_path, ("yes", "no"))
    (tmp_path / "no/v2_nohash_0.wav").unlink()
    with pytest.raises(CorpusError, match=r"validation_list.txt:4: no/v2_nohash_0.wav: does not exist"):
        open_speech_commands(tmp_path, CUT)
    assert len(open_speech_commands(tmp_path, CUT, skip_broken=True).skipped) == 1


def test_a_file_in_both_lists_is_an_error(tmp_path):
    """Whoever trains on the test has to know: it cannot be skipped."""
    make(tmp_path, ("yes", "no"))
    with (tmp_path / "testing_list.txt").open("a") as lists:
        lists.write("yes/v1_nohash_0.wav\n")
    with pytest.raises(
        CorpusError, match=r"testing_list.txt:7: yes/v1_nohash_0.wav is listed in validation_list.txt:1"
    ):
        open_speech_commands(tmp_path, CUT, skip_broken=True)


def test_lists_and_keywords_have_to_be_there(tmp_path):
    """A list that is gone or empty, and a folder of anything else, are errors that say what was expected."""
    make(tmp_path / "a", ("yes", "no"))
    (tmp_path / "a/testing_list.txt").write_text("")
    with pytest.raises(CorpusError, match="expected recordings of keywords for test, got none: correct"):
        open_speech_commands(tmp_path / "a", CUT)
    (tmp_path / "a/testing_list.txt").unlink()
    with pytest.raises(CorpusError, match="testing_list.txt: cannot be read .*expected Speech Commands"):
        open_speech_commands(tmp_path / "a", CUT)
    make(tmp_path / "b", OTHERS)
    with pytest.raises(CorpusError, match="got no recording of yes, no, up"):
        open_speech_commands(tmp_path / "b", CUT)


def test_broken_files_are_named_once(tmp_path):
    """A misnamed clip, a text called .wav, a noise that is too short or broken: all in one message, each once."""
    make(tmp_path, ("yes", "no"))
    (tmp_path / "yes/a1_nohash_0.wav").rename(tmp_path / "yes/hello.wav")
    (tmp_path / "yes/a2_nohash_0.wav").write_text("x")
    (tmp_path / "_background_noise_/pink.wav").write_text("x")
    write(tmp_path / "_background_noise_/dishes.wav", np.zeros(RATE_HZ))
    with pytest.raises(CorpusError) as seen:
        open_speech_commands(tmp_path, CUT)
    text = str(seen.value)
    assert ": 4 problems" in text
    assert "yes/hello.wav: must be named SPEAKER_nohash_NUMBER.wav" in text
    assert "yes/a2_nohash_0.wav: must be audio" in text
    assert "_background_noise_/pink.wav: must be audio" in text
    assert "_background_noise_/dishes.wav: noise must last at least 1.56 s" in text


def test_the_folder_around_the_words_can_be_given(tmp_path):
    """As torchaudio lays it out."""
    make(tmp_path / "SpeechCommands/speech_commands_v0.02", ("yes", "no"))
    assert open_speech_commands(tmp_path, CUT).spec.classes == ("no", "silence", "yes")


def test_a_listed_name_that_no_file_can_have_is_one_that_is_not_there(tmp_path: Path) -> None:
    """A list whose lines were joined, say."""
    (tmp_path / "yes").mkdir()
    (tmp_path / "validation_list.txt").write_text(f"yes/{'0a7c_nohash_0.wav' * 40}\n")
    (tmp_path / "testing_list.txt").write_text("")
    with pytest.raises(CorpusError, match="validation_list.txt"):
        open_speech_commands(tmp_path, Cut(seconds=0.1))
