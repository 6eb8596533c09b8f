"""Ray Tune's folders, as Ray writes them."""

import json
from pathlib import Path

import pytest
from written_logs import WRITTEN, written

from soundproof.analysis.sources import ray_results
from soundproof.analysis.sources.found import SourceError

EXPERIMENT = """
import json, shutil, sys, tempfile
from pathlib import Path
import ray
from ray import tune

folder = Path(sys.argv[1])

def training(config):
    start, checkpoint = 0, tune.get_checkpoint()
    if checkpoint:
        with checkpoint.as_directory() as kept:
            start = json.loads((Path(kept) / "state.json").read_text()) + 1
    for epoch in range(start, 6):
        if config["arm"]["rate"] > 0.5 and epoch == 4 and not (folder / "mended").exists():
            raise RuntimeError("an error that is mended later")
        metrics = {"loss": 1 / (epoch + 1), "nested": {"accuracy": epoch}, "broken": float("nan")}
        with tempfile.TemporaryDirectory() as kept:
            (Path(kept) / "state.json").write_text(json.dumps(epoch))
            tune.report(metrics, checkpoint=tune.Checkpoint.from_directory(kept) if epoch == 2 else None)

ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR")
tune.Tuner(
    training,
    param_space={"arm": {"rate": tune.grid_search([0.1, 1.0])}, "seed": 3},
    run_config=tune.RunConfig(name="experiment", storage_path=str(folder / "ray")),
).fit()
shutil.copytree(folder / "ray", folder / "before")
(folder / "mended").touch()
tune.Tuner.restore(str(folder / "ray" / "experiment"), training, resume_errored=True).fit()
"""


@pytest.fixture(scope="module", params=WRITTEN)
def experiments(tmp_path_factory, request) -> Path:
    """An experiment of two trials, `before` one of them was restored and `ray` afterwards."""
    folder = tmp_path_factory.mktemp("ray")
    written("ray", request.param, folder, EXPERIMENT, {"RAY_raylet_start_wait_time_s": "120"})
    return folder


def test_a_restored_experiment_of_ray(experiments):
    """Iterations that come twice count once, and the error that stays behind is no failure any more."""
    assert ray_results.recognises(experiments / "ray")
    found = ray_results.read(experiments / "ray")
    assert [run.state for run in found.runs] == [None, None]
    for run in found.runs:
        assert run.curves["loss"] == tuple((epoch + 1, 1 / (epoch + 1)) for epoch in range(6))
        assert run.curves["nested/accuracy"] == tuple((epoch + 1, float(epoch)) for epoch in range(6))
        assert run.curves["broken"][0][1] != run.curves["broken"][0][1]
        assert set(run.curves) == {"loss", "nested/accuracy", "broken"}
    assert [run.cells["config/arm/rate"] for run in found.runs] == ["0.1", "1.0"]
    assert found.hints["config/seed"] == "seed"
    assert len([note for note in found.notes if "1 of 7 rows dropped" in note]) == 1


def test_an_experiment_of_ray_with_an_error(experiments):
    """The trial that met an error has failed, with the points up to there."""
    good, bad = ray_results.read(experiments / "before").runs
    assert (good.state, bad.state) == (None, "failed")
    assert bad.curves["loss"][-1] == (4, 0.25)


def _trial(folder: Path, iterations, error: str | None = None, ending: str = "") -> Path:
    """A trial as Ray 2.60 writes it, its second session by another process a minute later."""
    folder.mkdir(parents=True)
    (folder / "params.json").write_text(json.dumps({"rate": 0.1}))
    rows, session = [], 0
    for before, now in zip([0, *iterations], iterations, strict=False):
        session += now <= before
        date = f"2026-11-30_09-3{session}-40"
        rows.append({"loss": now + 10 * session, "training_iteration": now, "pid": 100 + session, "date": date})
    (folder / "result.json").write_text("".join(json.dumps(row) + "\n" for row in rows) + ending)
    if error:
        (folder / "error.txt").write_text(error)
    return folder


ERROR = "Failure # 1 (occurred at 2026-11-30_09-3{minute}-4{second})\n(pid={pid}, ip=1.2.3.4)\n"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (None, None),
        (ERROR.format(minute=0, second=1, pid=100), None),
        (ERROR.format(minute=1, second=1, pid=101), "failed"),
        (ERROR.format(minute=1, second=0, pid=101), "failed"),
        (ERROR.format(minute=2, second=0, pid=102), "failed"),  # a third session that met an error before any result
        ("an error of no known form", "failed"),
    ],
)
def test_an_error_counts_where_no_rows_came_later(tmp_path, error, state):
    """The times of files say nothing: Ray writes them all anew."""
    run = ray_results.read(_trial(tmp_path / "trial", [1, 2, 3, 2, 3, 4], error)).runs[0]
    assert run.state == state
    assert run.curves["loss"] == ((1, 1.0), (2, 12.0), (3, 13.0), (4, 14.0))


def test_a_half_written_last_line_is_named_and_one_in_the_middle_refused(tmp_path):
    """The one is a training that still runs, the other a broken file."""
    found = ray_results.read(_trial(tmp_path / "a", [1, 2], ending='{"loss": 3, "train'))
    assert len(found.runs[0].curves["loss"]) == 2
    assert any("half written" in note for note in found.notes)
    broken = _trial(tmp_path / "b", [1])
    with (broken / "result.json").open("a") as file:
        file.write('{"loss"\n{"loss": 1, "training_iteration": 2}\n')
    with pytest.raises(SourceError, match="line 2"):
        ray_results.read(broken)


def test_a_progress_table_alone_is_not_recognised(tmp_path):
    """After a restore its columns are shifted, so it is never read."""
    (tmp_path / "progress.csv").write_text("loss,training_iteration\n1,1\n")
    assert not ray_results.recognises(tmp_path)
    with pytest.raises(SourceError, match=r"result\.json"):
        ray_results.read(tmp_path)
