"""Verdicts on noise that nobody here made: trainings of one RNN-T on LibriSpeech, submitted to MLPerf Training.

    python -m benchmarks.real_noise mlperf_rnnt.csv [--studies N] [--before COMMIT]

The table has a line for each training: round, submission, seed, global batch, epochs to the target, final word error
rate, minutes, status (from the result logs in the public repositories mlcommons/training_results_v1.0, v2.0 and v3.0;
Apache-2.0). A submission is an arm of ten seeds. Of arms that are another one again, one is kept; arms without any
spread are left out.

- Arms of batch 1536 train alike: studies of eight of them test the error, with a claim for each of seven against the
  first.
- One arm of batch 2048 needs more epochs: a study of it and seven of batch 1536 tests the power.

Two versions judge the same resampled studies, as in `benchmarks.calibration`. Seeds are drawn without replacement for
every arm by itself, so nothing is paired. `found` is that the claim's own p value is at most 5%, before any correction.
"""

import argparse
import csv
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.calibration import BEFORE, HERE, Answer, Version, other_version
from benchmarks.scenarios import NEAR_ZERO, Losses, Scenario, pairs

ARMS = 8
LEVEL = 0.05
EPOCHS = "best/epoch"
VARIANTS = tuple("abcdefgh")
SEED = 20_261_130
DESIGNS = {"fixed": "fixed", "looks": "valid at every look"}


def read_arms(path: Path) -> dict[str, list[Losses]]:
    """Epochs to the target of every arm (seeds,), by global batch."""
    seeds: dict[tuple[str, str, str], list[float]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["status"] == "success":
                arm = (row["global_batch"], row["round"], row["submission"])
                seeds.setdefault(arm, []).append(float(row["epochs_to_target"]))
    found: dict[str, list[Losses]] = {}
    seen = set()
    for (batch, _, _), epochs in seeds.items():
        again = (batch, tuple(sorted(epochs)))
        if len(set(epochs)) > 1 and again not in seen:
            seen.add(again)
            found.setdefault(batch, []).append(np.array(epochs))
    return found


def resampled(arms: Sequence[Losses], first: Sequence[Losses] | None, seeds: int, studies: int) -> Losses:
    """Studies (studies, arms, seeds) of eight `arms`, or of one arm of `first` and seven of `arms`."""
    generator = np.random.default_rng([SEED, seeds])
    drawn = np.empty((studies, ARMS, seeds))
    for study in range(studies):
        chosen = [] if first is None else [first[int(generator.integers(len(first)))]]
        others = generator.choice(len(arms), ARMS - len(chosen), replace=False).tolist()
        for row, arm in enumerate([*chosen, *(arms[index] for index in others)]):
            drawn[study, row] = generator.choice(arm, seeds, replace=False)
    return drawn


def dealt(arms: Sequence[Losses], seeds: int, studies: int) -> Losses:
    """Studies (studies, arms, seeds) of runs of any of the arms, each run at most once a study."""
    generator, runs = np.random.default_rng([SEED, seeds]), np.concatenate(arms)
    drawn = [generator.choice(runs, (ARMS, seeds), replace=False) for _ in range(studies)]
    return np.array(drawn)


def asked() -> Scenario:
    """Whether each of the others needs fewer epochs than the first arm."""
    return Scenario(
        name="real noise",
        variants=VARIANTS,
        claims=tuple(pairs("Better", (variant, "a")) for variant in VARIANTS[1:]),
        margin=NEAR_ZERO,
        draw=lambda generator, studies: np.empty((studies, ARMS, generator.integers(2))),
        wrong=(frozenset({"supported", "contradicted"}),) * (ARMS - 1),
        metric=EPOCHS,
    )


def main() -> None:
    """Resample and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument(
        "--studies", type=int, default=4000, help="resampled studies of the power; half as many of the error"
    )
    parser.add_argument("--before", default=BEFORE, metavar="COMMIT", help="the version to compare with")
    arguments = parser.parse_args()
    arms = read_arms(arguments.table)
    alike, slower = arms["1536"], arms["2048"]
    print(f"{len(alike)} arms of batch 1536, {len(slower)} of batch 2048")
    with other_version(arguments.before) as before, tempfile.TemporaryDirectory() as folder:
        for version in (before, Version(name="after", checkout=HERE)):
            for seeds in (3, 4, 6, 10):
                for how, losses in (
                    ("dealt anew", dealt(alike, seeds, arguments.studies // 2)),
                    ("as they are", resampled(alike, None, seeds, arguments.studies // 2)),
                ):
                    answers = version.judge(asked(), losses, Path(folder), fixed=[seeds], looks=[seeds])
                    for design in ("fixed", "looks"):
                        wrong = [asked().is_wrong(answer[design][str(seeds)]["trained"]) for answer in answers]
                        _print(version, f"alike, {how}, {seeds} seeds, {DESIGNS[design]}: a wrong verdict", wrong)
            losses = resampled(alike, slower, 3, arguments.studies)
            answers = version.judge(asked(), losses, Path(folder), fixed=[3], looks=[3])
            for design, words in DESIGNS.items():
                _print(version, f"batch 2048 against 1536, 3 seeds, {words}: found", _found(answers, design))


def _found(answers: Sequence[Answer], design: str) -> list[bool]:
    return [answer[design]["3"]["p_values"][0][0] <= LEVEL for answer in answers]


def _print(version: Version, what: str, hits: Sequence[bool]) -> None:
    share = float(np.mean(hits))
    error = math.sqrt(max(share * (1 - share), 1 / len(hits)) / len(hits))
    print(f"{version.name:8}{what:64}{share:8.2%} +- {error:.2%}{len(hits):7}", flush=True)


if __name__ == "__main__":
    main()
