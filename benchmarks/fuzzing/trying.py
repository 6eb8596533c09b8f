"""One input after another in a process of its own, with a cap of memory and of time; what is no answer is a fault."""

import contextlib
import json
import logging
import os
import resource
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from benchmarks.fuzzing.kinds import Kind, Ready
from benchmarks.fuzzing.mutations import mutate

CAP_MIB = 512
"""Of address space, beyond what the process has when the seeds were read: what an input may take at most."""
CAP_SECONDS = 20
"""For one input, of a clock on the wall: the machine may be busy."""


_OTHERS = ("/site-packages/", "/lib/python", "<frozen")


class TooLong(BaseException):
    """The cap of time was reached. No reader catches it."""


@dataclass(kw_only=True, slots=True)
class Tally:
    """What came of the inputs of a kind."""

    kind: str
    inputs: int = 0
    refused: int = 0
    accepted: int = 0
    most_milliseconds: float = 0.0
    most_mib: float = 0.0
    processor_seconds: float = 0.0
    faults: list[dict[str, Any]] = field(default_factory=list)


def changed(kind: Kind, ready: Ready, seed: int, number: int) -> tuple[str, bytes]:
    """Input `number` of a kind: the name of the seed, and what was made of it. The same on every machine."""
    random = Random(f"{seed}/{kind.name}/{number}")  # to be repeated, not to be guessed
    names = sorted(ready.seeds)
    name = random.choice(names)
    return name, mutate(random, ready.seeds[name], kind.form, [ready.seeds[other] for other in names])


def work(kind: Kind, folder: Path, *, seed: int, first: int, inputs: int, kept: Path) -> Tally:
    """Read the inputs from number `first` on. `folder / "at"` says which one is being read, should the process die."""
    _quiet()
    ready = kind.open(folder / "work")
    for name, content in ready.seeds.items():
        ready.read(name, content)  # raises where a seed is refused: they are whole
    tally = Tally(kind=kind.name)
    with _capped():
        for number in range(first, first + inputs):
            name, content = changed(kind, ready, seed, number)
            (folder / "at").write_text(json.dumps({"number": number, "seed": name, "tally": asdict(tally)}))
            (folder / "input").write_bytes(content)
            fault = _try(kind, ready, name, content, tally)
            if fault is not None:
                tally.faults.append({"number": number, "seed": name, **fault})
                keep(kept, f"{kind.name}-seed{seed}-{number}", name, fault["error"], content)
    return tally


def keep(folder: Path, which: str, name: str, error: str, content: bytes) -> None:
    """Keep a failing input under a name that says how to make it again: `which` is kind, seed and number."""
    folder.mkdir(parents=True, exist_ok=True)
    kind = error.split(":", maxsplit=1)[0]
    (folder / f"{which}-{kind}-{name.replace('/', '_')}").write_bytes(content)


def _try(kind: Kind, ready: Ready, name: str, content: bytes, tally: Tally) -> dict[str, str] | None:
    """Read one input; gives what is wrong with how that ended, None where nothing is."""
    before, started, at = _peak(reset=True), time.perf_counter(), time.process_time()
    fault = None
    _ignored.clear()
    signal.setitimer(signal.ITIMER_REAL, CAP_SECONDS)
    signal.setitimer(signal.ITIMER_PROF, 2 * CAP_SECONDS)  # ends the process, where no Python is run meanwhile
    try:
        ready.read(name, content)
        tally.accepted += 1
    except kind.refusals as error:
        tally.refused += 1
        if hidden := _hidden(error):
            fault = _described(hidden)
    except (Exception, TooLong) as error:
        fault = _described(error)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
    if _ignored and fault is None:
        fault = {"error": f"Ignored: {_ignored[0]}", "where": ""}
    tally.inputs += 1
    tally.processor_seconds += time.process_time() - at
    tally.most_milliseconds = max(tally.most_milliseconds, 1000 * (time.perf_counter() - started))
    tally.most_mib = max(tally.most_mib, (_peak() - before) / 1024)
    return fault


def _hidden(error: BaseException | None) -> BaseException | None:
    """Memory that was not to be had, or time, told as another error."""
    while error is not None:
        if isinstance(error, MemoryError | TooLong):
            return error
        error = error.__cause__ or error.__context__
    return None


def _described(error: BaseException) -> dict[str, str]:
    """What was raised, and the last place of ours on the way there."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        frame for frame in frames if "/site-packages/" not in frame.filename and "/lib/python" not in frame.filename
    ]
    last = (ours or frames)[-1] if frames else None
    where = "" if last is None else f"{Path(last.filename).name}:{last.lineno} {last.name}"
    return {"error": f"{type(error).__name__}: {str(error)[:200]}", "where": where}


_ignored: list[str] = []


def _quiet() -> None:
    """Warnings are errors; what is raised where nobody can catch it is kept."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", message="The ``noload`` loader strategy is deprecated")  # MLflow about SQLAlchemy
    sys.unraisablehook = lambda found: _ignored.append(f"{type(found.exc_value).__name__}: {found.exc_value}"[:200])


@contextlib.contextmanager
def _capped() -> Iterator[None]:
    def too_long(_: int, __: FrameType | None) -> None:
        raise TooLong

    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    handler = signal.signal(signal.SIGALRM, too_long)
    resource.setrlimit(resource.RLIMIT_AS, (pages * os.sysconf("SC_PAGE_SIZE") + CAP_MIB * 2**20, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
        signal.signal(signal.SIGALRM, handler)


def _peak(*, reset: bool = False) -> float:
    """The most memory that the process has held, in KiB: since the start, or since it was last reset."""
    if reset:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_bytes()
    at = status.index(b"VmHWM:") + 6
    return float(status[at : status.index(b"kB", at)])
