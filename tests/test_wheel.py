"""The built wheel in an environment of its own, among files and packages of other people that have our old names."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOREIGN = ("analysis.py", "trainables.py", "search_spaces/__init__.py", "tests/__init__.py")

SCRIPT = """
from soundproof import load_file, run_study

if __name__ == "__main__":
    study = load_file("my_study.py").studies[0]
    print(run_study(study, preset="smoke", seeds=2, storage="from-script"))
"""
CELL = SCRIPT.replace('if __name__ == "__main__":', "if True:").replace("from-script", "from-notebook")
"""A kernel is a script of another kind; it needs no guard."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return _build(ROOT, tmp_path_factory.mktemp("wheel"))


def _build(project: Path, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([*command, str(project)], check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the installed libraries and without Soundproof: its own folder of packages comes first."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    packages = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


def _pip(environment: Path, *words: str) -> None:
    python = environment / "bin" / "python"
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), *words], check=True, capture_output=True)


def _run(environment: Path, folder: Path, *words: str) -> str:
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(environment / "bin" / "python"), *words]
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _execute(environment: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the cell in a kernel of the environment."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    spec = folder / "jupyter" / "kernels" / "wheel" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [str(environment / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "wheel", "language": "python"}), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(folder / "jupyter"))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    resources = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(notebook, kernel_name="wheel", resources=resources, timeout=300).execute()


def test_the_wheel_holds_one_package(wheel: Path) -> None:
    """Nothing of it lies at the top level beside `soundproof`, and no link is left in it."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"soundproof"}
    assert {"soundproof/py.typed", "soundproof/analysis/reports.py", "soundproof/common/errors.py"} <= set(names)
    assert {
        "soundproof/analysis/summaries/shipped_spreads.json",
        "soundproof/analysis/templates/page.html",
        "soundproof/analysis/verdicts/exaggeration.json",
        "soundproof/search_spaces/documented/numbers/asr.json",
    } <= set(names)


@pytest.mark.evidence
def test_foreign_names_disturb_nothing(
    wheel: Path, environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A smoke study of a custom network, from a script, from a notebook's kernel and from the command line."""
    _pip(environment, "install", "--no-deps", str(wheel))
    for name in FOREIGN:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("raise RuntimeError('somebody else is here')\n", encoding="utf-8")
    command = str(environment / "bin" / "soundproof")
    subprocess.run([command, "init", "my_study.py"], cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    assert "report" in _run(environment, tmp_path, "script.py")

    _execute(environment, tmp_path, monkeypatch)
    assert list((tmp_path / "from-notebook" / "reports").rglob("*.html"))

    words = ["run", "--file", "my_study.py", "--preset", "smoke", "--seeds", "2", "--json", "--storage", "from-command"]
    done = subprocess.run([command, *words], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout)["variants"]


@pytest.mark.evidence
def test_a_package_called_analysis_stands_beside_it(wheel: Path, environment: Path, tmp_path: Path) -> None:
    """Both work, and each uninstalls without the other."""
    project = tmp_path / "other"
    (project / "analysis").mkdir(parents=True)
    (project / "analysis" / "__init__.py").write_text("WHOSE = 'theirs'\n", encoding="utf-8")
    setup = '[project]\nname = "other"\nversion = "1"\n[tool.setuptools]\npackages = ["analysis"]\n'
    (project / "pyproject.toml").write_text(setup, encoding="utf-8")
    other = _build(project, tmp_path)
    _pip(environment, "install", "--no-deps", "--force-reinstall", str(wheel), str(other))
    both = "import analysis, soundproof.analysis.statistics.intervals; print(analysis.WHOSE)"
    assert _run(environment, tmp_path, "-c", both) == "theirs\n"
    _pip(environment, "uninstall", "--yes", "other")
    _run(environment, tmp_path, "-c", "import soundproof.analysis.statistics.intervals")
    _pip(environment, "install", "--no-deps", str(other))
    _pip(environment, "uninstall", "--yes", "soundproof")
    assert _run(environment, tmp_path, "-c", "import analysis; print(analysis.WHOSE)") == "theirs\n"
    left = list((environment / "lib").rglob("soundproof*"))
    assert left == []
