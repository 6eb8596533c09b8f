"""How much of the recordings is heard: the sound outside of all clips, and the energy that lies there."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import fmean

from soundproof.common.counting import counted
from soundproof.search_spaces.specs import Cut
from soundproof.search_spaces.specs.clips import ALL_OF_IT
from soundproof.trainables.corpora.clip_places import BLOCK_SECONDS, Energies, energies, even_starts, starts
from soundproof.trainables.corpora.corpus import Remark
from soundproof.trainables.corpora.recorded.clip_files import LabelledClipsCorpus

KIND = "not heard"

_MOST_DECODED = 200
"""Recordings whose energy is looked at: to decode all of a large corpus would take as long as to make its features."""

_LEAST_UNHEARD = 0.01
"""Part of all sound that may lie outside of all clips without a word: decoders and recorders differ by as much."""

_MUCH_SILENCE = 0.25
"""Part of all clips that may be silence after short recordings without a word."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hearing:
    """What is heard of `recordings`, of which `longer` ones have sound in no clip.

    `energy` is the part of a recording's energy within its clips, the mean over all recordings; of those that are
    longer `decoded` were looked at. `silence` is the part of all clips that is silence after short recordings.
    """

    recordings: int
    longer: int
    decoded: int
    seconds: float
    heard_seconds: float
    energy: float
    silence: float

    def remarks(self, cut: Cut) -> Iterator[Remark]:
        """What of it has to be known."""
        if self.seconds - self.heard_seconds > _LEAST_UNHEARD * self.seconds:
            looked = "" if self.decoded == self.longer else f"; {self.decoded} of the longer ones were measured"
            yield Remark(
                kind=KIND,
                text=(
                    f"{self.longer} of {counted(self.recordings, 'recording')} are longer than what is heard of them, "
                    f"{place_words(cut)}: of {_time(self.seconds)} of sound {_time(self.heard_seconds)} are heard, "
                    f"with {_percent(self.energy)} of the energy of a recording on average{looked}"
                ),
            )
        if self.silence > _MUCH_SILENCE:
            yield Remark(
                kind="padded",
                text=f"{_percent(self.silence)} of the clips is silence: recordings are shorter than {cut.seconds:g} s",
            )


def place_words(cut: Cut) -> str:
    """Which part of a recording is heard: `the loudest 1 s`."""
    if cut.place in ALL_OF_IT:
        return "all of it"
    if cut.per_recording == 1:
        return {"start": "the first", "middle": "the middle", "loudest": "the loudest"}[cut.place] + (
            f" {cut.seconds:g} s"
        )
    where = {"start": "from the start", "middle": "around the middle", "loudest": "where it is loudest"}[cut.place]
    return f"at most {cut.per_recording} clips of {cut.seconds:g} s {where}"


def measure_hearing(corpus: LabelledClipsCorpus) -> Hearing:
    """What is heard of the recordings of a corpus. Decodes at most `_MOST_DECODED` of them."""
    cut = corpus.spec.cut
    covered = _covered(corpus.durations, cut)
    longer = [name for name, seconds in corpus.durations.items() if seconds - covered[name] > BLOCK_SECONDS]
    shares = _energy_shares(corpus, _spread(sorted(longer)), cut)
    whole = len(corpus.durations) - len(longer)
    total = sum(corpus.durations.values())
    clips = sum(len(even_starts(cut, seconds)) for seconds in corpus.durations.values()) * cut.seconds
    padded = clips if cut.place != "own-length" else 0.0
    mean_share = fmean(shares) if shares else 1.0
    return Hearing(
        recordings=len(corpus.durations),
        longer=len(longer),
        decoded=len(shares),
        seconds=total,
        heard_seconds=sum(covered.values()),
        energy=(whole + mean_share * len(longer)) / max(1, len(corpus.durations)),
        silence=1 - sum(covered.values()) / padded if padded else 0.0,
    )


def _covered(durations: Mapping[str, float], cut: Cut) -> dict[str, float]:
    """Seconds of each recording that lie in a clip."""
    return {name: min(seconds, len(even_starts(cut, seconds)) * cut.seconds) for name, seconds in durations.items()}


def _spread(names: Sequence[str]) -> list[str]:
    """At most `_MOST_DECODED` names, taken evenly."""
    if len(names) <= _MOST_DECODED:
        return list(names)
    return [names[number * len(names) // _MOST_DECODED] for number in range(_MOST_DECODED)]


def _energy_shares(corpus: LabelledClipsCorpus, names: Sequence[str], cut: Cut) -> list[float]:
    """The part of the energy of each recording that lies in its clips. Decoding releases the interpreter's lock."""

    def share(name: str) -> float:
        waveform, rate = corpus.read(name)
        heard = energies(waveform, rate)
        total = float(heard.sum())
        return _within(heard, starts(cut, waveform, rate), cut.seconds) / total if total > 0 else 1.0

    with ThreadPoolExecutor() as pool:
        return list(pool.map(share, names))


def _within(heard: Energies, begin: Sequence[float], clip_seconds: float) -> float:
    width = max(1, round(clip_seconds / BLOCK_SECONDS))
    places = [round(start / BLOCK_SECONDS) for start in begin]
    return float(sum(heard[place : place + width].sum() for place in places))


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.3g} min" if seconds < 6000 else f"{seconds / 3600:.3g} h"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%" if 0.0995 < share < 0.995 or share in (0.0, 1.0) else f"{100 * share:.2g}%"
