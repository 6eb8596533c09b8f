"""Read inputs that nobody wrote, of every kind that Soundproof reads, and see that each is read or refused.

    python -m benchmarks.fuzz --inputs 100000 [--seed 0] [--kind wav --kind csv] [--keep build/fuzz]

A reader has to return, or raise the error that its callers turn into a message. Anything else is a fault: another
exception, a warning, more than 512 MiB, more than 20 s, the death of the process. What fails is kept under a name that
says its kind, seed and number; `--first NUMBER --inputs 1 --kind KIND` makes it again.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.fuzzing.every_kind import KINDS
from benchmarks.fuzzing.kinds import Kind
from benchmarks.fuzzing.trying import Tally, keep, work

_FORKED = multiprocessing.get_context("fork")
"""What all kinds import is imported once."""

_DEATHS = 20
"""After so many the rest of a kind is left."""


def main() -> int:
    """Print a line for each kind; the status is 1 where there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=10_000, help="of all kinds together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the number of each kind's first input")
    parser.add_argument("--kind", action="append", choices=sorted(KINDS), help="by default all")
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"), help="where failing inputs go")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    kinds = [KINDS[name] for name in arguments.kind or KINDS]
    whole = sum(kind.share for kind in kinds)
    print(_row("kind", "inputs", "refused", "accepted", "faults", "most ms", "most MiB", "inputs/s"))
    tallies = []
    for kind in kinds:
        inputs = max(1, round(arguments.inputs * kind.share / whole))
        tallies.append(fuzz(kind, seed=arguments.seed, first=arguments.first, inputs=inputs, kept=arguments.keep))
        print(_line(tallies[-1]), flush=True)
    print(_line(total := _together(tallies)))
    for tally in tallies:
        places = Counter((fault["where"], fault["error"].split(":")[0]) for fault in tally.faults)
        for (where, error), count in places.most_common(20):
            example = next(each for each in tally.faults if each["where"] == where and each["error"].startswith(error))
            print(f"{tally.kind}: {count} x {where}: {example['error']} (number {example['number']})")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps([asdict(tally) for tally in tallies], indent=1))
    return 1 if total.faults else 0


def fuzz(kind: Kind, *, seed: int, first: int, inputs: int, kept: Path) -> Tally:
    """All inputs of a kind, in a process of its own; another one goes on after an input that killed it."""
    whole, at, end, deaths = Tally(kind=kind.name), first, first + inputs, 0
    while at < end and deaths < _DEATHS:
        with tempfile.TemporaryDirectory(prefix="soundproof-fuzz-") as name:
            folder = Path(name)
            process = _FORKED.Process(
                target=_work, args=(kind, folder, kept), kwargs={"seed": seed, "first": at, "inputs": end - at}
            )
            process.start()
            process.join()
            if (folder / "tally").exists():
                return _together([whole, Tally(**json.loads((folder / "tally").read_text()))])
            said = (folder / "stderr").read_text(errors="replace")
            if not (folder / "at").exists():
                raise SystemExit(f"{kind.name}: the seeds could not be read\n{said[-4000:]}")
            last = json.loads((folder / "at").read_text())
            error = f"Died: {process.exitcode}: {said.strip()[-300:]}"
            which = f"{kind.name}-seed{seed}-{last['number']}"
            keep(kept, which, last["seed"], error, (folder / "input").read_bytes())
            fault = {"number": last["number"], "seed": last["seed"], "error": error, "where": ""}
            whole = _together([whole, Tally(**last["tally"]), Tally(kind=kind.name, inputs=1, faults=[fault])])
            at, deaths = last["number"] + 1, deaths + 1
    return whole


def _work(kind: Kind, folder: Path, kept: Path, **numbers: int) -> None:
    with (folder / "stderr").open("w") as said:
        os.dup2(said.fileno(), 2)
        tally = work(kind, folder, kept=kept, **numbers)
    (folder / "tally").write_text(json.dumps(asdict(tally)))


def _together(tallies: Sequence[Tally]) -> Tally:
    found = Tally(kind=tallies[0].kind if len({tally.kind for tally in tallies}) == 1 else "all")
    for tally in tallies:
        for name in ("inputs", "refused", "accepted", "processor_seconds", "faults"):
            setattr(found, name, getattr(found, name) + getattr(tally, name))
        for name in ("most_milliseconds", "most_mib"):
            setattr(found, name, max(getattr(found, name), getattr(tally, name)))
    return found


def _line(tally: Tally) -> str:
    speed = tally.inputs / tally.processor_seconds if tally.processor_seconds else 0.0
    return _row(
        tally.kind,
        *(f"{number:,}" for number in (tally.inputs, tally.refused, tally.accepted, len(tally.faults))),
        f"{tally.most_milliseconds:,.0f}",
        f"{tally.most_mib:,.1f}",
        f"{speed:,.0f}",
    )


def _row(*cells: str) -> str:
    first, *others = cells
    return f"{first:<18}" + "".join(f"{cell:>11}" for cell in others)


if __name__ == "__main__":
    sys.exit(main())
