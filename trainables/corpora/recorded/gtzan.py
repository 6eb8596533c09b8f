"""GTZAN: tracks of 30 seconds in ten genres.

Source: G. Tzanetakis, P. Cook, Musical genre classification of audio signals, 2002.
"""

import re
from pathlib import Path

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.recorded.clip_files import Findings, LabelledClipsCorpus, Recording, open_clips
from soundproof.trainables.corpora.recorded.folder_listing import audio_files, printable, require_folder, subfolders

_PLACES = ("genres_original", "genres", "Data/genres_original")
_EXPECTED = "GTZAN, a folder for each genre with tracks named as in jazz/jazz.00001.wav"


def open_gtzan(path: Path, cut: Cut, *, skip_broken: bool = False) -> LabelledClipsCorpus:
    """The clips of the tracks at `path`, the folder of the genres or the one around it. A recording is a track.

    Raises `CorpusError` naming every file that cannot be used: as published, that is jazz.00054 alone.
    """
    folder = require_folder(path, _EXPECTED)
    folder = next((folder / place for place in _PLACES if (folder / place).is_dir()), folder)
    recordings, problems = [], []
    for genre in (entry.name for entry in subfolders(folder)):
        for file in audio_files(folder / genre):
            name = f"{genre}/{file.name}"
            if re.fullmatch(rf"{re.escape(genre)}\.[0-9]{{5}}\.(wav|au)", file.name):
                recordings.append(Recording(name=name, label=genre, group=file.name))
            else:
                shown = printable(genre)
                problems.append(f"{printable(name)}: must be named as in {shown}.00001.wav or {shown}.00001.au")
    faults = () if recordings else (f"expected {_EXPECTED}",)
    findings = Findings(recordings=recordings, problems=problems, faults=faults)
    return open_clips("gtzan", folder, cut, findings, skip_broken=skip_broken)
