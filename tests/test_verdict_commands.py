"""Real runs from the command line that end in more than a table of means: until decided, ablations, importance."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from soundproof.common import record

ROOT = Path(__file__).resolve().parents[1]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def _soundproof(storage: Path, *arguments: str) -> tuple[Any, str]:
    """Run a command with --json; gives its value, and what it said meanwhile."""
    command = [sys.executable, "run_search.py", *arguments, "--storage", str(storage), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


@pytest.mark.evidence
def test_until_decided_and_what_two_studies_share(tmp_path: Path) -> None:
    """Seeds are added up to the limit, the report knows that they were; the second study trains only what is new."""
    until = ("--preset", "smoke", "--until-decided", "--max-seeds", "3")
    first, _ = _soundproof(tmp_path, "run", "asr-time-distributed-dense", *until)
    assert [variant["n"] for variant in first["variants"]] == [3, 3]
    assert first["looked_once"] is False
    second, said = _soundproof(tmp_path, "run", "asr-cnn-front-end", *until)
    assert "3 taken from elsewhere in the record" in said
    assert {variant["id"]: variant["reused"] for variant in second["variants"]} == {
        "asr-cnn-front-end/01": 0,
        "asr-time-distributed-dense/01": 3,
    }
    trials = {(trial["variant"], trial["seed"]): trial for trial in first["trials"]}
    for trial in second["trials"]:
        if trial["variant"] == "asr-time-distributed-dense/01":
            assert trial["value"] == trials[trial["variant"], trial["seed"]]["value"]


@pytest.mark.evidence
def test_an_ablation_its_path_and_the_importance_of_its_parts(tmp_path: Path) -> None:
    """Each component is left out in turn and judged; the path goes step by step; the record is a study's like any."""
    variant = ("asr-cnn-sublayer-order", "asr-cnn-sublayer-order/08")
    ablated, _ = _soundproof(tmp_path, "ablate", *variant, "--removals", "--preset", "smoke", "--seeds", "2")
    assert all(claim["text"].startswith("It helps to have") for claim in ablated["claims"])
    assert len(ablated["claims"]) == len(ablated["variants"]) - 1 >= 2
    again, _ = _soundproof(tmp_path, "report", ablated["study"])
    assert again == ablated
    importance, _ = _soundproof(tmp_path, "importance", ablated["study"], "--by", "params")
    assert importance["metric"] == record.best(record.VALIDATION_LOSS)
    assert importance["factors"]
    path, _ = _soundproof(tmp_path, "ablate", *variant, "--path", "--preset", "smoke", "--seeds", "2")
    assert [step["gain"]["n"] for step in path["steps"]] == [2]
    assert path["total"]["effect"] == pytest.approx(path["steps"][0]["gain"]["effect"])


@pytest.mark.evidence
def test_a_fraction_of_all_combinations(tmp_path: Path) -> None:
    """Four of eight combinations, really trained: a claim for each component that says what it is confounded with."""
    made = ("--removals", "--factorial", "--factors", "blocks-dropout,dropout,l2", "--runs", "4")
    sizes = ("--preset", "smoke", "--epochs", "1", "--seeds", "3")
    found, _ = _soundproof(tmp_path, "ablate", "genre-cnn-filters", "genre-cnn-filters/05", *made, *sizes)
    assert [variant["n"] for variant in found["variants"]] == [3] * 4
    assert [claim["confounded_with"] for claim in found["claims"]] == [
        ["dropout before the output x the L2 penalty"],
        ["dropout in the blocks x the L2 penalty"],
        ["dropout in the blocks x dropout before the output"],
    ]
    signs = {"with": 0.5, "without": -0.5}
    effect = sum(signs[variant["levels"]["dropout in the blocks"]] * variant["mean"] for variant in found["variants"])
    assert found["claims"][0]["effect"] == pytest.approx(effect)
    assert all("cannot be told from" in claim["sentence"] for claim in found["claims"])
    again, _ = _soundproof(tmp_path, "report", found["study"])
    assert again == found
