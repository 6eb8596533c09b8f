"""Whether our documented networks, trained as documented, are those of their documents' own libraries.

    python -m benchmarks.keras_agreement [--networks ID ...] [--steps N] [--json FILE]

One network of each documented family against Keras 3 (`pip install "soundproof[keras]"`, which brings no torch of its
own), those of keywords against plain layers of torch: at documented widths, on few and short examples of noise, all of
one length, without dropout. Weights are ours, with biases, scales and running statistics drawn at random too. The
reference computes in double precision; ours does in a first row, and in a second in single precision by the compiled
kernels that train.

Differences are Euclidean norms relative to that of the reference, the largest of all tensors: of probabilities, of the
gradient, of how far weights have moved, and of running means and variances. Left out is what is zero but for rounding:
gradients, and so updates, of biases just before batch norm.
"""

import argparse
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.facts import in_words, machine_facts, write_json
from benchmarks.keras_networks import TorchNetwork, ctc_losses, keras_network, keras_optimizer, sparse_losses
from benchmarks.noise import noise_features
from soundproof.search_spaces import find_study, preset_of
from soundproof.search_spaces.alphabet import encode
from soundproof.search_spaces.presets import plan_trial
from soundproof.search_spaces.specs import GroupSplit, Sgd, Trial
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.networks.classifiers.one_bias import OneBiasGru, OneBiasLstm
from soundproof.trainables.networks.sublayers import BatchNorm, Dropout, keep_statistics
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.data.normalisation import Normalisation
from soundproof.trainables.training.data.random_streams import seed_globals
from soundproof.trainables.training.steps.accumulation import accumulate
from soundproof.trainables.training.steps.optimisation import Optimisation
from soundproof.trainables.training.tasks.choice import task_of
from soundproof.trainables.training.tasks.classification import class_logits

SEED = 20_261_130
LIMIT = 1e-4
NOTES = """\
growth: a difference in the last digits grows from update to update, or turns a ReLU on or off. With the weights that
ours ends with, the reference has the same gradient: the last gradient.
unbiased variance: torch keeps it of every batch, tf.keras keeps the biased one of what is not an image.
rounding: of single precision, all references being in double. Adam, and batch norm of few values, enlarge it."""
ZERO = 1e-10
"""Norm of a gradient, relative to that of all, below which it is rounding alone."""


Pick = Callable[[Tensor], Tensor]
Form = Callable[[nn.Module, Pick], list[Tensor]]
"""What `Pick` makes of each parameter of a module of ours, in the reference's order and layout."""


def as_in_keras(module: nn.Module, pick: Pick) -> list[Tensor]:
    """Kernels with their channels last, gates in the order z, r, h of a GRU."""
    match module:
        case nn.Conv1d() | nn.Conv2d() | nn.Linear():
            assert module.bias is not None
            weight = pick(module.weight)
            return [weight.permute(*range(2, weight.dim()), 1, 0), pick(module.bias)]
        case BatchNorm():
            return as_in_torch(module, pick)
        case OneBiasGru() | OneBiasLstm():
            gates = _keras_gates if isinstance(module, OneBiasGru) else _as_it_is
            weights = (gates(pick(weight)).t() for weight in (module.input_weight, module.recurrent_weight))
            return [*weights, gates(pick(module.bias))]
        case _:
            return _recurrent_in_keras(module, pick)


def _recurrent_in_keras(module: Any, pick: Pick) -> list[Tensor]:
    """Of a layer whose directions are stacked."""
    gates = _keras_gates if module.cell == "gru" else _as_it_is
    found = []
    for direction in range(len(module.input_weight)):
        weights = (module.input_weight, module.recurrent_weight)
        found += [gates(pick(weight)[direction]).t() for weight in weights]
        both = (module.input_bias, module.recurrent_bias)
        biases = [gates(pick(bias)[direction]) for bias in both if bias is not None]
        found += [torch.stack(biases)] if module.cell == "gru" else biases
    return found


def _keras_gates(stacked: Tensor) -> Tensor:
    reset, update, candidate = stacked.chunk(3)
    return torch.cat([update, reset, candidate])


