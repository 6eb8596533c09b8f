"""Programs that are attended to: real processes, which outlive whoever started them."""

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from soundproof.trainables.sweeps.programs.processes import Start, attend, running_shell
from soundproof.trainables.sweeps.programs.run_folders import RunFolder

PATIENCE_SECONDS = 30.0


def _start(script: str) -> Start:
    return Start(words=["/bin/sh", "-c", script], working_folder="/", environment={"PATH": os.environ["PATH"]})


@pytest.mark.parametrize("status", [0, 3, 127])
def test_how_a_program_ended_is_kept(tmp_path: Path, status: int) -> None:
    """With what it printed, apart from what it said; it is told its folder; a second call starts nothing."""
    start = _start(f'echo once >> "$SOUNDPROOF_RUN_FOLDER/starts"; echo out; echo err >&2; exit {status}')
    run = RunFolder(tmp_path / "a run")
    assert [attend(str(run.path), start) for _ in range(2)] == ["exited", "exited"]
    assert (run.exit_status, run.stdout.read_text(), run.stderr.read_text()) == (status, "out\n", "err\n")
    assert (run.path / "starts").read_text() == "once\n"
    assert run.seconds is not None


def test_words_are_no_shell_s(tmp_path: Path) -> None:
    """Spaces, quotation marks, dollar signs and semicolons reach the program as they are."""
    words = ["a b", "it's", '"', "$HOME", "; touch hacked", "*", "\\", "-n"]
    start = Start(words=["/usr/bin/printf", "%s\n", *words], working_folder=str(tmp_path), environment={})
    run = RunFolder(tmp_path / "run")
    attend(str(run.path), start)
    assert run.stdout.read_text().splitlines() == words


def test_a_run_whose_worker_is_killed_is_taken_up(tmp_path: Path) -> None:
    """The program goes on without its worker; the next call waits for it and starts nothing."""
    run = RunFolder(tmp_path / "run")
    start = _start(f"echo once >> {tmp_path}/starts; while [ ! -e {tmp_path}/end ]; do sleep 0.05; done; echo ended")
    worker = multiprocessing.get_context("spawn").Process(target=attend, args=(str(run.path), start))
    worker.start()
    _until((tmp_path / "starts").exists)
    os.kill(worker.pid or 0, signal.SIGKILL)
    worker.join()
    assert running_shell(run) is not None
    assert run.exit_status is None
    threading.Timer(0.2, (tmp_path / "end").touch).start()
    assert attend(str(run.path), start) == "exited"
    assert (run.exit_status, run.stdout.read_text(), (tmp_path / "starts").read_text()) == (0, "ended\n", "once\n")


def test_a_run_is_stopped_with_all_that_it_started(tmp_path: Path) -> None:
    """Also what does not want to end; there is no exit status, so it is started again."""
    run = RunFolder(tmp_path / "run")
    start = _start(f"trap '' TERM; (sleep 60; touch {tmp_path}/late) & echo $! > {tmp_path}/child; wait; wait")
    threading.Thread(target=lambda: (_until((tmp_path / "child").exists), run.stop("enough")), daemon=True).start()
    assert attend(str(run.path), start) == "stopped"
    assert (run.exit_status, run.stop_reason, running_shell(run)) == (None, "enough", None)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "child").read_text()), 0)


def test_a_shell_that_is_killed_leaves_no_result(tmp_path: Path) -> None:
    """Its run is lost, not ended."""
    run = RunFolder(tmp_path / "run")

    def kill() -> None:
        _until(lambda: run.shell is not None)
        assert run.shell is not None
        os.kill(run.shell[0], signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()
    assert attend(str(run.path), _start("sleep 2")) == "lost"
    assert run.exit_status is None


def test_another_process_of_the_same_number_is_none_of_ours(tmp_path: Path) -> None:
    """Numbers of processes come again, and other machines have the same."""
    run = RunFolder(tmp_path)
    for text in (f"{os.getpid()} {os.uname().nodename}", f"{os.getpid()} elsewhere", "nonsense", "1"):
        (tmp_path / "pid").write_text(text)
        assert running_shell(run) is None


def _until(true) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
