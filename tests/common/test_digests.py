"""Files are what was written, or it is said which are not, and where."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.common.digests import CHUNK_BYTES, DIGESTS, DamagedError, Sealed, seal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files with their digests: one by chunk, two and a half of them, and one in a folder of its own."""
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "mapped").write_bytes(os.urandom(2 * CHUNK_BYTES + CHUNK_BYTES // 2))
    (folder / "whole").write_bytes(b"content")
    (folder / "below" / "empty").write_bytes(b"")
    seal(folder, mapped=["mapped"])
    return folder


def test_what_was_written_is_read(folder: Path) -> None:
    """Nothing is said of files as they were, and the digests are those that `sha256sum` prints."""
    sealed = Sealed.of(folder)
    sealed.check()
    assert sealed.read("whole") == b"content"
    assert sealed.digests("below/") == {"empty": hashlib.sha256(b"").hexdigest()}
    assert sealed.digests() == {
        "whole": hashlib.sha256(b"content").hexdigest(),
        "below/empty": hashlib.sha256(b"").hexdigest(),
    }


@pytest.mark.parametrize("at", [0, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES + CHUNK_BYTES // 2 - 1])
def test_one_bit_is_found_and_its_place_named(folder: Path, at: int) -> None:
    """In the first byte, in the last, and on both sides of where two chunks meet."""
    with (folder / "mapped").open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))
    start = at // CHUNK_BYTES * CHUNK_BYTES
    with pytest.raises(DamagedError, match=f"mapped is not what was written there, somewhere in bytes {start:,} to "):
        Sealed.of(folder).check()


def test_each_bit_of_the_digests_counts(folder: Path) -> None:
    """A name that reads otherwise would leave its file without a digest."""
    path = folder / DIGESTS
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(DamagedError, match=DIGESTS):
            Sealed.of(folder)


@pytest.mark.parametrize("name", ["mapped", "whole", "below/empty"])
def test_files_that_are_longer_shorter_or_gone_are_found(folder: Path, name: str) -> None:
    """Whether they have digests by chunk or not."""
    path = folder / name
    before = path.read_bytes()
    for other in (before + b"\0", before[:-1]):
        path.write_bytes(other)
        if other != before:
            with pytest.raises(DamagedError, match=f"{path} is not what was written there: .* bytes, not "):
                Sealed.of(folder).check()
    path.unlink()
    with pytest.raises(DamagedError, match=f"{path} was written there, and is gone"):
        Sealed.of(folder).check()


def test_what_is_read_at_once_is_compared(folder: Path) -> None:
    """The bytes that are returned are those that were compared, not those of another reading."""
    (folder / "whole").write_bytes(b"contend")
    with pytest.raises(DamagedError, match="whole is not what was written there"):
        Sealed.of(folder).read("whole")


def test_a_folder_without_digests_is_believed(folder: Path) -> None:
    """As an earlier version left it."""
    (folder / DIGESTS).unlink()
    (folder / "whole").write_bytes(b"other")
    sealed = Sealed.of(folder)
    sealed.check()
    assert sealed.files is None
    assert sealed.read("whole") == b"other"


@given(st.binary(max_size=60) | st.sampled_from([b"{}", b"[]", b'{"files": [1]}', b'{"files": {}, "sha256": "a"}']))
def test_digests_that_cannot_be_made_out_are_damage(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever is in that file, there is no traceback, and nothing is believed."""
    folder = tmp_path_factory.mktemp("folder")
    (folder / DIGESTS).write_bytes(content)
    with pytest.raises(DamagedError, match=DIGESTS):
        Sealed.of(folder)