def _as_it_is(stacked: Tensor) -> Tensor:
    return stacked


def as_in_torch(module: nn.Module, pick: Pick) -> list[Tensor]:
    """Parameters as they are."""
    return [pick(parameter) for parameter in module.parameters(recurse=False)]


class Trainee(ABC):
    """A network with its loss and optimiser, on one batch. Tensors are in the reference's order and layout."""

    @abstractmethod
    def probabilities(self) -> Tensor:
        """What it says in evaluation, of symbols (batch * frames, symbols) or classes (batch, classes)."""

    @abstractmethod
    def backward(self) -> float:
        """The mean loss in training mode, in nats and without penalties; leaves gradients."""

    @abstractmethod
    def step(self) -> None:
        """One update, which clears the gradients."""

    @abstractmethod
    def weights(self, pick: Pick) -> list[Tensor]:
        """What `pick` makes of each."""

    @abstractmethod
    def statistics(self) -> list[Tensor]:
        """Running means and variances, in turn."""


class Ours(Trainee):
    """Our network in the engine's hands, its weights laid out by `form`."""

    def __init__(self, trial: Trial, store: FeatureStore, form: Form, dtype: torch.dtype) -> None:
        assert trial.recipe.running_statistics is not None
        data = FeatureData(store, torch.device("cpu"))
        self._spec, self._form, self._task = trial.network, form, task_of(trial, data)
        seed_globals(SEED, "initialisation")
        self._network = self._task.build()
        _disturb(self._network)
        self._network.to(dtype)
        keep_statistics(self._network, trial.recipe.running_statistics)
        self._optimisation = Optimisation(trial.recipe, self._network.parameters())
        batch = data.batch(range(len(store.examples)), Normalisation.none(store.dimensions, data.device))
        self.batch = replace(batch, values=batch.values.to(dtype))
        self._modules = in_order(self._network, self.probabilities)

    def probabilities(self) -> Tensor:
        """See the base class."""
        self._network.eval()
        with torch.no_grad():
            if self._spec.task == "transcription":
                scores: Tensor = self._network(self.batch.values, self.batch.lengths)[0]
                return scores.exp()
            return class_logits(self._spec, self._network, self.batch.values).softmax(dim=1)

    def backward(self) -> float:
        """See the base class."""
        self._network.train()
        return float(accumulate(self._task, self._network, self.batch, None, None)) / len(self.batch.indices)

    def step(self) -> None:
        """See the base class."""
        self._optimisation.step()

    def weights(self, pick: Pick) -> list[Tensor]:
        """See the base class."""
        return [tensor for module in self._modules for tensor in self._form(module, pick)]

    def statistics(self) -> list[Tensor]:
        """See the base class."""
        return [_copy(own) for module in self._modules for own in module.buffers(recurse=False)]


class Reference(Trainee):
    """Another library's network, in double precision, with the weights of ours."""

    name: str
    form: Form

    def __init__(self, trial: Trial, ours: Ours) -> None:
        """Classes or transcripts are those of `_store`."""
        self.trial, self.values = trial, ours.batch.values.double()
        self.build()
        self.take(ours)

    def take(self, ours: Ours) -> None:
        """The weights and running statistics of ours."""
        with torch.no_grad():
            for tensors, given in (
                (self.own_weights(), ours.weights(_copy)),
                (self.own_statistics(), ours.statistics()),
            ):
                for tensor, value in zip(tensors, given, strict=True):
                    tensor.copy_(value)

    @abstractmethod
    def build(self) -> None:
        """Make network and optimiser."""

    @abstractmethod
    def call(self, *, training: bool) -> Tensor:
        """The probabilities of the batch."""

    @abstractmethod
    def losses(self, probabilities: Tensor) -> Tensor:
        """Of each example, in nats."""

    @abstractmethod
    def own_weights(self) -> list[Tensor]:
        """The parameters themselves."""

    @abstractmethod
    def own_statistics(self) -> list[Tensor]:
        """The buffers themselves."""

    def penalty(self) -> Tensor | float:
        """What is added to the mean loss."""
        return 0.0

    def probabilities(self) -> Tensor:
        """See the base class."""
        with torch.no_grad():
            return self.call(training=False).flatten(0, -2)

    def backward(self) -> float:
        """See the base class."""
        for weight in self.own_weights():
            weight.grad = None
        loss = self.losses(self.call(training=True)).mean()
        torch.autograd.backward(loss + self.penalty())
        return float(loss.detach())

    def weights(self, pick: Pick) -> list[Tensor]:
        """See the base class."""
        return [pick(weight) for weight in self.own_weights()]

    def statistics(self) -> list[Tensor]:
        """See the base class."""
        return [_copy(own) for own in self.own_statistics()]


