"""Frozen values that say what to build: network, features, corpus, recipe, trial."""

from search_spaces.specs.canonical import Plain, Spec, SpecError
from search_spaces.specs.corpora import (
    ConnectedDigits,
    GroupSplit,
    ManifestSpeech,
    Partition,
    SpeechCorpus,
    SyntheticSpeech,
)
from search_spaces.specs.features import Features, LogSpectrogram, Mfcc, frame_count, step_samples, window_samples
from search_spaces.specs.network import BareHead, ConvStack, DenseHead, RecurrentStack, SpeechNetwork
from search_spaces.specs.recipe import Adam, PlateauStopping, Recipe, Sgd
from search_spaces.specs.sublayers import BatchNorm, Dropout, Relu, Sublayer, describe_sublayers
from search_spaces.specs.trial import Budget, PresetName, Trial

__all__ = [
    "Adam",
    "BareHead",
    "BatchNorm",
    "Budget",
    "ConnectedDigits",
    "ConvStack",
    "DenseHead",
    "Dropout",
    "Features",
    "GroupSplit",
    "LogSpectrogram",
    "ManifestSpeech",
    "Mfcc",
    "Partition",
    "Plain",
    "PlateauStopping",
    "PresetName",
    "Recipe",
    "RecurrentStack",
    "Relu",
    "Sgd",
    "Spec",
    "SpecError",
    "SpeechCorpus",
    "SpeechNetwork",
    "Sublayer",
    "SyntheticSpeech",
    "Trial",
    "describe_sublayers",
    "frame_count",
    "step_samples",
    "window_samples",
]
