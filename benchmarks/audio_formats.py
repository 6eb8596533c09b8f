"""Numbers of samples that are read of files of each format, beside FFmpeg's, and whether a cut file is refused.

    python -m benchmarks.audio_formats FOLDER

The files are made in FOLDER by ffmpeg, sox, lame, flac and libsndfile, from 3.7 s of noise and tones at 44,100 Hz; what
is not installed makes none. Each is counted by our reader and by FFmpeg, which decodes it to samples; then a copy that
ends after 60% of its bytes is given to our reader. Prints the table of docs/reference/audio.md.
"""

import argparse
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.facts import write_json
from soundproof.trainables.corpora.audio.broken import BrokenAudioError
from soundproof.trainables.corpora.recorded.audio_files import inspect, read_mono

RATE, FRAMES = 44_100, 163_170
KEPT_WHEN_CUT = 0.6

FFMPEG = {  # ending: codec and what else FFmpeg is told
    "pcm16.wav": ("-c:a", "pcm_s16le"),
    "float64.wav": ("-c:a", "pcm_f64le"),
    "alaw.wav": ("-c:a", "pcm_alaw"),
    "rf64.wav": ("-c:a", "pcm_s24le", "-rf64", "always"),
    "mpeg.wav": ("-c:a", "libmp3lame"),
    "layer2.mp2": ("-c:a", "mp2"),
    "without-xing.mp3": ("-c:a", "libmp3lame", "-write_xing", "0"),
    "16kHz.mp3": ("-ar", "16000", "-c:a", "libmp3lame", "-write_xing", "0"),
    "plain.flac": ("-c:a", "flac"),
    "flac.oga": ("-c:a", "flac"),
    "vorbis.ogg": ("-c:a", "libvorbis"),
    "opus.opus": ("-c:a", "libopus"),
    "pcm.aiff": (),
    "pcm.au": (),
    "pcm.w64": (),
    "pcm.caf": ("-c:a", "pcm_s16be"),
    "alac.caf": ("-c:a", "alac"),
    "aac.m4a": ("-c:a", "aac"),
    "aac.aac": ("-c:a", "aac"),
    "aac.mka": ("-c:a", "aac"),
    "opus.webm": ("-c:a", "libopus"),
    "wma.wma": (),
    "wavpack.wv": (),
    "true.tta": (),
    "dolby.ac3": (),
}
SOX = {  # ending: how sox writes it
    "ms-adpcm.wav": ("-e", "ms-adpcm"),
    "ima-adpcm.wav": ("-e", "ima-adpcm"),
    "gsm.wav": ("-e", "gsm-full-rate"),
    "sphere.sph": (),
    "ulaw.sph": ("-e", "u-law"),
    "blocks.voc": (),
    "instrument.8svx": ("-b", "8"),
    "sampler.avr": (),
}
SNDFILE = {  # ending: libsndfile's format and subtype
    "g721.wav": ("WAV", "G721_32"),
    "samples.sds": ("SDS", "PCM_16"),
    "box.mpc2k": ("MPC2K", "PCM_16"),
    "two.mat": ("MAT5", "PCM_16"),
    "four.mat": ("MAT4", "PCM_16"),
    "plain.ircam": ("IRCAM", "PCM_16"),
    "plain.paf": ("PAF", "PCM_16"),
    "plain.pvf": ("PVF", "PCM_16"),
    "plain.xi": ("XI", "DPCM_16"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What became of a file: samples a channel here and by FFmpeg, and what was said of its first 60%."""

    name: str
    maker: str
    here: int | str
    ffmpeg: int | str
    cut: str

    @property
    def row(self) -> str:
        """As a line of the table."""
        here, theirs = (f"{one:,}" if isinstance(one, int) else one for one in (self.here, self.ffmpeg))
        return f"| {self.name} | {self.maker} | {here} | {theirs} | {self.cut} |"


def main() -> None:
    """Make the files, count them, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    found = []
    print("| file | made by | samples here | FFmpeg | cut to 60% |\n|---|---|---:|---:|---|")
    for path, maker in made(arguments.folder):
        found.append(counted(path, maker))
        print(found[-1].row, flush=True)
    if arguments.json is not None:
        write_json(arguments.json, {one.name: [one.maker, one.here, one.ffmpeg, one.cut] for one in found})


def made(folder: Path) -> Iterator[tuple[Path, str]]:
    """The files, each with the program that made it; what a program cannot make is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "source.wav"
    samples = _samples()
    soundfile.write(source, samples, RATE, subtype="PCM_16")
    for name, options in FFMPEG.items():
        yield from _by(folder / name, "ffmpeg", "-v", "error", "-y", "-i", source, *options, folder / name)
    for name, options in SOX.items():
        yield from _by(folder / name, "sox", "-D", source, *options, folder / name)
    yield from _by(folder / "lame.mp3", "lame", "--quiet", source, folder / "lame.mp3")
    yield from _by(folder / "lame-vbr.mp3", "lame", "--quiet", "-V2", source, folder / "lame-vbr.mp3")
    yield from _by(folder / "reference.flac", "flac", "--silent", "-f", source, "-o", folder / "reference.flac")
    for name, (kind, subtype) in SNDFILE.items():
        soundfile.write(folder / name, samples, RATE, format=kind, subtype=subtype)
        yield folder / name, "libsndfile"
    yield from _joined(folder)


def _samples() -> np.ndarray:
    """Two tones and noise, of shape (time,)."""
    time = np.arange(FRAMES) / RATE
    tones = np.sin(2 * np.pi * 440 * time) / 4 + np.sin(2 * np.pi * 3000 * time) / 8
    return np.asarray(tones + np.random.default_rng(0).normal(0, 0.02, FRAMES), dtype=np.float32)


def _by(path: Path, program: str, *arguments: str | Path) -> Iterator[tuple[Path, str]]:
    if shutil.which(program) is None:
        return
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode == 0 and path.is_file():
        yield path, program


def _joined(folder: Path) -> Iterator[tuple[Path, str]]:
    """Two streams behind one another, as concatenated downloads are."""
    for first, second, name in (
        ("lame.mp3", "lame-vbr.mp3", "joined.mp3"),
        ("vorbis.ogg", "vorbis.ogg", "joined.ogg"),
    ):
        if (folder / first).is_file() and (folder / second).is_file():
            (folder / name).write_bytes((folder / first).read_bytes() + (folder / second).read_bytes())
            yield folder / name, "cat"


def counted(path: Path, maker: str) -> Counted:
    """The file by our reader and by FFmpeg, and its first 60% by ours."""
    cut = path.with_name(f"cut-{path.name}")
    content = path.read_bytes()
    cut.write_bytes(content[: int(len(content) * KEPT_WHEN_CUT)])
    short = _here(cut)
    cut.unlink()
    return Counted(
        name=path.name,
        maker=maker,
        here=_here(path),
        ffmpeg=_by_ffmpeg(path),
        cut="refused" if isinstance(short, str) else f"**{short:,} samples, not told**",
    )


def _here(path: Path) -> int | str:
    """Samples a channel, promised and read; or why none are."""
    try:
        stated = inspect(path)
        read = len(read_mono(path)[0])
    except BrokenAudioError as error:
        return error.reason
    return read if read == stated.frames else f"{stated.frames:,} promised, {read:,} read"


def _by_ffmpeg(path: Path) -> int | str:
    if shutil.which("ffmpeg") is None:
        return "not installed"
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-ac", "1", "-f", "s16le", "-"]
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    return len(done.stdout) // 2 if done.stdout else "not read"


if __name__ == "__main__":
    main()
