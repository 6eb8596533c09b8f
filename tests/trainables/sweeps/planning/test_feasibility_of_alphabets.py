"""What decides whether a network can spell: the frames that units need, and channels that are symbols."""

from dataclasses import replace

import numpy as np
import pytest

from soundproof.search_spaces import PRESETS, find_study
from soundproof.search_spaces.presets.widths import narrow
from soundproof.search_spaces.specs import BareHead, BytePairAlphabet, CharacterAlphabet, ManifestSpeech
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.sweeps.planning.feasibility import infeasible_reason, input_extents

BARE = next(
    variant
    for variant in find_study("asr-time-distributed-dense").variants
    if isinstance(variant.network.head, BareHead)
)
LETTERS = CharacterAlphabet(characters=" жзийк")
PAIRS = BytePairAlphabet(characters=" жзийк", pieces=(" ж", "зи", "йк", "зийк"))


def _store(text: str, frames: int) -> FeatureStore:
    example = Example(key="a", target=text, recording="a")
    return FeatureStore(
        examples=(example,),
        frames=np.zeros((frames, 1), np.float32),
        offsets=np.array([0, frames]),
        moments=np.zeros((1, 2, 1)),
        skipped=(),
    )


@pytest.mark.parametrize(("alphabet", "needed"), [(LETTERS, 7), (PAIRS, 3)])
def test_units_need_fewer_frames_than_characters(alphabet: object, needed: int) -> None:
    """Seven letters, or the units " ж", "зийк" and "зи"."""
    (extent,) = input_extents(BARE, _store("жзийкзи", 20), alphabet)  # type: ignore[arg-type, misc]
    assert extent.needed == needed


def test_channels_that_are_too_few() -> None:
    """Without a dense layer the channels are the symbols: a preset keeps enough, where there were enough."""
    many = CharacterAlphabet(characters="".join(map(chr, range(0x4E00, 0x4E00 + 300))))
    store = _store("\u4e00", 50)
    assert infeasible_reason(BARE, (), ManifestSpeech(), store, LETTERS) is None
    reason = infeasible_reason(BARE, (), ManifestSpeech(), store, many)
    assert reason == "its 200 channels are the symbols, and the alphabet has 301 with the blank"
    assert infeasible_reason(BARE, (), ManifestSpeech(), store) is None
    smoke = PRESETS["speech"]["smoke"]
    for symbols, kept in ((29, 29), (60, 60), (301, 200)):
        units = narrow(BARE.network, smoke.width, symbols).recurrent.units  # type: ignore[union-attr]
        assert units == max(kept, round(200 * smoke.width))
        assert replace(smoke, symbols=symbols).variant(BARE).network.recurrent.units == units  # type: ignore[union-attr]
