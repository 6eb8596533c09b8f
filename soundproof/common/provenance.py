"""What software made a trial: Soundproof and the libraries under it, as a trial's run says it and as it is cited."""

import functools
import importlib.metadata
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from soundproof.common import record
from soundproof.common.package import CHECKOUT

LIBRARIES: Mapping[str, str] = {
    "python": "Python",
    "torch": "PyTorch",
    "torchaudio": "torchaudio",
    "ray": "Ray",
    "optuna": "Optuna",
    "mlflow": "MLflow",
    "scikit-learn": "scikit-learn",
    "numpy": "NumPy",
}
"""What numbers depend on beside Soundproof: distributions, and Python itself, with their names."""

CHANGES = "+changes"
"""After a commit whose files had been edited."""

_GIT_SECONDS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """Versions of Soundproof, None where a run names none, and of the `libraries`, empty where a run names none.

    `commit` is that of the checkout, followed by `CHANGES` where files differ from it; None where it was none.
    """

    version: str | None
    commit: str | None = None
    libraries: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> "Provenance":
        """What the tags of a trial's run say."""
        words = tags.get(record.LIBRARIES, "")
        pairs = [word.rpartition(" ") for word in words.split(", ") if word]
        libraries = tuple((package, version) for package, _, version in pairs)
        return cls(version=tags.get(record.VERSION), commit=tags.get(record.COMMIT), libraries=libraries)

    @property
    def tags(self) -> dict[str, str]:
        """Of a trial's run."""
        words = ", ".join(f"{package} {version}" for package, version in self.libraries)
        tags = {record.VERSION: self.version, record.COMMIT: self.commit, record.LIBRARIES: words}
        return {name: value for name, value in tags.items() if value}

    @property
    def text(self) -> str:
        """All versions on one line."""
        commit = "" if self.commit is None else f" (commit {self.commit})"
        named = [f"{LIBRARIES.get(package, package)} {version}" for package, version in self.libraries]
        others = named or ["libraries whose versions are not recorded"]
        return ", ".join([f"Soundproof {self.version or 'of an unrecorded version'}{commit}", *others])


@functools.cache
def installed() -> Provenance:
    """What this process runs: found out once."""
    versions = {package: importlib.metadata.version(package) for package in LIBRARIES if package != "python"}
    return Provenance(
        version=importlib.metadata.version("soundproof"),
        commit=commit_of(CHECKOUT),
        libraries=tuple(({"python": platform.python_version()} | versions).items()),
    )


def commit_of(root: Path) -> str | None:
    """The commit of the checkout in `root`; None where that is installed in another way, or there is no git."""
    if not (root / ".git").exists():
        return None
    head = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    return None if head is None else f"{head}{CHANGES if changed else ''}"


def _git(root: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_GIT_SECONDS, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
