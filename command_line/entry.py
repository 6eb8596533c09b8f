"""The program's first lines: Ctrl-C while everything else is still imported ends it in a line, not in a traceback."""

import os
import signal
import sys
from types import FrameType

from soundproof.common.program import INTERRUPTED


def main() -> None:
    """Run the command line, which takes up to seconds to import."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # a job in a script's background ignores Ctrl-C, and goes on to
        signal.signal(signal.SIGINT, _stop)
    from soundproof.command_line.main import main as run  # after the handler is there

    signal.signal(signal.SIGINT, before)
    run()


def _stop(_: int, __: FrameType | None) -> None:
    os.write(sys.stderr.fileno(), b"stopped before anything began\n")
    os._exit(INTERRUPTED)  # an exception would end in whichever library is half imported
