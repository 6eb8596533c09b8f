"""Time of `Recurrent` relative to the library's layers, forward and backward, on one CPU thread.

Run from the root of the repository: `python -m benchmarks.recurrence`. Each repetition runs both on the same batch, in
turn, and gives one ratio of processor times; a row is their median and quartiles.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from soundproof.search_spaces.specs import RecurrentStack
from soundproof.search_spaces.specs.network import Cell, Merge
from soundproof.trainables.networks.padded_frames import Frames
from soundproof.trainables.networks.recurrent import Recurrent

BATCH = 32
REPETITIONS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One shape of recurrent stack; as many channels as units go in."""

    cell: Cell
    units: int
    frames: int = 110
    layers: int = 1
    merge: Merge | None = "concat"

    def __str__(self) -> str:
        directions = "one direction" if self.merge is None else "two directions"
        return f"{self.cell}, {self.layers} x {self.units} units, {directions}, {self.frames} frames"


CASES = (
    Case(cell="gru", units=64),
    Case(cell="gru", units=200),
    Case(cell="lstm", units=64),
    Case(cell="lstm", units=200),
    Case(cell="lstm", units=64, frames=240, layers=2, merge=None),
    Case(cell="simple_rnn", units=64),
)


def main() -> None:
    """Print one row per case."""
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} thread, batch {BATCH}, {REPETITIONS} repetitions")
    print("time relative to torch.nn: median (quartiles); milliseconds of both, medians")
    for case in CASES:
        ours, library = _ours(case), _library(case)
        values = torch.randn(BATCH, case.frames, case.units, requires_grad=True)
        pairs = [(_seconds(ours, values), _seconds(library, values)) for _ in range(3 + REPETITIONS)][3:]
        low, middle, high = statistics.quantiles([ours_ / library_ for ours_, library_ in pairs], n=4)
        times = " : ".join(f"{1000 * statistics.median(column):.1f}" for column in zip(*pairs, strict=True))
        print(f"{case!s:60} {middle:.2f} ({low:.2f} to {high:.2f})   {times}", flush=True)


def _ours(case: Case) -> Callable[[Tensor], Tensor]:
    spec = RecurrentStack(cell=case.cell, layers=case.layers, units=case.units, merge=case.merge)
    module = Recurrent(spec, case.units)
    frames = Frames(torch.full((BATCH,), case.frames), case.frames)
    return lambda values: module(values, frames)


def _library(case: Case) -> Callable[[Tensor], Tensor]:
    kinds = {"simple_rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
    module: nn.RNNBase = kinds[case.cell](
        case.units, case.units, num_layers=case.layers, bidirectional=case.merge is not None, batch_first=True
    )
    return lambda values: module(values)[0]


def _seconds(network: Callable[[Tensor], Tensor], values: Tensor) -> float:
    start = time.process_time()
    torch.autograd.backward(network(values).sum())
    return time.process_time() - start


if __name__ == "__main__":
    main()
