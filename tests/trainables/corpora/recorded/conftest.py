"""How often recordings are opened."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from soundproof.trainables.corpora.recorded import audio_files


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file has been opened since the test began, by its name."""
    counts: Counter[str] = Counter()
    audio_files._inspected.cache_clear()  # of what another test has opened
    open_file = audio_files._open

    def count(path: Path) -> Any:
        counts[path.name] += 1
        return open_file(path)

    monkeypatch.setattr(audio_files, "_open", count)
    return counts
