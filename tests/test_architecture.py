"""The walls of the house: imports point one way, and what is light stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FORBIDDEN = {
    "search_spaces": {"trainables", "analysis", "command_line", "run_search"},
    "trainables": {"analysis", "command_line", "run_search"},
    "analysis": {"trainables", "command_line", "run_search"},
    "command_line": {"run_search"},
    "trainables/training": {"ray", "mlflow", "trainables.sweeps"},
    "trainables/networks": {"ray", "mlflow", "trainables.sweeps", "trainables.training"},
    "trainables/features": {"ray", "mlflow", "trainables.sweeps", "trainables.training", "trainables.networks"},
    "trainables/corpora": {"ray", "mlflow", "trainables.sweeps", "trainables.training", "trainables.networks"},
    "trainables/prediction": {"ray", "trainables.sweeps"},
    "trainables/explanation": {"ray", "trainables.sweeps"},
    "trainables/serving": {"ray", "trainables.sweeps"},
    "trainables/description": {"ray", "trainables.sweeps"},
}


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize(("room", "forbidden"), FORBIDDEN.items())
def test_imports_point_one_way(room: str, forbidden: set[str]) -> None:
    """No file of a room imports what the room may not know."""
    files = list((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        for name in _imports(path):
            bad = [prefix for prefix in forbidden if name == prefix or name.startswith(prefix + ".")]
            assert not bad, f"{path.relative_to(ROOT)} imports {name}"


def test_search_spaces_needs_the_standard_library_alone() -> None:
    """Every import in `search_spaces` is its own or Python's."""
    for path in (ROOT / "search_spaces").rglob("*.py"):
        foreign = {name.split(".")[0] for name in _imports(path)} - set(sys.stdlib_module_names) - {"search_spaces"}
        assert not foreign, f"{path.relative_to(ROOT)} imports {foreign}"


@pytest.mark.parametrize("command", [["list"], ["plan", "--all", "--json"], ["--help"], ["run", "--help"]])
def test_light_commands_load_nothing_heavy(command: list[str]) -> None:
    """Listing, planning and help load neither torch nor Ray nor MLflow, which alone take seconds."""
    code = (
        "import sys; sys.argv = ['run_search.py', *sys.argv[1:]]\n"
        "import run_search\n"
        "try:\n    run_search.main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'ray', 'mlflow', 'numpy', 'pandas', 'scipy', 'optuna'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code, *command], check=True, cwd=ROOT, capture_output=True)


def test_engine_runs_without_ray_and_mlflow() -> None:
    """Importing the engine loads neither."""
    code = "import sys, trainables.training.engine; assert not {'ray', 'mlflow'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
