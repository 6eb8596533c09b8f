"""What to type for a command of Soundproof: texts that name commands name them so that they work as printed."""

import shlex
import shutil
import sys
from pathlib import Path

SCRIPT = "run_search.py"
INSTALLED = "soundproof"
USUAL = f"python {SCRIPT}"
"""In the project's folder: what pages say, whoever reads them."""


def program() -> str:
    """The words before a command, as this process was started; `USUAL` in a notebook or a script."""
    started = sys.argv[0]
    if Path(started).name == SCRIPT:
        return shlex.join([sys.orig_argv[0], started])
    if Path(started).name == INSTALLED:
        found = shutil.which(INSTALLED)
        return INSTALLED if found is not None and Path(found).samefile(started) else shlex.quote(started)
    return USUAL


def command(*words: str) -> str:
    """A command line to be pasted."""
    return f"{program()} {shlex.join(words)}"
