"""Made-up clips with several labels: tones of three pitches, any of which may sound at once."""

import itertools
import json
from pathlib import Path

import numpy as np
import soundfile

PITCHES = {"low": 300.0, "middle": 1000.0, "high": 2500.0}
RATE = 8000


def write_tagged_clips(folder: Path, copies: int = 4) -> Path:
    """A manifest of every combination of the pitches, `copies` times, as lists and as texts. Gives its path."""
    folder.mkdir(parents=True, exist_ok=True)
    time, random, lines = np.arange(RATE) / RATE, np.random.default_rng(0), []
    combinations = [some for size in (1, 2, 3) for some in itertools.combinations(PITCHES, size)]
    for number, labels in enumerate(combinations * copies):
        phases = random.uniform(0, 2 * np.pi, len(labels))
        tones = [np.sin(2 * np.pi * PITCHES[name] * time + phase) for name, phase in zip(labels, phases, strict=True)]
        soundfile.write(folder / f"{number}.wav", 0.2 * np.sum(tones, axis=0) + random.normal(0, 0.01, RATE), RATE)
        written = list(labels) if number % 2 else (",", ";")[number % 4 // 2].join(labels)
        lines.append(json.dumps({"audio": f"{number}.wav", "labels": written}))
    (folder / "manifest.jsonl").write_text("\n".join(lines) + "\n")
    return folder / "manifest.jsonl"
