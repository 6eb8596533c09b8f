"""A storage looked over, mended and moved: what `check` does, for Python and the command line alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soundproof.api.options import DEFAULT_STORAGE

if TYPE_CHECKING:
    from soundproof.trainables.sweeps.upkeep.findings import Finding


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreCheck:
    """What was found wrong with a storage; `repaired` where that was repaired of it which could be."""

    storage: Path
    findings: "Sequence[Finding]"
    repaired: bool = False

    @property
    def left(self) -> int:
        """How many of the findings are still so."""
        return sum(not (self.repaired and finding.repair is not None) for finding in self.findings)

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "storage": str(self.storage),
            "findings": [finding.to_plain(repaired=self.repaired) for finding in self.findings],
            "left": self.left,
        }


def check_storage(storage: Path | str = DEFAULT_STORAGE, *, repair: bool = False) -> StoreCheck:
    """Look a storage over: its database, where files are said to lie, runs, files by their digests, caches.

    Arguments:
        storage: The folder that `run_study` was given.
        repair: Whether to do what is safe: what is removed is made again when needed, and no trial is.

    Returns:
        What was found, each with what a repair does about it, or what you may do.

    Raises:
        StorageError: There is no storage, or it is to be repaired while something runs on it.

    Examples:
        >>> wrong = [finding.what for finding in check_storage("my-store").findings]
    """
    from soundproof.trainables.sweeps.storage import Storage
    from soundproof.trainables.sweeps.upkeep.locks import alone
    from soundproof.trainables.sweeps.upkeep.looking import look_over

    place = Storage(root=Path(storage))
    found = look_over(place)
    if repair and any(finding.repair is not None for finding in found):
        with alone(place.root, "repaired"):
            for finding in found:
                if finding.repair is not None:
                    finding.repair()
    return StoreCheck(storage=place.root, findings=found, repaired=repair)


def move_storage(storage: Path | str, place: Path | str) -> Path:
    """Move a storage: copied, compared by digests, its record told where it is now, and then removed where it was.

    Arguments:
        storage: The folder that `run_study` was given.
        place: A new folder or an empty one, on any disk.

    Returns:
        The new place, as `storage` for all that follows.

    Raises:
        StorageError: The place cannot be, something runs on the storage, or the copy is not the same: all is then as
            it was.

    Examples:
        >>> storage = move_storage("my-store", "/data/my-store")
    """
    from soundproof.trainables.sweeps.storage import Storage
    from soundproof.trainables.sweeps.upkeep.moving import move

    move(Storage(root=Path(storage)), Path(place))
    return Path(place)
