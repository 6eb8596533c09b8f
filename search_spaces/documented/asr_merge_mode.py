"""How the two directions of a bidirectional layer are merged."""

from __future__ import annotations

from dataclasses import replace

from search_spaces.claims import Better, Equivalent, Measure
from search_spaces.documented.asr import FIXED_CAVEATS, LSTM_2, RECIPE, SOURCE, SPECTROGRAM, TWO_LSTMS
from search_spaces.record import BEST_EPOCH
from search_spaces.specs.network import Merge
from search_spaces.studies import Level, Study, Variant


def _variant(variant_id: str, merge: Merge | None) -> Variant:
    return Variant(
        id=variant_id,
        levels=(Level(factor="merge of the first layer's directions", value=merge or "unidirectional"),),
        features=SPECTROGRAM,
        network=replace(LSTM_2, recurrent=replace(TWO_LSTMS, merge=merge)),
        recipe=RECIPE,
        epochs=20,
    )


_ID = "asr-merge-mode"
_CONCAT, _SUM, _AVE, _MUL = (f"{_ID}/{number:02d}" for number in range(1, 5))
_ONE_WAY = "asr-rnn-depth-without-cnn/01"

ASR_MERGE_MODE = Study(
    id=_ID,
    question="How should the two directions of a bidirectional first layer be merged?",
    source=SOURCE,
    baseline=_ONE_WAY,
    variants=(
        _variant(_CONCAT, "concat"),
        _variant(_SUM, "sum"),
        _variant(_AVE, "ave"),
        _variant(_MUL, "mul"),
        _variant(_ONE_WAY, None),
    ),
    claims=(
        Better(
            text="Every bidirectional model is better than the unidirectional one.",
            source=SOURCE,
            pairs=((_CONCAT, _ONE_WAY), (_SUM, _ONE_WAY), (_AVE, _ONE_WAY), (_MUL, _ONE_WAY)),
        ),
        Better(
            text="mul is probably the worst merge mode.",
            source=SOURCE,
            pairs=((_CONCAT, _MUL), (_SUM, _MUL), (_AVE, _MUL)),
        ),
        Equivalent(
            text="concat, sum and ave perform roughly the same.",
            source=SOURCE,
            variants=(_CONCAT, _SUM, _AVE),
        ),
        Better(
            text="concat may reach its best slightly sooner than sum and ave.",
            source=SOURCE,
            pairs=((_CONCAT, _SUM), (_CONCAT, _AVE)),
            measure=Measure(metric=BEST_EPOCH, margin=1.0),
        ),
    ),
    caveats=("two LSTM layers without a convolution, the second one unidirectional", *FIXED_CAVEATS),
)
