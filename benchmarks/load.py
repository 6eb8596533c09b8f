"""What grows faster than its input: many trials, variants, metrics and drivers, each at two sizes.

    python -m benchmarks.load STORAGE --json FILE [--part search --part variants ...]

Trials are recorded as ever, by Ray Tune, the actors, the outbox and MLflow; only the engine is replaced, by one that
has trained each epoch at once. Then comes the report of the record, by the command. Of both: seconds on the clock, and
of processor time (the driver's, without its actors), and the most memory that it held.
"""

import argparse
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

from mlflow.entities import Run
from mlflow.tracking import MlflowClient

from benchmarks.facts import in_words, machine_facts, write_json
from benchmarks.no_op import EPOCHS, NoOpTraining
from soundproof.common import record
from soundproof.search_spaces import PRESETS, find_space
from soundproof.search_spaces.custom.files import load_file
from soundproof.search_spaces.specs import GroupSplit, SyntheticKeywords, SyntheticSpeech
from soundproof.search_spaces.studies import Domain
from soundproof.trainables.corpora import Corpus
from soundproof.trainables.corpora.embedded.synthetic_keywords import make_synthetic_keywords
from soundproof.trainables.corpora.embedded.synthetic_speech import make_synthetic_speech
from soundproof.trainables.sweeps.planning.seeds import FixedSeeds
from soundproof.trainables.sweeps.progress.protocol import Silence
from soundproof.trainables.sweeps.ray_tune import tuning
from soundproof.trainables.sweeps.ray_tune.resources import Resources
from soundproof.trainables.sweeps.searching.search import Search, run_search
from soundproof.trainables.sweeps.searching.settings import SearchSettings
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.sweeps.sweep import Sweep, run_sweep
from soundproof.trainables.sweeps.workers import trainable as actor

METRICS = "LOAD_METRICS"
"""In the environment of the actors: how many metrics an epoch has."""

SERVER = "LOAD_SERVER"
"""In the environment: the address of a tracking server."""

SPACE = "speech-recipe"
STUDY_FILE = "benchmarks/load_study.py"


class CountedTraining(NoOpTraining):
    """Every epoch has as many metrics as asked for, and a loss that follows from the trial."""

    def run_epoch(self) -> dict[str, float]:
        """One more epoch."""
        loss = int(hashlib.sha256(self.trial.trial_id.encode()).hexdigest()[:8], 16) / 2**32
        speech = self.trial.task == "transcription"
        more = {f"own/{number}": float(number) for number in range(int(os.environ.get(METRICS, "3")) - 3)}
        errors = {record.VALIDATION_CER: loss} if speech else {record.VALIDATION_ACCURACY: 1 - loss}
        usual = {record.TRAIN_LOSS: loss, record.VALIDATION_LOSS: loss, **errors, **more}
        self.history.append(usual)
        self.status = "completed" if self.epoch == EPOCHS else None
        return usual


class LoadActor(actor.TrialActor):
    """The real actor, with a network that is trained at once."""

    def setup(self, config: dict[str, Any]) -> None:
        """See `TrialActor`."""
        from soundproof.trainables.sweeps.workers import worker  # noqa: PLC0415  # in the actor's process alone

        worker.Training = CountedTraining  # type: ignore[assignment,attr-defined]
        super().setup(config)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Something to grow: who records it, at which sizes, and the command that reports it."""

    unit: str
    sizes: tuple[int, int]
    run: Callable[[Path, int], None]
    report: tuple[str, ...]
    environment: Callable[[int], Mapping[str, str]] = lambda _: {}


def search_trials(storage: Path, trials: int) -> None:
    """A search at random of so many trials."""
    space = find_space(SPACE)
    settings = SearchSettings(
        trials=trials, objectives=(space.metric,), sampler="random", scheduler="none", confirm=0, seed=0
    )
    with mock.patch.object(tuning, "TrialActor", LoadActor):
        run_search(Search(space=space, settings=settings, **_job("speech", storage)), Silence())


def variants(storage: Path, seeds: int = 2) -> None:
    """The study of as many variants as the environment says, recorded where it says."""
    study = replace(load_file(STUDY_FILE).studies[0], claims=())
    job = _job("keywords", storage) | {"tracking_uri": os.environ.get(SERVER)}
    sweep = Sweep(study=study, schedule=FixedSeeds(study, seeds), **job)
    with mock.patch.object(tuning, "TrialActor", LoadActor):
        run_sweep(sweep, Silence())


def _job(domain: Domain, storage: Path) -> dict[str, Any]:
    preset = replace(PRESETS[domain]["smoke"], epochs=EPOCHS)
    sizes = preset.corpus
    if isinstance(sizes, SyntheticSpeech):
        corpus: Corpus = make_synthetic_speech(sizes)
    else:
        assert isinstance(sizes, SyntheticKeywords)
        corpus = make_synthetic_keywords(sizes)
    job = {"preset": preset, "corpus": corpus, "corpus_name": f"synthetic-{domain}", "split": GroupSplit()}
    return job | {"storage": Storage(root=storage), "resources": Resources()}


_FILE = ("load", "--file", STUDY_FILE)
PARTS: Mapping[str, Part] = {
    "search": Part(unit="trials", sizes=(1_000, 5_000), run=search_trials, report=(SPACE,)),
    "variants": Part(
        unit="variants of two seeds",
        sizes=(200, 2_000),
        run=lambda storage, _: variants(storage),
        report=_FILE,
        environment=lambda size: {"LOAD_VARIANTS": str(size)},
    ),
    "metrics": Part(
        unit="metrics an epoch, 50 trials of 10 epochs",
        sizes=(20, 200),
        run=lambda storage, _: variants(storage, seeds=25),
        report=_FILE,
        environment=lambda size: {"LOAD_VARIANTS": "2", METRICS: str(size)},
    ),
    "drivers": Part(
        unit="drivers on one server, 50 trials each",
        sizes=(1, 10),
        run=lambda storage, _: variants(storage, seeds=25),
        report=_FILE,
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """Of one command: seconds on the clock, seconds of processor time, gibibytes at most, bytes printed."""

    wall: float
    processor: float
    gibibytes: float
    printed: int


def cost_of(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """What a command costs, its children that it waited for included."""
    started = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | dict(environment)
    ) as process:
        assert process.stdout is not None
        printed = len(process.stdout.read())
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(
        wall=time.perf_counter() - started,
        processor=used.ru_utime + used.ru_stime,
        gibibytes=used.ru_maxrss / 2**20,
        printed=printed,
    )


def main() -> None:
    """Print a line for each part, size and command, and how the costs have grown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("storage", type=Path)
    parser.add_argument("--part", action="append", choices=PARTS, help="leave out the others")
    parser.add_argument("--size", type=int, help="record a part at that size, and nothing else")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    names = arguments.part or list(PARTS)
    if arguments.size is not None:
        PARTS[names[0]].run(arguments.storage, arguments.size)
        return
    facts = machine_facts()
    print(in_words(facts), flush=True)
    found = {name: measured(name, arguments.storage / name) for name in names}
    if arguments.json is not None:
        write_json(arguments.json, {"machine": facts, "parts": found})


