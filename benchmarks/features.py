"""Features of an hour of recordings, made for the first time and found again.

    python -m benchmarks.features --seconds-of-audio 3600 --json FILE

Noise of the level of speech in WAV files of ten seconds, listed in a manifest. For spectrograms and MFCC features of
documented size: opening the corpus, which reads every file once, making its features on all processors, and finding
them in the cache.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import soundfile

from benchmarks.facts import in_words, machine_facts, write_json
from soundproof.search_spaces import PRESETS, find_study
from soundproof.search_spaces.specs import Features, ManifestSpeech
from soundproof.trainables.corpora.recorded.manifest import open_manifest
from soundproof.trainables.features import load, prepare

SAMPLE_RATE_HZ, CLIP_SECONDS = 16_000, 10
STUDY = "asr-spectrogram-versus-mfcc"
Made = TypeVar("Made")


def main() -> None:
    """Print the seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds-of-audio", type=int, default=3600)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    facts = machine_facts()
    print(in_words(facts), flush=True)
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        manifest = write_recordings(Path(folder), arguments.seconds_of_audio // CLIP_SECONDS)
        opening, corpus = _timed(lambda: open_manifest(manifest, ManifestSpeech()))
        print(f"opening {len(corpus.examples)} recordings: {opening:.2f} s", flush=True)
        for name, features in _kinds().items():
            cache = Path(folder) / "cache"
            cold, _ = _timed(lambda: prepare(corpus, features, cache))  # noqa: B023  # called at once
            warm, _ = _timed(lambda: load(prepare(corpus, features, cache)))  # noqa: B023
            figures[name] = {"cold": cold, "warm": warm}
            print(f"{name}: {cold:.1f} s, found again in {warm:.3f} s", flush=True)
    if arguments.json is not None:
        write_json(arguments.json, {"machine": facts, "opening": opening, "features": figures})


def write_recordings(folder: Path, count: int) -> Path:
    """So many clips, and the manifest that lists them."""
    noise = np.random.default_rng(0)
    lines = []
    for number in range(count):
        path = folder / f"{number}.wav"
        soundfile.write(path, noise.normal(0, 0.1, SAMPLE_RATE_HZ * CLIP_SECONDS).clip(-1, 1), SAMPLE_RATE_HZ)
        lines.append(json.dumps({"audio": path.name, "text": "noise"}))
    manifest = folder / "manifest.jsonl"
    manifest.write_text("\n".join(lines), encoding="utf-8")
    return manifest


def _kinds() -> dict[str, Features]:
    """Features of the speech studies at documented size, by a name."""
    preset = PRESETS["speech"]["documented"]
    variants = [preset.variant(variant) for variant in find_study(STUDY).variants]
    return {f"{type(value.features).__name__} {value.features.digest()}": value.features for value in variants}


def _timed(run: Callable[[], Made]) -> tuple[float, Made]:
    started = time.perf_counter()
    made = run()
    return time.perf_counter() - started, made


if __name__ == "__main__":
    main()
