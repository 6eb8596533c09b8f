"""What enters the digest of a spec beside its fields: revisions of the code that decides its numbers.

Finished trials are handed from study to study by their ids alone. So whatever changes the numbers of a trial must
change its id: a new field, or a new value of one, does so itself; for a change of code, raise the revision of what is
changed here. The ids of the trials that it does not concern stay as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_CLASSIFIERS = """GenreCrnn BandCnn FrameCnn FrameCnnLstm FeedForward MfccCnn WaveformVgg SeResNet MfccVgg
AttentionClassifier""".split()
_LEFT_TO_THE_SPLIT = frozenset("esc10 esc50 esc50-animals gtzan fsdd-digits folder manifest".split())
"""Datasets that leave open who validates. Speech Commands come with lists of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """A part of the code, and the specs whose numbers it decides: by type, those with these values in their fields.

    A frozen set holds a field's values of which any will do. Where the field is a spec, its types are named in the same
    way.
    """

    specs: Mapping[str, Mapping[str, Any]]
    revision: int = 1

    def concerns(self, plain: Mapping[str, Any]) -> bool:
        """Whether the spec with this `to_plain` is one of those."""
        return _fits(plain, self.specs)


def _fits(value: Any, wanted: Any) -> bool:
    """Whether a field has the wanted value: a plain one, one of several, or a spec of one of the wanted types."""
    if isinstance(wanted, frozenset):
        return value in wanted
    if not isinstance(wanted, Mapping):
        return bool(value == wanted)
    fields = wanted.get(value["type"])
    return fields is not None and all(_fits(value[name], of_field) for name, of_field in fields.items())


def _all(*types: str) -> dict[str, Mapping[str, Any]]:
    return {name: {} for name in types}


COMPONENTS: Mapping[str, Component] = {
    "initialisation": Component(specs=_all("SpeechNetwork", *_CLASSIFIERS)),
    # 2: all gates are drawn as one matrix, no longer each by itself
    "initialisation of GRU": Component(specs={"RecurrentStack": {"cell": "gru"}, "GenreCrnn": {}}, revision=2),
    "initialisation of LSTM": Component(specs={"RecurrentStack": {"cell": "lstm"}, "FrameCnnLstm": {}}, revision=2),
    "batch norm": Component(
        specs={
            **_all("BatchNorm", "CrnnBlock", "MfccBlock", "SeStage", "SeResNet", "VggPair"),
            "FeedForward": {"batch_norm": True},
            "ConvolutionModule": {"norm": "batch"},
        }
    ),
    "kernels": Component(specs=_all("SpeechNetwork", *_CLASSIFIERS)),
    "Adam": Component(specs=_all("Adam")),
    "training": Component(specs=_all("Recipe")),
    "split": Component(specs=_all("GroupSplit", "FoldSplit", "GroupFoldSplit", "RandomSplit", "ClassSplit")),
    # 2: seeds take turns with the groups that validate, no longer each with a draw of its own
    "turns of groups": Component(
        specs={
            "Trial": {
                "split": _all("GroupSplit"),
                "corpus": {
                    **_all("SyntheticSounds", "SyntheticGenres", "ConnectedDigits", "ManifestSpeech", "LibriSpeech"),
                    "LabelledClips": {"dataset": _LEFT_TO_THE_SPLIT},
                },
            }
        },
        revision=2,
    ),
    "features": Component(
        specs=_all(*"LogSpectrogram Mfcc LifteredMfcc MelSpectrogram MelCepstrum RawWaveform".split())
    ),
    # 2: resampled with a stop band; MPEG audio counted by its frames, block codes ended where their header says
    "recorded audio": Component(
        specs=_all("LabelledClips", "ConnectedDigits", "ManifestSpeech", "LibriSpeech"), revision=2
    ),
    "synthetic audio": Component(
        specs=_all("SyntheticSpeech", "SyntheticKeywords", "SyntheticSounds", "SyntheticGenres")
    ),
}
"""By the name that enters the digest, with the revision, once that is above 1."""


def revisions(plain: Mapping[str, Any]) -> dict[str, int]:
    """The revisions above 1 of what decides the numbers of the spec with this `to_plain`."""
    return {
        name: component.revision
        for name, component in COMPONENTS.items()
        if component.revision > 1 and component.concerns(plain)
    }
