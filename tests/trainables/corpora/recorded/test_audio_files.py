"""Audio files: every way in which one can be broken is seen, and whatever is whole is read."""

import hashlib
import io
import pickle
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from soundproof.trainables.corpora.audio.broken import BrokenAudioError
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.audio_files import (
    content_digest,
    enumerate_problems,
    file_digest,
    inspect,
    read_waveform,
    resampling_ratio,
)

RATE_HZ = 8000
PROJECT = Path(__file__).resolve().parents[4]


def tone(seconds: float = 1.0, rate_hz: int = RATE_HZ, frequency_hz: float = 440.0) -> np.ndarray:
    """A sine of half the full scale, shape `(time,)`."""
    return (0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def write(path: Path, samples: np.ndarray | None = None, rate_hz: int = RATE_HZ, **form: str) -> Path:
    """A new audio file; `form` is handed to soundfile."""
    soundfile.write(path, tone() if samples is None else samples, rate_hz, **form)
    return path


def halve(path: Path) -> Path:
    """Cut the file in half."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def wav_bytes(riff_size: int, data_size: int, samples: bytes, order: str = "<") -> bytes:
    """A mono 16-bit WAV file with the size fields as given, true or not."""
    form = struct.pack(f"{order}HHIIHH", 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16)
    magic = b"RIFF" if order == "<" else b"RIFX"
    sizes = [struct.pack(f"{order}I", size) for size in (riff_size, len(form), data_size)]
    return magic + sizes[0] + b"WAVEfmt " + sizes[1] + form + b"data" + sizes[2] + samples


def assert_refused(path: Path, words: str) -> None:
    """Both ways of reading refuse the file, with the same words."""
    with pytest.raises(BrokenAudioError, match=words) as seen:
        inspect(path)
    assert str(seen.value).startswith(f"{path}: ")
    with pytest.raises(BrokenAudioError, match=words):
        read_waveform(path, RATE_HZ)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "IMA_ADPCM"])
def test_every_common_sample_form_is_read(tmp_path: Path, subtype: str):
    """WAV of 8 to 32 bits, of floats, and compressed, gives back the tone within the form's own precision."""
    path = write(tmp_path / "tone.wav", subtype=subtype)
    waveform = read_waveform(path, RATE_HZ)
    assert waveform.dtype == np.float32
    assert inspect(path).frames == len(waveform)
    settled = slice(100, len(tone()))  # an adaptive code needs some samples to begin with
    np.testing.assert_allclose(waveform[settled], tone()[settled], atol=0.05 if subtype == "IMA_ADPCM" else 0.02)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.flac", {}),
        ("a.ogg", {"subtype": "VORBIS"}),
        ("a.opus", {"format": "OGG", "subtype": "OPUS"}),
        ("a.mp3", {}),
        ("a.aiff", {}),
        ("a.au", {}),
        ("a.wav", {"format": "RF64"}),
        ("a.wav", {"format": "WAVEX"}),
        ("a.wav", {"format": "WAV", "endian": "BIG"}),
    ],
)
def test_every_container_is_read(tmp_path: Path, name: str, form: dict[str, str]):
    """One second of a tone is one second in each container, and the tone is still there."""
    path = write(tmp_path / name, **form)
    info = inspect(path)
    assert (info.sample_rate_hz, info.channels) == (RATE_HZ, 1)
    assert info.duration_seconds == pytest.approx(1, abs=0.15)
    spectrum = np.abs(np.fft.rfft(read_waveform(path, RATE_HZ)[:RATE_HZ], RATE_HZ))
    assert abs(int(spectrum.argmax()) - 440) <= 2


def test_channels_are_averaged(tmp_path: Path):
    """A stereo file gives the mean of left and right, not their sum and not one of them."""
    left, right = tone(), 0.25 * tone(frequency_hz=1000)
    path = write(tmp_path / "stereo.wav", np.stack([left, right], axis=1), subtype="FLOAT")
    assert inspect(path).channels == 2
    np.testing.assert_allclose(read_waveform(path, RATE_HZ), (left + right) / 2, atol=1e-7)


@pytest.mark.parametrize("rate_hz", [4000, 8000, 11025, 22255, 44100, 48000, 96000, 192000])
def test_any_rate_is_resampled_to_the_tone_at_that_rate(tmp_path: Path, rate_hz: int):
    """The reference is the same tone generated at the wanted rate; the filter's edges are left out."""
    path = write(tmp_path / "tone.wav", tone(rate_hz=rate_hz), rate_hz, subtype="FLOAT")
    waveform = read_waveform(path, 16000)
    expected = tone(rate_hz=16000)
    assert abs(len(waveform) - len(expected)) <= 1
    np.testing.assert_allclose(waveform[200:-200], expected[200 : len(waveform) - 200], atol=5e-3)


