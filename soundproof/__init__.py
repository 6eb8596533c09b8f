"""Ablation studies of audio networks, decided with evidence.

What is public is `__all__`, imported from here: `from soundproof import Study, run_study`. Importing the package loads
none of it: a name is looked for in the rooms that export it when it is first asked for (PEP 562), and of these only
those that train or report go on to load torch, Ray and MLflow, when they are called.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from soundproof.api import *
    from soundproof.common.errors import UserError
    from soundproof.search_spaces import *
    from soundproof.search_spaces.custom import *
    from soundproof.search_spaces.specs import *
    from soundproof.search_spaces.studies import Absolute, NatsPerCharacter

__all__ = [
    "Absolute",
    "Adam",
    "AdamW",
    "Augmentation",
    "BareHead",
    "BatchNorm",
    "BestOf",
    "Better",
    "Budget",
    "Claim",
    "ClassSplit",
    "Classifier",
    "ClassifierNetwork",
    "ClipCorpus",
    "ConformerStack",
    "ConfoundedEffect",
    "ConnectedDigits",
    "ConvStack",
    "ConvolutionModule",
    "CorpusSpec",
    "CustomFile",
    "Cut",
    "DecideOptions",
    "Degree",
    "DenseHead",
    "Dropout",
    "Either",
    "Equivalent",
    "ExponentialDecay",
    "Faster",
    "Features",
    "FoldSplit",
    "GroupFoldSplit",
    "GroupSplit",
    "Infeasible",
    "Interaction",
    "LabelledClips",
    "Larger",
    "Ledger",
    "Level",
    "LibriSpeech",
    "LifteredMfcc",
    "LogSpectrogram",
    "MainEffect",
    "ManifestSpeech",
    "Measure",
    "MelCepstrum",
    "MelSpectrogram",
    "Mfcc",
    "Mixup",
    "Monotone",
    "NatsPerCharacter",
    "Network",
    "NoInteraction",
    "NoLoss",
    "Noise",
    "NotBetter",
    "Partition",
    "Plan",
    "PlateauStopping",
    "PresetName",
    "RandomSplit",
    "RawWaveform",
    "ReachesSooner",
    "Recipe",
    "RecurrentStack",
    "Relu",
    "ReportPage",
    "RunOptions",
    "SearchOptions",
    "SearchSpace",
    "Sgd",
    "SpecAugment",
    "SpecError",
    "SpeechCorpus",
    "SpeechNetwork",
    "SpeedPerturbation",
    "Split",
    "StepDecay",
    "Study",
    "Sublayer",
    "SyntheticGenres",
    "SyntheticKeywords",
    "SyntheticSounds",
    "SyntheticSpeech",
    "TimeShift",
    "Transcriber",
    "TranscriberNetwork",
    "TransformerStack",
    "Trial",
    "UnknownNameError",
    "UserError",
    "Variant",
    "WarmStart",
    "WarmupCosine",
    "WorstOf",
    "compare_curves",
    "decide",
    "find_space",
    "find_study",
    "judge",
    "load_file",
    "make_study",
    "report_search",
    "report_store",
    "report_study",
    "run_study",
    "search_space",
]

_ROOMS = (
    "search_spaces",
    "search_spaces.specs",
    "search_spaces.studies",
    "search_spaces.custom",
    "common.errors",
    "api",
)
"""Where public names are from."""

if not TYPE_CHECKING:  # type checkers would take it for a promise of every name

    def __getattr__(name: str) -> Any:
        """The public name, from its room. Raises AttributeError for any other."""
        for room in _ROOMS if name in __all__ else ():
            exported = vars(import_module(f"soundproof.{room}"))
            if name in exported:
                return exported[name]
        raise AttributeError(f"module 'soundproof' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names too, for completion in a console."""
    return sorted({*globals(), *__all__})
