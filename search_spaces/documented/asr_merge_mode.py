"""How the two directions of a bidirectional layer are merged."""

from dataclasses import replace

from soundproof.search_spaces.claims import every_pair
from soundproof.search_spaces.documented.asr import (
    DOCUMENT,
    FIXED_CAVEATS,
    TWO_LSTMS,
    documented,
    speech_study,
    without_convolution,
)
from soundproof.search_spaces.documented.asr_recurrent_depth import TWO_LSTMS_AND_DENSE
from soundproof.search_spaces.documented.declaring import compared, numbered
from soundproof.search_spaces.specs.network import Merge
from soundproof.search_spaces.studies import Variant

_FACTOR = "merge of the first layer's directions"


def _merged(variant_id: str, merge: Merge) -> Variant:
    return documented(
        variant_id,
        {_FACTOR: merge},
        without_convolution(replace(TWO_LSTMS, merge=merge)),
        epochs=20,
    )


_CONCAT, _SUM, _AVE, _MUL = numbered("asr-merge-mode", 4)
_ONE_WAY = TWO_LSTMS_AND_DENSE.id

ASR_MERGE_MODE = speech_study(
    id="asr-merge-mode",
    question="How should the two directions of a bidirectional first layer be merged?",
    baseline=_ONE_WAY,
    variants=(
        _merged(_CONCAT, "concat"),
        _merged(_SUM, "sum"),
        _merged(_AVE, "ave"),
        _merged(_MUL, "mul"),
        compared(TWO_LSTMS_AND_DENSE, {_FACTOR: "unidirectional"}),
    ),
    claims=(
        DOCUMENT.better(
            "Every bidirectional model is better than the unidirectional one.",
            (_CONCAT, _ONE_WAY),
            (_SUM, _ONE_WAY),
            (_AVE, _ONE_WAY),
            (_MUL, _ONE_WAY),
        ),
        DOCUMENT.worst_of("mul is probably the worst merge mode.", worst=(_MUL,), others=(_CONCAT, _SUM, _AVE)),
        DOCUMENT.equivalent("concat, sum and ave perform roughly the same.", *every_pair(_CONCAT, _SUM, _AVE)),
        DOCUMENT.faster(
            "concat may reach its best slightly sooner than sum and ave.", (_CONCAT, _SUM), (_CONCAT, _AVE)
        ),
    ),
    caveats=("two LSTM layers without a convolution, the second one unidirectional", *FIXED_CAVEATS),
)
