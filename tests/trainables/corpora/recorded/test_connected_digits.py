"""Connected digits: the same strings everywhere, fair shares, and every unusable recording named."""

import itertools
import pickle
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from soundproof.search_spaces.specs import ConnectedDigits
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.audio_files import read_waveform
from soundproof.trainables.corpora.recorded.connected_digits import ConnectedDigitsCorpus, open_connected_digits
from soundproof.trainables.corpora.recorded.spoken_digits import DIGIT_WORDS

PROJECT = Path(__file__).resolve().parents[4]
FSDD = PROJECT / "../shared/data/fsdd"
RATE_HZ = 8000
SPEAKERS = ("anna", "ben", "carl_otto")
TAKES = range(8)
SPEC = ConnectedDigits(utterances=60, test_utterances=20)


def pulse(digit: int, take: int) -> np.ndarray:
    """A made-up recording whose level tells the digit and whose length tells the take, shape `(time,)`."""
    return np.full(80 + 8 * take, (digit + 1) / 16, np.float32)


def make_tree(folder: Path, digits=range(10), speakers=SPEAKERS, takes=TAKES) -> Path:
    """A made-up dataset in the layout of the real one."""
    folder.mkdir(parents=True)
    for speaker in speakers:
        for digit in digits:
            for take in takes:
                soundfile.write(folder / f"{digit}_{speaker}_{take}.wav", pulse(digit, take), RATE_HZ)
    return folder


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole made-up dataset, read by many tests and changed by none."""
    return make_tree(tmp_path_factory.mktemp("fsdd") / "recordings")


@pytest.fixture
def own_tree(tmp_path: Path) -> Path:
    """A small made-up dataset that a test may damage."""
    return make_tree(tmp_path / "recordings", digits=range(3), speakers=SPEAKERS[:2], takes=range(3, 7))


@pytest.fixture(scope="module")
def corpus(tree: Path) -> ConnectedDigitsCorpus:
    """The made-up dataset, opened."""
    return open_connected_digits(tree, SPEC)


def names_used(corpus: ConnectedDigitsCorpus, partition: str | None) -> list[str]:
    """Every use of a recording in the utterances of a partition."""
    return [
        name
        for utterance, composition in zip(corpus.examples, corpus.compositions, strict=True)
        if utterance.partition == partition
        for name in composition.names
    ]


def test_partitions_hold_what_the_spec_asks_for(corpus: ConnectedDigitsCorpus):
    """As many utterances as asked for, those of the test fixed, the others left to the split, no key twice."""
    assert Counter(utterance.partition for utterance in corpus.examples) == {None: 60, "test": 20}
    assert len({utterance.key for utterance in corpus.examples}) == 80
    assert all(utterance.recording == utterance.key for utterance in corpus.examples)
    assert corpus.examples[0].key == "train-takes/anna/0000"
    assert corpus.examples[-1].key == "test-takes/ben/0006"


def test_official_test_takes_are_heard_in_the_test_alone(corpus: ConnectedDigitsCorpus):
    """No recording is in both: takes 0 to 4 on one side, the later ones on the other."""
    takes = {part: {int(name[:-4].split("_")[-1]) for name in names_used(corpus, part)} for part in (None, "test")}
    assert takes == {None: {5, 6, 7}, "test": {0, 1, 2, 3, 4}}


def test_an_utterance_is_one_speaker_saying_its_text(corpus: ConnectedDigitsCorpus):
    """File names, transcript, key and speaker tell the same story, and there is a pause between every two digits."""
    for utterance, composition in zip(corpus.examples, corpus.compositions, strict=True):
        parts = [re.fullmatch(r"(\d)_(.+)_(\d+)\.wav", name).groups() for name in composition.names]
        assert {speaker for _, speaker, _ in parts} == {utterance.speaker}
        assert utterance.target == " ".join(DIGIT_WORDS[int(digit)] for digit, _, _ in parts)
        assert utterance.key.split("/")[1] == utterance.speaker
        assert len(composition.pauses_seconds) == len(composition.names) - 1


def test_waveforms_are_the_recordings_with_silence_between(corpus: ConnectedDigitsCorpus):
    """The reference is built by hand from the made-up levels and lengths, sample by sample."""
    index = 7
    (waveform,) = corpus.waveforms([index], RATE_HZ)
    composition = corpus.compositions[index]
    expected = []
    for place, name in enumerate(composition.names):
        digit, take = int(name[0]), int(name[:-4].split("_")[-1])
        expected.append(pulse(digit, take))
        if place < len(composition.pauses_seconds):
            expected.append(np.zeros(round(composition.pauses_seconds[place] * RATE_HZ)))
    assert waveform.dtype == np.float32
    np.testing.assert_allclose(waveform, np.concatenate(expected), atol=1e-4)


def test_pauses_last_as_long_at_any_rate(corpus: ConnectedDigitsCorpus):
    """At twice the rate, recordings and pauses have twice the samples."""
    for composition, waveform in zip(corpus.compositions[:4], corpus.waveforms(range(4), 2 * RATE_HZ), strict=True):
        spoken = sum(2 * len(pulse(int(name[0]), int(name[:-4].split("_")[-1]))) for name in composition.names)
        silent = sum(round(pause * 2 * RATE_HZ) for pause in composition.pauses_seconds)
        assert len(waveform) == spoken + silent


def test_waveforms_come_lazily_in_the_order_asked_for(own_tree: Path):
    """Any order, any repetition; what is asked for alone sounds the same; nothing is read before it is asked for."""
    corpus = open_connected_digits(own_tree, SPEC)
    together = list(corpus.waveforms([5, 0, 5, 61], 16000))
    alone = [next(corpus.waveforms([index], 16000)) for index in (5, 0, 5, 61)]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(together[0][:100], together[1][:100]) or len(together[0]) != len(together[1])
    shutil.rmtree(own_tree)
    later = corpus.waveforms([0], 16000)
    with pytest.raises(CorpusError, match="does not exist"):
        next(later)


@settings(max_examples=25, deadline=None)
@given(
    counts=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    digits=st.tuples(st.integers(1, 4), st.integers(0, 4)),
    pauses=st.tuples(st.floats(0, 0.2), st.floats(0, 0.2)),
    seed=st.integers(0, 2**63),
)
def test_every_spec_is_drawn_fairly(tree: Path, counts, digits, pauses, seed):
    """Lengths and pauses stay in range; speakers, each one's digits and each digit's takes have equal shares."""
    spec = ConnectedDigits(
        utterances=counts[0],
        test_utterances=counts[1],
        minimum_digits=digits[0],
        maximum_digits=sum(digits),
        minimum_pause_seconds=pauses[0],
        maximum_pause_seconds=sum(pauses),
        seed=seed,
    )
    corpus = open_connected_digits(tree, spec)
    assert len(corpus.examples) == sum(counts)
    for composition in corpus.compositions:
        assert digits[0] <= len(composition.names) <= sum(digits)
        assert all(pauses[0] <= pause <= sum(pauses) for pause in composition.pauses_seconds)
    for partition, takes in ((None, range(5, 8)), ("test", range(5))):
        speakers = [utterance.speaker for utterance in corpus.examples if utterance.partition == partition]
        assert_equal_shares(speakers, SPEAKERS)
        used = names_used(corpus, partition)
        for speaker in SPEAKERS:
            own = [name for name in used if f"_{speaker}_" in name]
            assert_equal_shares([int(name[0]) for name in own], range(10))
            for digit in range(10):
                of_digit = [name for name in own if int(name[0]) == digit]
                assert_equal_shares(of_digit, [f"{digit}_{speaker}_{take}.wav" for take in takes])


def assert_equal_shares(uses, choices):
    """Nothing but the choices is used, each as often as any other, give or take one."""
    counts = Counter(uses)
    assert counts.keys() <= set(choices)
    shares = [counts[choice] for choice in choices]
    assert max(shares) - min(shares) <= 1


def test_digits_repeat_as_often_as_by_chance(tree: Path):
    """Balance must not become a language: of neighbours within a string about one pair in ten is the same digit."""
    corpus = open_connected_digits(tree, replace(SPEC, utterances=1500))
    words = [utterance.target.split() for utterance in corpus.examples]
    pairs = [(one, other) for text in words for one, other in itertools.pairwise(text)]
    repeated = sum(one == other for one, other in pairs) / len(pairs)
    assert len(pairs) > 4000
    assert repeated == pytest.approx(0.1, abs=0.02)


def test_lengths_and_pauses_fill_their_ranges(tree: Path):
    """Both are drawn uniformly: the extremes are reached and the means lie in the middle."""
    corpus = open_connected_digits(tree, replace(SPEC, utterances=1500))
    lengths = Counter(len(composition.names) for composition in corpus.compositions)
    pauses = [pause for composition in corpus.compositions for pause in composition.pauses_seconds]
    assert sorted(lengths) == [2, 3, 4, 5, 6]
    assert min(lengths.values()) > 0.8 * max(lengths.values())
    assert np.mean(pauses) == pytest.approx(0.15, abs=0.005)
    assert min(pauses) < 0.055
    assert max(pauses) > 0.245


def test_the_same_spec_gives_the_same_utterances_elsewhere(tree: Path, tmp_path: Path, corpus: ConnectedDigitsCorpus):
    """A copy in another place, given by its parent's path, is the same corpus, content included."""
    copy = tmp_path / "elsewhere" / "recordings"
    shutil.copytree(tree, copy)
    other = open_connected_digits(copy.parent, SPEC)
    assert other.folder == copy
    assert (other.spec, other.examples, other.compositions) == (corpus.spec, corpus.examples, corpus.compositions)
    assert re.fullmatch("[0-9a-f]{16}", corpus.spec.content)
    assert replace(corpus.spec, content="") == SPEC


