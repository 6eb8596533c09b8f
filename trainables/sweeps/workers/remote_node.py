"""Whether a node sees the driver's storage: the driver lays a token there, and the node looks for it.

One that does not see it keeps what it needs in a folder of its own, TMPDIR/soundproof-USER.

    features/ENTRY           features, fetched once per node; they stay for later sweeps
    sweeps/NAME/outbox       finished trials on their way to the driver
    sweeps/NAME/checkpoints  states of trials that run here

TMPDIR is what Python's `tempfile` takes it for.
"""

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from soundproof.common.digests import DamagedError, Sealed
from soundproof.common.machine_notes import own_folder
from soundproof.trainables.features.cache import FRAMES
from soundproof.trainables.features.verified import check_once
from soundproof.trainables.sweeps.outbox.results import OutboxError
from soundproof.trainables.sweeps.outbox.transfer import TransferServer, pack, start_transfer_server

_log = logging.getLogger(__name__)


@contextmanager
def storage_token(address: str | None, notes: Path, outbox: Path) -> Iterator[Path | None]:
    """A file of the storage by which actors find out whether they see it; None on one machine, where all do.

    Nobody else has one of that name, so whoever sees it sees the storage. The transfer server, which serves the others
    meanwhile, is called as the file is.
    """
    if address is None:
        yield None
        return
    name = f"soundproof-{uuid4().hex}"
    token = notes.resolve() / f"{name}.token"
    token.parent.mkdir(parents=True, exist_ok=True)
    token.touch()
    server = start_transfer_server(name, outbox.resolve())
    try:
        yield token
    finally:
        token.unlink(missing_ok=True)
        del server


class RemoteTransfer:
    """The transfer server on the driver's machine, asked through Ray."""

    def __init__(self, name: str) -> None:
        import ray  # noqa: PLC0415  # see transfer.py

        self._get = ray.get
        self._server: Any = ray.get_actor(name)

    def contents(self, folder: str) -> Mapping[str, int]:
        """See `TransferServer`."""
        return dict(self._get(self._server.contents.remote(folder)))

    def piece(self, file: str, start: int) -> bytes:
        """See `TransferServer`."""
        return bytes(self._get(self._server.piece.remote(file, start)))

    def receive(self, trial_id: str, files: Mapping[str, bytes]) -> None:
        """See `TransferServer`."""
        try:
            self._get(self._server.receive.remote(trial_id, files))
        except OutboxError as error:  # Ray's, which is one of ours too, but says where in the server it was raised
            cause: OutboxError = getattr(error, "cause", error)
            raise OutboxError(cause.errno, cause.strerror) from error


class OwnStorage:
    """Stands on a node for the driver's storage, for one actor. `root` is where this user's things lie on the node."""

    def __init__(self, server: TransferServer | RemoteTransfer, sweep: str, root: Path) -> None:
        """`sweep` is a name that no other run of any driver has."""
        self._server = server
        self._features = root / "features"
        for folder in (root, self._features, root / "sweeps"):
            folder.mkdir(mode=0o700, exist_ok=True)
        if root.stat().st_uid != os.getuid():
            raise PermissionError(f"{root} belongs to somebody else: set TMPDIR on the nodes to a folder of your own")
        own = root / "sweeps" / sweep
        self.outbox, self.checkpoints = own / "outbox", own / "checkpoints"
        self._in_use = _use(own)
        _tidy(root / "sweeps")

    def deliver(self, trial_id: str) -> None:
        """Hand a finished trial to the driver. When this returns, it is in the driver's outbox."""
        folder = self.outbox / trial_id
        self._server.receive(trial_id, pack(folder))
        shutil.rmtree(folder)

    def close(self) -> None:
        """Let the next actor on the node tidy up what this one has left."""
        self._in_use.close()

    def entry(self, entry: Path) -> Path:
        """Where a cache entry of the driver's lies on this node, fetched if it is not there as it was written.

        Its name says what is in it, so that one of the same name need not travel again. Raises `DamagedError` where it
        arrives with other contents than the driver wrote.
        """
        here = self._features / entry.name
        with (self._features / f"{here.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                _check(here)
            except DamagedError as error:
                _log.info("%s. These features are fetched from the driver's machine", error)
                self._fetch(entry, here)
        return here

    def _fetch(self, entry: Path, here: Path) -> None:
        unfinished = here.with_name(f".unfinished-{here.name}")
        shutil.rmtree(unfinished, ignore_errors=True)  # of an actor that died; the lock keeps living ones out
        unfinished.mkdir()
        for name, size in self._server.contents(str(entry)).items():
            with (unfinished / name).open("wb") as target:
                while target.tell() < size:
                    target.write(self._server.piece(f"{entry}/{name}", target.tell()))
        Sealed.of(unfinished).check()
        shutil.rmtree(here, ignore_errors=True)
        unfinished.rename(here)


def own_storage(token: Path | None) -> OwnStorage | None:
    """That of this node, with the token of the driver's; None where the node sees the driver's."""
    if token is None or token.is_file():
        return None
    return OwnStorage(RemoteTransfer(token.stem), token.stem, own_folder())


def _check(entry: Path) -> None:
    """Raise `DamagedError` where a fetched entry is not what was written, or nothing can tell."""
    sealed = Sealed.of(entry)
    if sealed.files is None:
        raise DamagedError(f"{entry} is not there, or has no digests")
    check_once(sealed, FRAMES)
    sealed.check(*sealed.digests())


def _use(folder: Path) -> IO[str]:
    """Mark the folder as in use for as long as the returned file is open, or this process lives."""
    lock = folder.with_name(f"{folder.name}.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_SH)
    folder.mkdir(exist_ok=True)
    return lock


def _tidy(sweeps: Path) -> None:
    """Remove what earlier sweeps have left whose actors were killed."""
    for path in sweeps.glob("*.lock"):
        with path.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:  # somebody lives there
                continue
            _log.info("%s is removed: no actor of that sweep lives here", path.with_suffix(""))
            shutil.rmtree(path.with_suffix(""), ignore_errors=True)
            path.unlink(missing_ok=True)
