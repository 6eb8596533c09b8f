"""What needs an extra says so where it is missing, before anything is made, and with status 2."""

import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from soundproof.common.errors import UserError
from soundproof.common.extras import EXTRAS, MissingExtraError, require_extra

ROOT = Path(__file__).resolve().parents[2]
WITHOUT = "import sys; sys.modules[sys.argv.pop(1)] = None; from soundproof.command_line.main import main; main()"
"""The command line as it is where a module cannot be imported."""


def _extras() -> dict[str, list[str]]:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {"core": declared["dependencies"], **declared["optional-dependencies"]}


@pytest.mark.parametrize("extra", EXTRAS)
def test_each_extra_brings_its_modules(extra: str) -> None:
    """What `EXTRAS` says is in `pyproject.toml`, `all` has it too, and the core has not."""
    declared = _extras()
    known = packages_distributions()
    for distribution in {name for module in EXTRAS[extra] for name in known[module]}:
        assert any(line.startswith(distribution) for line in declared[extra])
        assert not any(line.startswith(distribution) for line in declared["core"])
    assert extra in declared["all"][0].partition("[")[2].partition("]")[0].split(",")


@pytest.mark.parametrize(
    ("extra", "module", "arguments"),
    [
        ("speech", "espeakng_loader", ["run", "asr-merge-mode", "--preset", "smoke", "--seeds", "1"]),
        ("speech", "espeakng_loader", ["describe", "synthetic-keywords"]),
        ("explain", "captum", ["explain", "0123456789abcdef"]),
    ],
)
def test_the_command_names_the_extra(extra: str, module: str, arguments: list[str], tmp_path: Path) -> None:
    """Status 2, a message with what to install, no traceback, and no storage is made."""
    command = [sys.executable, "-c", WITHOUT, module, *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert f'{module} is not installed: pip install "soundproof[{extra}]"' in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_is_said_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a missing module is an error, and it is one of a user's."""
    require_extra("speech", "speech")
    monkeypatch.setitem(sys.modules, "captum", None)
    with pytest.raises(MissingExtraError, match="^this needs the extra explain, and captum is not installed"):
        require_extra("explain", "this")
    assert issubclass(MissingExtraError, UserError)
