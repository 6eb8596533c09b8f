"""`decide` with real programs: verdicts, interruptions of every kind, and runs that come to nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from soundproof.command_line.main import app
from soundproof.common.errors import UserError
from tests.interrupting import interruptible

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 240.0

SIX_LINES = """import random, sys, time
seed, width, log = int(sys.argv[1]), sys.argv[2], open("log", "a")
print(width, seed, "began", file=log, flush=True)
time.sleep(0.4)
print(80 + random.Random(seed).gauss(0, 1) + (2 if width == "64" else 0) + random.Random(sys.argv[2] + sys.argv[1]).gauss(0, 0.3))
print(width, seed, "ended", file=log, flush=True)
"""  # noqa: E501  # as somebody would write it

IN_C = """#include <stdio.h>
#include <stdlib.h>
int main(int count, char **words) {
    srand(7 * atoi(words[1]) + atoi(words[2]));
    printf("epoch 3\\nwer=%.3f\\n", 20.0 - atoi(words[2]) + rand() % 1000 / 2000.0);
}
"""


def _command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, str(ROOT / "run_search.py"), "decide", "--storage", str(folder / "store"), *words]


def _decide(folder: Path, *words: str, status: int = 0) -> dict:
    done = subprocess.run(
        _command(folder, *words, "--json"), cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return {"said": done.stderr, **(json.loads(done.stdout) if done.stdout else {})}


def _until(true) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.timeout(600)
def test_it_is_killed_twice_stopped_once_and_starts_no_run_twice(tmp_path: Path) -> None:
    """SIGKILL leaves programs running, which the next call waits for; Ctrl-C ends them, and says how to go on.

    The verdict, the record and the report are those of any study.
    """
    (tmp_path / "train.py").write_text(SIX_LINES)
    words = ["--command", f"{sys.executable} train.py {{seed}} {{width}}", "--vary", "width=32,64"]
    words += ["--higher-is-better", "--margin", "0.5", "--baseline", "32"]
    log = tmp_path / "log"
    runs = tmp_path / "store" / "programs" / "train" / "runs"

    def concluded() -> set[tuple[str, str]]:
        """Find the runs of which a driver has taken the result; programs may end without one."""
        return {(path.parent.parent.name, path.parent.name) for path in runs.glob("*/*/outcome.json")}

    for number, enough in ((signal.SIGKILL, 1), (signal.SIGKILL, 3), (signal.SIGINT, 5)):
        taken = max(enough, len(concluded()) + 1)  # one at least by this driver
        with interruptible():
            driver = subprocess.Popen(
                _command(tmp_path, *words), cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
            )
        _until(lambda taken=taken: len(concluded()) >= taken)
        os.kill(driver.pid, number)
        _, said = driver.communicate(timeout=PATIENCE_SECONDS)
        if number == signal.SIGINT:
            assert driver.returncode == 130
            assert "the same command goes on from there" in said
    before = concluded()
    report = _decide(tmp_path, *words)
    (claim,) = report["claims"]
    assert claim["verdict"] == "supported"
    began = Counter(line.removesuffix(" began") for line in log.read_text().splitlines() if line.endswith("began"))
    twice = {tuple(run.split()) for run, times in began.items() if times > 1}
    assert {(width, f"seed-{seed}") for width, seed in twice} & before == set()
    assert len(twice) <= 2, "more than what Ctrl-C ended was started again"
    assert len(began) == sum(variant["n"] for variant in report["variants"])
    again = _decide(tmp_path, *words)
    assert again["claims"] == report["claims"]
    assert began.total() == log.read_text().count("began")


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no C compiler on this machine")
def test_a_program_in_c(tmp_path: Path) -> None:
    """Any language will do: three seeds each, fixed beforehand, by the name in its last line."""
    (tmp_path / "train.c").write_text(IN_C)
    subprocess.run(["gcc", "-O0", "-o", "train", "train.c"], cwd=tmp_path, check=True)
    report = _decide(
        tmp_path,
        *("--command", "./train {seed} {width}", "--vary", "width=1,4", "--metric", "wer", "--margin", "0.5"),
        *("--claim", "4 better than 1", "--seeds", "4", "--max-concurrent", "2", "--quiet"),
    )
    assert report["said"] == ""
    (claim,) = report["claims"]
    assert (claim["verdict"], [variant["n"] for variant in report["variants"]]) == ("supported", [4, 4])
    place = ["--storage", str(tmp_path / "store")]
    again = CliRunner().invoke(app, ["report", "train", *place, "--json"], catch_exceptions=False)
    assert json.loads(again.stdout)["claims"] == report["claims"], "the record keeps what was asked"
    exported = CliRunner().invoke(app, ["export", "train", "--form", "csv", *place], catch_exceptions=False)
    assert len(exported.stdout.splitlines()) == 1 + 8
    every = CliRunner().invoke(app, ["report", "--all", *place, "--json"], catch_exceptions=False)
    assert [known["verdict"] for known in json.loads(every.stdout)["claims"]] == ["supported"]
    script = CliRunner().invoke(app, ["export", "train", "--form", "script", *place])
    assert isinstance(script.exception, UserError)


def test_what_comes_to_nothing_is_a_status_and_never_a_number(tmp_path: Path) -> None:
    """A failure, a hang, no result, NaN: by variant and seed; failed ones alone are run again, where that is asked."""
    script = tmp_path / "train.sh"
    script.write_text(
        "echo $1 $2 >> log\ncase $1$2 in\nb0) echo broken >&2; exit 3;;\nb1) sleep 600;;\nb2) echo done;;\n"
        "b3) echo nan;;\nb4) kill -9 $$;;\n*) echo $2.5;;\nesac\n"
    )
    words = ["--command", "sh train.sh {variant} {seed}", "--vary", "arm=a,b", "--margin", "0.1", "--seeds", "6"]
    words += ["--lower-is-better", "--timeout", "4", "--max-concurrent", "2"]
    report = _decide(tmp_path, *words)
    said = report["said"]
    for reason in (
        "b seed 0: failed (exit status 3: broken)",
        "b seed 1: failed (it did not end within 4 s)",
        "b seed 2: failed (no result: expected a number in the last line",
        "b seed 3: diverged (its result is nan)",
        "b seed 4: failed (ended by SIGKILL",
    ):
        assert reason in said
    statuses = {variant["id"]: variant["statuses"] for variant in report["variants"]}
    assert statuses == {"a": {"completed": 6}, "b": {"completed": 1, "diverged": 1, "failed": 4}}
    runs = len((tmp_path / "log").read_text().splitlines())
    assert runs == 12
    _decide(tmp_path, *words, "--retry-failed")
    assert len((tmp_path / "log").read_text().splitlines()) == 16
