"""What a node keeps of its own: fetched once, whole or not at all, and handed over whole."""

import contextlib
import math
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from soundproof.common.digests import seal
from soundproof.trainables.sweeps.outbox import transfer as transfer_module
from soundproof.trainables.sweeps.outbox.results import OutboxError
from soundproof.trainables.sweeps.outbox.transfer import TransferServer, pack, unpack
from soundproof.trainables.sweeps.workers import remote_node
from soundproof.trainables.sweeps.workers.remote_node import OwnStorage, own_storage, storage_token

OnNode = Callable[..., OwnStorage]


class _Counting(TransferServer):
    """The real one, which counts how often it is asked, and may break off."""

    def __init__(self, outbox: Path, breaks_after: int = 1_000_000) -> None:
        super().__init__(str(outbox))
        self.pieces = 0
        self._breaks_after = breaks_after

    def piece(self, file: str, start: int) -> bytes:
        """See `TransferServer`."""
        self.pieces += 1
        if self.pieces > self._breaks_after:
            raise ConnectionError("the driver's machine is gone")
        return super().piece(file, start)


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache entry of three files, one of them empty, with their digests; a piece is sixteen bytes."""
    monkeypatch.setattr(transfer_module, "PIECE_BYTES", 16)
    folder = tmp_path / "driver" / "features" / "corpus-features-2"
    folder.mkdir(parents=True)
    for name, size in {"frames.npy": 100, "moments.npy": 16, "index.json": 0}.items():
        (folder / name).write_bytes(os.urandom(size))
    seal(folder, mapped=["frames.npy"])
    return folder


@pytest.fixture
def on_node(tmp_path: Path) -> Iterator[OnNode]:
    """Makes what an actor of the node has, from a server and the name of a sweep."""
    with contextlib.ExitStack() as open_ones:

        def on_node(server: TransferServer, sweep: str = "sweep") -> OwnStorage:
            return open_ones.enter_context(contextlib.closing(OwnStorage(server, sweep, tmp_path / "node")))

        yield on_node


def _files(folder: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_features_travel_once_per_node(entry: Path, tmp_path: Path, on_node: OnNode) -> None:
    """Four actors of one node ask at the same time: each piece travels once, and each has the same bytes."""
    server = _Counting(tmp_path / "outbox")
    actors = [on_node(server) for _ in range(4)]
    found: list[Path] = []
    threads = [threading.Thread(target=lambda actor=actor: found.append(actor.entry(entry))) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.pieces == sum(math.ceil(len(content) / 16) for content in _files(entry).values())
    assert len(found) == 4
    assert all(_files(finding) == _files(entry) for finding in found)


def test_features_that_arrived_in_part_are_not_used(entry: Path, tmp_path: Path, on_node: OnNode) -> None:
    """The way breaks off after three pieces: nothing lies under the entry's name, and the next try is whole."""
    with pytest.raises(ConnectionError):
        on_node(_Counting(tmp_path, 3)).entry(entry)
    assert not (tmp_path / "node" / "features" / entry.name).exists()
    found = on_node(_Counting(tmp_path)).entry(entry)
    assert _files(found) == _files(entry)


def test_a_finished_trial_arrives_whole_and_leaves_the_node(tmp_path: Path, on_node: OnNode) -> None:
    """Its files, in folders too, lie in the driver's outbox under its name, in place of what lay there."""
    outbox = tmp_path / "outbox"
    (outbox / "trial").mkdir(parents=True)
    (outbox / "trial" / "old").touch()
    own = on_node(_Counting(outbox))
    (own.outbox / "trial" / "record").mkdir(parents=True)
    (own.outbox / "trial" / "outcome.json").write_bytes(b"{}")
    (own.outbox / "trial" / "record" / "weights").write_bytes(b"\x00\xff")
    own.deliver("trial")
    assert pack(outbox / "trial") == {"outcome.json": b"{}", "record/weights": b"\x00\xff"}
    assert [path.name for path in outbox.iterdir()] == ["trial"]
    assert not list(own.outbox.iterdir())


def test_an_outbox_that_takes_nothing_is_said_and_the_trial_stays_on_its_node(tmp_path: Path, on_node: OnNode) -> None:
    """A file lies where the driver's outbox should be: the error is that of any outbox, and nothing is lost."""
    (tmp_path / "outbox").touch()
    own = on_node(_Counting(tmp_path / "outbox"))
    (own.outbox / "trial").mkdir(parents=True)
    (own.outbox / "trial" / "outcome.json").write_bytes(b"{}")
    with pytest.raises(OutboxError, match="the outcome of trial trial could not be written to"):
        own.deliver("trial")
    assert (own.outbox / "trial" / "outcome.json").is_file()


@pytest.mark.parametrize("name", ["../outside", "/outside", "record/../../outside"])
def test_files_stay_in_the_folder_of_their_trial(name: str, tmp_path: Path) -> None:
    """A path that leads out of it is refused before anything is written, the good files beside it included."""
    with pytest.raises(ValueError, match="outside"):
        unpack({"good": b"", name: b""}, tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_killed_actors_left_goes_and_what_is_in_use_stays(tmp_path: Path, on_node: OnNode) -> None:
    """A sweep's folder is removed by the next actor on the node once no process holds it, and not before."""
    server, sweeps = _Counting(tmp_path), tmp_path / "node" / "sweeps"
    gone = on_node(server, "gone")
    alive = on_node(server, "alive")
    assert sorted(path.name for path in sweeps.iterdir() if path.is_dir()) == ["alive", "gone"]
    gone.close()  # as the system does when a process dies
    on_node(server, "new")
    assert alive.outbox.parent.is_dir()
    assert not gone.outbox.parent.exists()


def test_a_storage_is_seen_by_its_token_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that exists on the node too, with other things in it, is not the driver's storage."""
    (tmp_path / "notes").mkdir()
    servers: list[str] = []
    monkeypatch.setattr(remote_node, "RemoteTransfer", servers.append)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    token = tmp_path / "notes" / "soundproof-1.token"
    with contextlib.closing(own_storage(token)) as own:
        assert own.outbox.is_relative_to(tmp_path / f"soundproof-{os.getuid()}" / "sweeps" / "soundproof-1")
    assert servers == ["soundproof-1"]
    token.touch()
    assert own_storage(token) is None


def test_on_one_machine_there_is_nothing_to_find_out(tmp_path: Path) -> None:
    """No token is written, no server started."""
    with storage_token(None, tmp_path / "notes", tmp_path / "outbox") as told:
        assert told is None
    assert not list(tmp_path.iterdir())
