"""Made-up voices: chords of a few pitches each, in noise, so that clips of a voice are alike, and voices differ."""

import json
from pathlib import Path

import numpy as np
import soundfile

RATE = 8000


def write_voices(folder: Path, voices: int = 10, clips: int = 5, *, noise: float = 0.02) -> Path:
    """A manifest of so many clips of each voice, one second each, labelled by it. Gives its path."""
    folder.mkdir(parents=True, exist_ok=True)
    time, random, lines = np.arange(RATE) / RATE, np.random.default_rng(0), []
    for voice in range(voices):
        pitches = random.uniform(200, 3500, 3)
        for clip in range(clips):
            tones = [np.sin(2 * np.pi * pitch * time + random.uniform(0, 2 * np.pi)) for pitch in pitches]
            name = f"{voice}-{clip}.wav"
            soundfile.write(folder / name, 0.2 * np.sum(tones, axis=0) + random.normal(0, noise, RATE), RATE)
            lines.append(json.dumps({"audio": name, "label": f"voice {voice}"}))
    (folder / "manifest.jsonl").write_text("\n".join(lines) + "\n")
    return folder / "manifest.jsonl"
