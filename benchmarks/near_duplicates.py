"""Near-duplicates: how many planted copies are found, how many alarms there are without any, and what it costs.

    python -m benchmarks.near_duplicates --esc10 FOLDER --fsdd FOLDER/recordings [--every N]

Each recording is planted beside the originals once for each thing done to it: MP3 at 64 kbit/s, 6 dB less, 0.3 s of
silence before it, the first 0.3 s missing, 16 kHz, and the first three together. Its length stays, but for spoken
digits, which end with the recording. Alarms are pairs among the originals alone; each is printed with its names.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from benchmarks.facts import in_words, machine_facts, write_json
from soundproof.trainables.corpora.recorded.near_duplicates import NearDuplicates, Sound, find_near_duplicates

Samples = NDArray[np.float64]
Change = Callable[[Samples, int], tuple[Samples, int]]

_SHIFT_SECONDS = 0.3
_SHORT_SECONDS = 2.0
_MP3_LEVELS = {44_100: 0.889, 16_000: 0.65, 8_000: 0.0}
"""libsndfile's, with which its encoder makes 64 kbit/s at that rate."""


def _same(samples: Samples, rate: int) -> tuple[Samples, int]:
    return samples, rate


def _softer(samples: Samples, rate: int) -> tuple[Samples, int]:
    return samples / 2, rate


def _later(samples: Samples, rate: int) -> tuple[Samples, int]:
    after = np.concatenate([np.zeros(round(_SHIFT_SECONDS * rate)), samples])
    return (after[: len(samples)] if len(samples) > _SHORT_SECONDS * rate else after), rate


def _earlier(samples: Samples, rate: int) -> tuple[Samples, int]:
    return samples[round(_SHIFT_SECONDS * rate) :], rate


def _at_16_khz(samples: Samples, rate: int) -> tuple[Samples, int]:
    common = int(np.gcd(rate, 16_000))
    return resample_poly(samples, 16_000 // common, rate // common), 16_000


def _together(samples: Samples, rate: int) -> tuple[Samples, int]:
    return _later(samples / 2, rate)


_CHANGES: Mapping[str, tuple[Change, bool]] = {
    "MP3": (_same, True),
    "6 dB less": (_softer, False),
    "0.3 s later": (_later, False),
    "0.3 s earlier": (_earlier, False),
    "16 kHz": (_at_16_khz, False),
    "MP3, 6 dB less, 0.3 s later": (_together, True),
}
"""What is done to a recording, and whether it is an MP3 file afterwards."""


def main() -> None:
    """Print a table row for each corpus and change."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--esc10", type=Path)
    parser.add_argument("--fsdd", type=Path)
    parser.add_argument("--every", type=int, default=1, help="plant copies of every N-th recording alone")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    facts = machine_facts()
    print(in_words(facts), flush=True)
    with tempfile.TemporaryDirectory() as machine:
        tempfile.tempdir = machine  # where nothing is noted yet
        figures = _all_figures(arguments)
    if arguments.json is not None:
        write_json(arguments.json, {"machine": facts, **figures})


def _all_figures(arguments: argparse.Namespace) -> Mapping[str, Mapping[str, float]]:
    figures = {}
    for name, folder in (("esc10", arguments.esc10), ("fsdd", arguments.fsdd)):
        if folder is not None:
            paths = sorted(path for ending in ("*.ogg", "*.wav") for path in folder.rglob(ending))
            figures[name] = measured(name, paths, arguments.every)
    with tempfile.TemporaryDirectory() as place:
        figures["synthesised"] = alarms("synthesised", synthesised(Path(place)))
    return figures


def measured(name: str, paths: Sequence[Path], every: int) -> Mapping[str, float]:
    """Alarms among the recordings at `paths`, and the share of planted copies that is found, by what was done."""
    figures = dict(alarms(name, paths))
    for number, (what, (change, compressed)) in enumerate(_CHANGES.items()):
        with tempfile.TemporaryDirectory() as place:
            copies = {
                path: planted(path, Path(place) / f"{number}-{path.stem}", change, compressed=compressed)
                for path in paths[::every]
                if change is not _earlier or soundfile.info(path).duration > _SHORT_SECONDS
            }
            if not copies:
                continue
            found = find_near_duplicates(_sounds([*paths, *copies.values()]), most_seconds=float("inf"))
        sets = {sound.path: index for index, same in enumerate(found.sets) for sound in same}
        hits = sum(sets.get(path, -1) == sets.get(copy, -2) for path, copy in copies.items())
        figures[what] = hits / len(copies)
        wrong = sum(len({path_of(sound, copies) for sound in same}) > 1 for same in found.sets)
        print(f"{name}: {what}: {hits} of {len(copies)} found; {wrong} sets of several recordings", flush=True)
    return figures


def path_of(sound: Sound, copies: Mapping[Path, Path]) -> Path:
    """The original of a recording."""
    return next((path for path, copy in copies.items() if copy == sound.path), sound.path)


def planted(path: Path, copy: Path, change: Change, *, compressed: bool) -> Path:
    """A changed copy of the recording at `path`."""
    samples, rate = soundfile.read(path)
    samples, rate = change(samples, rate)
    if not compressed:
        soundfile.write(copy.with_suffix(".wav"), samples, rate)
        return copy.with_suffix(".wav")
    level = _MP3_LEVELS[rate]
    soundfile.write(copy.with_suffix(".mp3"), samples, rate, bitrate_mode="CONSTANT", compression_level=level)
    return copy.with_suffix(".mp3")


def alarms(name: str, paths: Sequence[Path]) -> Mapping[str, float]:
    """Sets found among recordings of which none was planted, and the processor's seconds for 1,000 of them."""
    started = time.process_time()
    found: NearDuplicates = find_near_duplicates(_sounds(paths), most_seconds=float("inf"))
    seconds = 1000 * (time.process_time() - started) / len(paths)
    print(f"{name}: {len(found.sets)} alarms among {len(paths)}; {seconds:.1f} s of processor time for 1,000")
    for same in found.sets:
        print("  " + " ~ ".join(sound.name for sound in same), flush=True)
    return {"recordings": len(paths), "alarms": len(found.sets), "seconds_for_1000": seconds}


def synthesised(folder: Path) -> list[Path]:
    """Two hundred tones, noises, and tones over noise, each of a pitch or seed of its own, and silences."""
    rate, paths = 16_000, []
    time_axis = np.arange(rate) / rate
    for number in range(50):
        drawn = np.random.default_rng(number)
        tone = np.sin(2 * np.pi * (200 + 13 * number) * time_axis)
        noise, other_noise = drawn.normal(size=(2, rate))
        kinds = {"tone": tone, "noise": noise / 4, "both": tone + other_noise / 10, "silence": np.zeros(rate + number)}
        for kind, samples in kinds.items():
            paths.append(folder / f"{kind}-{number}.wav")
            soundfile.write(paths[-1], samples / 4, rate)
    return paths


def _sounds(paths: Sequence[Path]) -> list[Sound]:
    return [Sound(name=path.name, target="", group=path.name, side=None, path=path) for path in paths]


if __name__ == "__main__":
    main()