def test_the_order_of_a_listing_does_not_matter(
    tree: Path, corpus: ConnectedDigitsCorpus, monkeypatch: pytest.MonkeyPatch
):
    """File systems list folders in orders of their own."""
    shuffled = sorted(tree.iterdir(), key=lambda path: path.name[::-1])
    monkeypatch.setattr(Path, "iterdir", lambda _: iter(shuffled))
    assert open_connected_digits(tree, SPEC) == corpus


def test_the_draw_is_pinned(corpus: ConnectedDigitsCorpus):
    """The numbers behind the strings do not change from version to version: records name them by the spec alone."""
    assert [utterance.target for utterance in corpus.examples[:3]] == [
        "three four eight nine five seven",
        "three nine",
        "seven one",
    ]
    assert corpus.compositions[0].pauses_seconds[0] == pytest.approx(0.07674497311049472, abs=1e-12)


def test_seeds_draw_different_strings(tree: Path, corpus: ConnectedDigitsCorpus):
    """Another seed says other things with the same recordings."""
    other = open_connected_digits(tree, replace(SPEC, seed=1))
    assert other.spec.content == corpus.spec.content
    texts = zip(corpus.examples, other.examples, strict=True)
    assert sum(one.target == two.target for one, two in texts) < 10


def test_changed_recordings_are_another_corpus(own_tree: Path):
    """One changed sample changes the content, and a spec that names the old content is not opened."""
    before = open_connected_digits(own_tree, SPEC).spec
    assert open_connected_digits(own_tree, before).spec == before
    soundfile.write(own_tree / "0_anna_5.wav", pulse(0, 5) / 2, RATE_HZ)
    after = open_connected_digits(own_tree, SPEC).spec
    assert after.content != before.content
    with pytest.raises(
        CorpusError, match=f"expected the recordings with content {before.content}, got {after.content}"
    ):
        open_connected_digits(own_tree, before)


