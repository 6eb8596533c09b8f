"""What is taken for an embedding of a clip: in every family of networks, what the logits are made of."""

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics.pairwise import cosine_similarity
from strategies import attention_classifiers
from torch import nn

from soundproof.search_spaces.arithmetic.classifiers import classifier_infeasibility
from soundproof.search_spaces.catalogue import STUDIES
from soundproof.search_spaces.planning import clip_frames
from soundproof.search_spaces.presets import Preset, preset_of
from soundproof.search_spaces.specs.classifiers import AttentionClassifier, Classifier, FrameCnn, WaveformVgg
from soundproof.search_spaces.studies import Study, Variant
from soundproof.trainables.networks import embedding
from soundproof.trainables.networks.classifiers import build_classifier
from soundproof.trainables.networks.embedding import EmbeddingError, cosines, embed, output_layer


def _families() -> dict[str, tuple[Study, Variant]]:
    """One documented variant of each."""
    return {
        type(variant.network).__name__: (study, variant)
        for study in STUDIES
        if study.domain != "speech"
        for variant in study.variants
    }


@pytest.mark.parametrize("family", _families())
def test_the_embedding_is_what_the_logits_are_made_of(family: str) -> None:
    """The layer that is found gives the logits of the whole network for it, but for those of every frame.

    Of these it is the mean. Each clip has its own, whatever others are asked about at the same time.
    """
    study, variant = _families()[family]
    preset: Preset = preset_of(study, "smoke")
    small = preset.variant(variant)
    spec, shape = small.network, (3, clip_frames(small.features, preset), small.features.dimensions)
    assert isinstance(spec, Classifier)
    torch.manual_seed(0)
    network = build_classifier(spec, *shape[1:]).eval()
    values = torch.randn(shape).transpose(1, 2) if isinstance(spec, WaveformVgg) else torch.randn(shape)
    with torch.no_grad():
        found = embed(network, spec.classes, 3, partial(network, values))
        alone = [embed(network, spec.classes, 1, partial(network, values[row : row + 1])) for row in range(3)]
        if not isinstance(spec, FrameCnn):
            assert torch.equal(output_layer(network, spec.classes)(found), network(values))
    assert torch.allclose(found, torch.cat(alone), atol=1e-5)
    assert found.shape[0] == 3
    assert found.shape[1] > 1


@given(attention_classifiers, st.integers(20, 30))
@settings(max_examples=20, deadline=None)
def test_the_embedding_of_attention_is_what_was_pooled(spec: AttentionClassifier, frames: int) -> None:
    """One for each clip, whatever the pool: a score of each frame has one output and is made before. In evaluation."""
    assume(classifier_infeasibility(spec, frames, 3) is None)
    network = build_classifier(spec, frames, 3).eval()
    values = torch.randn(4, frames, 3)
    with torch.no_grad():
        found = embed(network, spec.classes, 4, partial(network, values))
        assert found.shape == (4, spec.attention.channels)
        assert torch.equal(output_layer(network, spec.classes)(found), network(values))


class _Convolved(nn.Module):
    """Its logits come from a convolution; the linear layer is an attention of another size."""

    def __init__(self) -> None:
        super().__init__()
        self.attention, self.logits = nn.Linear(4, 2), nn.Conv1d(4, 3, 1)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return self.logits(values.transpose(1, 2)).mean(dim=2)


def test_networks_without_such_a_layer_are_refused() -> None:
    """With what they need: a layer with an output for each class, which is given a clip as a whole."""
    values = torch.randn(2, 5, 4)
    with pytest.raises(EmbeddingError, match="an output for each of the 3 classes.*let its logits come from"):
        embed(_Convolved(), 3, 2, lambda: None)
    framewise = nn.Linear(4, 3)
    for shaped in (values, values.reshape(10, 4)):
        assert torch.allclose(embed(framewise, 3, 2, partial(framewise, shaped)), values.mean(dim=1))
    with pytest.raises(EmbeddingError, match=r"here of 2 clips, and was given something of the shape \(5, 2, 4\)"):
        embed(framewise, 3, 2, lambda: framewise(values.transpose(0, 1)).mean(dim=0))
    with pytest.raises(EmbeddingError, match="was given nothing: let the logits"):
        embed(framewise, 3, 2, lambda: None)
    assert not framewise._forward_pre_hooks


@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 9), st.integers(0, 99))
@settings(deadline=None, max_examples=40)
def test_cosines_are_those_of_scikit_learn(clips: int, features: int, at_once: int, seed: int) -> None:
    """Of rows of any length, of rows of zeros, and however many pairs are gathered at once."""
    random = np.random.default_rng(seed)
    rows = random.normal(size=(clips, features)) * random.choice([0.0, 1e-3, 1.0, 1e3], size=(clips, 1))
    first, second = np.triu_indices(clips)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedding, "AT_ONCE", at_once)
        found = cosines(*map(torch.from_numpy, (rows, first, second))).numpy()
    np.testing.assert_allclose(found, cosine_similarity(rows)[first, second], atol=1e-12)
