"""Which trials are worth training side by side. Says so by their specs alone, without torch."""

from __future__ import annotations

from dataclasses import replace

from soundproof.search_spaces.specs import Adam, DenseHead, Recipe, RecurrentStack, SpeechNetwork, Trial

MOST = 4
"""A choice, not a measurement: all that an actor has in hand goes back together when it dies."""

_LARGEST_STEP = 4096
"""Batch times units of a recurrent layer. A guess at what fills a core; what is gained is in docs/performance.md."""

_OURS = frozenset({"gru", "simple_rnn"})
"""Cells whose steps are computed side by side on a CPU; the library's LSTM goes by itself."""


def company(trial: Trial) -> str | None:
    """A word that trials share which gain from being trained side by side; None where a trial goes alone.

    They read the same features in batches of one size through networks of one shape. They may differ in seed, learning
    rate, optimiser, dropout, and the order of sublayers.
    """
    match trial.network:
        case SpeechNetwork(recurrent=RecurrentStack(cell=cell, units=units) as recurrent) as network:
            if cell not in _OURS or units * trial.recipe.batch_size > _LARGEST_STEP or trial.warm_start is not None:
                return None
            convolution = None if network.convolution is None else replace(network.convolution, sublayers=())
            head = replace(network.head, sublayers=()) if isinstance(network.head, DenseHead) else network.head
            bare = replace(recurrent, sublayers_between=())
            shape = replace(network, convolution=convolution, recurrent=bare, head=head)
            recipe = Recipe(optimizer=Adam(learning_rate=1.0), batch_size=trial.recipe.batch_size)
            return replace(trial, network=shape, recipe=recipe, seed=0).digest()
        case _:
            return None
