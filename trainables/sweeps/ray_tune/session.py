"""Ray, started quietly and on loopback alone, or joined where the user names a cluster."""

import logging
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from soundproof.common.errors import UserError
from soundproof.trainables.full_disks import lacks_space

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


class RayStartError(UserError):
    """Ray cannot be started on this machine now. The message says why and what to do."""


def prepare_environment(address: str | None) -> None:
    """Set what Ray reads when it is imported. Call before the first import of Ray."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if address is None:
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # a local Ray then listens on loopback alone
        if "ray" not in sys.modules and os.environ.setdefault("RAY_AUTH_MODE", "token") == "token":  # and answers this
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # session alone. Ray looks for a token once


@contextmanager
def session(address: str | None, gpus: int | None) -> Iterator[None]:
    """A local Ray with `gpus` (None: what the machine has), or the cluster at `address`.

    Enter it on the main thread: Ray started from another one takes seconds to shut down. Raises `RayStartError` or
    `ClusterError`.
    """
    prepare_environment(address)
    if address is None:
        _start(gpus)
    else:
        from soundproof.trainables.sweeps.ray_tune.joining import join  # noqa: PLC0415  # Ray, after prepare_environment

        join(address)
    import ray.tune  # noqa: PLC0415  # here, while the workers import theirs

    if not _verbose():
        logging.getLogger("ray.tune").setLevel(logging.CRITICAL)  # progress shows that an actor died
    try:
        yield
    finally:
        ray.shutdown()


def _verbose() -> bool:
    return os.environ.get(VERBOSE) == "1"


def _start(gpus: int | None) -> None:
    import ray  # noqa: PLC0415  # after prepare_environment

    try:
        ray.init(
            address="local",
            num_gpus=gpus,
            include_dashboard=False,
            object_store_memory=_OBJECT_STORE_BYTES,
            logging_level=logging.INFO if _verbose() else logging.ERROR,
            log_to_driver=_verbose(),
        )
    except Exception as error:  # Ray has no type of its own for what keeps its processes from starting
        remedy = "Free some space" if lacks_space(error) else "The machine may be too busy: wait until it is less so"
        raise RayStartError(
            f"Ray was to start on this machine, and did not: {str(error).strip() or type(error).__name__}. {remedy}, "
            f"and give the same command again; with {VERBOSE}=1 in the environment, Ray tells more"
        ) from error
