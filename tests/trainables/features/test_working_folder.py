"""Folders to make something in, and what the dead leave behind."""

import subprocess
import sys
from pathlib import Path

from soundproof.trainables.features.working_folder import working_folder

WORKS = """
import sys, time
from pathlib import Path
from soundproof.trainables.features.working_folder import working_folder
with working_folder(Path(sys.argv[1])) as folder:
    (folder / "part").touch()
    print("works", flush=True)
    time.sleep(60)
"""


def _working(place: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", WORKS, place], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "works\n"
    return process


def test_a_workshop_is_gone_when_it_is_left(tmp_path: Path) -> None:
    """With all that lies in it; what was moved out of it stays."""
    with working_folder(tmp_path) as folder:
        (folder / "part").touch()
        (folder / "made").mkdir()
        (folder / "made").rename(tmp_path / "made")
    assert list(tmp_path.iterdir()) == [tmp_path / "made"]


def test_what_the_dead_left_is_removed_and_the_living_keep_theirs(tmp_path: Path) -> None:
    """One process is killed and another goes on, while a third comes."""
    (tmp_path / "made").mkdir()
    (tmp_path / ".parts-1").mkdir()
    with _working(tmp_path) as dead, _working(tmp_path) as living:
        dead.kill()
        dead.wait()
        assert len(list(tmp_path.glob(".*"))) == 2
        with working_folder(tmp_path):
            assert len(list(tmp_path.glob(".*/part"))) == 1
            assert len(list(tmp_path.glob(".*"))) == 2
        living.kill()
    with working_folder(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == [tmp_path / "made"]
