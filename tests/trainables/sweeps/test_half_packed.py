"""What an actor had begun to pack when it was killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from soundproof.common import record
from soundproof.search_spaces import PRESETS, expand, find_study
from soundproof.search_spaces.specs import GroupSplit
from soundproof.trainables.sweeps.outbox.results import leave
from soundproof.trainables.sweeps.tracking import Tracker
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.writer_thread import Recorder
from soundproof.trainables.training.engine import Outcome

STUDY = find_study("asr-merge-mode")
PRESET = PRESETS["speech"]["smoke"]
TRIALS = [planned.trial for planned in expand(STUDY, PRESET, PRESET.corpus, GroupSplit(), range(1))]
OUTCOME = Outcome(status="completed", reason=None, metrics={}, weights=None, predictions={})

PACKS_AND_WAITS = """
import sys, time
from pathlib import Path
from soundproof.trainables.sweeps.outbox import results as outbox
with outbox.packing(Path(sys.argv[1]), sys.argv[2], lambda unfinished, folder: None):
    print("packing", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    """A store of its own."""
    heading = Heading(
        kind=record.KIND_STUDY, id=STUDY.id, question="which?", preset="smoke", corpus="c", margin=1.0, design="1"
    )
    return Tracker(f"sqlite:///{tmp_path / 'mlflow.db'}", heading, tmp_path / "artifacts")


def test_a_sweep_that_ends_leaves_nothing_half_packed(tracker: Tracker, tmp_path: Path) -> None:
    """A process is killed while it packs: what it left is gone when the sweep has ended; what is whole still waits."""
    outbox = tmp_path / "outbox"
    command = [sys.executable, "-c", PACKS_AND_WAITS, str(outbox), TRIALS[0].trial_id]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as actor:
        assert actor.stdout is not None
        assert actor.stdout.readline() == "packing\n"
        os.kill(actor.pid, signal.SIGKILL)
    whole = leave(outbox, TRIALS[1], OUTCOME, [], "cpu")
    assert len(list(outbox.iterdir())) == 2
    with Recorder(tracker, {}, outbox, {}):
        pass
    assert list(outbox.iterdir()) == [whole]
