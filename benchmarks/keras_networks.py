"""Documented networks from their specs, of the layers that their documents took: of Keras, and of torch by hand.

Keras 3 stands for the Keras 2 of the documents, on torch and in double precision. Where the two are known to differ it
is built as the older one: frames of a time-distributed network are one batch to batch norm, an LSTM of cuDNN has two
biases, and batch norm of standalone Keras (and of images in tf.keras) keeps the unbiased variance of a batch. There is
no dropout. All give probabilities.
"""

import math
import os
from itertools import pairwise
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import torch
from keras import layers, ops
from keras.src.backend.common import dtypes
from torch import Tensor, nn

from soundproof.search_spaces.alphabet import BLANK
from soundproof.search_spaces.specs import (
    Adam,
    BatchNorm,
    ConvStack,
    DenseHead,
    Dropout,
    Recipe,
    RecurrentStack,
    Relu,
    Sgd,
    SpeechNetwork,
    Sublayer,
    classifiers,
)
from soundproof.search_spaces.specs.classifiers import SoundBlock

Symbolic = Any
"""A tensor of Keras that stands for what a layer will be given."""

NORM_EPSILON, NORM_MOMENTUM = 1e-3, 0.99


class UnbiasedNorm(layers.BatchNormalization):  # type: ignore[misc]
    """Keeps the unbiased variance of each batch; Keras 3 keeps the biased one."""

    def call(self, inputs: Tensor, training: bool | None = None, mask: None = None) -> Tensor:
        """See the base class."""
        before = NORM_MOMENTUM * ops.copy(self.moving_variance)
        outputs: Tensor = super().call(inputs, training=training, mask=mask)
        if training:
            values = math.prod(inputs.shape) // inputs.shape[self.axis]
            of_batch = self.moving_variance - before
            self.moving_variance.assign(before + of_batch * (values / (values - 1)))
        return outputs


class CudnnLstmCell(layers.LSTMCell):  # type: ignore[misc]
    """With a second bias, as `CuDNNLSTM` has it: an update of both moves their sum twice as far."""

    def build(self, input_shape: tuple[int, ...]) -> None:
        """See the base class."""
        super().build(input_shape)
        self.second_bias = self.add_weight(shape=(4 * self.units,), name="second_bias", initializer="zeros")

    def call(self, inputs: Tensor, states: list[Tensor], training: bool = False) -> tuple[Tensor, list[Tensor]]:
        """See the base class."""
        gates = ops.matmul(inputs, self.kernel) + ops.matmul(states[0], self.recurrent_kernel)
        carry, out = self._compute_carry_and_output_fused(
            ops.split(gates + self.bias + self.second_bias, 4, axis=1), states[1]
        )
        state = out * ops.tanh(carry)
        return state, [state, carry]


def keras_network(spec: Any, frames: int, dimensions: int) -> Any:
    """A `keras.Model` from features (batch, frames, dimensions) to probabilities. Weights come afterwards."""
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")  # what `set_floatx` sets is no longer asked for where there is a policy
    # with torch, what Keras multiplies, normalises and aligns would be single precision all the same
    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
    features = keras.Input((frames, dimensions))
    return keras.Model(features, _probabilities(spec, features, frames, dimensions))


def _probabilities(spec: Any, x: Symbolic, frames: int, dimensions: int) -> Symbolic:  # noqa: PLR0911  # a family each
    match spec:
        case SpeechNetwork():
            return _speech(spec, x)
        case classifiers.GenreCrnn():
            return _genre_crnn(spec, x)
        case classifiers.BandCnn():
            return _classes(_dense(layers.Flatten()(_tower(spec.blocks, x)), spec.dense), spec.classes)
        case classifiers.FrameCnn():
            x = _tower(spec.blocks, ops.reshape(x, (-1, dimensions, 1)))
            x = _classes(_dense(layers.Flatten()(x), spec.dense), spec.classes)
            return layers.GlobalAveragePooling1D()(ops.reshape(x, (-1, frames, spec.classes)))
        case classifiers.FrameCnnLstm():
            x = layers.Flatten()(_tower(spec.blocks, ops.reshape(x, (-1, dimensions, 1))))
            x = ops.reshape(x, (-1, frames, x.shape[-1]))
            x = layers.LSTM(spec.lstm_units, return_sequences=True)(x)
            return _classes(layers.GlobalAveragePooling1D()(x), spec.classes)
        case classifiers.FeedForward():
            return _feed_forward(spec, x)
        case classifiers.MfccCnn():
            return _mfcc_cnn(spec, x)
        case _:
            raise NotImplementedError(f"{type(spec).__name__} is not documented in Keras")


def _speech(spec: SpeechNetwork, x: Symbolic) -> Symbolic:
    if spec.convolution is not None:
        x = _convolutions(spec.convolution, x)
    if spec.recurrent is not None:
        x = _recurrent(spec.recurrent, x)
    if isinstance(spec.head, DenseHead):
        x = layers.Dense(spec.head.outputs)(_sublayers(spec.head.sublayers, x))
    return layers.Softmax()(x)


