"""Joining a Ray cluster that is there: found out at once whether it can be, and our code sent ahead."""

import logging
import os
import socket

import ray
from ray.exceptions import AuthenticationError

from soundproof.common.errors import UserError
from soundproof.common.package import PACKAGE_FOLDER

ANSWERS_WITHIN_SECONDS = 10.0
"""Ray itself waits for minutes."""


class ClusterError(UserError):
    """The cluster cannot be joined. The message says why and what to do."""


def join(address: str) -> None:
    """Join the cluster at `address`, HOST:PORT or `auto`. Raises `ClusterError`.

    Its nodes get our package from here, whatever the current folder is. What these import has to be on the nodes.
    """
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
        socket.create_connection((host.strip("[]"), int(port)), ANSWERS_WITHIN_SECONDS).close()
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"a Ray head was expected at {where}, and nothing answers there ({error}): start one (`ray start --head`), "
            "or give the address that it was started with"
        ) from error
