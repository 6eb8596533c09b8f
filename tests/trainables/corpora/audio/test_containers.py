"""Audio of other programs: as many samples as FFmpeg finds, or the header states, and a cut file is none.

The files of `tests/data/audio` are half a second of 440 Hz at 22,050 Hz, made by lame 3.100, sox 14.4.2 and FFmpeg 5.1.
"""

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from flac_files import rice_flac

from soundproof.trainables.corpora.audio import foreign, voc
from soundproof.trainables.corpora.audio.broken import BrokenAudioError
from soundproof.trainables.corpora.recorded.audio_files import inspect, read_waveform

DATA = Path(__file__).resolve().parents[3] / "data/audio"
FRAMES = {
    "variable.mp3": 12672,
    "constant.mp3": 12672,
    "piped.mp3": 12672,
    "mpeg.wav": 12672,
    "layer2.mp2": 11520,
    "stated.mp3": 11025,
    "piped.flac": 11025,
    "flac.oga": 11025,
    "blocks.voc": 11025,
    "piped.aiff": 11025,
    "piped.caf": 11025,
    "sphere.sph": 11025,
    "adpcm.wav": 11025,  # FFmpeg takes the whole last block, 11,132; the header states this number
    "phone.m4a": 11264,
    "lossless.caf": 11025,  # ALAC as FFmpeg writes it, which libsndfile opens and does not decode
}
"""Of each file, as FFmpeg counts them."""

BY_PYAV = ("phone.m4a", "lossless.caf")

OPEN_ENDED = ("piped.aiff", "piped.caf")
"""Nothing in them says where they end."""


def refused(path: Path) -> str:
    """Why the file is refused, the same for both ways of reading it."""
    with pytest.raises(BrokenAudioError) as seen:
        inspect(path)
    with pytest.raises(BrokenAudioError) as again:
        read_waveform(path, 16_000)
    assert seen.value.reason == again.value.reason
    return seen.value.reason


@pytest.mark.parametrize("name", FRAMES)
def test_all_samples_are_read(name: str) -> None:
    """The number is FFmpeg's, and what is heard is the tone."""
    if name in BY_PYAV:
        pytest.importorskip("av", reason="needs the extra ffmpeg")
    waveform = read_waveform(DATA / name, 22_050)
    assert inspect(DATA / name).frames == len(waveform) == FRAMES[name]
    assert abs(int(np.abs(np.fft.rfft(waveform[1200:9200])).argmax()) * 22_050 / 8000 - 440) < 3