class OfKeras(Reference):
    """As its document's Keras builds and trains it."""

    name, form = "Keras", staticmethod(as_in_keras)
    least_probability = 0.0
    """Added to what CTC takes the logarithm of."""

    def build(self) -> None:
        """See the base class."""
        self._model = keras_network(self.trial.network, *self.values.shape[1:])
        self._optimizer = keras_optimizer(self.trial.recipe)

    def call(self, *, training: bool) -> Tensor:
        """See the base class."""
        probabilities: Tensor = self._model(self.values, training=training)
        return probabilities

    def losses(self, probabilities: Tensor) -> Tensor:
        """See the base class."""
        examples = len(self.values)
        if self.trial.network.task == "classification":
            labels = torch.arange(examples) % probabilities.shape[-1]
            return sparse_losses(labels, probabilities)
        targets = torch.tensor([encode(text) for text in _texts(examples)])
        return ctc_losses(targets, probabilities + self.least_probability)

    def penalty(self) -> Tensor | float:
        """See the base class."""
        total: Tensor | float = sum(self._model.losses)
        return total

    def step(self) -> None:
        """See the base class."""
        variables = self._model.trainable_weights
        with torch.no_grad():
            self._optimizer.apply([variable.value.grad for variable in variables], variables)

    def own_weights(self) -> list[Tensor]:
        """See the base class."""
        return [variable.value for variable in self._model.trainable_weights]

    def own_statistics(self) -> list[Tensor]:
        """See the base class."""
        return [variable.value for variable in self._model.non_trainable_weights]


class OfKerasWithLeast(OfKeras):
    """With what `ctc_batch_cost` of Keras 2 adds to every probability."""

    name, least_probability = "Keras, CTC + 1e-7", 1e-7


class OfTorch(Reference):
    """As its document writes it in torch."""

    name, form = "torch", staticmethod(as_in_torch)

    def build(self) -> None:
        """See the base class."""
        self._network = TorchNetwork(self.trial.network, *self.values.shape[1:]).double()
        sgd = self.trial.recipe.optimizer
        assert isinstance(sgd, Sgd)
        rates: dict[str, Any] = {"lr": sgd.learning_rate, "momentum": sgd.momentum, "nesterov": sgd.nesterov}
        self._optimizer = torch.optim.SGD(self._network.parameters(), **rates)
        self._modules = in_order(self._network, lambda: self.call(training=False))

    def call(self, *, training: bool) -> Tensor:
        """See the base class."""
        self._network.train(training)
        probabilities: Tensor = self._network(self.values)
        return probabilities

    def losses(self, probabilities: Tensor) -> Tensor:
        """See the base class."""
        labels = torch.arange(len(self.values)) % probabilities.shape[-1]
        return nn.functional.nll_loss(probabilities.log(), labels, reduction="none")

    def step(self) -> None:
        """See the base class."""
        self._optimizer.step()

    def own_weights(self) -> list[Tensor]:
        """See the base class."""
        return [weight for module in self._modules for weight in module.parameters(recurse=False)]

    def own_statistics(self) -> list[Tensor]:
        """See the base class."""
        own = (buffer for module in self._modules for buffer in module.buffers(recurse=False))
        return [buffer for buffer in own if buffer.is_floating_point()]


