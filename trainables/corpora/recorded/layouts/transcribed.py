"""Transcribed speech with texts in files of their own: Kaldi's folders, AN4 and TIMIT.

Sources: https://kaldi-asr.org/doc/data_prep.html; A. Acero, AN4, http://www.speech.cs.cmu.edu/databases/an4/;
J. Garofolo et al., TIMIT acoustic-phonetic continuous speech corpus, LDC93S1, 1993.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from soundproof.search_spaces.specs import Partition
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.folder_listing import require_folder
from soundproof.trainables.corpora.recorded.layouts.found import row_of, table_of
from soundproof.trainables.corpora.recorded.tables.reading import Table
from soundproof.trainables.corpora.recorded.tables.rows import Problem, Row

_AN4 = re.compile(r"(?:<s>)?(.*?)(?:</s>)?\s*\(([^()\s]+)\)")


def kaldi(folder: Path) -> Table:
    """A data folder of Kaldi: wav.scp, text, and utt2spk and segments where they are there. Commands are not run."""
    require_folder(folder, "a data folder of Kaldi, with wav.scp and text")
    audio, texts = _words(folder / "wav.scp", required=True), _words(folder / "text", required=True)
    speakers, segments = _words(folder / "utt2spk"), _words(folder / "segments")
    rows = [
        _kaldi_row(folder / "text", number, utterance, text, (audio, speakers, segments))
        for number, (utterance, text) in enumerate(texts.items(), start=1)
    ]
    return Table(place=str(folder), rows=rows)


def _kaldi_row(file: Path, number: int, utterance: str, text: str, lists: tuple[Mapping[str, str], ...]) -> Row:
    audio, speakers, segments = lists
    recording, *times = segments.get(utterance, utterance).split()
    place = audio.get(recording)
    problem = None
    if place is None:
        problem = Problem("every utterance needs a line of wav.scp", recording, "add it")
    elif "|" in place:
        problem = Problem("wav.scp must name files, and no command is run", place, "write the audio to files first")
    try:
        begin, end = (float(time) for time in times) if segments else (0.0, 0.0)
    except ValueError:
        problem = Problem("segments must be UTTERANCE RECORDING START END", segments.get(utterance, "nothing"))
    if problem:
        return Row(file=file, number=number, problems=[problem])
    assert place is not None
    if not (file.parent / place).is_file() and Path(place).is_file():  # Kaldi's paths are those of its own folder
        place = str(Path(place).absolute())
    fields: dict[str, Any] = {"audio": place, "text": text, "speaker": speakers.get(utterance)}
    if segments:
        fields |= {"start": begin, "duration": max(0.0, end - begin)}
    return row_of(file, number, fields, spoken=True)


def _words(path: Path, *, required: bool = False) -> dict[str, str]:
    """The first word of each line, and the others."""
    if not required and not path.is_file():
        return {}
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: expected a list of Kaldi's in UTF-8, which cannot be read ({error})") from error
    parts = (line.strip().partition(" ") for line in lines if line.strip())
    return {first: rest.strip() for first, _, rest in parts}


def an4(folder: Path) -> Table:
    """AN4: wav/an4_clstk trains, wav/an4test_clstk tests, a folder a speaker; texts lie in etc."""
    texts: dict[str, str] = {}
    for name in ("an4_train", "an4_test"):
        path = folder / "etc" / f"{name}.transcription"
        for line in path.read_text(encoding="utf-8", errors="replace").split("\n") if path.is_file() else ():
            if found := _AN4.fullmatch(line.strip()):
                texts[found[2]] = found[1].strip()

    def told(file: Path) -> dict[str, Any] | None:
        if file.stem not in texts:
            return None
        partition: Partition | None = "test" if "an4test_clstk" in file.parts else None
        return {"text": texts[file.stem], "speaker": file.parent.name, "partition": partition}

    return table_of(folder, "AN4, wav/ beside etc/an4_train.transcription", told, spoken=True)


def timit(folder: Path) -> Table:
    """TIMIT: TRAIN or TEST, dialect, speaker, SA1.WAV beside SA1.TXT with the text after two numbers."""

    def told(file: Path) -> dict[str, Any] | None:
        named = {entry.name.upper(): entry for entry in file.parent.iterdir()}
        text = named.get(f"{file.name.split('.')[0].upper()}.TXT")
        if text is None:
            return None
        words = text.read_text(encoding="utf-8", errors="replace").split(maxsplit=2)
        parts = {part.upper() for part in file.relative_to(folder).parts}
        return {
            "text": words[2] if len(words) == 3 else "",
            "speaker": file.parent.name,
            "partition": "test" if "TEST" in parts else None,
        }

    return table_of(folder, "TIMIT, TRAIN/DR1/SPEAKER/SA1.WAV beside SA1.TXT", told, spoken=True)
