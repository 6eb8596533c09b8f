"""Made-up voices: chords of a few pitches each, in noise, so that clips of a voice are alike, and voices differ."""

import json
from pathlib import Path

import numpy as np
import soundfile

RATE = 8000


def write_voices(
    folder: Path, voices: int = 10, clips: int = 5, *, noise: float = 0.02, longer_seconds: float = 0.0
) -> Path:
    """A manifest of so many clips of each voice, labelled by it: one second, each next one so much longer.

    Gives its path.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random, lines = np.random.default_rng(0), []
    for voice in range(voices):
        pitches = random.uniform(200, 3500, 3)
        for clip in range(clips):
            time = np.arange(round(RATE * (1 + clip * longer_seconds))) / RATE
            tones = [np.sin(2 * np.pi * pitch * time + random.uniform(0, 2 * np.pi)) for pitch in pitches]
            name = f"{voice}-{clip}.wav"
            soundfile.write(folder / name, 0.2 * np.sum(tones, axis=0) + random.normal(0, noise, len(time)), RATE)
            lines.append(json.dumps({"audio": name, "label": f"voice {voice}"}))
    (folder / "manifest.jsonl").write_text("\n".join(lines) + "\n")
    return folder / "manifest.jsonl"