def in_order(network: nn.Module, run: Callable[[], object]) -> list[nn.Module]:
    """The modules with parameters of their own, as `run` comes by them."""
    found: list[nn.Module] = []
    owners = [module for module in network.modules() if any(True for _ in module.parameters(recurse=False))]
    hooks = [owner.register_forward_hook(lambda module, *_: found.append(module)) for owner in owners]
    with torch.no_grad():
        run()
    for hook in hooks:
        hook.remove()
    return found


def _disturb(network: nn.Module) -> None:
    """No dropout; biases, scales and running statistics off what they begin with, so that they show."""
    for module in network.modules():
        match module:
            case Dropout():
                module.rate = 0.0
            case nn.AlphaDropout():
                module.p = 0.0
            case BatchNorm():
                module.weight.data.uniform_(0.8, 1.2)
                module.running_mean.normal_(std=0.1)
                module.running_variance.uniform_(0.8, 1.2)
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            parameter.data.add_(0.1 * torch.randn_like(parameter))


def _copy(tensor: Tensor) -> Tensor:
    return tensor.detach().double().clone()


def _gradient(parameter: Tensor) -> Tensor:
    assert parameter.grad is not None
    return _copy(parameter.grad)


class Course(NamedTuple):
    """What a trainee did: at the start, after one update, and after all."""

    probabilities: Tensor
    loss: float
    gradients: list[Tensor]
    moved_by_one: list[Tensor]
    moved_by_all: list[Tensor]
    statistics: list[Tensor]
    last_gradients: list[Tensor]


