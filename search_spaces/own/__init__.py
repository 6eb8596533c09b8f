"""What users write themselves: networks, studies and spaces, in a Python file of theirs."""

from soundproof.search_spaces.own.files import OwnFile, OwnFileError, load_file, load_source, source_of
from soundproof.search_spaces.own.networks import ClassifierNetwork, TranscriberNetwork, own_class
from soundproof.search_spaces.own.studies import make_study

__all__ = [
    "ClassifierNetwork",
    "OwnFile",
    "OwnFileError",
    "TranscriberNetwork",
    "load_file",
    "load_source",
    "make_study",
    "own_class",
    "source_of",
]
