"""Shared by all tests: where the real data lies, and the order of tests, fast ones first."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

settings.register_profile("usual", max_examples=40, deadline=None)
settings.load_profile("usual")  # --hypothesis-profile=default has more examples

from interrupting import interruptible  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


LONGEST = (
    "test_resume.py",
    "test_tracking_outages.py",
    "test_classification_commands.py",
    "test_mlflow_in_browser.py",
    "test_search_commands.py",
)
"""Files whose runs follow one another in one process: begun first of the slow tests, they leave no process waiting."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow tests last, of these the longest first, and what takes longest after them."""

    def place(item: pytest.Item) -> tuple[bool, bool, int]:
        evidence, slow = (item.get_closest_marker(name) is not None for name in ("evidence", "slow"))
        name = item.path.name
        return evidence, slow, LONGEST.index(name) if slow and name in LONGEST else len(LONGEST)

    items.sort(key=place)


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Let SIGINT arrive in this process and in those that the test starts, also where the tests are started without."""
    with interruptible():
        yield


@pytest.fixture
def soundproof_here(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line, from the top folder, in this process: that spares seconds of imports for every command."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        from soundproof.command_line.main import main

        monkeypatch.chdir(ROOT)
        monkeypatch.setattr(sys, "argv", ["run_search.py", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capfd.readouterr()
        return subprocess.CompletedProcess(sys.argv, ended.value.code or 0, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def fsdd() -> Path:
    """The recordings of the Free Spoken Digit Dataset, where they are at hand."""
    folder = SHARED / "data" / "fsdd"
    if not folder.is_dir():
        pytest.skip("the Free Spoken Digit Dataset is not beside the project")
    return folder