@pytest.mark.parametrize("name", sorted(FRAMES.keys() - {"adpcm.wav", *BY_PYAV}))
def test_the_numbers_are_those_of_ffmpeg(name: str) -> None:
    """As it is installed here."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("needs ffmpeg")
    command = ["ffmpeg", "-v", "error", "-i", str(DATA / name), "-f", "s16le", "-"]
    assert len(subprocess.run(command, capture_output=True, check=True).stdout) == 2 * FRAMES[name]


@pytest.mark.parametrize("name", sorted(FRAMES.keys() - set(OPEN_ENDED)))
def test_a_part_of_a_file_is_refused(name: str, tmp_path: Path) -> None:
    """57 parts of a hundred, within a frame of those that state no length."""
    content = (DATA / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) * 57 // 100])
    if name in BY_PYAV and not foreign.available():
        pytest.skip("needs the extra ffmpeg")
    assert "cut short" in (why := refused(tmp_path / name)) or "cannot be decoded" in why


@pytest.mark.parametrize(
    ("form", "subtype"),
    [
        ("W64", "PCM_16"), ("CAF", "PCM_16"), ("CAF", "ALAC_16"), ("NIST", "PCM_16"), ("NIST", "ULAW"),
        ("SVX", "PCM_16"),
        ("VOC", "PCM_16"), ("AVR", "PCM_16"), ("MAT4", "DOUBLE"), ("MAT5", "DOUBLE"), ("MPC2K", "PCM_16"),
        ("WVE", "ALAW"), ("SDS", "PCM_16"), ("RF64", "PCM_16"), ("AIFF", "IMA_ADPCM"),
    ],
)  # fmt: skip
def test_whatever_states_its_length_is_whole_or_refused(form: str, subtype: str, tmp_path: Path) -> None:
    """Written by libsndfile, which takes most of these for shorter files when they are cut."""
    path, rate = tmp_path / "a", 8000
    soundfile.write(path, 0.5 * np.sin(np.arange(16_000) / 10), rate, format=form, subtype=subtype)
    assert inspect(path).frames == 16_000
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 3 // 5])
    assert "cut short" in refused(path)


def test_joined_streams_are_read_whole(tmp_path: Path) -> None:
    """MP3 behind MP3 and Ogg behind Ogg: the sum of both, with nothing of the one before handed out again."""
    first, second = DATA / "stated.mp3", DATA / "variable.mp3"
    (tmp_path / "a.mp3").write_bytes(first.read_bytes() + second.read_bytes())
    joined = read_waveform(tmp_path / "a.mp3", 22_050)
    np.testing.assert_array_equal(joined[:11_025], read_waveform(first, 22_050))
    np.testing.assert_array_equal(joined[11_025:], read_waveform(second, 22_050))
    links = []
    for hertz in (10, 20):
        link = io.BytesIO()
        soundfile.write(link, 0.5 * np.sin(np.arange(8000) / hertz), 8000, format="OGG", subtype="VORBIS")
        links.append(link.getvalue())
    (tmp_path / "a.ogg").write_bytes(b"".join(links))
    (tmp_path / "one.ogg").write_bytes(links[1])
    chained = read_waveform(tmp_path / "a.ogg", 8000)
    assert len(chained) == 16_000
    np.testing.assert_array_equal(chained[8000:], read_waveform(tmp_path / "one.ogg", 8000))


def test_streams_of_different_forms_are_not_joined(tmp_path: Path) -> None:
    """A rate that changes midway is no recording."""
    other = io.BytesIO()
    soundfile.write(other, np.zeros(8000), 16_000, format="MP3")
    (tmp_path / "a.mp3").write_bytes((DATA / "stated.mp3").read_bytes() + other.getvalue())
    assert "joins streams of different rates" in refused(tmp_path / "a.mp3")


def test_tags_and_zeros_are_no_audio_and_damage_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What players add changes nothing, nothing is written past Python, and bytes between frames are named."""
    plain = (DATA / "variable.mp3").read_bytes()
    tag = b"ID3\x04\0\0\0\0\x02\0" + bytes(256)
    path = tmp_path / "a.mp3"
    path.write_bytes(tag + plain + bytes(100) + b"TAG" + bytes(125))
    np.testing.assert_array_equal(read_waveform(path, 22_050), read_waveform(DATA / "variable.mp3", 22_050))
    assert capfd.readouterr().err == ""
    path.write_bytes(plain[:1000] + plain[1400:])
    assert "damaged" in refused(path)


def test_a_shorten_file_is_named(tmp_path: Path) -> None:
    """SPHERE as the LDC publishes it."""
    path = tmp_path / "a.sph"
    content = (DATA / "sphere.sph").read_bytes()
    path.write_bytes(content.replace(b"sample_coding -s3 pcm", b"sample_coding -s26 pcm,embedded-shorten-v2.00", 1))
    assert "sph2pipe" in refused(path)


def test_blocks_of_a_voice_file_that_differ_are_refused(tmp_path: Path) -> None:
    """Two rates in one file."""

    def block(divisor: int) -> bytes:
        return b"\x01" + (102).to_bytes(3, "little") + bytes([divisor, 0]) + bytes([128] * 100)

    path, head = tmp_path / "a.voc", voc.MAGIC + b"\x1a\0\x0a\x01\x29\x11"
    path.write_bytes(head + block(131) + block(131) + b"\0")
    assert inspect(path).frames == 200
    path.write_bytes(head + block(131) + block(165) + b"\0")
    assert "blocks differ" in refused(path)


