"""What only some need is installed by an extra; where it is missing, the error names the extra."""

import importlib.util
from collections.abc import Mapping

from soundproof.common.errors import UserError

EXTRAS: Mapping[str, tuple[str, ...]] = {
    "speech": ("espeakng_loader",),
    "explain": ("captum",),
    "gpu": ("pynvml",),
    "tensorboard": ("tensorboard",),
    "wandb": ("wandb",),
    "mcp": ("mcp",),
}
"""The extras of `pyproject.toml`, each with the modules that it brings."""


class MissingExtraError(UserError):
    """Something was asked for that needs an extra, and the extra is not installed."""


def require_extra(extra: str, purpose: str) -> None:
    """Raise `MissingExtraError` unless what `extra` brings can be imported. `purpose` begins the message.

    It only looks whether the modules are there: importing them may take seconds, and whoever needs them does it.
    """
    missing = [module for module in EXTRAS[extra] if importlib.util.find_spec(module) is None]
    if missing:
        raise MissingExtraError(
            f"{purpose} needs the extra {extra}, and {', '.join(missing)} is not installed: "
            f'pip install "soundproof[{extra}]", or in a checkout pip install -c constraints.txt -e ".[{extra}]"'
        )
