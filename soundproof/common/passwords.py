"""Names, passwords and tokens kept out of what is shown, logged or written: addresses of stores may have them."""

import os
import re

HIDDEN = "***"
"""Stands in the place of what is hidden."""

_USER_AND_PASSWORD = re.compile(r"(?P<scheme>\b[A-Za-z][\w+.-]*://)(?:[^/\s?#]*@|[^/\s?#@:\[]+:(?!\d+[/?#])[^\s'\"]*@)")
"""The second form: a password with a slash or the like, written without its escape, and no number of a port."""
_IN_QUERIES = re.compile(
    r"(?P<name>[?&][\w.-]*(?:password|passwd|pwd|token|secret|key|signature|sig|credential)[\w.-]*=)[^&\s'\"#]+", re.I
)
_FROM_ENVIRONMENT = ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")
_SHORTEST_SECRET = 6
"""Characters. Shorter ones are parts of ordinary words, which would be hidden everywhere."""


def without_passwords(text: str) -> str:
    """The text, with what may be secret in addresses hidden, and what MLflow's own variables say.

    >>> without_passwords("no answer from https://ann:pass@host:5000/x?token=abc&page=2")
    'no answer from https://***@host:5000/x?token=***&page=2'
    """
    shown = _USER_AND_PASSWORD.sub(rf"\g<scheme>{HIDDEN}@", text)
    shown = _IN_QUERIES.sub(rf"\g<name>{HIDDEN}", shown)
    for name in _FROM_ENVIRONMENT:
        secret = os.environ.get(name, "")
        if len(secret) >= _SHORTEST_SECRET:
            shown = shown.replace(secret, HIDDEN)
    return shown
