"""Frozen values that say what classifier to build: one family per file, every width a field."""

from soundproof.search_spaces.specs.classifiers.attention_classifier import AttentionClassifier, Pooling
from soundproof.search_spaces.specs.classifiers.feed_forward import FeedForward
from soundproof.search_spaces.specs.classifiers.genre_crnn import AlphaDropout, CrnnBlock, GenreCrnn, SequenceLayout
from soundproof.search_spaces.specs.classifiers.mfcc_cnn import MfccBlock, MfccCnn
from soundproof.search_spaces.specs.classifiers.se_resnet import SeResNet, SeStage
from soundproof.search_spaces.specs.classifiers.sound_cnn import BandCnn, FrameCnn, FrameCnnLstm, MaxPool, SoundBlock
from soundproof.search_spaces.specs.classifiers.vgg import MfccVgg, VggDense, VggPair, WaveformVgg
from soundproof.search_spaces.specs.custom_networks import CustomClassifier

DeclaredClassifier = (
    GenreCrnn
    | BandCnn
    | FrameCnn
    | FrameCnnLstm
    | FeedForward
    | MfccCnn
    | WaveformVgg
    | SeResNet
    | MfccVgg
    | AttentionClassifier
)
Classifier = DeclaredClassifier | CustomClassifier

__all__ = [
    "AlphaDropout",
    "AttentionClassifier",
    "BandCnn",
    "Classifier",
    "CrnnBlock",
    "DeclaredClassifier",
    "FeedForward",
    "FrameCnn",
    "FrameCnnLstm",
    "GenreCrnn",
    "MaxPool",
    "MfccBlock",
    "MfccCnn",
    "MfccVgg",
    "Pooling",
    "SeResNet",
    "SeStage",
    "SequenceLayout",
    "SoundBlock",
    "VggDense",
    "VggPair",
    "WaveformVgg",
]
