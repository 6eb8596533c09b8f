"""Convolutional-recurrent genre classifiers: number of blocks, their filters and pools, sequence, recurrent layers.

Kernels and dropout of each block are the documented ones. No choice of pools leaves less than one mel position.
"""

from soundproof.search_spaces.choices import Build, Node, as_node, build, integers, one_of, reals, repeat
from soundproof.search_spaces.documented.genre_crnn import DOCUMENT
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import Dropout
from soundproof.search_spaces.specs.classifiers import AlphaDropout, CrnnBlock, GenreCrnn

_ALPHA = AlphaDropout(rate=0.1)


def _block(filters: Node, kernel: int, pools: Node, dropout: AlphaDropout | Dropout = _ALPHA) -> Build:
    pool = repeat(2, pools, vary="together")
    return build(CrnnBlock, filters=filters, kernel=(kernel, kernel), pool=pool, dropout=dropout)


_FIRST_THREE = (
    _block(one_of(8, 16), 2, as_node(4)),
    _block(one_of(16, 32), 2, one_of(2, 4)),
    _block(one_of(16, 32, 64), 3, one_of(2, 3)),
)
_FOURTH = _block(one_of(32, 64, 128), 4, as_node(2), Dropout(rate=0.1))

GENRES = SearchSpace(
    id="genres",
    domain="tracks",
    question="How is a convolutional-recurrent genre classifier best sized and pooled?",
    source=f"open search around the networks of the {DOCUMENT.source}",
    features=as_node(DOCUMENT.features),
    network=build(
        GenreCrnn,
        blocks=one_of(three=_FIRST_THREE, four=(*_FIRST_THREE, _FOURTH)),
        sequence=one_of("row_major", "time_major"),
        gru_units=repeat(integers(1, 2), one_of(8, 16, 32), vary="together"),
        dropout=build(AlphaDropout, rate=reals(0.1, 0.5, step=0.05)),
        dense=one_of(64, 128),
        classes=4,
    ),
    recipe=as_node(DOCUMENT.recipe),
    epochs=20,
    metric=DOCUMENT.metric,
    margin=DOCUMENT.margin,
)
