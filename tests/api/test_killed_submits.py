"""Processes that are killed while they write: what was acknowledged is there, and the file is whole."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from soundproof.api.agent_studies import AgentFolder
from soundproof.api.ledger import Ledger, Plan

KILLS = 8

SCRIPT = """
import os, random, signal, sys, time
from pathlib import Path
from soundproof.api.agent_studies import AgentFolder
from soundproof.api.ledger import Ledger

def ledger(folder):
    book = Ledger.open(folder / "night.json")
    number = sum(len(entry.seeds) for entry in book.entries)
    while True:
        key = book.propose(f"change {number}")
        book.submit(key, float(number), number)
        yield key, number
        number += 1

def study(folder):
    agents = AgentFolder(folder)
    number = agents.submit("width", [])["runs"]
    while True:
        agents.submit("width", [{"variant": "wide", "seed": number, "value": float(number)}])
        yield "wide", number
        number += 1

kills, events, folder, generator = int(sys.argv[2]), globals()[sys.argv[1]], Path(sys.argv[3]), random.Random(1)
for kill in range(kills):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        for key, number in events(folder):
            os.write(writing, f"{key} {number}\\n".encode())
    os.close(writing)
    acknowledged = b""
    while acknowledged.count(b"\\n") < 3:
        acknowledged += os.read(reading, 100)
    time.sleep(generator.uniform(0, 0.06))
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    while more := os.read(reading, 65536):
        acknowledged += more
    os.close(reading)
    sys.stdout.write(acknowledged.decode())
"""


def acknowledged(what: str, folder: Path) -> list[tuple[str, int]]:
    """Run a process that forks others and kills each while it submits; gives what they said they had submitted."""
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT, what, str(KILLS), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    words = [line.split() for line in done.stdout.splitlines()]
    assert len(words) > 2 * KILLS
    return [(key, int(number)) for key, number in words]


@pytest.mark.slow
def test_a_ledger_loses_nothing_of_what_was_acknowledged(tmp_path: Path) -> None:
    """Every run that was acknowledged is there once, and at most one a kill that was not; then it goes on."""
    path = tmp_path / "night.json"
    Ledger.open(path, plan=Plan(proposals=100_000), higher_is_better=True)
    said = acknowledged("ledger", tmp_path)
    book = Ledger.open(path)
    runs = [(entry.id, seed) for entry in book.entries for seed in entry.seeds]
    assert len(set(runs)) == len(runs)
    assert set(said) <= set(runs)
    assert len(said) == len(set(said))
    assert len(runs) - len(said) <= KILLS
    assert all(entry.values == [float(seed) for seed in entry.seeds] for entry in book.entries)
    assert len(json.loads(path.read_text())["events"]) == len(runs) + len(book.entries) - 1
    book.submit(book.propose("afterwards"), 1.0, 10**6)


@pytest.mark.slow
def test_a_study_loses_nothing_of_what_was_acknowledged(tmp_path: Path) -> None:
    """The same, and its hashes hold."""
    agents = AgentFolder(tmp_path)
    agents.declare(
        "width", claims=["wide better than base"], baseline="base", metric="wer", higher_is_better=False, margin=0.2
    )
    said = acknowledged("study", tmp_path)
    runs = agents.submit("width", [{"variant": name, "seed": seed, "value": float(seed)} for name, seed in said])
    assert runs["new"] == 0
    assert len(said) <= runs["runs"] <= len(said) + KILLS
