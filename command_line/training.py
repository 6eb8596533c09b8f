"""A sweep from the terminal: progress while it runs, and a quiet end on Ctrl-C."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from trainables.sweeps.sweep import Sweep


def train(sweep: Sweep) -> None:
    """Train what is not finished yet. Stopped by Ctrl-C, it says how to go on and ends with status 130."""
    from trainables.sweeps.display import terminal_progress
    from trainables.sweeps.sweep import run_sweep

    try:
        with terminal_progress(sweep.study.question) as progress:
            run_sweep(sweep, progress)
    except KeyboardInterrupt:
        print("stopped: what is finished is recorded, and the same command goes on from there", file=sys.stderr)
        raise typer.Exit(130) from None
