"""A clock that somebody else sets: Python imports this when it starts, where the folder is on its path.

What is shifted is `time.time`, `time.time_ns`, and `datetime.now` as Soundproof's own modules see it.
"""

import builtins
import datetime
import mmap
import os
import struct
import sys
import time
import types

CLOCK = "SOUNDPROOF_FAULTS_CLOCK"
"""In the environment: a file with the seconds by which the clock is set forward, and a byte that says it was read."""


def _install(file: str) -> None:
    handle = os.open(file, os.O_RDWR)
    shared = mmap.mmap(handle, 9)
    os.close(handle)
    seconds, nanoseconds = time.time, time.time_ns

    def shift() -> float:
        (found,) = struct.unpack_from("<d", shared)
        if found and not shared[8]:
            shared[8] = 1
        return float(found)

    class Shifted(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
            return datetime.datetime.now(tz) + datetime.timedelta(seconds=shift())

    ours = types.ModuleType("datetime")
    vars(ours).update(vars(datetime))
    ours.datetime = Shifted
    usual = builtins.__import__

    def load(name, globals=None, locals=None, fromlist=(), level=0):
        if name == "datetime" and str((globals or {}).get("__name__")).startswith("soundproof."):
            return ours
        return usual(name, globals, locals, fromlist, level)

    time.time = lambda: seconds() + shift()
    time.time_ns = lambda: nanoseconds() + int(shift() * 1e9)
    builtins.__import__ = load


if CLOCK in os.environ:
    try:
        _install(os.environ[CLOCK])
    except OSError as error:
        sys.exit(f"no clock: {error}")
