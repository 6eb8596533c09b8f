"""Files that are written whole."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from soundproof.common.whole_files import write_whole


def test_a_file_is_replaced_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    """Texts and bytes, readable by others."""
    path = tmp_path / "report.html"
    for content, expected in (("é", "é".encode()), (b"\x00", b"\x00")):
        write_whole(path, content)
        assert path.read_bytes() == expected
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    """What is no file is written into: `--out /dev/stdout` must not take the device's place."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with ThreadPoolExecutor(1) as beside:
        heard = beside.submit(path.read_text)
        write_whole(path, "said")
        assert heard.result() == "said"
    assert stat.S_ISFIFO(path.stat().st_mode)
    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path, "a folder is no file")
