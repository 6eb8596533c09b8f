"""Variants in words: the levels that tell them apart, rather than their ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from search_spaces.studies import Study


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


def corpus_argument(corpus: str) -> str:
    """How the command line takes a corpus that the record calls so; where its files lie is not recorded."""
    name = "manifest" if corpus.startswith("manifest-") else corpus
    place = {"manifest": ":FILE", "fsdd": ":PATH"}.get(name, "")
    return name + place
