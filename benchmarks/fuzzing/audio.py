"""Audio of every format that libsndfile writes here, and the lists that corpora come with."""

import io
import json
import wave
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.fuzzing.kinds import Kind, Ready, single, tree
from benchmarks.fuzzing.sealing import ogg_pages
from soundproof.search_spaces.specs import Cut, LibriSpeech, ManifestSpeech
from soundproof.trainables.corpora.recorded.audio_files import inspect, read_waveform
from soundproof.trainables.corpora.recorded.esc50 import open_esc
from soundproof.trainables.corpora.recorded.librispeech import open_librispeech
from soundproof.trainables.corpora.recorded.manifest import open_manifest
from soundproof.trainables.corpora.recorded.speech_commands import open_speech_commands
from soundproof.trainables.prediction.audio_input import read_long_waveform

RATE = 16_000
_FORMS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "wav": (("WAV", "PCM_16"), ("WAV", "PCM_U8"), ("WAV", "FLOAT"), ("WAV", "IMA_ADPCM"), ("WAV", "ULAW")),
    "wav64": (("RF64", "PCM_16"), ("W64", "PCM_16"), ("WAVEX", "PCM_24"), ("CAF", "PCM_16")),
    "flac": (("FLAC", "PCM_16"), ("FLAC", "PCM_24")),
    "ogg": (("OGG", "VORBIS"), ("OGG", "OPUS")),
    "mp3": (("MP3", "MPEG_LAYER_III"),),
    "aiff": (("AIFF", "PCM_16"), ("AIFF", "FLOAT")),
    "au": (("AU", "PCM_16"), ("AU", "ULAW")),
    "sphere": (("NIST", "PCM_16"), ("NIST", "ULAW")),
    "voc": (("VOC", "PCM_16"), ("VOC", "ULAW")),
    "samplers": (("SDS", "PCM_16"), ("AVR", "PCM_16"), ("MPC2K", "PCM_16"), ("XI", "DPCM_16"), ("SVX", "PCM_16")),
    "matlab": (("MAT4", "DOUBLE"), ("MAT5", "DOUBLE")),
}


_MONO = ("SDS", "XI", "SVX")


def tone(seconds: float = 0.2, channels: int = 1, hertz: float = 440.0) -> np.ndarray:
    """Samples of shape `(time, channels)`."""
    time = np.arange(round(seconds * RATE)) / RATE
    return np.repeat((0.5 * np.sin(2 * np.pi * hertz * time))[:, None], channels, axis=1)


def _encoded(form: str, subtype: str, channels: int) -> bytes:
    file = io.BytesIO()
    rate = 44_100 if form == "FLAC" else 48_000 if subtype == "OPUS" else RATE if channels > 1 else 8_000
    soundfile.write(file, tone(channels=channels), rate, format=form, subtype=subtype)
    return file.getvalue()


def _of_python() -> bytes:
    """As the standard library writes it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes((tone()[:, 0] * 32767).astype("<i2").tobytes())
    return file.getvalue()


def _read(path: Path) -> None:
    inspect(path)
    read_waveform(path, RATE)
    read_long_waveform(path, RATE)


def _audio(name: str, folder: Path) -> Ready:
    seeds = {
        f"{form}-{subtype}-{channels}.{name}": _encoded(form, subtype, channels)
        for form, subtype in _FORMS[name]
        for channels in (1, 2)
        if channels == 1 or form not in _MONO
    }
    return single(folder, seeds | ({"python.wav": _of_python()} if name == "wav" else {}), _read)


def _sealed_ogg(folder: Path) -> Ready:
    ready = _audio("ogg", folder)
    return Ready(seeds=ready.seeds, read=lambda name, content: ready.read(name, ogg_pages(content)))


def _write_tone(path: Path, hertz: float = 440.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, tone(0.1, hertz=hertz), RATE, subtype="PCM_16")


def _manifest(folder: Path) -> Ready:
    rows = []
    for number in range(3):
        _write_tone(folder / f"clips/{number}.wav", 200.0 + number)
        rows.append({"audio": f"clips/{number}.wav", "text": "one two", "speaker": f"s{number}", "duration": 0.1})
    rows[2]["partition"] = "test"
    (folder / "list.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tree(folder, lambda root: open_manifest(root / "list.jsonl", ManifestSpeech()), "list.jsonl")


def _esc(folder: Path) -> Ready:
    lines = ["filename,fold,target,category,esc10,src_file,take"]
    for label, category in enumerate(("dog", "rain")):
        for take in range(3):
            name = f"{take + 1}-{label}{take}-A-{label}.wav"
            _write_tone(folder / "audio" / name, 200.0 + 10 * label + take)
            lines.append(f"{name},{take + 1},{label},{category},True,{label}{take},A")
    (folder / "meta").mkdir()
    (folder / "meta/esc50.csv").write_text("\n".join(lines) + "\n")
    return tree(folder, lambda root: open_esc("esc50", root, Cut(seconds=0.1)), "meta/esc50.csv")


def _librispeech(folder: Path) -> Ready:
    place = folder / "84" / "121123"
    for number in range(3):
        _write_tone(place / f"84-121123-000{number}.flac", 200.0 + number)
    lines = (f"84-121123-000{number} GO DO YOU HEAR" for number in range(3))
    (place / "84-121123.trans.txt").write_text("\n".join(lines) + "\n")
    return tree(folder, lambda root: open_librispeech(root, LibriSpeech()), "84/121123/84-121123.trans.txt")


def _speech_commands(folder: Path) -> Ready:
    for word in ("yes", "no"):
        for number in range(4):
            _write_tone(folder / word / f"0a7c{number}_nohash_0.wav", 200.0 + number)
    (folder / "validation_list.txt").write_text("yes/0a7c0_nohash_0.wav\nno/0a7c0_nohash_0.wav\n")
    (folder / "testing_list.txt").write_text("yes/0a7c1_nohash_0.wav\nno/0a7c1_nohash_0.wav\n")
    names = ("validation_list.txt", "testing_list.txt")
    return tree(folder, lambda root: open_speech_commands(root, Cut(seconds=0.1)), *names)


_LISTS: Mapping[str, Callable[[Path], Ready]] = {"librispeech": _librispeech, "speech-commands": _speech_commands}

AUDIO = (
    *(Kind(name=name, open=partial(_audio, name), share=2.0) for name in _FORMS),
    Kind(name="ogg-sealed", open=_sealed_ogg, share=2.0),
    Kind(name="manifest", open=_manifest, form="lines", share=2.0),
    Kind(name="esc", open=_esc, form="cells"),
    *(Kind(name=name, open=opened) for name, opened in _LISTS.items()),
)
