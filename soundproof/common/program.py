"""What to type for a command of Soundproof: texts that name commands name them so that they work as printed."""

import re
import shlex
import shutil
import sys
from pathlib import Path

SCRIPT = "run_search.py"
INSTALLED = "soundproof"
INTERRUPTED = 130
"""Exit status of a program that Ctrl-C has ended."""
USUAL = f"python {SCRIPT}"
"""In the project's folder: what pages say, whoever reads them."""
_PASSWORD = re.compile(r"://[^/@]*:[^/@]*@")
"""In an address: such words are not repeated on a terminal."""


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


def again() -> str:
    """What to do to go on: the command that this process was started with, where there is one that can be shown."""
    words = sys.argv[1:]
    given = "give the same command again"
    if Path(sys.argv[0]).name not in {SCRIPT, INSTALLED} or any(_PASSWORD.search(word) for word in words):
        return given
    return f"{given}: `{command(*words)}`"
