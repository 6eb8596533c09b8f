"""Networks are computed as trials on CPUs are."""

import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Trials on CPUs use one thread each; more of them wait for each other where cores are shared."""
    torch.set_num_threads(1)
