"""espeak-ng, spoken into arrays. The same words in the same voice give the same samples, whatever was said before.

The library keeps state that no call of it resets (phases, flutter), so one utterance would colour the next. It is
therefore loaded afresh for every utterance, which costs about 5 ms beside 3 ms of speaking; unloading discards the
state. Timbres whose breath comes from the C library's random numbers, which belong to the whole process (Reed, caleb),
and those that differ from process to process all the same, are left out of `TIMBRES`.

espeak-ng is GPL-3.0; it is loaded at run time from the `espeakng-loader` wheel and is no part of this project.
"""

import _ctypes
import ctypes
from collections.abc import Sequence
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_short, c_size_t, c_uint, c_void_p
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 22050

ACCENTS = (
    "en-us",
    "en-gb-scotland",
    "en-gb-x-rp",
    "en-029",
    "en-us-nyc",
    "en-gb-x-gbclan",
    "en-gb-x-gbcwmd",
    "English (Great Britain)",
)

TIMBRES = tuple(
    "f1 f4 m1 m2 m3 m4 m5 m6 m7 m8 Alex Andrea Andy Annie Denis Diogo Gene Gene2 Henrique Hugo Jacky Lee Marco Mario "
    "Michael Mike Nguyen RicishayMax Storm adam anika announcer antonio aunty belinda benjamin boris david "
    "ed edward grandma grandpa gustave ian iven iven2 john kaukovalta klatt klatt2 klatt3 klatt4 linda marcelo max "
    "michel miguel mike2 norbert pablo paul pedro quincy rob robert shelby steph travis zac".split()
)

_AUDIO_OUTPUT_SYNCHRONOUS = 2
_CHARACTERS_UTF8 = 1
_POSITION_CHARACTER = 1
_RATE, _PITCH, _RANGE = 1, 3, 4

_Callback = CFUNCTYPE(c_int, POINTER(c_short), c_int, c_void_p)

_SIGNATURES: dict[str, tuple[object, list[object]]] = {
    "espeak_Initialize": (c_int, [c_int, c_int, c_char_p, c_int]),
    "espeak_SetSynthCallback": (None, [_Callback]),
    "espeak_SetVoiceByName": (c_int, [c_char_p]),
    "espeak_SetParameter": (c_int, [c_int, c_int, c_int]),
    "espeak_Synth": (c_int, [c_char_p, c_size_t, c_uint, c_int, c_uint, c_uint, POINTER(c_uint), c_void_p]),
    "espeak_Synchronize": (c_int, []),
    "espeak_Terminate": (c_int, []),
}


class EspeakError(RuntimeError):
    """espeak-ng refused a call."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Voice:
    """How a speaker sounds. Rate in words per minute (80 to 450), pitch and its range from 0 to 99."""

    accent: str
    timbre: str
    words_per_minute: int
    pitch: int
    pitch_range: int


def voice_pairs(timbres: Sequence[str], count: int) -> list[tuple[str, str]]:
    """`count` pairs of accent and timbre, using all timbres before any comes again."""
    laps = (divmod(position, len(timbres)) for position in range(count))
    return [(ACCENTS[(place + lap) % len(ACCENTS)], timbres[place]) for lap, place in laps]


def speak(text: str, voice: Voice) -> NDArray[np.int16]:
    """`text` as samples at `SAMPLE_RATE_HZ`. Not thread-safe: the library is one per process. Raises `EspeakError`."""
    spoken: list[NDArray[np.int16]] = []

    def collect(samples: "ctypes._Pointer[c_short]", count: int, _events: object) -> int:
        if samples and count > 0:
            spoken.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    callback = _Callback(collect)
    library = _load()
    try:
        _speak_into(library, callback, text, voice)
    finally:
        library.espeak_Terminate()
        handle = library._handle
        del library
        _ctypes.dlclose(handle)
    if not spoken:
        raise EspeakError(f"espeak-ng said nothing for {text!r}")
    return np.concatenate(spoken)


def _speak_into(library: ctypes.CDLL, callback: object, text: str, voice: Voice) -> None:
    import espeakng_loader  # noqa: PLC0415  # the extra speech: no other corpus needs it

    data_path = espeakng_loader.get_data_path().encode()
    rate = library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, data_path, 0)
    if rate != SAMPLE_RATE_HZ:
        raise EspeakError(f"espeak-ng must speak at {SAMPLE_RATE_HZ} Hz, got {rate}: reinstall espeakng-loader")
    library.espeak_SetSynthCallback(callback)
    name = f"{voice.accent}+{voice.timbre}"
    _succeed(library.espeak_SetVoiceByName(name.encode()), f"voice {name!r}")
    for parameter, value in ((_RATE, voice.words_per_minute), (_PITCH, voice.pitch), (_RANGE, voice.pitch_range)):
        _succeed(library.espeak_SetParameter(parameter, value, 0), f"parameter {parameter} = {value}")
    encoded = text.encode() + b"\0"
    result = library.espeak_Synth(encoded, len(encoded), 0, _POSITION_CHARACTER, 0, _CHARACTERS_UTF8, None, None)
    _succeed(result, f"text {text!r}")
    _succeed(library.espeak_Synchronize(), "waiting for the end of the speech")


def _load() -> ctypes.CDLL:
    import espeakng_loader  # noqa: PLC0415  # as above

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _succeed(result: int, what: str) -> None:
    if result != 0:
        raise EspeakError(f"espeak-ng refused {what} with code {result}")
