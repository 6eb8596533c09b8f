"""Utterances with less sound than their transcript takes: one of them makes networks infeasible for a whole corpus."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from soundproof.common.counting import counted
from soundproof.search_spaces.arithmetic import output_frames
from soundproof.search_spaces.documented import STUDIES
from soundproof.search_spaces.specs import Features, LogSpectrogram, SpeechNetwork
from soundproof.search_spaces.specs.features import frame_count
from soundproof.trainables.corpora.corpus import Remark

KIND = "impossible"

_MOST_NAMED = 5

_REACH, _STRIDE = 11, 2
"""Of the convolution that most documented networks begin with: about half of the frames come out of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """An utterance as far as its length goes: where it is listed, its transcript, its seconds, the frames it needs."""

    listed: str
    text: str
    seconds: float
    needed: int

    @property
    def impossible(self) -> bool:
        """Whether the documented convolution leaves fewer frames than the transcript needs."""
        left = (_frames(LogSpectrogram(), self.seconds) - _REACH) // _STRIDE + 1
        return left < self.needed

    @property
    def shown(self) -> str:
        """Where it is, and what is wrong with it."""
        return f"{self.listed}: {self.seconds:.2f} s for a transcript of {counted(len(self.text), 'character')}"


def impossible_remarks(spoken: Sequence[Spoken], total: int, *, left_out: bool) -> Iterator[Remark]:
    """What has to be known of the impossible ones among a `total` of utterances, which may be `left_out`."""
    if not spoken:
        return
    failing, networks = _cannot_align(spoken)
    named = "; ".join(one.shown for one in spoken[:_MOST_NAMED])
    more = f"; and {len(spoken) - _MOST_NAMED:,} more" if len(spoken) > _MOST_NAMED else ""
    what = f"{counted(len(spoken), 'utterance')} of {total:,} with too little sound for the transcript"
    if left_out:
        yield Remark(kind=KIND, text=f"{what} left out, as asked ({named}{more})")
        return
    yield Remark(
        kind=KIND,
        text=(
            f"{what}: {failing} of {networks} documented networks cannot align {'it' if len(spoken) == 1 else 'them'} "
            f"and would not be trained ({named}{more}): correct the audio or the transcript, or leave such out with "
            "--skip-impossible"
        ),
    )


def _cannot_align(spoken: Sequence[Spoken]) -> tuple[int, int]:
    """How many of the documented speech networks cannot align every utterance, and how many there are."""
    networks: dict[tuple[str, str], tuple[SpeechNetwork, Features]] = {}
    for study in STUDIES:
        for variant in study.variants:
            if isinstance(variant.network, SpeechNetwork):
                key = variant.network.digest(), variant.features.digest()
                networks[key] = variant.network, variant.features
    failing = sum(
        any(output_frames(network, _frames(features, one.seconds)) < one.needed for one in spoken)
        for network, features in networks.values()
    )
    return failing, len(networks)


def _frames(features: Features, seconds: float) -> int:
    return frame_count(features, round(seconds * features.sample_rate_hz))