def _convolutions(stack: ConvStack, x: Symbolic) -> Symbolic:
    seen = [x]
    for dilation in stack.dilations:
        given = layers.Concatenate()(seen) if stack.connectivity == "dense" and len(seen) > 1 else seen[-1]
        layer = layers.Conv1D(
            stack.filters, stack.kernel_size, strides=stack.stride, padding=stack.padding, dilation_rate=dilation
        )
        seen.append(_sublayers(stack.sublayers, layer(given)))
    return seen[-1]


def _recurrent(stack: RecurrentStack, x: Symbolic) -> Symbolic:
    seen = [x]
    for index in range(stack.layers):
        given = layers.Concatenate()(seen) if stack.connectivity == "dense" and len(seen) > 1 else seen[-1]
        layer = _cells(stack)
        if index == 0 and stack.merge is not None:
            backwards = _cells(stack, go_backwards=True)
            layer = layers.Bidirectional(layer, merge_mode=stack.merge, backward_layer=backwards)
        out = layer(given)
        seen.append(_sublayers(stack.sublayers_between, out) if index < stack.layers - 1 else out)
    return seen[-1]


def _cells(stack: RecurrentStack, **options: Any) -> Any:
    match stack.cell:
        case "simple_rnn":
            return layers.SimpleRNN(stack.units, return_sequences=True, **options)
        case "gru":
            return layers.GRU(stack.units, return_sequences=True, reset_after=True, **options)
        case "lstm":
            return layers.RNN(CudnnLstmCell(stack.units), return_sequences=True, **options)


def _sublayers(sublayers: tuple[Sublayer, ...], x: Symbolic) -> Symbolic:
    for sublayer in sublayers:
        match sublayer:
            case Relu():
                x = layers.ReLU()(x)
            case BatchNorm():
                x = UnbiasedNorm()(x)
            case Dropout():
                pass
    return x


def _genre_crnn(spec: classifiers.GenreCrnn, x: Symbolic) -> Symbolic:
    channels_first: dict[str, Any] = {"data_format": "channels_first"}
    x = layers.Reshape((1, x.shape[2], x.shape[1]))(layers.Permute((2, 1))(x))
    for block in spec.blocks:
        x = layers.Conv2D(block.filters, block.kernel, padding="same", activation="selu", **channels_first)(x)
        x = layers.MaxPooling2D(block.pool, **channels_first)(UnbiasedNorm(axis=1)(x))
    x = layers.Permute((3, 1, 2))(x)
    _, times, channels, mels = x.shape
    row_major = (times * mels, channels)
    x = layers.Reshape(row_major if spec.sequence == "row_major" else (times, channels * mels))(x)
    for index, units in enumerate(spec.gru_units):
        x = layers.GRU(units, reset_after=False, return_sequences=index < len(spec.gru_units) - 1)(x)
    return _classes(_dense(x, (spec.dense,)), spec.classes)


def _tower(blocks: tuple[SoundBlock, ...], x: Symbolic) -> Symbolic:
    for block in blocks:
        x = layers.Conv1D(block.filters, block.kernel_size, activation="relu")(x)
        for sublayer in block.sublayers:
            match sublayer:
                case classifiers.MaxPool(size=size):
                    x = layers.MaxPooling1D(size, padding="same")(x)
                case BatchNorm():
                    x = layers.BatchNormalization()(x)
                case Dropout():
                    pass
    return x


def _feed_forward(spec: classifiers.FeedForward, x: Symbolic) -> Symbolic:
    x = layers.Flatten()(x)
    if spec.batch_norm:
        x = layers.BatchNormalization()(x)
    for units in spec.dense:
        x = layers.Dense(units, activation="relu", kernel_regularizer=_squares(spec.l2))(x)
        if spec.batch_norm:
            x = layers.BatchNormalization()(x)
    return _classes(x, spec.classes)


def _mfcc_cnn(spec: classifiers.MfccCnn, x: Symbolic) -> Symbolic:
    x = layers.Reshape((*x.shape[1:], 1))(x)
    for block in spec.blocks:
        x = layers.Conv2D(block.filters, block.kernel, activation="relu", kernel_regularizer=_squares(spec.l2))(x)
        x = UnbiasedNorm()(layers.MaxPooling2D(block.pool, strides=block.pool_stride, padding="same")(x))
    x = layers.Flatten()(layers.Permute((3, 1, 2))(x))  # the order in which our dense layer has its inputs
    return _classes(_dense(x, (spec.dense,)), spec.classes)


def _squares(coefficient: float | None) -> Any:
    return None if coefficient is None else keras.regularizers.L2(coefficient)


def _dense(x: Symbolic, sizes: tuple[int, ...]) -> Symbolic:
    for units in sizes:
        x = layers.Dense(units, activation="relu")(x)
    return x


def _classes(x: Symbolic, classes: int) -> Symbolic:
    return layers.Dense(classes, activation="softmax")(x)


