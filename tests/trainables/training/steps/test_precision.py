"""Steps in bfloat16: what is computed in it, what is not, and that whoever judges the network hears nothing of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from training_runs import run_to_end

from soundproof.common import record
from soundproof.search_spaces.specs import RecurrentStack, Trial
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.networks.recurrent import Recurrent
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training
from soundproof.trainables.training.steps.precision import InBfloat16, as_trained_by

MakeTrial = Callable[..., Trial]
CPU = torch.device("cpu")


def _trial(make_trial: MakeTrial, cell: str) -> Trial:
    trial = make_trial()
    recurrent = RecurrentStack(cell=cell, layers=1, units=12, merge="concat")
    return replace(
        trial,
        network=replace(trial.network, recurrent=recurrent),
        recipe=replace(trial.recipe, precision="bfloat16"),
    )


def test_single_precision_asks_the_network_itself(store: FeatureStore, make_trial: MakeTrial) -> None:
    """So the numbers of such trials are what they were."""
    training = Training(make_trial(), FeatureData(store, CPU))
    assert as_trained_by(training.network, "single", CPU) is training.network


@pytest.mark.parametrize("cell", ["gru", "lstm", "simple_rnn"])
def test_a_network_in_bfloat16_says_about_the_same(store: FeatureStore, make_trial: MakeTrial, cell: str) -> None:
    """Up to what eight bits of a significand leave; recurrence, scores and gradients are in single precision."""
    trial = _trial(make_trial, cell)
    training = Training(trial, FeatureData(store, CPU))
    training.network.eval()
    batch = training.data.batch(list(training.partitions.train)[:5], training.normalisation)
    (recurrence,) = (module for module in training.network.modules() if isinstance(module, Recurrent))
    heard, convolved = [], []
    recurrence.register_forward_hook(lambda module, given, states: heard.append(states.dtype))
    recurrence.register_forward_pre_hook(lambda module, given: convolved.append(given[0].dtype))
    single, _ = training.network(batch.values, batch.lengths)
    fewer_bits, _ = InBfloat16(training.network, CPU)(batch.values, batch.lengths)
    assert convolved == [torch.float32, torch.bfloat16]
    assert heard == [torch.float32, torch.float32]
    assert fewer_bits.dtype == torch.float32
    assert not torch.equal(single, fewer_bits)
    torch.testing.assert_close(fewer_bits, single, rtol=0.05, atol=0.05)
    training.task.losses(InBfloat16(training.network, CPU), batch).sum().backward()
    gradients = [parameter.grad for parameter in training.network.parameters()]
    assert {gradient.dtype for gradient in gradients if gradient is not None} == {torch.float32}


def test_a_trial_in_bfloat16_is_judged_in_single_precision(store: FeatureStore, make_trial: MakeTrial) -> None:
    """It learns about as the other does, and the network that has learned is asked as any other."""
    trial = _trial(make_trial, "gru")
    data = FeatureData(store, CPU)
    single, fewer_bits = (
        Training(replace(trial, recipe=replace(trial.recipe, precision=precision)), data)
        for precision in ("single", "bfloat16")
    )
    before = [training._evaluated(training.partitions.validation).metrics for training in (single, fewer_bits)]
    assert before[0] == before[1]
    (one, _), (other, outcome) = run_to_end(single), run_to_end(fewer_bits)
    assert outcome.status == "completed"
    assert one[-1][record.TRAIN_LOSS] != other[-1][record.TRAIN_LOSS]
    assert other[-1][record.TRAIN_LOSS] == pytest.approx(one[-1][record.TRAIN_LOSS], rel=0.05)