def measured(name: str, storage: Path) -> dict[str, Any]:
    """The costs of a part at both sizes, and their ratios beside that of the sizes."""
    if name == "drivers":
        return drivers(storage)
    part = PARTS[name]
    found: dict[str, list[Cost]] = {"record": [], "report": []}
    pages = []
    for size in part.sizes:
        root, environment = storage / str(size), part.environment(size)
        root.mkdir(parents=True)
        commands = {
            "record": ["-m", "benchmarks.load", str(root), "--part", name, "--size", str(size)],
            "report": ["run_search.py", "report", *part.report, "--storage", str(root), "--preset", "smoke"],
        }
        for what, command in commands.items():
            found[what].append(cost_of([sys.executable, *command], environment))
            print(f"{name}, {size:,} {part.unit}: {what} {_words(found[what][-1])}", flush=True)
        pages.append(sum(page.stat().st_size for page in root.rglob("report.html")))
        print(f"{name}, {size:,} {part.unit}: page of {pages[-1] / 1e6:.1f} MB", flush=True)
    growth = part.sizes[1] / part.sizes[0]
    for what, (few, many) in found.items():
        print(f"{name}, {growth:g} times as many: {what} {many.processor / few.processor:.1f} times the processor time")
    return {what: [_plain(cost) for cost in costs] for what, costs in found.items()} | {"page_bytes": pages}


def drivers(storage: Path) -> dict[str, Any]:
    """The costs of one driver, and of ten at once, with studies of their own on one server."""
    found: dict[str, list[dict[str, float]]] = {}
    for size in PARTS["drivers"].sizes:
        root = storage / str(size)
        root.mkdir(parents=True)
        with server(root) as address, ThreadPoolExecutor(size) as beside:
            started = time.perf_counter()
            going = [beside.submit(_driver, root / str(number), f"load-{number}", address) for number in range(size)]
            costs = [one.result() for one in going]
            wall = time.perf_counter() - started
            client = MlflowClient(address)
            kept = [run for one in client.search_experiments() for run in _runs(client, one.experiment_id)]
        finished = sum(run.info.status == "FINISHED" for run in kept)
        most = max(cost.wall for cost in costs)
        processor = sum(cost.processor for cost in costs) / size
        print(
            f"drivers, {size} on one server: {wall:.1f} s, the slowest {most:.1f} s, processor {processor:.1f} s "
            f"each, {costs[0].gibibytes:.2f} GiB; {finished} of {len(kept)} runs finished",
            flush=True,
        )
        found[str(size)] = [_plain(cost) for cost in costs]
    return found


def _driver(storage: Path, study: str, address: str) -> Cost:
    storage.mkdir()
    environment = {"LOAD_STUDY": study, "LOAD_VARIANTS": "2", SERVER: address, "MLFLOW_TRACKING_URI": address}
    return cost_of(
        [sys.executable, "-m", "benchmarks.load", str(storage), "--part", "drivers", "--size", "1"], environment
    )


def _runs(client: MlflowClient, experiment: str) -> list[Run]:
    found, token = [], None
    while True:
        page = client.search_runs([experiment], max_results=1_000, page_token=token)
        found += list(page)
        token = page.token
        if not token:
            return found


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The address of an MLflow server on loopback, its store in the folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--backend-store-uri", f"sqlite:///{folder / 'server.db'}"]
    command += ["--artifacts-destination", str(folder / "served")]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health"):
                    break
            except OSError:
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _words(cost: Cost) -> str:
    return (
        f"{cost.wall:.1f} s, of the processor {cost.processor:.1f} s, {cost.gibibytes:.2f} GiB, "
        f"{cost.printed / 1e3:.0f} kB printed"
    )


def _plain(cost: Cost) -> dict[str, float]:
    return {"wall": cost.wall, "processor": cost.processor, "gibibytes": cost.gibibytes, "printed": cost.printed}


if __name__ == "__main__":
    main()
