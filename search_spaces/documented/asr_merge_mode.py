"""How the two directions of a bidirectional layer are merged."""

from __future__ import annotations

from dataclasses import replace

from soundproof.search_spaces.claims import Better, Equivalent, Faster, WorstOf, every_pair
from soundproof.search_spaces.documented.asr import FIXED_CAVEATS, HEAD, SOURCE, TWO_LSTMS, compared, documented
from soundproof.search_spaces.documented.asr_recurrent_depth import TWO_LSTMS_AND_DENSE
from soundproof.search_spaces.specs import SpeechNetwork
from soundproof.search_spaces.specs.network import Merge
from soundproof.search_spaces.studies import Study, Variant

_FACTOR = "merge of the first layer's directions"


def _merged(variant_id: str, merge: Merge) -> Variant:
    return documented(
        variant_id,
        {_FACTOR: merge},
        SpeechNetwork(convolution=None, recurrent=replace(TWO_LSTMS, merge=merge), head=HEAD),
        epochs=20,
    )


_CONCAT, _SUM, _AVE, _MUL = (f"asr-merge-mode/{number:02d}" for number in range(1, 5))
_ONE_WAY = TWO_LSTMS_AND_DENSE.id

ASR_MERGE_MODE = Study(
    id="asr-merge-mode",
    question="How should the two directions of a bidirectional first layer be merged?",
    source=SOURCE,
    baseline=_ONE_WAY,
    variants=(
        _merged(_CONCAT, "concat"),
        _merged(_SUM, "sum"),
        _merged(_AVE, "ave"),
        _merged(_MUL, "mul"),
        compared(TWO_LSTMS_AND_DENSE, {_FACTOR: "unidirectional"}),
    ),
    claims=(
        Better(
            text="Every bidirectional model is better than the unidirectional one.",
            source=SOURCE,
            pairs=((_CONCAT, _ONE_WAY), (_SUM, _ONE_WAY), (_AVE, _ONE_WAY), (_MUL, _ONE_WAY)),
        ),
        WorstOf(
            text="mul is probably the worst merge mode.",
            source=SOURCE,
            worst=(_MUL,),
            others=(_CONCAT, _SUM, _AVE),
        ),
        Equivalent(
            text="concat, sum and ave perform roughly the same.",
            source=SOURCE,
            pairs=every_pair(_CONCAT, _SUM, _AVE),
        ),
        Faster(
            text="concat may reach its best slightly sooner than sum and ave.",
            source=SOURCE,
            pairs=((_CONCAT, _SUM), (_CONCAT, _AVE)),
        ),
    ),
    caveats=("two LSTM layers without a convolution, the second one unidirectional", *FIXED_CAVEATS),
)
