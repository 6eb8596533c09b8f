"""A study and a search end as if nothing had happened, whatever fails around them: see `faults.run`."""

import json
from pathlib import Path

import pytest
from faults.records import Recorded
from faults.run import run_calm, run_faults
from faults.summaries import printed
from faults.world import NoDiskError

pytestmark = [pytest.mark.evidence, pytest.mark.timeout(5400)]


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Recorded]]:
    """The record of an undisturbed run."""
    return run_calm(tmp_path_factory.mktemp("calm"))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_study_and_a_search_end_as_undisturbed(seed: int, tmp_path: Path, calm: dict[str, list[Recorded]]) -> None:
    """At least 30 faults have hit while something was open.

    Every trial stands in the record once, finished, none runs, and epochs, results and files are those of the
    undisturbed run, bit for bit. No driver has ended with a traceback.
    """
    try:
        summary = run_faults(seed, tmp_path, calm)
    except NoDiskError as error:
        pytest.skip(str(error))
    print(printed([summary]))
    print(json.dumps(summary.plain()))
    assert sum(summary.faults.values()) >= 30
    assert all(summary.faults.values())
    assert summary.differences == []
    assert summary.left == []