def train(trainee: Trainee, steps: int) -> Course:
    """All `steps` on the one batch."""
    start, probabilities = trainee.weights(_copy), _copy(trainee.probabilities())
    loss, gradients = trainee.backward(), trainee.weights(_gradient)
    trainee.step()
    moved = [now - before for now, before in zip(trainee.weights(_copy), start, strict=True)]
    for _ in range(steps - 1):
        trainee.backward()
        trainee.step()
    moved_by_all = [now - before for now, before in zip(trainee.weights(_copy), start, strict=True)]
    statistics = trainee.statistics()
    trainee.backward()
    return Course(probabilities, loss, gradients, moved, moved_by_all, statistics, trainee.weights(_gradient))


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A documented variant, what it is compared with, and on how many examples of how many frames."""

    variant: str
    frames: int
    examples: int = 4
    reference: type[Reference] = OfKeras


CASES = (
    Case(variant="asr-cnn-sublayer-order/01", frames=40),
    Case(variant="asr-cnn-sublayer-order/01", frames=40, reference=OfKerasWithLeast),
    Case(variant="asr-dense-rnn-tuning/05", frames=24),
    Case(variant="asr-rnn-depth-without-cnn/01", frames=40),
    Case(variant="asr-rnn-only/01", frames=40),
    Case(variant="genre-crnn/04", frames=200),
    Case(variant="esc-cnn-family/01", frames=216),
    Case(variant="esc-cnn-family/02", frames=24),
    Case(variant="esc-cnn-family/03", frames=24),
    Case(variant="genre-ffnn/06", frames=130, examples=32),
    Case(variant="genre-cnn-filters/05", frames=40),
    Case(variant="speech-commands/01", frames=2048, reference=OfTorch),
    Case(variant="speech-commands/02", frames=32, reference=OfTorch),
    Case(variant="speech-commands/03", frames=101, reference=OfTorch),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """Relative differences of one network in one precision."""

    network: str
    reference: str
    precision: str
    output: float
    loss: float
    gradient: float
    one_update: float
    all_updates: float
    statistics: float
    last_gradient: float

    def __str__(self) -> str:
        figures = (self.output, self.loss, self.gradient, self.one_update, self.all_updates, self.statistics)
        words = (self.network, self.reference, self.precision, *(f"{f:.0e}" for f in (*figures, self.last_gradient)))
        return f"| {' | '.join((*words, self.caveat))} |"

    @property
    def caveat(self) -> str:
        """Why a difference is larger than `LIMIT`; see the notes under the table."""
        of_one_state = (self.output, self.loss, self.gradient, self.last_gradient, self.one_update)
        if not all(figure <= LIMIT for figure in of_one_state):
            return "rounding" if self.precision == "single" else "UNEXPLAINED"
        if not self.all_updates <= LIMIT:
            return "growth"
        return "unbiased variance" if self.statistics > LIMIT else ""


def compare(case: Case, steps: int) -> list[Row]:
    """A row for each precision of ours."""
    study = find_study(case.variant.split("/")[0])
    preset = preset_of(study, "documented")
    variant = next(variant for variant in study.variants if variant.id == case.variant)
    trial = plan_trial(preset.variant(variant), preset, preset.corpus, GroupSplit(), seed=0).trial
    store, form = _store(trial, case), case.reference.form
    reference = case.reference(trial, Ours(trial, store, form, torch.float32))
    theirs = train(reference, steps)
    rows = []
    for precision, dtype in (("double", torch.float64), ("single", torch.float32)):
        trained = Ours(trial, store, form, dtype)
        ours = train(trained, steps)
        reference.take(trained)
        reference.backward()
        relative = partial(difference, where=theirs.gradients)
        row = Row(
            network=case.variant,
            reference=reference.name,
            precision=precision,
            output=difference([ours.probabilities], [theirs.probabilities]),
            loss=abs(ours.loss / theirs.loss - 1),
            gradient=relative(ours.gradients, theirs.gradients),
            one_update=relative(ours.moved_by_one, theirs.moved_by_one),
            all_updates=relative(ours.moved_by_all, theirs.moved_by_all),
            statistics=difference(ours.statistics, theirs.statistics),
            last_gradient=relative(ours.last_gradients, reference.weights(_gradient)),
        )
        rows.append(row)
    return rows


def difference(ours: Sequence[Tensor], theirs: Sequence[Tensor], where: Sequence[Tensor] | None = None) -> float:
    """The largest of all tensors, relative to the norm of `theirs`; of those that are not zero in `where`."""
    sizes = [float(tensor.norm()) for tensor in (theirs if where is None else where)]
    least = ZERO * math.hypot(*sizes)
    found = [
        (own - their).norm() / their.norm().clamp(min=1e-300)
        for own, their, size in zip(ours, theirs, sizes, strict=True)
        if size > least
    ]
    return float(torch.stack(found).max()) if found else 0.0  # which is NaN where one is


def _store(trial: Trial, case: Case) -> FeatureStore:
    """Noise; targets are texts of letters, or classes in turn."""
    texts = _texts(case.examples)
    if trial.corpus.task == "classification":
        classes = trial.corpus.classes
        texts = [classes[place % len(classes)] for place in range(case.examples)]
    examples = [Example(key=str(place), target=text, recording=str(place)) for place, text in enumerate(texts)]
    chance = np.random.default_rng(SEED)
    return noise_features(examples, [case.frames] * case.examples, trial.features.dimensions, chance)


def _texts(examples: int) -> list[str]:
    return ["alloy", "it is", "don't", "queue"][:examples]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--networks", nargs="+", metavar="ID", help="these alone", choices={case.variant for case in CASES}
    )
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    started = time.perf_counter()
    facts = machine_facts() | {"keras": version("keras")}
    print(in_words(facts))
    columns = ["network", "reference", "precision", "output", "loss", "gradient", "1 update"]
    columns += [f"{arguments.steps} updates", "running statistics", "last gradient", f"above {LIMIT:g}"]
    print(f"| {' | '.join(columns)} |")
    print("|---" * len(columns) + "|")
    rows = []
    for case in CASES:
        if arguments.networks is None or case.variant in arguments.networks:
            found = compare(case, arguments.steps)
            rows += found
            print(*found, sep="\n", flush=True)
    print(f"{NOTES}\n{time.perf_counter() - started:.0f} s")
    if arguments.json is not None:
        write_json(arguments.json, {"machine": facts, "rows": [asdict(row) for row in rows]})


if __name__ == "__main__":
    main()