def damage(folder: Path) -> set[str]:
    """Break recordings in every way; returns the names of the unusable files."""
    content = (folder / "0_anna_5.wav").read_bytes()
    (folder / "0_anna_5.wav").write_bytes(content[:-20])
    (folder / "1_anna_5.wav").write_text("not audio")
    (folder / "2_anna_5.wav").write_bytes(b"")
    soundfile.write(folder / "2_ben_5.wav", np.zeros(0), RATE_HZ)
    shutil.copy(folder / "1_ben_5.wav", folder / "eleven_ben_5.wav")
    shutil.copy(folder / "1_ben_5.wav", folder / "1_ben_05.wav")
    shutil.copy(folder / "1_ben_5.wav", folder / "1_ben_7.WAV")
    (folder / "1_ben_9.wav").mkdir()
    return {
        *("0_anna_5.wav", "1_anna_5.wav", "2_anna_5.wav", "2_ben_5.wav"),
        *("eleven_ben_5.wav", "1_ben_05.wav", "1_ben_7.WAV", "1_ben_9.wav"),
    }


def test_every_unusable_recording_is_named(own_tree: Path):
    """Cut, not audio, empty, misnamed, not a file: all are reported at once, with the reason of each."""
    damaged = damage(own_tree)
    with pytest.raises(CorpusError) as seen:
        open_connected_digits(own_tree, SPEC)
    message = str(seen.value)
    assert message.startswith(f"{own_tree}: 8 of 28 recordings cannot be used:")
    assert all(f"\n  {name}: " in message for name in damaged)
    for words in (
        "cut short",
        "must be audio",
        "empty: expected audio",
        "at least one frame",
        "must be named",
        "folder",
    ):
        assert words in message


