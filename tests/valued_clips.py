"""Made-up clips with a value: tones whose value is their pitch in hertz, of speakers with phases of their own."""

import json
from pathlib import Path

import numpy as np
import soundfile

RATE = 8000
LOWEST_HZ, HIGHEST_HZ = 200.0, 2000.0


def write_valued_clips(folder: Path, clips: int = 40, *, speakers: int = 0) -> Path:
    """A manifest of tones of evenly spread pitches, named by no speaker, or by `speakers` in turn. Gives its path."""
    folder.mkdir(parents=True, exist_ok=True)
    time, random, lines = np.arange(RATE) / RATE, np.random.default_rng(0), []
    for number, pitch in enumerate(np.linspace(LOWEST_HZ, HIGHEST_HZ, clips).round(1).tolist()):
        tone = np.sin(2 * np.pi * pitch * time + random.uniform(0, 2 * np.pi))
        soundfile.write(folder / f"{number}.wav", 0.2 * tone + random.normal(0, 0.01, RATE), RATE)
        line = {"audio": f"{number}.wav", "value": pitch}
        lines.append(json.dumps(line | ({"speaker": f"s{number % speakers}"} if speakers else {})))
    (folder / "manifest.jsonl").write_text("\n".join(lines) + "\n")
    return folder / "manifest.jsonl"
