"""Corpora of acted emotions, which say in a file's name what it is: RAVDESS and CREMA-D.

Sources: S. R. Livingstone, F. A. Russo, The Ryerson audio-visual database of emotional speech and song, 2018,
https://zenodo.org/records/1188976; H. Cao et al., CREMA-D: crowd-sourced emotional multimodal actors dataset, 2014,
https://github.com/CheyneyComputerScience/CREMA-D.
"""

import re
from pathlib import Path

from soundproof.trainables.corpora.recorded.layouts.found import table_of
from soundproof.trainables.corpora.recorded.tables.reading import Table

_RAVDESS = re.compile(r"\d\d-\d\d-(0[1-8])-\d\d-\d\d-\d\d-(\d\d)")
_RAVDESS_EMOTIONS = "neutral calm happy sad angry fearful disgust surprised".split()
_CREMA_D = re.compile(r"(\d{4})_[A-Z]{3}_([A-Z]{3})_[A-Z]{2}")
_CREMA_D_EMOTIONS = {"ANG": "anger", "DIS": "disgust", "FEA": "fear", "HAP": "happy", "NEU": "neutral", "SAD": "sad"}


def ravdess(folder: Path) -> Table:
    """RAVDESS: 03-01-06-01-02-01-12.wav is the twelfth actor, fearful."""

    def told(file: Path) -> dict[str, str] | None:
        found = _RAVDESS.fullmatch(file.stem)
        return found and {"label": _RAVDESS_EMOTIONS[int(found[1]) - 1], "speaker": found[2]}

    return table_of(folder, "RAVDESS, Actor_01/03-01-06-01-02-01-01.wav and so on", told)


def crema_d(folder: Path) -> Table:
    """CREMA-D: 1001_DFA_ANG_XX.wav is actor 1001, in anger."""

    def told(file: Path) -> dict[str, str] | None:
        found = _CREMA_D.fullmatch(file.stem)
        emotion = found and _CREMA_D_EMOTIONS.get(found[2])
        return {"label": emotion, "speaker": found[1]} if found and emotion else None

    return table_of(folder, "CREMA-D, AudioWAV/1001_DFA_ANG_XX.wav and so on", told)
