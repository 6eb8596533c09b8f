"""The embedded corpus of sound events: ten classes with the names of ESC-10, in folds. Needs no files and no download.

A class is what stays the same in every draw of it; everything else is drawn:

- dog, crying_baby, rooster: a voiced call: short and falling, an arch with vibrato, a crow of several glides;
- sneezing: a burst of noise with a sharp onset, most often after an indrawn breath;
- rain, crackling_fire, clock_tick: knocks: dense over a hiss, sparse over a rumble, regular in two pitches;
- sea_waves, helicopter: noise that swells slowly, or with every blade;
- chainsaw: the buzz of an engine whose speed follows its load.

Calls come once or several times, textures fill the clip or a part of it; onset, level, background noise and the colour
of the recording are drawn too, so that classes overlap. A draw at another sample rate is another sound: sounds are made
at one rate and resampled.
"""

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from soundproof.search_spaces.specs import SyntheticSounds
from soundproof.trainables.corpora.corpus import Waveform
from soundproof.trainables.corpora.embedded.cutting import RENDERING_RATE_HZ, RenderedCorpus, pieces
from soundproof.trainables.corpora.embedded.signals import Signal, add_background, coloured_noise, harmonic_tone, ring


def make_synthetic_sounds(spec: SyntheticSounds) -> RenderedCorpus:
    """The corpus of `spec`: which source of which kind is in which fold. A larger one contains the smaller ones."""
    sources = tuple(product(range(1, spec.folds + 1), range(len(spec.classes)), range(spec.sources_per_fold)))
    examples = [
        example
        for fold, kind, number in sources
        for example in pieces(f"{fold}/{spec.classes[kind]}/{number:03d}", spec.classes[kind], spec.cut, fold)
    ]
    return RenderedCorpus(spec=spec, examples=tuple(examples), sources=sources, render=_render)


def _render(spec: SyntheticSounds, source: tuple[int, int, int]) -> Waveform:
    """`source`: its fold, the place of its class among all, and its number among those of both."""
    fold, kind, number = source
    generator, seconds = (
        np.random.default_rng([spec.seed, kind, fold, number]),
        spec.cut.seconds * spec.cut.per_recording,
    )
    snr_db = spec.minimum_snr_db, spec.maximum_snr_db
    return render_event(spec.classes[kind], generator, seconds, RENDERING_RATE_HZ, snr_db)


def render_event(
    kind: str,
    generator: np.random.Generator,
    seconds: float,
    sample_rate_hz: int,
    snr_db: tuple[float, float] = (0, 20),
) -> Waveform:
    """One clip of `kind`, one of `SOUND_CLASSES`, in -1..1, `(round(seconds * sample_rate_hz),)`.

    The ratio of sound to background noise is drawn between two bounds. Meant for half a second or more at 8 kHz or
    more; a call that is longer than the clip is cut.
    """
    samples = round(seconds * sample_rate_hz)
    if kind in _CALLS:
        sound = _repeat(_CALLS[kind](generator, sample_rate_hz), generator, samples, sample_rate_hz)
    else:
        sound = _TEXTURES[kind](generator, samples, sample_rate_hz) * _span(generator, samples, sample_rate_hz)
    return add_background(sound, generator, sample_rate_hz, generator.uniform(*snr_db))


def _repeat(call: Signal, generator: np.random.Generator, samples: int, rate: int) -> Signal:
    """The call once or more, from a drawn onset on, never quite the same twice."""
    sound = np.zeros(samples)
    start = int(generator.uniform(0, max(samples / 4, samples - len(call))))
    for _ in range(generator.integers(1, 6)):
        places = np.arange(0, len(call) - 1, generator.uniform(0.93, 1.07))[: max(0, samples - start)]
        again = np.interp(places, np.arange(len(call)), call)
        sound[start : start + len(again)] += again * generator.uniform(0.5, 1)
        start += len(again) + int(generator.uniform(0.05, 0.6) * rate)
    return sound


def _span(generator: np.random.Generator, samples: int, rate: int) -> Signal:
    """A gate: the whole clip, or a part of it with soft edges."""
    if generator.random() < 0.5:
        return np.ones(samples)
    length = generator.uniform(0.4, 1) * samples
    start = generator.uniform(0, samples - length)
    here, edge = np.arange(samples), 0.03 * rate
    return np.asarray(np.clip(np.minimum(here - start, start + length - here) / edge, 0, 1))