def test_rates_without_a_common_factor_need_no_giant_filter(tmp_path: Path):
    """44,101 to 16,000 Hz, exactly, would take a filter of gigabytes; the nearest ratio keeps time within a sample."""
    path = write(tmp_path / "odd.wav", tone(0.5, 44101), 44101, subtype="FLOAT")
    waveform = read_waveform(path, 16000)
    assert len(waveform) == pytest.approx(8000, abs=1)
    np.testing.assert_allclose(waveform[200:-200], tone(0.5, 16000)[200 : len(waveform) - 200], atol=5e-3)


def test_overshoot_is_clipped(tmp_path: Path):
    """What a float file holds a little above full scale comes out at full scale."""
    path = write(tmp_path / "loud.wav", np.array([0.5, 1.5, -1.25, -0.5], np.float32), subtype="FLOAT")
    assert read_waveform(path, RATE_HZ).tolist() == [0.5, 1.0, -1.0, -0.5]


def test_integers_stored_as_floats_are_refused(tmp_path: Path):
    """Samples of 32767 are no audio in -1..1, and clipping them would make noise of speech."""
    assert_refused(write(tmp_path / "scaled.wav", 32767 * tone(), subtype="FLOAT"), r"-1\.\.1, got a peak of 1\d{4}")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_not_finite_are_refused(tmp_path: Path, value: float):
    """The first such frame is named, in a stereo file too."""
    samples = np.stack([tone(), tone()], axis=1)
    samples[1234, 1] = value
    assert_refused(write(tmp_path / "nan.wav", samples, subtype="FLOAT"), "NaN or infinity from frame 1234 on")


def test_missing_files_and_folders_are_refused(tmp_path: Path):
    """A path that leads nowhere, to a folder, through a file, or that cannot be a path, is named as that."""
    assert_refused(tmp_path / "none.wav", "does not exist: check the path")
    assert_refused(tmp_path, "got a folder")
    assert_refused(write(tmp_path / "a.wav") / "b.wav", "does not exist")
    assert_refused(tmp_path / "a\0b.wav", "cannot be the name of a file")


@pytest.mark.parametrize("name", ["note.wav", "note.flac", "note.ogg", "note.raw", "note"])
def test_text_is_not_audio(tmp_path: Path, name: str):
    """A text file is refused whatever its name says."""
    path = tmp_path / name
    path.write_text("this is a note, not a sound")
    assert_refused(path, "must be audio")


@pytest.mark.parametrize("extension", ["wav", "ogg", "aiff", "au"])
def test_files_without_frames_are_empty(tmp_path: Path, extension: str):
    """A whole file of zero frames is refused as empty, not as broken."""
    assert_refused(write(tmp_path / f"empty.{extension}", np.zeros(0)), "empty: expected at least one frame")


def test_a_file_of_zero_bytes_is_empty(tmp_path: Path):
    """Nothing at all is also called empty."""
    path = tmp_path / "a.wav"
    path.touch()
    assert_refused(path, "empty: expected audio, got 0 bytes")


@pytest.mark.parametrize("form", [{}, {"endian": "BIG"}, {"format": "RF64"}, {"subtype": "PCM_24"}])
@pytest.mark.parametrize("missing_bytes", [1, 2, 8000])
def test_cut_wav_files_are_refused(tmp_path: Path, form: dict[str, str], missing_bytes: int):
    """They would be read silently short; here even one missing byte is counted."""
    path = write(tmp_path / "a.wav", **form)
    path.write_bytes(path.read_bytes()[:-missing_bytes])
    assert soundfile.info(path).frames > 0
    assert_refused(path, r"cut short: its header promises \d+ bytes of samples, \d+ are there")


@pytest.mark.parametrize("extension", ["wav", "flac", "ogg", "opus", "mp3", "aiff", "au"])
def test_half_a_file_is_refused(tmp_path: Path, extension: str):
    """Whatever the container, half of a file is not taken for a shorter recording."""
    form = {"format": "OGG", "subtype": "OPUS"} if extension == "opus" else {}
    assert_refused(
        halve(write(tmp_path / f"a.{extension}", tone(5), **form)), "cut short|cannot be decoded|must be audio"
    )


@pytest.mark.parametrize("extension", ["flac", "ogg", "opus"])
def test_damage_in_the_middle_is_refused(tmp_path: Path, extension: str):
    """Fifty overwritten bytes in the middle of a compressed file are noticed."""
    form = {"format": "OGG", "subtype": "OPUS"} if extension == "opus" else {}
    path = write(tmp_path / f"a.{extension}", tone(5), **form)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 50] = bytes(byte ^ 0x5A for byte in content[middle : middle + 50])
    path.write_bytes(content)
    assert_refused(path, "damaged: the page at byte|cannot be decoded")


