"""Drivers that are killed when some of their trials are recorded."""

import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from soundproof.common import record

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 240


def kill_after(command: list[str], storage: Path, finished: int) -> None:
    """Start the command and send it SIGKILL once so many of its runs are finished."""
    driver = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while count_finished(storage) < finished:
        assert driver.poll() is None, "the command ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(driver.pid, signal.SIGKILL)
    driver.wait()


def count_finished(storage: Path) -> int:
    """Read beside the driver without MLflow, whose first look would create tables while the driver does."""
    try:
        with closing(sqlite3.connect(f"file:{storage / 'mlflow.db'}?mode=ro", uri=True)) as store:
            query = "SELECT COUNT(*) FROM runs JOIN tags USING (run_uuid) WHERE status = 'FINISHED' AND key = ?"
            return int(store.execute(query, (record.STATUS,)).fetchone()[0])
    except sqlite3.OperationalError:
        return 0
