"""The embedded corpus: the same everywhere, honest partitions, the promised noise."""

import ctypes
import hashlib
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.search_spaces import PRESETS
from soundproof.search_spaces.alphabet import encode
from soundproof.search_spaces.arithmetic import frames_needed
from soundproof.search_spaces.specs import LogSpectrogram, frame_count
from soundproof.trainables.corpora.embedded.espeak import TIMBRES, EspeakError, Voice, speak
from soundproof.trainables.corpora.embedded.grammar import WORDS, sentence
from soundproof.trainables.corpora.embedded.synthetic_speech import SyntheticSpeechCorpus, make_synthetic_speech

SMOKE = PRESETS["speech"]["smoke"].corpus
VOICE = Voice(accent="en-us", timbre="m3", words_per_minute=150, pitch=50, pitch_range=50)

DIGEST = """
import hashlib, json, sys
from soundproof.search_spaces import PRESETS
from soundproof.trainables.corpora.embedded.synthetic_speech import make_synthetic_speech
corpus = make_synthetic_speech(PRESETS["speech"]["smoke"].corpus)
indices = json.loads(sys.argv[1])
audio = corpus.waveforms(indices, 8000)
print([hashlib.sha256(waveform.tobytes()).hexdigest() for waveform in audio])
"""


def _digests(corpus: SyntheticSpeechCorpus, indices: list[int]) -> list[str]:
    return [hashlib.sha256(waveform.tobytes()).hexdigest() for waveform in corpus.waveforms(indices, 8000)]


def test_an_utterance_sounds_the_same_whatever_was_said_before() -> None:
    """espeak-ng keeps state between utterances; here none is left, so order and company do not matter."""
    corpus = make_synthetic_speech(SMOKE)
    forwards, backwards = _digests(corpus, [0, 1, 2, 3]), _digests(corpus, [3, 2, 1, 0])
    assert forwards == backwards[::-1]


def test_no_timbre_draws_from_the_random_numbers_of_the_process() -> None:
    """Whatever else of the process has drawn from them, every timbre sounds the same."""
    process = ctypes.CDLL(None)
    for timbre in TIMBRES:
        said = []
        for seed in (1, 77):
            process.srand(seed)
            said.append(speak("light doctor watches farmer", replace(VOICE, timbre=timbre)))
        assert np.array_equal(*said), timbre


def test_two_processes_hear_the_same() -> None:
    """The samples are the same in another process that asks for other utterances first."""
    other = subprocess.run([sys.executable, "-c", DIGEST, "[7, 1, 2]"], check=True, capture_output=True, text=True)
    assert str(_digests(make_synthetic_speech(SMOKE), [7, 1, 2])) == other.stdout.strip()


def test_no_speaker_is_in_two_partitions() -> None:
    """At every size that a preset asks for, speakers of the partitions are disjoint and as many as promised."""
    for preset in PRESETS["speech"].values():
        corpus = make_synthetic_speech(preset.corpus)
        speakers = {
            partition: {line.speaker for line in corpus.examples if line.partition == partition}
            for partition in ("train", "validation", "test")
        }
        assert not speakers["train"] & speakers["validation"]
        assert not (speakers["train"] | speakers["validation"]) & speakers["test"]
        for partition, names in speakers.items():
            assert len(names) == getattr(preset.corpus, f"{partition}_speakers")


def test_another_seed_is_another_corpus() -> None:
    """The seed changes texts and voices; the same seed does not."""
    first, again = make_synthetic_speech(SMOKE), make_synthetic_speech(SMOKE)
    other = make_synthetic_speech(replace(SMOKE, seed=1))
    assert first == again
    assert [line.target for line in first.examples] != [line.target for line in other.examples]


def test_signal_to_noise_ratio_is_the_one_that_was_drawn() -> None:
    """Ten decibels asked for are ten decibels in the waveform.

    The clean speech is known, so the noise can be measured.
    """
    spec = replace(SMOKE, minimum_snr_db=10, maximum_snr_db=10)
    corpus = make_synthetic_speech(spec)
    for index in range(3):
        clean = speak(corpus.examples[index].target, corpus.lines[index].voice).astype(np.float64)
        (noisy,) = corpus.waveforms([index], 22050)
        start = (len(noisy) - len(clean)) // 2
        speech = np.zeros(len(noisy))
        speech[start : start + len(clean)] = clean
        gain = speech @ noisy / (speech @ speech)
        noise = noisy - gain * speech
        ratio = 10 * np.log10(np.mean((gain * clean) ** 2) / np.mean(noise**2))
        assert ratio == pytest.approx(10, abs=0.5)


def test_six_dilated_layers_fit_the_quick_corpus() -> None:
    """Six dilated layers take 126 frames.

    The quick corpus leaves enough of every utterance, and seven layers too few.
    """
    corpus = make_synthetic_speech(PRESETS["speech"]["quick"].corpus)
    features = LogSpectrogram(sample_rate_hz=8000)
    everything = range(len(corpus.examples))
    spare = [
        frame_count(features, len(waveform)) - 126 - frames_needed(corpus.examples[index].target)
        for index, waveform in zip(everything, corpus.waveforms(everything, 8000), strict=True)
    ]
    assert 0 <= min(spare) < 128


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(0, 6))
def test_sentences_keep_to_grammar_and_alphabet(seed: int, minimum: int, extra: int) -> None:
    """Any seed gives words of the grammar, as many as asked for, that the networks can spell."""
    text = sentence(np.random.default_rng(seed), minimum, minimum + extra)
    words = text.split()
    assert minimum <= len(words) <= minimum + extra
    assert set(words) <= WORDS
    assert encode(text)


def test_voice_that_does_not_exist_is_refused() -> None:
    """A refusal of the synthesiser is an error, not silence."""
    with pytest.raises(EspeakError, match="refused voice 'en-us-nowhere"):
        speak("hello", replace(VOICE, accent="en-us-nowhere"))


def test_faster_speech_is_shorter() -> None:
    """The rate reaches the synthesiser."""
    slow, fast = (len(speak("the old sailor", replace(VOICE, words_per_minute=rate))) for rate in (110, 200))
    assert fast < 0.75 * slow