def test_a_voice_file_without_a_coding_is_refused(tmp_path: Path) -> None:
    """Its header says samples of no bits, in a coding that nobody knows."""
    block = (8000).to_bytes(4, "little") + bytes([0, 1]) + (99).to_bytes(2, "little") + bytes(104)
    path, head = tmp_path / "a.voc", voc.MAGIC + b"\x1a\0\x0a\x01\x29\x11"
    path.write_bytes(head + b"\x09" + len(block).to_bytes(3, "little") + block + b"\0")
    assert "holds samples in coding 99 of 0 bits" in refused(path)


@pytest.mark.parametrize("name", [*BY_PYAV, "browser.webm"])
def test_what_libsndfile_does_not_read_is_named(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With what to do, where PyAV is not installed; by its content, whatever its ending."""
    monkeypatch.setattr(foreign, "available", lambda: False)
    path = tmp_path / "a.wav"
    shutil.copy(DATA / name, path)
    assert "convert: ffmpeg -i FILE FILE.flac, or pip install" in refused(path)


def test_a_codec_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    """Nor is the file left open: warnings of that are errors."""
    pytest.importorskip("av", reason="needs the extra ffmpeg")
    content = (DATA / "piped.caf").read_bytes()
    path = tmp_path / "a.caf"
    path.write_bytes(content.replace(b"lpcm", b"lpcx", 1))
    assert "of no codec that FFmpeg knows" in refused(path)


def test_a_sample_beyond_its_depth_is_told_from_damage(tmp_path: Path) -> None:
    """One frame, verbatim but for one residual: right checksums, and a peak of +32,768 in 16 bits."""
    samples = np.round(np.sin(np.arange(4096) / 20) * 32_768).astype(np.int64)
    path = tmp_path / "a.flac"
    path.write_bytes(rice_flac(samples))
    assert "all its checksums are right" in (why := refused(path))
    assert "A copy is no better" in why
    path.write_bytes(rice_flac(np.minimum(samples, 32_767)))
    np.testing.assert_allclose(read_waveform(path, 16_000), np.minimum(samples, 32_767) / 32_768, atol=1e-6)
    content = bytearray(rice_flac(samples))
    content[2000] ^= 1
    path.write_bytes(content)
    assert "copy it again" in refused(path)


def test_a_rate_beyond_all_numbers_is_a_named_file(tmp_path: Path) -> None:
    """Neither a division by zero nor gigabytes."""
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(100), 8000)
    content = bytearray(path.read_bytes())
    for rate in (0, 1, 2**31, 2**32 - 1):
        content[24:28] = rate.to_bytes(4, "little")
        path.write_bytes(content)
        assert refused(path)


@pytest.mark.parametrize(("form", "place", "number"), [("W64", 56, b"\xf0" * 8), ("CAF", 12, b"\x7f" * 8)])
def test_a_chunk_beyond_all_files_is_no_place_to_go(form: str, place: int, number: bytes, tmp_path: Path) -> None:
    """A size of 64 bits is more than a file can be sought in: it is refused, and nothing else is raised."""
    path = tmp_path / "a"
    soundfile.write(path, np.zeros(100), 8000, format=form, subtype="PCM_16")
    content = bytearray(path.read_bytes())
    content[place : place + 8] = number
    path.write_bytes(content)
    assert refused(path)


@pytest.mark.parametrize("ending", [".caf", ".m4a"])
def test_lossless_audio_is_read_to_its_last_sample(tmp_path: Path, ending: str) -> None:
    """Whatever is left for the last packet."""
    av = pytest.importorskip("av", reason="needs the extra ffmpeg")
    path, samples = tmp_path / f"tone{ending}", (np.sin(np.arange(10_007) / 9) * 9000).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("alac", rate=22_050, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = 22_050
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    assert inspect(path).frames == 10_007
    assert np.abs(read_waveform(path, 22_050) - samples / 32768).max() < 1e-6