def test_unusable_recordings_are_left_out_on_request(own_tree: Path):
    """The corpus then says what it left out, uses none of it, and is the corpus of the others alone."""
    damaged = damage(own_tree)
    corpus = open_connected_digits(own_tree, SPEC, skip_broken=True)
    assert {sentence.split(": ")[0] for sentence in corpus.skipped} == damaged
    assert damaged.isdisjoint(names_used(corpus, None) + names_used(corpus, "test"))
    for name in damaged:
        shutil.rmtree(own_tree / name) if (own_tree / name).is_dir() else (own_tree / name).unlink()
    clean = open_connected_digits(own_tree, SPEC)
    assert (clean.spec, clean.examples, clean.skipped) == (corpus.spec, corpus.examples, ())


def test_many_unusable_recordings_are_counted(own_tree: Path):
    """Twenty names are enough to see the pattern; the number says how bad it is."""
    for path in own_tree.iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CorpusError, match="24 of 24 recordings") as seen:
        open_connected_digits(own_tree, SPEC)
    assert str(seen.value).count("cut short") == 20
    assert "and 4 more" in str(seen.value)
    with pytest.raises(CorpusError, match=r"got 0 and 0 usable ones \(24 skipped\)"):
        open_connected_digits(own_tree, SPEC, skip_broken=True)


def test_other_files_are_passed_over(own_tree: Path):
    """Notes, pictures and the hidden files of file managers are no recordings."""
    before = open_connected_digits(own_tree, SPEC)
    for name in ("README.md", ".DS_Store", "._0_anna_5.wav"):
        (own_tree / name).write_text("no sound")
    assert open_connected_digits(own_tree, SPEC) == before


def test_a_folder_without_recordings_is_refused(tmp_path: Path, tree: Path):
    """Missing, a file, or without WAV files: each message says what was expected and where it comes from."""
    for path, words in ((tmp_path / "none", "got nothing there"), (tree / "0_ben_1.wav", "got a file")):
        with pytest.raises(CorpusError, match=words) as seen:
            open_connected_digits(path, SPEC)
        assert "{digit}_{speaker}_{take}.wav" in str(seen.value)
        assert "free-spoken-digit-dataset" in str(seen.value)
    with pytest.raises(CorpusError, match="got no WAV file"):
        open_connected_digits(tmp_path, SPEC)


