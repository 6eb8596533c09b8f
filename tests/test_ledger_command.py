"""The ledger as a command: what scripts read, and what is refused with status 2."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from soundproof import Ledger, Plan
from soundproof.command_line.main import app
from soundproof.common.errors import UserError

PAGE = Path(__file__).resolve().parents[1] / "docs" / "how-to" / "agents.md"


def ledger(path: Path, *words: str) -> str:
    """What the command prints. Raises what it raises."""
    done = CliRunner().invoke(app, ["ledger", str(path), *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout.rstrip("\n")


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A ledger of twenty proposals."""
    path = tmp_path / "night.json"
    said = ledger(path, "begin", "--lower-is-better", "--proposals", "20")
    assert said.endswith("20 proposals share an error of 0.05")
    return path


def play(path: Path, key: str, means: dict[str, float]) -> str:
    """As a script does it, by the words of `next`; gives the last of them."""
    while (step := ledger(path, "next", key)).startswith("run "):
        _, of, seed, *_ = step.split()
        ledger(path, "submit", of, str(means[of] + 0.01 * (int(seed) * 7 % 5)), "--seed", seed)
    return step


def test_a_night_by_words(begun: Path) -> None:
    """Ids, steps and seeds are words of one line; negative results and exponents are results."""
    bad, good = ledger(begun, "propose", "wider filters"), ledger(begun, "propose", "-deeper")
    assert (bad, good) == ("p1", "p2")
    assert ledger(begun, "next", "p1") == "run p0 0 (the incumbent)"
    for seed in range(11):
        Ledger.open(begun).submit("p0", -0.5 + 0.01 * (seed * 7 % 5), seed)
    assert ledger(begun, "next", "p1") == "run p0 11 (the incumbent)"
    means = {"p0": -0.5, "p1": 0.3, "p2": -2.0}
    assert play(begun, "p1", means) == "drop p1 (it is not better by what is worth finding, or not surely)"
    assert play(begun, "p2", means) == "keep p2"
    assert ledger(begun, "show").splitlines()[-1].endswith("19 proposals left; the incumbent is p2")
    book = Ledger.open(begun, plan=Plan(proposals=20), higher_is_better=False)
    assert book.entries[0].finished[:2] == [-0.5, -0.48]
    assert [entry.name for entry in book.entries] == ["start", "wider filters", "-deeper"]


def test_a_night_in_json(begun: Path) -> None:
    """The same steps as values; `begin` again says what was begun."""
    assert json.loads(ledger(begun, "propose", "a", "--json"))["id"] == "p1"
    step = json.loads(ledger(begun, "next", "p1", "--json"))
    assert step == {"id": "p1", "action": "run", "of": "p0", "seed": 0, "reason": "the incumbent"}
    assert json.loads(ledger(begun, "submit", "p0", "1e-3", "--seed", "4", "--json")) == {"id": "p0", "runs": 1}
    assert ledger(begun, "submit", "p0", "-1e-3", "--seed", "5") == "p0 has 2 runs"
    crashed = json.loads(ledger(begun, "submit", "p1", "--crashed", "--seed", "9", "--json"))
    assert (crashed["action"], crashed["seed"]) == ("drop", None)
    state = json.loads(ledger(begun, "begin", "--lower-is-better", "--proposals", "20", "--json"))
    assert state == json.loads(ledger(begun, "show", "--json"))
    assert [entry["values"] for entry in state["entries"]] == [[0.001, -0.001], [None]]
    assert state["budget"] == {"error": 0.05, "spent": 0.0025, "left": 0.0475, "proposals_left": 19, "runs": 3}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["dance"], "one of begin, propose, submit, next, show, got 'dance'"),
        (["next"], "ledger next expects ID, got nothing"),
        (["next", "p7"], "expected the id of a proposal"),
        (["submit", "p0"], "expects ID VALUE, got p0"),
        (["submit", "p0", "0.5"], "expects --seed"),
        (["submit", "p0", "0,5", "--seed", "1"], "a number as VALUE, or --crashed"),
        (["submit", "p0", "0.5", "--crashed", "--seed", "1"], "expects ID --crashed"),
        (["submit", "p0", "0.5", "--sed", "1"], "expects no option --sed"),
        (["show", "all"], "expects no more words, got all"),
        (["begin"], "--higher-is-better or --lower-is-better, got neither"),
        (["begin", "--higher-is-better"], "declared before the first proposal holds"),
        (["begin", "--lower-is-better", "--error", "0.9"], "an error above 0 and below 0.5"),
    ],
)
def test_what_is_refused(begun: Path, words: list[str], said: str) -> None:
    """An error of the user's, which the entry ends with status 2, and the file is as before."""
    before = begun.read_bytes()
    with pytest.raises(UserError, match=said):
        ledger(begun, *words)
    assert begun.read_bytes() == before


def test_one_is_begun_first(tmp_path: Path) -> None:
    """The message says how, and no file is made."""
    with pytest.raises(UserError, match="begin --higher-is-better"):
        ledger(tmp_path / "none.json", "propose", "a")
    assert list(tmp_path.iterdir()) == []


def test_other_commands_still_know_their_options() -> None:
    """Words with a dash are taken by the ledger alone."""
    commands = typer.main.get_command(app).commands
    assert [name for name, command in commands.items() if command.context_settings["ignore_unknown_options"]] == [
        "ledger"
    ]


@pytest.mark.slow
def test_the_script_of_the_page_runs(tmp_path: Path) -> None:
    """One proposal of it, which is much worse, beside a start that has its runs."""
    (script,) = re.findall(r'```bash title="night.sh"\n(.*?)```', PAGE.read_text(encoding="utf-8"), re.DOTALL)
    book = Ledger.open(tmp_path / "night.json", higher_is_better=False)
    for seed in range(12):
        book.submit("p0", 1.0 + 0.01 * (seed * 7 % 5), seed)
    (tmp_path / "start.yaml").write_text("1")
    for name, line in {"train": 'cat "$1"', "change": "echo 9"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / name).chmod(0o755)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script.replace("seq 100", "seq 1")],
        cwd=tmp_path,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "drop p1"
    (entry,) = Ledger.open(tmp_path / "night.json").entries[1:]
    assert (entry.name, entry.values, entry.seeds) == ("change 1", [9.0], [12])