def test_an_ogg_stream_cut_between_two_pages_is_refused(tmp_path: Path):
    """Every page that is left is whole: what is missing is the one that is marked as the last."""
    path = write(tmp_path / "a.ogg", tone(20))
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"OggS")])
    assert soundfile.info(path).frames > 0
    assert_refused(path, "cut short: the stream must end with a page marked as its last")


def test_bytes_after_the_end_of_an_ogg_stream_do_no_harm(tmp_path: Path):
    """Players append tags; the stream before them is whole."""
    path = write(tmp_path / "a.ogg")
    path.write_bytes(path.read_bytes() + b"TAG" + bytes(125))
    assert inspect(path).frames == RATE_HZ


@pytest.mark.parametrize(
    ("riff_size", "data_size"),
    [
        (0, 0),
        (36, 0),
        (0xFFFFFFFF, 0),
        (0xFFFFFFFF, 0xFFFFFFFF),
        (0xFFFFFFFF, 0xFFFFFFFF - 36),
        (0x7FFFF024, 0x7FFFF000),
        (0x80000024, 0x80000000),
    ],
)
@pytest.mark.parametrize("order", ["<", ">"])
def test_streamed_wav_files_are_whole(tmp_path: Path, riff_size: int, data_size: int, order: str):
    """A program that streams cannot know the size when it writes the header: the samples reach to the file's end."""
    samples = (tone() * 32767).astype(f"{order}i2")
    path = tmp_path / "streamed.wav"
    path.write_bytes(wav_bytes(riff_size, data_size, samples.tobytes(), order))
    assert inspect(path).frames == RATE_HZ
    np.testing.assert_allclose(read_waveform(path, RATE_HZ), tone(), atol=1e-4)


@pytest.mark.parametrize(("riff_size", "data_size"), [(0, 0), (0xFFFFFFFF, 0xFFFFFFFF)])
def test_a_streamed_wav_without_samples_is_empty(tmp_path: Path, riff_size: int, data_size: int):
    """Nothing followed the header: that is an empty recording, not a cut one."""
    path = tmp_path / "streamed.wav"
    path.write_bytes(wav_bytes(riff_size, data_size, b""))
    assert_refused(path, "empty: expected at least one frame")


def test_chunks_after_no_samples_are_not_taken_for_samples(tmp_path: Path):
    """An empty recording with a list of tags behind it stays empty: its own size field says so."""
    tags = b"LIST" + struct.pack("<I", 4) + b"INFO"
    path = tmp_path / "tagged.wav"
    path.write_bytes(wav_bytes(36 + len(tags), 0, tags))
    assert_refused(path, "empty")


def test_chunks_before_and_after_the_samples_are_passed_over(tmp_path: Path):
    """A chunk of odd length before the samples and a cut one after them leave the recording whole."""
    plain = wav_bytes(1000, 4, b"\x00\x10\x00\x20")
    whole = plain[:12] + b"note" + struct.pack("<I", 3) + b"abc\0" + plain[12:]
    path = tmp_path / "chunks.wav"
    path.write_bytes(whole + b"LIST" + struct.pack("<I", 400) + b"IN")
    assert inspect(path).frames == 2
    assert read_waveform(path, RATE_HZ).tolist() == [0.125, 0.25]
    path.write_bytes(whole[:-2])
    assert_refused(path, "cut short: its header promises 4 bytes of samples, 2 are there")