@pytest.mark.parametrize(("takes", "found"), [(range(5), "5 and 0"), (range(5, 8), "0 and 3")])
def test_both_kinds_of_takes_are_needed(tmp_path: Path, takes: range, found: str):
    """Without test takes nothing could be tested, without others nothing trained."""
    folder = make_tree(tmp_path / "recordings", digits=[1], speakers=["anna"], takes=takes)
    with pytest.raises(CorpusError, match=f"got {found} usable ones"):
        open_connected_digits(folder, SPEC)


def test_a_speaker_who_says_few_digits_still_takes_part(tmp_path: Path):
    """Digits that a speaker never recorded are not drawn for that speaker."""
    folder = make_tree(tmp_path / "recordings", digits=[3, 4], speakers=["anna"], takes=[0, 5])
    shutil.copy(folder / "3_anna_0.wav", folder / "3_ben_0.wav")
    shutil.copy(folder / "3_anna_5.wav", folder / "3_ben_5.wav")
    corpus = open_connected_digits(folder, SPEC)
    said = {speaker: set() for speaker in ("anna", "ben")}
    for utterance in corpus.examples:
        said[utterance.speaker].update(utterance.target.split())
    assert said == {"anna": {"three", "four"}, "ben": {"three"}}


def test_the_corpus_is_small_and_can_be_pickled(corpus: ConnectedDigitsCorpus):
    """Workers get the plan, not the sound."""
    pickled = pickle.dumps(corpus)
    assert len(pickled) < 40_000
    copy = pickle.loads(pickled)
    assert copy == corpus
    np.testing.assert_array_equal(next(copy.waveforms([3], RATE_HZ)), next(corpus.waveforms([3], RATE_HZ)))


def test_opening_does_not_import_torch(tree: Path):
    """`plan` and `describe` open corpora too, and must not wait for what only training needs."""
    program = (
        "import sys; from pathlib import Path; from soundproof.search_spaces.specs import ConnectedDigits; "
        "from soundproof.trainables.corpora.recorded.connected_digits import open_connected_digits; "
        f"open_connected_digits(Path({str(tree)!r}), ConnectedDigits(utterances=3, test_utterances=3)); "
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)


@pytest.fixture(scope="module")
def fsdd() -> Path:
    """The real recordings, where they are."""
    if not FSDD.is_dir():
        pytest.skip(f"needs the Free Spoken Digit Dataset at {FSDD}")
    return FSDD


def test_the_real_dataset_is_opened_file_by_file(fsdd: Path, opened: Counter[str]):
    """All 3,000 recordings are usable, and each file is opened once."""
    corpus = open_connected_digits(fsdd, ConnectedDigits(utterances=1200, test_utterances=120))
    assert (len(opened), max(opened.values())) == (3000, 1)
    assert corpus.skipped == ()
    shares = Counter((utterance.partition, utterance.speaker) for utterance in corpus.examples)
    assert sorted(shares.values()) == [20] * 6 + [200] * 6
    assert len(set(names_used(corpus, None))) == 2700
    assert len(set(names_used(corpus, "test"))) == 300


def test_real_digits_are_joined_at_the_wanted_rate(fsdd: Path):
    """At 16 kHz an utterance lasts as long as its recordings and pauses together, and is speech, not silence."""
    corpus = open_connected_digits(fsdd, ConnectedDigits(utterances=12, test_utterances=6))
    for composition, waveform in zip(corpus.compositions[:6], corpus.waveforms(range(6), 16000), strict=True):
        spoken = sum(len(read_waveform(corpus.folder / name, RATE_HZ)) for name in composition.names) / RATE_HZ
        assert len(waveform) / 16000 == pytest.approx(spoken + sum(composition.pauses_seconds), abs=0.001)
        assert 0.05 < np.abs(waveform).max() <= 1
