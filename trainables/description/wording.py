"""Numbers as they are read, on the page and in the terminal alike."""

from collections.abc import Mapping

from soundproof.trainables.description.files import SourceFiles

NOTHING = "\N{EN DASH}"
_CHANNELS = {1: "mono", 2: "stereo"}


def duration(seconds: float | None) -> str:
    """``0.43 s``, ``12 min 5 s``, ``3 h 20 min``; a dash where it is not known."""
    if seconds is None:
        return NOTHING
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def rates(files: SourceFiles) -> str:
    """``44,100 Hz``; with the number of files where they differ."""
    return _listed({f"{rate:,} Hz": number for rate, number in files.rates_hz.items()})


def channels(files: SourceFiles) -> str:
    """``mono``; with the number of files where they differ."""
    return _listed({_CHANNELS.get(many, f"{many} channels"): number for many, number in files.channels.items()})


def durations(files: SourceFiles) -> str:
    """The shortest, the median and the longest; one number where they are equal."""
    sorted_seconds = files.durations
    shortest, longest = sorted_seconds[0], sorted_seconds[-1]
    if longest - shortest < 0.01:
        return f"{duration(longest)} each"
    middle = sorted_seconds[len(sorted_seconds) // 2]
    return f"{duration(shortest)} to {duration(longest)}, half of them up to {duration(middle)}"


def _listed(numbers: Mapping[str, int]) -> str:
    if len(numbers) == 1:
        return next(iter(numbers))
    return ", ".join(f"{what} ({number:,})" for what, number in numbers.items())