def _glide(generator: np.random.Generator, seconds: float, rate: int, points: Sequence[float]) -> Signal:
    """A curve through `points`, each up to 8 % off, evenly spaced over `seconds`."""
    drawn = np.asarray(points) * generator.uniform(0.92, 1.08, len(points))
    return np.interp(np.linspace(0, len(points) - 1, int(seconds * rate)), np.arange(len(points)), drawn)


def _voiced(
    generator: np.random.Generator, rate: int, curve_hz: Signal, low_formant: tuple[float, float], breath: float
) -> Signal:
    """The pitches `curve_hz`, sung through a mouth that is drawn anew, with up to `breath` of noise."""
    formants_hz = np.array([generator.uniform(*low_formant), generator.uniform(1500, 3500)])
    distance = np.subtract.outer(np.arange(1, 15) * curve_hz.mean(), formants_hz) / 350
    mouth = (1 / (1 + distance**2)).sum(axis=1) + 0.03
    noise = coloured_noise(len(curve_hz), generator, rate, -2, (600, 4000))
    return harmonic_tone(curve_hz, mouth, rate) + noise * generator.uniform(0.05, breath)


def _dog(generator: np.random.Generator, rate: int) -> Signal:
    pitch, seconds = generator.uniform(200, 700), generator.uniform(0.1, 0.35)
    call = _voiced(generator, rate, pitch * _glide(generator, seconds, rate, (0.8, 1.2, 1, 0.6)), (600, 1100), 0.4)
    return call * np.linspace(1, 0, len(call)) ** generator.uniform(0.7, 2)


def _crying_baby(generator: np.random.Generator, rate: int) -> Signal:
    pitch, seconds = generator.uniform(300, 600), generator.uniform(0.35, 1.4)
    curve = pitch * _glide(generator, seconds, rate, (0.75, 1.05, 1.1, 1, 0.75))
    curve *= 1 + 0.03 * np.sin(2 * np.pi * generator.uniform(4, 9) * np.arange(len(curve)) / rate)
    return _voiced(generator, rate, curve, (900, 1300), 0.4) * np.sqrt(np.sin(np.linspace(0, np.pi, len(curve))))


def _rooster(generator: np.random.Generator, rate: int) -> Signal:
    pitch, seconds = generator.uniform(350, 700), generator.uniform(0.8, 2.2)
    curve = pitch * _glide(generator, seconds, rate, (0.7, 1, 0.85, 1.3, 1.5, 1.45, 1.3, 0.8))
    loudness = _glide(generator, seconds, rate, (0.2, 0.9, 0.1, 0.9, 0.2, 1, 1, 0.9, 0.7, 0.1))
    return _voiced(generator, rate, curve, (900, 1500), 0.4) * loudness


def _sneezing(generator: np.random.Generator, rate: int) -> Signal:
    burst_seconds, breath_seconds = generator.uniform(0.15, 0.6), generator.uniform(0.1, 0.6) * generator.integers(0, 2)
    low = generator.uniform(300, 1500)
    burst = coloured_noise(int(burst_seconds * rate), generator, rate, generator.uniform(-3, 3), (low, 3 * low))
    burst *= np.linspace(1, 0, len(burst)) ** generator.uniform(1, 3)
    voice = _voiced(generator, rate, np.full(len(burst), generator.uniform(120, 300)), (500, 900), 0.3)
    burst += generator.uniform(0, 0.5) * voice * np.abs(burst)
    breath = coloured_noise(max(1, int(breath_seconds * rate)), generator, rate, 0, (800, 3000))
    return np.concatenate([breath * np.linspace(0, generator.uniform(0.05, 0.3), len(breath)), burst])


def _knocks(
    generator: np.random.Generator, samples: int, rate: int, per_second: tuple[float, float], bed: Signal
) -> Signal:
    """Resonances of three kinds at random times, most of them faint and a few strong, over a bed of noise."""
    knocks, density = np.zeros(samples), generator.uniform(*per_second) / 3
    for _ in range(3):
        times = generator.integers(0, samples, 1 + generator.poisson(density * samples / rate))
        train = np.bincount(times, generator.lognormal(0, 0.8, len(times)), samples)
        knock = ring(rate, generator.uniform(1000, 5000), generator.uniform(0.0005, 0.003))
        knocks += _convolved(train, knock)
    return np.asarray(knocks / knocks.std() + bed * generator.uniform(0.3, 1.8))