def keras_optimizer(recipe: Recipe) -> Any:
    """That of the recipe, with the global clip of standalone Keras 2, whose `clipnorm` was global."""
    match recipe.optimizer:
        case Sgd(learning_rate=rate, momentum=momentum, nesterov=nesterov, decay=decay):
            falling = keras.optimizers.schedules.InverseTimeDecay(rate, decay_steps=1, decay_rate=decay)
            options = {"momentum": momentum, "nesterov": nesterov, "global_clipnorm": recipe.clip_norm}
            return keras.optimizers.SGD(falling, **options)
        case Adam(learning_rate=rate, first_decay=first, second_decay=second, epsilon=epsilon):
            return keras.optimizers.Adam(rate, beta_1=first, beta_2=second, epsilon=epsilon)


def ctc_losses(targets: Tensor, probabilities: Tensor) -> Tensor:
    """In nats, of `targets` (batch, characters) by `probabilities` (batch, frames, symbols), all of one length."""
    batch, frames, _ = probabilities.shape
    counts, lengths = (torch.full((batch,), count) for count in (targets.shape[1], frames))
    losses: Tensor = ops.ctc_loss(targets, probabilities.log(), counts, lengths, mask_index=BLANK)
    return losses


def sparse_losses(labels: Tensor, probabilities: Tensor) -> Tensor:
    """In nats, of `labels` (batch,) by `probabilities` (batch, classes)."""
    losses: Tensor = ops.sparse_categorical_crossentropy(labels, probabilities)
    return losses


class TorchNetwork(nn.Module):
    """A keyword network of torch's layers, as their document writes it."""

    def __init__(self, spec: Any, frames: int, dimensions: int) -> None:
        super().__init__()
        match spec:
            case classifiers.WaveformVgg():
                self.layers = nn.Sequential(
                    *_torch_pairs(spec, dimensions, nn.Conv1d, nn.BatchNorm1d, nn.MaxPool1d),
                    nn.AdaptiveAvgPool1d(1),
                )
                flat = spec.pairs[-1].channels
            case classifiers.MfccVgg():
                self.layers = nn.Sequential(*_torch_pairs(spec, 1, nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d))
                shrunk = 2 ** len(spec.pairs)
                flat = spec.pairs[-1].channels * (frames // shrunk) * (dimensions // shrunk)
            case classifiers.SeResNet():
                self.layers = nn.Sequential(*_torch_stages(spec), nn.AdaptiveAvgPool2d(1))
                flat = spec.stages[-1].channels
            case _:
                raise NotImplementedError(f"{type(spec).__name__} is not documented in torch")
        self._images = not isinstance(spec, classifiers.WaveformVgg)
        sizes = (spec.dense,) if isinstance(spec, classifiers.SeResNet) else tuple(size.units for size in spec.dense)
        dense: list[nn.Module] = [nn.Flatten()]
        for inputs, units in pairwise((flat, *sizes)):
            dense += [nn.Linear(inputs, units), nn.ReLU()]
        self.head = nn.Sequential(*dense, nn.Linear(sizes[-1], spec.classes))

    def forward(self, features: Tensor) -> Tensor:
        """(batch, frames, dimensions) to probabilities (batch, classes)."""
        turned = features.transpose(1, 2)
        scores: Tensor = self.head(self.layers(turned.unsqueeze(1) if self._images else turned))
        return scores.softmax(dim=1)


def _torch_pairs(spec: Any, channels: int, convolution: Any, norm: Any, pool: Any) -> list[nn.Module]:
    found: list[nn.Module] = []
    for pair in spec.pairs:
        for inputs in (channels, pair.channels):
            layer = convolution(inputs, pair.channels, spec.kernel_size, padding=spec.kernel_size // 2)
            found += [layer, norm(pair.channels), nn.ReLU()]
        found.append(pool(2, 2))
        channels = pair.channels
    return found


def _torch_stages(spec: classifiers.SeResNet) -> list[nn.Module]:
    found: list[nn.Module] = []
    channels = 1
    for stage in spec.stages:
        if stage.pool:
            found.append(nn.MaxPool2d(2, 2))
        found += [nn.Conv2d(channels, stage.channels, 3, padding=1), nn.BatchNorm2d(stage.channels), nn.ReLU()]
        found += [TorchSeBlock(stage.channels, spec.bottleneck) for _ in range(stage.blocks)]
        channels = stage.channels
    return found


class TorchSeBlock(nn.Module):
    """The document's `ResBlock` with its `SeScale`."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        self.first, self.second = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        self.first_norm, self.second_norm = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        self.fc1, self.fc2 = nn.Conv2d(channels, reduction, 1), nn.Conv2d(reduction, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, mels, frames) to the same shape."""
        z = self.second_norm(self.second(self.first_norm(self.first(x)).relu()))
        pooled = nn.functional.adaptive_avg_pool2d(z, 1)
        scaled: Tensor = self.fc2(self.fc1(pooled).relu()).sigmoid() * z + x
        return scaled.relu()
