"""Our documented networks against those of Keras: the benchmark on two small ones, as it is started."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

NETWORKS = ("asr-rnn-only/01", "esc-cnn-family/03")


@pytest.mark.evidence
@pytest.mark.skipif(find_spec("keras") is None, reason="the reference needs the extra keras: pip install -e .[keras]")
def test_small_networks_are_those_of_keras() -> None:
    """Double precision agrees in every column to far less than 1e-4, single precision as far as rounding allows."""
    command = [sys.executable, "-m", "benchmarks.keras_agreement", "--steps", "3", "--networks", *NETWORKS]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    table = [[cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines() if line.startswith("|")]
    heading, _, *rows = table
    assert [row[0] for row in rows] == [network for network in NETWORKS for _ in range(2)]
    for row in rows:
        named = dict(zip(heading, row, strict=True))
        double = named["precision"] == "double"
        for column in heading[3:-1]:
            assert float(named[column]) <= (2e-6 if double else 1e-3), (row, column)
        assert named["above 0.0001"] in ("", "rounding")
        assert not (double and named["above 0.0001"])