def test_a_stream_that_does_not_say_its_length_is_read_to_its_end(tmp_path: Path):
    """A FLAC stream whose header leaves the length open, as one written into a pipe, promises nothing."""
    path = write(tmp_path / "a.flac", tone(3))
    expected = read_waveform(path, RATE_HZ)
    content = bytearray(path.read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    path.write_bytes(content)
    assert inspect(path).frames == 3 * RATE_HZ
    np.testing.assert_array_equal(read_waveform(path, RATE_HZ), expected)
    path.write_bytes(content[:-1000])
    assert_refused(path, "cannot be decoded|cut short")


@settings(max_examples=60, deadline=None)
@given(frames=st.integers(1, 300), channels=st.integers(1, 3), cut=st.data())
def test_a_wav_is_whole_or_refused_wherever_it_is_cut(tmp_path_factory: pytest.TempPathFactory, frames, channels, cut):
    """No prefix of a WAV file but the file itself is accepted."""
    buffer = io.BytesIO()
    soundfile.write(buffer, np.full((frames, channels), 0.25), RATE_HZ, format="WAV")
    content = buffer.getvalue()
    path = tmp_path_factory.mktemp("cut") / "a.wav"
    path.write_bytes(content)
    assert inspect(path).frames == frames
    path.write_bytes(content[: cut.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(BrokenAudioError):
        inspect(path)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([b"RIFF", b"RIFX", b"RF64", b"FORM", b".snd", b"OggS", b"fLaC", b""]), st.binary(max_size=200))
def test_arbitrary_bytes_never_raise_anything_else(tmp_path_factory: pytest.TempPathFactory, magic, rest):
    """Whatever a file holds, it is either audio or refused as a corpus error."""
    path = tmp_path_factory.mktemp("bytes") / "a.wav"
    path.write_bytes(magic + rest)
    try:
        frames = inspect(path).frames
    except CorpusError as error:
        frames = None
        message = str(error)
    assert frames is None or frames > 0
    assert frames is not None or message.startswith(f"{path}: ")


def test_the_error_survives_pickling(tmp_path: Path):
    """Workers hand it to the driver with its path and reason."""
    with pytest.raises(BrokenAudioError) as seen:
        inspect(tmp_path / "none.wav")
    copy = pickle.loads(pickle.dumps(seen.value))
    assert (copy.path, copy.reason, str(copy)) == (seen.value.path, seen.value.reason, str(seen.value))


def test_file_digest_is_sha256(tmp_path: Path):
    """The reference is hashlib on the bytes; a file that cannot be read is named."""
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    assert file_digest(path) == hashlib.sha256(b"abc").hexdigest()
    with pytest.raises(BrokenAudioError, match="cannot be read"):
        file_digest(tmp_path / "none")


def test_content_digest_sees_names_and_bytes_and_nothing_else(tmp_path: Path):
    """The same tree elsewhere, in any order, is the same; a changed byte, a changed name, a moved border is not."""
    digests = []
    for place, (first, second, names) in enumerate(
        [(b"12", b"3", "ab"), (b"12", b"3", "ba"), (b"12", b"4", "ab"), (b"1", b"23", "ab"), (b"12", b"3", "ac")]
    ):
        root = tmp_path / str(place)
        root.mkdir()
        for name, content in zip(sorted(names), (first, second), strict=True):
            (root / name).write_bytes(content)
        digests.append(content_digest(root, names))
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4
    assert all(len(digest) == 16 and int(digest, 16) >= 0 for digest in digests)


def test_problems_are_enumerated_up_to_a_limit():
    """The first twenty by name, the others counted; up to twenty there is no count."""
    problems = [f"file {number}" for number in range(23)]
    lines = enumerate_problems(problems).splitlines()
    assert len(lines) == 21
    assert lines[19:] == ["  file 19", "  and 3 more"]
    assert "more" not in enumerate_problems(problems[:20])


def test_reading_headers_does_not_import_torch(tmp_path: Path):
    """Opening a corpus is a matter of a second; importing torch alone takes several."""
    path = write(tmp_path / "a.wav")
    program = (
        "import sys; from pathlib import Path; "
        "from soundproof.trainables.corpora.recorded.audio_files import inspect, read_waveform; "
        f"inspect(Path({str(path)!r})); read_waveform(Path({str(path)!r}), {RATE_HZ}); sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)


@pytest.mark.parametrize("rate_hz", [1, 999, 1_000_000, 2**31 - 1])
def test_rates_that_no_recording_has_are_refused(tmp_path: Path, rate_hz: int):
    """A second at 1 Hz would be hours at any other rate."""
    path = write(tmp_path / "odd.wav", rate_hz=rate_hz)
    for read in (inspect, lambda path: read_waveform(path, RATE_HZ)):
        with pytest.raises(BrokenAudioError, match=r"rate of 1,000 to 999,999 Hz"):
            read(path)


@pytest.mark.parametrize(("from_hz", "to_hz"), [(1009, 16_000), (2999, 48_000), (47_999, 1009)])
def test_the_filter_is_small_both_ways(from_hz: int, to_hz: int):
    """Up as well as down, at next to the ratio that was asked for."""
    ratio = resampling_ratio(from_hz, to_hz)
    assert max(ratio.numerator, ratio.denominator) <= 3000
    assert float(ratio) == pytest.approx(to_hz / from_hz, rel=1e-3)


def test_memory_does_not_follow_what_a_header_claims(tmp_path: Path):
    """Eight channels of 68 billion frames, of which a hundredth of a second is there."""
    path = write(tmp_path / "claims.flac", np.repeat(tone(0.01)[:, None], 8, axis=1))
    content = bytearray(path.read_bytes())
    content[21] |= 0x0F
    content[22:26] = b"\xff" * 4
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(BrokenAudioError):
            inspect(path)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
