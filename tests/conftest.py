"""Shared by all tests: where the real data lies, and the order of tests, fast ones first."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

settings.register_profile("usual", max_examples=40, deadline=None)
settings.load_profile("usual")  # --hypothesis-profile=default has more examples

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow tests last, and what takes longest after them."""
    items.sort(key=lambda item: [item.get_closest_marker(name) is not None for name in ("evidence", "slow")])


@pytest.fixture(scope="session")
def fsdd() -> Path:
    """The recordings of the Free Spoken Digit Dataset, where they are at hand."""
    folder = SHARED / "data" / "fsdd"
    if not folder.is_dir():
        pytest.skip("the Free Spoken Digit Dataset is not beside the project")
    return folder
