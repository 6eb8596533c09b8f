"""The walls of the house: imports point one way, and what is light stays light."""

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

import soundproof

ROOT = Path(__file__).resolve().parents[1]


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_no_modules_import_each_other() -> None:
    """Not through any number of others either. Which room may import which is a contract of import-linter."""
    graph = grimp.build_graph("soundproof")
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    order = list(TopologicalSorter(imports).static_order())  # raises CycleError, which names the circle
    assert len(order) > 300


@pytest.mark.parametrize("folder", ["search_spaces", "soundproof/common"])
def test_what_can_vary_needs_the_standard_library_alone(folder: str) -> None:
    """Every import is our own or Python's."""
    files = list((ROOT / folder).rglob("*.py"))
    assert len(files) > 5
    for path in files:
        foreign = {name.split(".")[0] for name in _imports(path)} - set(sys.stdlib_module_names) - {"soundproof"}
        assert not foreign, f"{path.relative_to(ROOT)} imports {foreign}"


@pytest.mark.parametrize("command", [["list"], ["plan", "--all", "--json"], ["--help"], ["run", "--help"]])
def test_light_commands_load_nothing_heavy(command: list[str]) -> None:
    """Listing, planning and help load neither torch nor Ray nor MLflow, which alone take seconds."""
    code = (
        "import sys; sys.argv = ['run_search.py', *sys.argv[1:]]\n"
        "from soundproof.command_line.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'ray', 'mlflow', 'numpy', 'pandas', 'scipy', 'optuna'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code, *command], check=True, cwd=ROOT, capture_output=True)


def test_what_a_study_would_cost_needs_no_store() -> None:
    """The seeds that one study's claims would take are computed: with SciPy, without torch, Ray and MLflow."""
    code = (
        "import sys; sys.argv = ['run_search.py', 'plan', 'asr-merge-mode']\n"
        "from soundproof.command_line.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'ray', 'mlflow', 'pandas', 'optuna', 'sqlalchemy'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)
    assert "with which half of such studies decide" in done.stdout


@pytest.mark.parametrize("statement", ["import soundproof", "from soundproof import Study, load_file, run_study"])
def test_the_public_names_load_nothing_heavy(statement: str) -> None:
    """Neither torch nor Ray nor MLflow nor NumPy, and of the package itself nothing that is not asked for."""
    code = f"import sys; {statement}; assert not {{'torch', 'ray', 'mlflow', 'numpy', 'typer'}} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_every_public_name_is_there() -> None:
    """All of `__all__`, once each; and no name that is not in it, whatever the rooms have."""
    assert len(set(soundproof.__all__)) == len(soundproof.__all__)
    assert [name for name in soundproof.__all__ if getattr(soundproof, name) is None] == []
    with pytest.raises(AttributeError, match="no attribute 'expand'"):
        soundproof.expand  # noqa: B018


def test_a_switch_is_named_in_few_places() -> None:
    """From the command line to the engine it travels in one value, so few files of code know its name."""
    packages = ["search_spaces", "trainables", "analysis", "command_line", "soundproof/api", "soundproof/common"]
    files = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    for switch in ("norms", "epoch_seconds"):
        naming = [path for path in files if re.search(rf"\b{switch}\b", path.read_text(encoding="utf-8"))]
        assert len(naming) <= 4, f"{switch}: {[str(path.relative_to(ROOT)) for path in naming]}"


def test_engine_runs_without_ray_and_mlflow() -> None:
    """Importing the engine loads neither."""
    code = "import sys, soundproof.trainables.training.engine; assert not {'ray', 'mlflow'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


@pytest.mark.parametrize("package", ["search_spaces", "trainables", "analysis", "command_line"])
def test_old_names_are_refused_with_the_new_one(package: str) -> None:
    """In a checkout the folders can be found by their own names; a second copy of a module must never come of that."""
    code = f"import {package}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"import soundproof.{package}" in done.stderr.splitlines()[-1]
