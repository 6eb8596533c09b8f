"""How a fixed speech network is best trained: optimiser, its learning rate and momenta, gradient clipping.

The size of a batch is not among the choices: like every recipe of this document, all of it trains with the preset's.
"""

from soundproof.search_spaces.choices import as_node, build, one_of, reals
from soundproof.search_spaces.documented.asr import HEAD, SPECTROGRAM, TWO_WAY_GRU, WIDE_CONVOLUTION
from soundproof.search_spaces.open_spaces.speech import SOURCE
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import Adam, Recipe, Sgd, SpeechNetwork

_SGD = build(
    Sgd,
    learning_rate=reals(0.001, 0.2, log=True),
    momentum=reals(0.5, 0.99),
    nesterov=one_of(True, False),
    decay=one_of(none=0.0, falling=reals(1e-7, 1e-3, log=True)),
)
_ADAM = build(
    Adam,
    learning_rate=reals(1e-4, 1e-2, log=True),
    first_decay=reals(0.8, 0.95),
    second_decay=reals(0.9, 0.999),
)

SPEECH_RECIPE = SearchSpace(
    id="speech-recipe",
    question="With which optimiser, and how set, is one convolution with a bidirectional GRU layer trained best?",
    source=SOURCE,
    features=as_node(SPECTROGRAM),
    network=as_node(SpeechNetwork(convolution=WIDE_CONVOLUTION, recurrent=TWO_WAY_GRU, head=HEAD)),
    recipe=build(
        Recipe,
        optimizer=one_of(sgd=_SGD, adam=_ADAM),
        clip_norm=one_of(none=None, clipped=reals(0.5, 50, log=True)),
    ),
    epochs=50,
)
