"""What it costs to compare features with their digests: the share of a run's start.

    python -m benchmarks.digests STORAGE --study asr-cnn-sublayer-order [--corpus NAME:PATH]

STORAGE is a new folder. The features of the study are made there; each cache entry is compared as by the first process
of a machine, several times, and the medians of their times are added up. Then the study runs on them, one epoch of the
smoke preset, which says how long a start takes from the command to the first epoch.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.facts import in_words, machine_facts, write_json
from benchmarks.study import ours
from soundproof.api.options import SessionOptions
from soundproof.api.session import Session
from soundproof.search_spaces import find_study
from soundproof.trainables.features import load, prepare

REPETITIONS = 9


def main() -> None:
    """Print bytes, seconds, and the share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("storage", type=Path)
    parser.add_argument("--study", default="asr-cnn-sublayer-order")
    parser.add_argument("--corpus")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    facts = machine_facts()
    print(in_words(facts), flush=True)
    entries = made(arguments.storage, arguments.study, arguments.corpus)
    frames = sum((entry / "frames.npy").stat().st_size for entry in entries)
    first, others = (sum(seconds_to_load(entry, again) for entry in entries) for again in (False, True))
    corpus = [] if arguments.corpus is None else ["--corpus", arguments.corpus]
    options = ["--preset", "smoke", "--epochs", "1", "--seeds", "1", *corpus]
    start = ours(arguments.storage, arguments.study, options)["seconds_to_first_epoch"]
    print(
        f"{frames / 2**20:.1f} MiB: opened and compared in {1000 * first:.1f} ms, found compared in "
        f"{1000 * others:.1f} ms; from the command to the first epoch {start:.1f} s: "
        f"comparing takes {(first - others) / start:.2%} of it"
    )
    if arguments.json is not None:
        figures = {"bytes": frames, "compared_seconds": first, "known_seconds": others, "start_seconds": start}
        write_json(arguments.json, {"machine": facts, "study": arguments.study, **figures})


def made(storage: Path, study_id: str, corpus: str | None) -> Sequence[Path]:
    """The cache entries of a study."""
    study = find_study(study_id)
    session = Session.prepare(study.domain, SessionOptions(preset="smoke", corpus=corpus, storage=storage))
    wanted = {session.preset.variant(variant).features for variant in study.variants}
    return [prepare(session.corpus, features, storage / "features") for features in wanted]


def seconds_to_load(entry: Path, again: bool) -> float:
    """The median; where a machine reads it the first time, or `again`."""
    before, found = tempfile.tempdir, []
    for _ in range(REPETITIONS):
        with tempfile.TemporaryDirectory() as machine:
            tempfile.tempdir = machine
            try:
                if again:
                    load(entry)
                started = time.perf_counter()
                load(entry)
                found.append(time.perf_counter() - started)
            finally:
                tempfile.tempdir = before
    return statistics.median(found)


if __name__ == "__main__":
    main()
