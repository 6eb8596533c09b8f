"""Ray, started quietly and on loopback alone, or joined where the user names a cluster.

Whether a cluster can be joined is found out at once, and our code sent ahead.
"""

import logging
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any

from soundproof.common.errors import UserError
from soundproof.common.package import PACKAGE_FOLDER
from soundproof.trainables.full_disks import lacks_space
from soundproof.trainables.sweeps.ray_tune.ray_watch import RayWatch, watch_ray
from soundproof.trainables.sweeps.ray_tune.session_folder import short_folder, what_to_do

_log = logging.getLogger(__name__)

VERBOSE = "SOUNDPROOF_VERBOSE"
"""Set to 1 in the environment, it lets Ray speak."""

_OBJECT_STORE_BYTES = 256 * 2**20
"""Results are small; features travel by memory map."""

_ENVIRONMENT = {
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_GLOBAL_CHECKPOINT_S": "1000000000",
    "TUNE_RESULT_BUFFER_LENGTH": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    # a process that Ray starts before anybody asks for one goes to no actor that is asked for while it starts
    "RAY_prestart_worker_first_driver": "0",
}


_ANSWERS_WITHIN_SECONDS = 10.0
"""A cluster that is there. Ray itself waits for minutes."""


class RayStartError(UserError):
    """Ray cannot be started on this machine now. The message says why and what to do."""


class ClusterError(UserError):
    """The cluster cannot be joined. The message says why and what to do."""


def prepare_environment(address: str | None) -> None:
    """Set what Ray reads when it is imported. Call before the first import of Ray."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if address is None:
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # a local Ray then listens on loopback alone
        if "ray" not in sys.modules and os.environ.setdefault("RAY_AUTH_MODE", "token") == "token":  # and answers this
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # session alone. Ray looks for a token once


@contextmanager
def session(address: str | None, gpus: int | None, *, tune: bool = True) -> Iterator[RayWatch]:
    """A local Ray with `gpus` (None: what the machine has), or the cluster at `address`; with Ray Tune, or without.

    Whoever waits for Ray in the block has to ask the watch now and then whether Ray still lives. Enter it on the main
    thread: Ray started from another one takes seconds to shut down. Raises `RayStartError` or `ClusterError`, and
    `RayDiedError` where a process of Ray's dies in the block.
    """
    prepare_environment(address)
    with ExitStack() as stack:
        with _termination_as_before():
            if address is None:
                _start(gpus, stack)
            else:
                join(address)
        yield stack.enter_context(_started(own=address is None, tune=tune))


@contextmanager
def _started(*, own: bool, tune: bool) -> Iterator[RayWatch]:
    """Ray as it has started, watched, and shut down at the end."""
    import ray  # noqa: PLC0415  # after prepare_environment

    if tune:
        import ray.tune  # noqa: PLC0415  # here, while the workers import theirs

        _count_no_other_trackers()
    if not _verbose():
        logging.getLogger("ray.tune").setLevel(logging.CRITICAL)  # progress shows that an actor died
        _keep_messages_off_the_terminal()
    with watch_ray(own=own) as watch:
        try:
            with watch.watching():
                yield watch
        finally:
            ray.shutdown()


def _count_no_other_trackers() -> None:
    """Import Ray's callbacks of other trackers without these: the Tuner imports all to count those it was given.

    W&B alone takes the best part of a second. Whoever wants it in a network of their own imports it as ever.
    """
    others = [name for name in ("aim", "comet_ml", "wandb") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(others))  # type: ignore[arg-type]  # None: as if it were not installed
    try:
        for loggers in ("ray.air.integrations.comet", "ray.air.integrations.wandb", "ray.tune.logger.aim"):
            import_module(loggers)
    finally:
        for name in others:
            del sys.modules[name]


@contextmanager
def _termination_as_before() -> Iterator[None]:
    """Let SIGTERM mean after the block what it meant before.

    Ray's start puts two handlers in its place: Python's raises SystemExit, and the system's, which is called first,
    writes a native stack to the terminal.
    """
    before = signal.getsignal(signal.SIGTERM)
    yield
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)


def _keep_messages_off_the_terminal() -> None:
    """Ray's raylets send messages to all drivers, which print them to standard output: the state of a dead one, say."""
    from ray._private import worker  # noqa: PLC0415  # after prepare_environment

    def keep(data: Mapping[str, Any], ignore_prefix: bool) -> None:  # noqa: ARG001  # as Ray calls it
        _log.info("Ray says: %s", "\n".join(map(str, data.get("lines", ()))))

    worker.print_to_stdstream = keep


def _verbose() -> bool:
    return os.environ.get(VERBOSE) == "1"


def _start(gpus: int | None, stack: ExitStack) -> None:
    """Start Ray; `stack` removes what it leaves."""
    import ray  # noqa: PLC0415  # after prepare_environment

    try:
        ray.init(
            address="local",
            _temp_dir=stack.enter_context(short_folder()),
            num_gpus=gpus,
            include_dashboard=False,
            object_store_memory=_OBJECT_STORE_BYTES,
            logging_level=logging.INFO if _verbose() else logging.ERROR,
            log_to_driver=_verbose(),
        )
    except Exception as error:  # Ray has no type of its own for what keeps its processes from starting
        remedy = what_to_do(error) or (
            "Free some space" if lacks_space(error) else "The machine may be too busy: wait until it is less so"
        )
        raise RayStartError(
            f"Ray was to start on this machine, and did not: {str(error).strip() or type(error).__name__}. {remedy}, "
            f"and give the same command again; with {VERBOSE}=1 in the environment, Ray tells more"
        ) from error


def join(address: str) -> None:
    """Join the cluster at `address`, HOST:PORT or `auto`. Raises `ClusterError`.

    Its nodes get our package from here, whatever the current folder is. What these import has to be on the nodes.
    """
    import ray  # noqa: PLC0415  # after prepare_environment
    from ray.exceptions import AuthenticationError  # noqa: PLC0415

    _check(address)
    try:
        ray.init(
            address=address,
            runtime_env={"py_modules": [str(PACKAGE_FOLDER)]},
            logging_level=logging.ERROR,
            log_to_driver=False,
        )
    except AuthenticationError as error:
        raise ClusterError(
            f"the Ray cluster at {address} wants a token: set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN (or put the token "
            "into ~/.ray/auth_token), to what its nodes were started with"
        ) from error
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ClusterError(f"the Ray cluster at {address} could not be joined: {error}") from error


def _check(address: str) -> None:
    """Whether somebody listens there."""
    if "://" in address:
        raise ClusterError(
            f"--address: HOST:PORT of a Ray head or auto was expected, got {address}. A driver has to run on a node of "
            "the cluster: submit the command with `ray job submit`, or give it on the head node"
        )
    where = os.environ.get("RAY_ADDRESS", address) if address == "auto" else address
    host, colon, port = where.rpartition(":")
    if not colon:
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWERS_WITHIN_SECONDS).close()
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"a Ray head was expected at {where}, and nothing answers there ({error}): start one (`ray start --head`), "
            "or give the address that it was started with"
        ) from error
