"""What the fields of a table are called: this project's names, those of others, and those that a user gives."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from soundproof.trainables.corpora.corpus import CorpusError

FIELDS = ("audio", "text", "label", "labels", "value", "speaker", "group", "fold", "partition", "start", "duration")
"""What a row may say of a recording."""

ANSWERS = ("label", "labels", "value")
"""Of these a clip's right answer is one: where a user says which, columns that are called as the others are not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Naming:
    """How a program or a data set names its fields.

    A row with the names of `signature` is of it. `fields` has for each of ours the names that theirs may have;
    `aside` are those that say nothing that is needed here. `audio` are places of the audio, relative to the table's
    folder, with fields in braces.
    """

    program: str
    signature: frozenset[str]
    fields: Mapping[str, tuple[str, ...]]
    aside: frozenset[str] = frozenset()
    audio: tuple[str, ...] = ()
    spoken: bool = False
    own: tuple[str, ...] = field(default=())
    """Names that it shares with this project."""
    refused: frozenset[str] = frozenset()
    """Those that say which samples of a file are meant: passed over, other sound would be heard than was meant."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NAMINGS = (
    Naming(  # J. Salamon et al., A dataset and taxonomy for urban sound research, 2014: start and end are those in fsID
        program="UrbanSound8K",
        signature=_words("slice_file_name"),
        fields={"audio": ("slice_file_name",), "label": ("class", "classID"), "group": ("fsID",), "fold": ("fold",)},
        aside=_words("start end salience classID"),
        audio=("../audio/fold{fold}/{slice_file_name}",),
    ),
    Naming(  # E. Fonseca et al., FSD50K: an open dataset of human-labeled sound events, 2020
        program="FSD50K",
        signature=_words("fname labels"),
        fields={"audio": ("fname",), "labels": ("labels",), "partition": ("split",)},
        aside=_words("mids"),
        audio=("../FSD50K.dev_audio/{fname}.wav", "../FSD50K.eval_audio/{fname}.wav", "{fname}.wav"),
    ),
    Naming(  # R. Ardila et al., Common Voice: a massively-multilingual speech corpus, 2020
        program="Common Voice",
        signature=_words("path sentence"),
        fields={"audio": ("path",), "text": ("sentence",), "speaker": ("client_id",)},
        aside=_words(
            "up_votes down_votes age gender accent accents variant locale segment sentence_id sentence_domain reason"
        ),
        audio=("clips/{path}",),
        spoken=True,
    ),
    Naming(  # SpeechBrain's data preparation
        program="SpeechBrain",
        signature=_words("ID wav"),
        fields={"audio": ("wav",), "text": ("wrd", "words"), "speaker": ("spk_id",), "duration": ("duration",)},
        aside=_words("ID char phn wav_format wrd_format spk_id_format"),
        own=("label", "partition"),
        refused=_words("start stop"),
    ),
    Naming(  # K. J. Piczak, ESC: dataset for environmental sound classification, 2015
        program="ESC-50",
        signature=_words("filename category"),
        fields={"audio": ("filename",), "label": ("category",), "group": ("src_file",), "fold": ("fold",)},
        aside=_words("target esc10 take"),
        audio=("../audio/{filename}",),
    ),
    Naming(  # Ito and Johnson, The LJ Speech Dataset, 2017
        program="LJSpeech",
        signature=_words("id normalised"),
        fields={"audio": ("id",), "text": ("normalised",)},
        aside=_words("transcription"),
        audio=("wavs/{id}.wav",),
        spoken=True,
    ),
    Naming(  # Hugging Face's AudioFolder
        program="AudioFolder",
        signature=_words("file_name"),
        fields={"audio": ("file_name",), "text": ("text", "transcription", "sentence"), "speaker": ("speaker_id",)},
        own=FIELDS[2:],
        spoken=True,
    ),
    Naming(
        program="NeMo",
        signature=_words("audio_filepath"),
        fields={"audio": ("audio_filepath",), "label": ("label", "command"), "start": ("offset",)},
        aside=_words("pred_text lang pnc source_lang target_lang taskname orig_sr"),
        own=("text", "duration", "speaker", "labels", "group", "fold", "partition"),
    ),
    Naming(program="other programs", signature=_words("key"), fields={"audio": ("key",)}, own=FIELDS[1:]),
)


def parse_columns(text: str | None) -> dict[str, str]:
    """Which column holds which field: `audio=my_path,label=my_class`. Raises `CorpusError`."""
    given: dict[str, str] = {}
    for part in filter(None, (text or "").split(",")):
        name, equals, theirs = (word.strip() for word in part.partition("="))
        if not equals or not theirs or name not in FIELDS or name in given:
            raise CorpusError(
                f"--columns expects FIELD=COLUMN with commas between, each field once, such as audio=path,label=class, "
                f"got {part!r}; the fields are {', '.join(FIELDS)}"
            )
        given[name] = theirs
    return given


def naming_of(names: Iterable[str]) -> Naming | None:
    """Whose names those of a row are; None for this project's."""
    known = frozenset(names)
    if "audio" in known:
        return None
    return next((naming for naming in NAMINGS if naming.signature <= known), None)


def renamed(fields: Mapping[str, Any], naming: Naming | None) -> tuple[dict[str, Any], list[str]]:
    """The fields in this project's names, and those that were taken for none.

    Raises `CorpusError` where the others say which samples of a file are meant.
    """
    if naming is None:
        return dict(fields), []
    if refused := sorted(naming.refused & fields.keys()):
        raise CorpusError(
            f"{' and '.join(refused)} in a table of {naming.program} count samples of a file, which are not read: "
            "write start and duration in seconds, beside audio, text and speaker, and say --columns where they have "
            "other names"
        )
    wanted = {**{name: (name,) for name in naming.own}, **naming.fields}
    found = {
        ours: next(theirs for theirs in names if theirs in fields)
        for ours, names in wanted.items()
        if any(theirs in fields for theirs in names)
    }
    over = [name for name in fields if name not in {*found.values(), *naming.aside, *naming.signature}]
    return {ours: fields[theirs] for ours, theirs in found.items()}, over


def mapped(fields: Mapping[str, Any], columns: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The same by what the user says; fields with this project's own names are taken beside."""
    theirs = set(columns.values())
    own = set(FIELDS) - (set(ANSWERS) if columns.keys() & set(ANSWERS) else set())
    taken = {name: value for name, value in fields.items() if name in own and name not in theirs}
    taken |= {ours: fields[column] for ours, column in columns.items() if column in fields}
    return taken, [name for name in fields if name not in theirs and name not in own]
