"""How a program ends that trains: in order, or with a message and a status instead of a traceback."""

import os
import sys
import traceback
from collections.abc import Callable

from soundproof.api.session import StoppedError
from soundproof.common.errors import UserError
from soundproof.common.passwords import without_passwords
from soundproof.trainables.sweeps.interrupts import INTERRUPTED


def exit_with_status(program: Callable[[], object]) -> None:
    """Run it; what a user can cause ends with a message and status 2, Ctrl-C with status 130."""
    try:
        program()
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
