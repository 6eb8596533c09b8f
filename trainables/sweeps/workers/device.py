"""What an actor keeps from trial to trial."""

from pathlib import Path

import torch

from soundproof.trainables.features import load
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

    def features(self, entry: Path) -> FeatureData:
        """Those of a cache entry."""
        if self._data is None or self._data[0] != entry:
            self.keep(entry, FeatureData(load(entry), self.device))
        assert self._data is not None
        return self._data[1]

    def check(self) -> None:
        """Raise what the device says where a kernel has failed: to this process it then refuses everything."""
        wait_for(self.device)

    def keep(self, entry: Path, data: FeatureData) -> None:
        """Have these features at hand."""
        self._data = (entry, data)
