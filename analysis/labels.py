"""Names in words: variants by the levels that tell them apart; presets and corpora as the command line takes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from search_spaces.studies import Study

_PLACES = {"manifest": ":FILE"} | dict.fromkeys(
    ("folder", "fsdd", "esc10", "esc50", "gtzan", "speech-commands"), ":PATH"
)
"""What stands for the place of a corpus's files, where it has any."""
_OWN_NAMES = ("manifest", "folder")
"""Kinds of corpora whose record goes on with a name of their own."""
_SPLITS = ("folds", "groups", "group-folds", "random")


def variant_labels(study: Study) -> dict[str, str]:
    """A short label for each variant id. The id is added where two variants share their levels."""
    plain = {
        variant.id: " · ".join(level.value for level in variant.levels) or variant.id for variant in study.variants
    }
    counts = Counter(plain.values())
    return {
        variant_id: label if counts[label] == 1 or label == variant_id else f"{label} ({variant_id})"
        for variant_id, label in plain.items()
    }


def factor_names(study: Study) -> str:
    """The factors that the variants differ in, as one phrase."""
    return " · ".join(dict.fromkeys(level.factor for variant in study.variants for level in variant.levels))


def quoted(variant: str, labels: Mapping[str, str]) -> str:
    """The label of a variant in quotation marks."""
    return f"“{labels.get(variant, variant)}”"


def preset_name(preset: str) -> str:
    """The preset whose size a record's preset has: its label may go on to say how it was limited."""
    return preset.partition("-")[0]


def preset_argument(preset: str) -> str:
    """How the command line takes a preset that the record calls so: `documented-100-epochs` has its epochs limited."""
    limited = re.fullmatch(r"(.+)-(\d+)-epochs", preset)
    return preset if limited is None else f"{limited[1]} --epochs {limited[2]}"


def corpus_argument(corpus: str) -> str:
    """How the command line takes a corpus that the record calls so; where its files lie is not recorded."""
    corpus, dot, split = corpus.rpartition(".")
    if split not in _SPLITS:
        corpus, dot, split = corpus + dot + split, "", ""
    name = next((kind for kind in _OWN_NAMES if corpus.startswith(f"{kind}-")), corpus)
    return name + _PLACES.get(name, "") + (f" --split {split}" if split else "")