def _convolved(train: NDArray[np.number], sound: Signal) -> Signal:
    """`sound` wherever `train` has an impulse, as long as `train`."""
    from scipy.signal import oaconvolve  # noqa: PLC0415  # a second of import that opening another corpus can do without

    return np.asarray(oaconvolve(train, sound)[: len(train)])


def _rain(generator: np.random.Generator, samples: int, rate: int) -> Signal:
    hiss = coloured_noise(samples, generator, rate, generator.uniform(-3, 2), (generator.uniform(200, 1200), 24000))
    return _knocks(generator, samples, rate, (60, 500), hiss)


def _crackling_fire(generator: np.random.Generator, samples: int, rate: int) -> Signal:
    rumble = coloured_noise(samples, generator, rate, generator.uniform(-7, -2))
    return _knocks(generator, samples, rate, (5, 80), rumble)


def _clock_tick(generator: np.random.Generator, samples: int, rate: int) -> Signal:
    clicks_hz, first = generator.uniform(1, 6), generator.uniform(0, rate / 6)
    pitch, decay, sound = generator.uniform(1000, 4500), generator.uniform(0.001, 0.008), np.zeros(samples)
    for parity, ratio in enumerate((1, generator.uniform(0.7, 1))):
        times = np.arange(first + parity * rate / clicks_hz, samples, 2 * rate / clicks_hz).astype(int)
        train = np.bincount(times, generator.uniform(0.7, 1, len(times)), samples)
        sound += _convolved(train, ring(rate, pitch * ratio, decay))
    return sound


def _sea_waves(generator: np.random.Generator, samples: int, rate: int) -> Signal:
    time, swell_hz = np.arange(samples) / rate, generator.uniform(0.1, 0.5)
    swell = (1 + np.sin(2 * np.pi * (swell_hz * time + generator.random()))) / 2
    surf = coloured_noise(samples, generator, rate, generator.uniform(-6, -1), (60, generator.uniform(1500, 8000)))
    return np.asarray(surf * (generator.uniform(0.1, 0.6) + swell ** generator.uniform(1, 3)))


def _helicopter(generator: np.random.Generator, samples: int, rate: int) -> Signal:
    blade = 2 * np.pi * (generator.uniform(8, 22) * np.arange(samples) / rate + generator.random())
    beat = np.exp(generator.uniform(1, 4) * (np.cos(blade) - 1))
    roar = coloured_noise(samples, generator, rate, generator.uniform(-9, -3), (40, generator.uniform(800, 3000)))
    whine = harmonic_tone(np.full(samples, generator.uniform(150, 900)), (1, 0.5, 0.3), rate)
    return roar * (generator.uniform(0.1, 0.8) + beat) + generator.uniform(0, 0.3) * whine


def _chainsaw(generator: np.random.Generator, samples: int, rate: int) -> Signal:
    knots, engine_hz = np.arange(0, samples + rate, rate * generator.uniform(0.2, 0.8)), generator.uniform(60, 170)
    load = np.interp(np.arange(samples), knots, generator.uniform(0.6, 1.4, len(knots)))
    strengths = np.arange(1, 31) ** -generator.uniform(0.2, 1) * generator.uniform(0.3, 1, 30)
    buzz = harmonic_tone(engine_hz * load, strengths, rate)
    exhaust = coloured_noise(samples, generator, rate, generator.uniform(-5, 0), (200, 24000))
    return np.asarray((buzz / buzz.std() + generator.uniform(0.1, 0.8) * exhaust) * load)


_CALLS: dict[str, Callable[[np.random.Generator, int], Signal]] = {
    "dog": _dog,
    "crying_baby": _crying_baby,
    "rooster": _rooster,
    "sneezing": _sneezing,
}
_TEXTURES: dict[str, Callable[[np.random.Generator, int, int], Signal]] = {
    "rain": _rain,
    "crackling_fire": _crackling_fire,
    "clock_tick": _clock_tick,
    "sea_waves": _sea_waves,
    "helicopter": _helicopter,
    "chainsaw": _chainsaw,
}
