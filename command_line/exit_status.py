"""How a program ends that trains: in order, or with a message and a status instead of a traceback."""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from soundproof.api.session import StoppedError
from soundproof.common import streams
from soundproof.common.errors import UserError
from soundproof.common.passwords import without_passwords
from soundproof.common.program import INTERRUPTED

if TYPE_CHECKING:
    from soundproof.analysis.records.trials import TrialRecord

NOTHING_TRAINED = 1


def exit_with_status(program: Callable[[], object]) -> None:
    """Run it; what a user can cause ends with a message and status 2, Ctrl-C with status 130."""
    streams.install()
    try:
        _refuse_lost_folder()
        try:
            program()
        except SystemExit as ended:
            if ended.code == INTERRUPTED:  # what Typer makes of KeyboardInterrupt, without a word
                raise KeyboardInterrupt from None
            if isinstance(cause := _first_cause(ended), EOFError):  # of which Typer makes "Aborted!"
                raise cause from None
            if not ended.code:  # else a fault before outweighs that a result could not be printed
                streams.finish()
            raise
        streams.finish()
    except (StoppedError, KeyboardInterrupt):
        print(
            "stopped: what is finished is recorded, and the same command goes on from there",
            file=sys.stderr,
            flush=True,
        )
        os._exit(INTERRUPTED)  # all is written; Ray's signal handlers may abort the interpreter's own way out
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except Exception:  # a fault of ours: with its traceback, in which libraries quote addresses
        print(without_passwords(traceback.format_exc()), end="", file=sys.stderr)
        sys.exit(1)


def _first_cause(error: BaseException) -> BaseException:
    """What was raised first of all that led to `error`."""
    while (before := error.__cause__ or error.__context__) is not None:
        error = before
    return error


def _refuse_lost_folder() -> None:
    """Raise `UserError` where the current folder was removed: relative paths, Ray and MLflow would fail in turn."""
    try:
        Path.cwd()
    except FileNotFoundError as error:
        raise UserError("the current folder has been removed: change to one that is there, by cd") from error


def exit_if_all_failed(trials: "Sequence[TrialRecord]") -> None:
    """Leave with a status that is not 0 where every trial that was trained has failed. Raises `typer.Exit`."""
    ends = {trial.status for trial in trials if trial.seed is not None}
    if ends == {"failed"}:
        print("every trial has failed: see their reasons above, or in MLflow's pages", file=sys.stderr)
        raise typer.Exit(NOTHING_TRAINED)
