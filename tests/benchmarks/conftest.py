"""The rivals' study at the smallest size, and one thread."""

import pytest
import torch

from benchmarks.rivals.study import RivalStudy, make_study


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> RivalStudy:
    """Two variants, one seed, one epoch, on the smoke preset's embedded speech."""
    cache = tmp_path_factory.mktemp("features")
    return make_study("asr-cnn-sublayer-order", "smoke", cache, seeds=1, epochs=1, variants=2)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Tests share the machine."""
    torch.set_num_threads(1)
