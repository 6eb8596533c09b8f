"""Where libraries keep what they make once for a machine, when neither the installation nor a home can be written to.

So it is in containers whose user has no home. Numba then refuses to compile, and with it every trial fails; Matplotlib
complains. A folder that the user has named stands.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from soundproof.common.package import PACKAGE_FOLDER

_NUMBA, _MATPLOTLIB = "NUMBA_CACHE_DIR", "MPLCONFIGDIR"
_COMPILED_FROM = PACKAGE_FOLDER / "trainables" / "training" / "tasks" / "__pycache__"
"""Numba keeps compiled code beside the source, if it can."""

_TEMPORARY: set[str] = set()
"""Folders that this process has made."""


def settle_library_caches(below: Path | None = None) -> None:
    """Name folders in `below` to those libraries that have no other, for this process and all that it starts.

    Without `below`, in a temporary folder that ends with this process. Call it before they are imported.
    """
    usual = {
        _NUMBA: (_COMPILED_FROM, home_folder("XDG_CACHE_HOME", ".cache", "numba")),
        _MATPLOTLIB: (home_folder("XDG_CONFIG_HOME", ".config", "matplotlib"),),
    }
    for name, places in usual.items():
        named = os.environ.get(name)
        if (not named or (named in _TEMPORARY and below is not None)) and not _any_takes(places):
            folder = _temporary() if below is None else below.absolute() / name.partition("_")[0].lower()
            os.environ[name] = str(folder)


def home_folder(variable: str, usual: str, name: str) -> Path | None:
    """A folder of the user's; None where there is no home."""
    home = os.path.expanduser("~")  # which raises nothing where there is none
    place = os.environ.get(variable) or (os.path.join(home, usual) if home != "~" else "")
    return Path(place) / name if os.path.isabs(place) else None


def _any_takes(places: Sequence[Path | None]) -> bool:
    """Whether a file can be made in one of them."""
    for place in places:
        if place is None:
            continue
        try:
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place):
                return True
        except OSError:
            continue
    return False


def _temporary() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="soundproof-"))  # nobody else's: compiled code is read from there
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _TEMPORARY.add(str(folder))
    return folder
