"""Frozen values that say what to build: network, features, corpus, recipe, trial."""

from soundproof.search_spaces.specs.augmentation import Augmentation, Mixup, Noise, SpecAugment, TimeShift
from soundproof.search_spaces.specs.canonical import Plain, Spec, SpecError
from soundproof.search_spaces.specs.classifiers import Classifier
from soundproof.search_spaces.specs.clips import (
    ClipCorpus,
    Cut,
    LabelledClips,
    SyntheticGenres,
    SyntheticKeywords,
    SyntheticSounds,
)
from soundproof.search_spaces.specs.corpora import ConnectedDigits, ManifestSpeech, SpeechCorpus, SyntheticSpeech
from soundproof.search_spaces.specs.custom_networks import CustomClassifier, CustomNetwork, CustomTranscriber, Setting
from soundproof.search_spaces.specs.features import (
    Features,
    LifteredMfcc,
    LogSpectrogram,
    MelCepstrum,
    MelSpectrogram,
    Mfcc,
    RawWaveform,
    frame_count,
    least_samples,
    step_samples,
    window_samples,
)
from soundproof.search_spaces.specs.network import BareHead, ConvStack, DenseHead, RecurrentStack, SpeechNetwork
from soundproof.search_spaces.specs.recipe import Adam, ExponentialDecay, PlateauStopping, Recipe, Sgd, StepDecay
from soundproof.search_spaces.specs.splits import FoldSplit, GroupFoldSplit, GroupSplit, Partition, RandomSplit, Split
from soundproof.search_spaces.specs.sublayers import BatchNorm, Dropout, Relu, Sublayer, describe_sublayers
from soundproof.search_spaces.specs.tasks import TaskName
from soundproof.search_spaces.specs.trial import Budget, CorpusSpec, Network, PresetName, Transcriber, Trial, WarmStart

__all__ = [
    "Adam",
    "Augmentation",
    "BareHead",
    "BatchNorm",
    "Budget",
    "Classifier",
    "ClipCorpus",
    "ConnectedDigits",
    "ConvStack",
    "CorpusSpec",
    "CustomClassifier",
    "CustomNetwork",
    "CustomTranscriber",
    "Cut",
    "DenseHead",
    "Dropout",
    "ExponentialDecay",
    "Features",
    "FoldSplit",
    "GroupFoldSplit",
    "GroupSplit",
    "LabelledClips",
    "LifteredMfcc",
    "LogSpectrogram",
    "ManifestSpeech",
    "MelCepstrum",
    "MelSpectrogram",
    "Mfcc",
    "Mixup",
    "Network",
    "Noise",
    "Partition",
    "Plain",
    "PlateauStopping",
    "PresetName",
    "RandomSplit",
    "RawWaveform",
    "Recipe",
    "RecurrentStack",
    "Relu",
    "Setting",
    "Sgd",
    "Spec",
    "SpecAugment",
    "SpecError",
    "SpeechCorpus",
    "SpeechNetwork",
    "Split",
    "StepDecay",
    "Sublayer",
    "SyntheticGenres",
    "SyntheticKeywords",
    "SyntheticSounds",
    "SyntheticSpeech",
    "TaskName",
    "TimeShift",
    "Transcriber",
    "Trial",
    "WarmStart",
    "describe_sublayers",
    "frame_count",
    "least_samples",
    "step_samples",
    "window_samples",
]
