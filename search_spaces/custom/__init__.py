"""What users write themselves: networks, studies and spaces, in a Python file of theirs."""

from soundproof.search_spaces.custom.files import CustomFile, load_file
from soundproof.search_spaces.custom.networks import ClassifierNetwork, TranscriberNetwork, custom_class
from soundproof.search_spaces.custom.studies import make_study
from soundproof.search_spaces.custom.training import Augmenter, ErrorMeasure, Loss, Score
from soundproof.search_spaces.user_code.modules import CustomFileError, load_source, source_of
from soundproof.search_spaces.user_code.sources import CustomSource

__all__ = [
    "Augmenter",
    "ClassifierNetwork",
    "CustomFile",
    "CustomFileError",
    "CustomSource",
    "ErrorMeasure",
    "Loss",
    "Score",
    "TranscriberNetwork",
    "custom_class",
    "load_file",
    "load_source",
    "make_study",
    "source_of",
]
