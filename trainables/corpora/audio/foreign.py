"""Audio that libsndfile does not read: named as what it is, and decoded by PyAV where that is installed.

PyAV brings FFmpeg's libraries. It is given an open file and the name of one demuxer, so that a file cannot make it open
another, or anything of a network.
"""

import importlib.util
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from soundproof.trainables.corpora.audio.broken import COPY, BrokenAudioError
from soundproof.trainables.corpora.corpus import Waveform

_SLACK_SECONDS = 0.1
"""What a container may promise beyond what is decoded: delay and padding of encoders."""

INSTALL = "pip install 'soundproof[ffmpeg]'"

_MAGICS: tuple[tuple[int, bytes, str, str], ...] = (
    (4, b"ftyp3g", "3GP", "mov"),
    (4, b"ftypqt", "QuickTime", "mov"),
    (4, b"ftyp", "MPEG-4 audio", "mov"),
    (0, b"\x1aE\xdf\xa3", "WebM or Matroska", "matroska"),
    (0, b"#!AMR", "AMR", "amr"),
    (0, bytes.fromhex("3026b2758e66cf11"), "Windows Media Audio", "asf"),
    (0, b"wvpk", "WavPack", "wv"),
    (0, b"MAC ", "Monkey's Audio", "ape"),
    (0, b"TTA1", "True Audio", "tta"),
    (0, b"tBaK", "TAK", "tak"),
    (0, b"MPCK", "Musepack", "mpc8"),
    (0, b"MP+", "Musepack", "mpc"),
    (0, b"DSD ", "DSD", "dsf"),
    (0, b"FRM8", "DSD", "iff"),
    (0, b"\x0bw", "AC-3", "ac3"),
    (0, b"\x7f\xfe\x80\x01", "DTS", "dts"),
    (0, b".RMF", "RealAudio", "rm"),
    (0, b".ra\xfd", "RealAudio", "rm"),
    (0, b"ajkg", "Shorten", "shn"),
    (28, b"Speex   ", "Speex", "ogg"),
    (0, b"\xff\xf1", "AAC", "aac"),
    (0, b"\xff\xf9", "AAC", "aac"),
    (0, b"MThd", "MIDI: notes, no sound", ""),
    (0, b"OFR ", "OptimFROG", ""),
)
"""Where which bytes stand, what such a file is called, and FFmpeg's name of its demuxer, where it has one."""


def recognised(head: bytes) -> tuple[str, str] | None:
    """What a file that begins with `head` is called, and its demuxer; None for what is none of these."""
    for offset, magic, name, demuxer in _MAGICS:
        if head.startswith(magic, offset):
            return name, demuxer
    return None


_HOLDERS: Mapping[bytes, tuple[str, str]] = {
    b"RIFF": ("WAV of another codec", "wav"),
    b"RF64": ("WAV of another codec", "wav"),
    b"caff": ("CAF of another codec", "caf"),
    b"FORM": ("AIFF-C of another codec", "aiff"),
}


def holder_of_codecs(head: bytes) -> tuple[str, str] | None:
    """A container of PCM that may hold any codec instead: what it is called then, and its demuxer."""
    return _HOLDERS.get(head[:4])


@cache
def available() -> bool:
    """Whether PyAV is installed."""
    return importlib.util.find_spec("av") is not None


def remedy(name: str) -> str:
    """What to do about files of this kind."""
    return f"convert: ffmpeg -i FILE FILE.flac, or {INSTALL}" if name else "convert it to WAV or FLAC"


class ForeignAudio:
    """A file that PyAV decodes, in the form in which `decoding` hands out any other."""

    def __init__(self, path: Path, name: str, demuxer: str) -> None:
        """Open the file. Raises `BrokenAudioError` where PyAV is not there, or finds no audio."""
        if not demuxer:
            raise BrokenAudioError(path, f"must be audio, got {name}: convert it to WAV or FLAC, or remove it")
        if not available():
            raise BrokenAudioError(path, f"is {name}, which libsndfile does not read: {remedy(name)}")
        import av  # noqa: PLC0415  # an extra, and for such files alone

        self._path, self._name, self._av = path, name, av
        self._file = path.open("rb")
        try:
            self._container: Any = av.open(self._file, format=demuxer)
            self._stream: Any = next(iter(self._container.streams.audio), None)
        except (av.FFmpegError, OSError, ValueError) as error:
            self._file.close()
            raise self._undecodable(0, error) from error
        if self._stream is None:
            self.close()
            raise BrokenAudioError(path, f"must hold audio, got {name} without any: remove it")
        if self._stream.codec_context is None:
            self.close()
            raise BrokenAudioError(path, f"is {name}, and of no codec that FFmpeg knows: {COPY}")
        if self._stream.codec_context.name == "alac":  # it has no padding: FFmpeg 8 drops that of the last packet twice
            self._stream.codec_context.options = {"flags2": "+skip_manual"}
        self.samplerate = int(self._stream.rate or 0)
        self.channels = int(self._stream.channels or 0)

    def __enter__(self) -> "ForeignAudio":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def stated_frames(self) -> None:
        """Never known: what such a header says is not what is decoded."""
        return None

    def blocks(self, at_once: int) -> Iterator[Waveform]:
        """All samples, in blocks of shape `(time, channels)` as the decoder makes them; `at_once` is its own choice."""
        resampler = self._av.AudioResampler(format="fltp")
        position = 0
        try:
            for packet in self._container.demux(self._stream):
                for frame in packet.decode():
                    if frame.sample_rate != self.samplerate or len(frame.layout.channels) != self.channels:
                        raise BrokenAudioError(self._path, "changes its rate or channels midway: convert it to WAV")
                    for made in resampler.resample(frame):
                        block = np.ascontiguousarray(made.to_ndarray().T, dtype=np.float32)
                        position += len(block)
                        yield block
        except (self._av.FFmpegError, ValueError) as error:
            raise self._undecodable(position, error) from error
        promised, held = self._promised_seconds(), position / self.samplerate
        if held < promised - _SLACK_SECONDS:
            raise BrokenAudioError(
                self._path, f"cut short: its header promises {promised:.3f} s, {held:.3f} s are there: {COPY}"
            )

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()
        self._file.close()

    def _promised_seconds(self) -> float:
        if self._stream.duration and self._stream.time_base:
            return float(self._stream.duration * self._stream.time_base)
        estimated = self._name in ("AAC", "AMR", "AC-3", "DTS")  # no length in these: FFmpeg guesses one from the rate
        return 0.0 if estimated or not self._container.duration else self._container.duration / self._av.time_base

    def _undecodable(self, position: int, error: Exception) -> BrokenAudioError:
        said = getattr(error, "strerror", None) or str(error)
        return BrokenAudioError(
            self._path, f"is {self._name}, which cannot be decoded after {position} frames ({said}): {COPY}"
        )
