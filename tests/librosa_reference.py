"""librosa, the reference for features, as plain Python.

What it has numba compile when it is imported takes most of a minute on a busy machine; none of it is asked for.
"""

import warnings
from collections.abc import Callable
from typing import Any
from unittest import mock

import numba


def _as_written(*given: Any, **_: Any) -> Callable[..., Any]:
    """A decorator, with arguments or without, that leaves a function as it is."""
    return given[0] if len(given) == 1 and callable(given[0]) else lambda function: function


with (
    warnings.catch_warnings(),
    mock.patch.multiple(numba, **dict.fromkeys(("jit", "njit", "vectorize", "guvectorize", "stencil"), _as_written)),
):
    warnings.simplefilter("ignore")  # what librosa's own imports warn of
    import librosa

    for function in (librosa.feature.melspectrogram, librosa.feature.mfcc, librosa.filters.mel, librosa.stft):
        assert callable(function)  # its module is imported when it is first asked for

__all__ = ["librosa"]
