"""The fuzzing itself: its inputs come again, and it sees what is wrong."""

import signal
import sys
from pathlib import Path
from random import Random

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # benchmarks is no installed package

from benchmarks.fuzz import fuzz
from benchmarks.fuzzing.kinds import Kind, Ready, single
from benchmarks.fuzzing.mutations import LARGEST_BYTES, mutate
from soundproof.common.errors import UserError


@pytest.mark.parametrize(
    ("form", "content"), [("bytes", b"abc" * 9), ("json", b'{"a": [1, {"b": null}]}'), ("cells", b"a,b\n1,2\n")]
)
def test_inputs_come_again_and_differ(form, content):
    """By seed and number, up to a largest size."""
    inputs = [mutate(Random(number), content, form, [content]) for number in range(300)]
    assert inputs == [mutate(Random(number), content, form, [content]) for number in range(300)]
    assert len(set(inputs)) > 100
    assert max(map(len, inputs)) <= LARGEST_BYTES


def _reader(path: Path) -> None:
    """Wrong in several ways, as the first byte that was changed says."""
    content = path.read_bytes()
    if content == b"seed":
        return
    if len(content) < 4:
        raise UserError("too short")
    match content[0] % 8:
        case 0:
            raise KeyError("forgotten")
        case 1:
            bytearray(2**34)
        case 2 if content[1] % 2:
            signal.raise_signal(signal.SIGKILL)


def _open(folder: Path) -> Ready:
    return single(folder, {"seed": b"seed"}, _reader)


def test_each_fault_is_counted_and_kept(tmp_path):
    """Errors of other kinds, memory, and the death of the process; inputs are all read."""
    tally = fuzz(Kind(name="wrong", open=_open), seed=0, first=0, inputs=300, kept=tmp_path)
    kinds = {fault["error"].split(":")[0] for fault in tally.faults}
    assert kinds == {"KeyError", "MemoryError", "Died"}
    assert tally.inputs == 300
    assert tally.refused + tally.accepted + len(tally.faults) == 300
    assert len(list(tmp_path.iterdir())) == len(tally.faults)
