"""What a trial costs that does not train: 10 recorded epochs, MLflow included, ours against the rivals.

    python -m benchmarks.no_op STORAGE --repetitions 3 --json FILE

The marginal cost of a trial is what a command with 200 of them takes longer than one with 20, by 180: start-up, which
comes once, cancels. Ours go through Ray Tune, the actors, the outbox and the recorder as ever; only the engine is
replaced, by one that has trained each epoch at once.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.facts import in_words, machine_facts, write_json
from soundproof.analysis.records.loading import load_study
from soundproof.common import record
from soundproof.search_spaces import PRESETS, find_study
from soundproof.search_spaces.specs import GroupSplit, SyntheticSpeech, Trial
from soundproof.trainables.corpora.embedded.synthetic_speech import make_synthetic_speech
from soundproof.trainables.sweeps.planning.seeds import FixedSeeds
from soundproof.trainables.sweeps.progress.protocol import Silence
from soundproof.trainables.sweeps.ray_tune import tuning
from soundproof.trainables.sweeps.ray_tune.resources import Resources
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.sweeps.sweep import Sweep, run_sweep
from soundproof.trainables.sweeps.workers import trainable as actor
from soundproof.trainables.training.engine import Outcome

FEW, MANY, EPOCHS = 20, 200, 10
METRICS = {record.TRAIN_LOSS: 1.0, record.VALIDATION_LOSS: 1.0, record.VALIDATION_CER: 0.5}
OURS, LOOP, FUNCTION = "soundproof", "plain loop", "ray function"


class NoOpTraining:
    """Stands for `Training` in an actor: every epoch has the same metrics at once."""

    def __init__(
        self, trial: Trial, data: object, settings: object = None, *, micro_batch: int | None = None
    ) -> None:  # as there
        self.trial = trial
        self.micro_batch = micro_batch
        self.history: list[dict[str, float]] = []
        self.status: record.Status | None = None

    @property
    def epoch(self) -> int:
        """Epochs so far."""
        return len(self.history)

    def run_epoch(self) -> dict[str, float]:
        """One more epoch."""
        self.history.append(METRICS)
        self.status = "completed" if self.epoch == EPOCHS else None
        return METRICS

    def finish(self) -> Outcome:
        """No weights, no predictions."""
        final = {record.best(record.VALIDATION_LOSS): 1.0}
        return Outcome(status="completed", reason=None, metrics=final, weights=None, predictions={})


class NoOpActor(actor.TrialActor):
    """The real actor, with a network that is trained at once."""

    def setup(self, config: dict[str, Any]) -> None:
        """See `TrialActor`."""
        from soundproof.trainables.sweeps.workers import worker  # noqa: PLC0415  # in the actor's process alone

        worker.Training = NoOpTraining  # type: ignore[assignment,attr-defined]
        super().setup(config)


def run_ours(storage: Path, trials: int) -> None:
    """A sweep of so many trials."""
    preset = replace(PRESETS["speech"]["smoke"], epochs=EPOCHS)
    declared = find_study("asr-merge-mode")
    study = replace(declared, variants=declared.variants[:1], baseline=declared.variants[0].id, claims=())
    assert isinstance(preset.corpus, SyntheticSpeech)
    sweep = Sweep(
        study=study,
        preset=preset,
        corpus=make_synthetic_speech(preset.corpus),
        corpus_name="synthetic-speech",
        split=GroupSplit(),
        schedule=FixedSeeds(study, trials),
        storage=Storage(root=storage),
        resources=Resources(),
    )
    with mock.patch.object(tuning, "TrialActor", NoOpActor):
        run_sweep(sweep, Silence())


def main() -> None:
    """Run the repetitions and print the marginal costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("storage", type=Path)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--trials", type=int, help="run so many of ours, print the seconds, and nothing else")
    parser.add_argument("--without-rivals", action="store_true")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    if arguments.trials is not None:
        started = time.perf_counter()
        run_ours(arguments.storage, arguments.trials)
        seconds = time.perf_counter() - started
        _check(arguments.storage, arguments.trials)
        gibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps({"wall_seconds": seconds, "driver_gibibytes": gibibytes}))
        return
    facts = machine_facts()
    print(in_words(facts), flush=True)
    names = [OURS] if arguments.without_rivals else [OURS, LOOP, FUNCTION]
    costs: dict[str, list[float]] = {name: [] for name in names}
    for number in range(arguments.repetitions):
        for name in names:
            few, many = (_seconds(arguments.storage / f"{number} {name} {count}", name, count) for count in (FEW, MANY))
            costs[name].append((many - few) / (MANY - FEW))
            print(f"{name}: {few:.1f} s for {FEW}, {many:.1f} s for {MANY}", flush=True)
    for name, values in costs.items():
        ratio = statistics.median(other / own for own, other in zip(costs[OURS], values, strict=True))
        middle, low, high = (1000 * choose(values) for choose in (statistics.median, min, max))
        print(f"{name:14} {middle:7.1f} ms a trial ({low:.1f} to {high:.1f}), {ratio:.1f} times ours")
    if arguments.json is not None:
        write_json(arguments.json, {"machine": facts, "seconds_per_trial": costs})


def _check(storage: Path, trials: int) -> None:
    """All have been recorded as completed, or what was measured is something else."""
    records = load_study(Storage(root=storage).tracking_uri, "asr-merge-mode", histories=())
    completed = [trial for trial in records.trials if trial.comparable]
    if len(completed) != trials:
        raise RuntimeError(f"{len(completed)} of {trials} trials were completed")


def _seconds(storage: Path, name: str, trials: int) -> float:
    """What the command itself says that it took, without its imports."""
    module = "benchmarks.no_op" if name == OURS else f"benchmarks.rivals.{name.replace(' ', '_')}"
    option = "--trials" if name == OURS else "--no-op"
    storage.mkdir(parents=True)
    figures = storage / "figures.json"
    command = [sys.executable, "-m", module, str(storage), option, str(trials)]
    if name == OURS:
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return float(json.loads(done.stdout.splitlines()[-1])["wall_seconds"])
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([*command, "--json", str(figures)], check=True, **silent)  # type: ignore[call-overload]
    return float(json.loads(figures.read_text())["wall_seconds"])


if __name__ == "__main__":
    main()
