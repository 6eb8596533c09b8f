"""A small study that real processes can run in seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from search_spaces import PRESETS, Preset, Study, find_study
from search_spaces.specs import GroupSplit
from trainables.corpora.synthetic_speech import make_synthetic_speech
from trainables.sweeps.storage import Storage
from trainables.sweeps.sweep import Sweep

SMOKE = PRESETS["smoke"]


def make_sweep(root: Path, study: Study | None = None, *, seeds: int = 1, preset: Preset = SMOKE) -> Sweep:
    """A sweep on the embedded speech below `root`."""
    return Sweep(
        study=study or find_study("asr-cnn-sublayer-order"),
        preset=preset,
        corpus=make_synthetic_speech(preset.corpus),
        corpus_name="synthetic-speech",
        split=GroupSplit(),
        seeds=seeds,
        storage=Storage(root=root),
    )


def part_of(study_id: str, variants: list[str]) -> Study:
    """The study with some of its variants, and the claims that are left."""
    study = find_study(study_id)
    kept = tuple(variant for variant in study.variants if variant.id in variants)
    return replace(study, variants=kept, baseline=kept[0].id, claims=())


@pytest.fixture
def sweep(tmp_path: Path) -> Sweep:
    """Two variants of the first study, two seeds each."""
    study = part_of("asr-cnn-sublayer-order", ["asr-cnn-sublayer-order/01", "asr-cnn-sublayer-order/04"])
    return make_sweep(tmp_path, study, seeds=2)
