"""What an actor keeps from trial to trial."""

from pathlib import Path

import torch

from soundproof.common.digests import DamagedError
from soundproof.trainables.features import load
from soundproof.trainables.features.cache import FRAMES
from soundproof.trainables.features.verified import State, state_of
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.steps.device import wait_for


class WorkerDevice:
    """A device, and the features that were read last."""

    def __init__(self, *, threads: int, gpu: bool) -> None:
        """`gpu`: whether this process may use one."""
        torch.set_num_threads(threads)
        self.threads = threads
        self.device = torch.device("cuda" if gpu and torch.cuda.is_available() else "cpu")
        self._data: tuple[Path, FeatureData] | None = None
        self._state: State | None = None
        """Of the file that the frames are mapped from, when they were what had been written."""

    def features(self, entry: Path) -> FeatureData:
        """Those of a cache entry. Raises `DamagedError` where they are not what was written."""
        state = state_of(entry / FRAMES)
        if self._data is None or self._data[0] != entry or self._state != state:
            self.keep(entry, FeatureData(load(entry), self.device))
            self._state = state
        assert self._data is not None
        return self._data[1]

    def check_features(self) -> None:
        """Raise `DamagedError` where the features at hand have been written to, and are not what they were.

        It costs nothing while nobody writes there. Of a file that was removed, what is mapped stays as it is.
        """
        if self._data is None or (self._data[1].resident and self.device.type != "cpu"):
            return
        entry = self._data[0]
        state = state_of(entry / FRAMES)
        if state is None or self._state is None or state == self._state:
            return
        load(entry)
        if state.inode != self._state.inode:
            raise DamagedError(f"{entry / FRAMES} was replaced while a trial read it, and may have been damaged before")
        self._state = state

    def check(self) -> None:
        """Raise what the device says where a kernel has failed: to this process it then refuses everything."""
        wait_for(self.device)

    def keep(self, entry: Path, data: FeatureData) -> None:
        """Have these features at hand."""
        self._data, self._state = (entry, data), state_of(entry / FRAMES)
