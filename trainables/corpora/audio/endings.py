"""Endings of audio files: those that are read, and those that somebody else has to read."""

from pathlib import Path

READ = tuple(
    ".wav .wave .bwf .rf64 .bw64 .flac .ogg .oga .opus .mp3 .mp2 .mp1 .mpga .aif .aiff .aifc .au .snd .w64 .caf .sph "
    ".nist .voc .sf .ircam .avr .svx .8svx .iff .paf .pvf .wve .sds .xi .mpc2k".split()
)
"""Endings of containers that libsndfile opens. HTK's are left out: most such files hold features."""

FOREIGN = {
    ".m4a": "MPEG-4 audio", ".m4b": "MPEG-4 audio", ".mp4a": "MPEG-4 audio", ".aac": "AAC", ".adts": "AAC",
    ".3gp": "3GP", ".3ga": "3GP", ".3g2": "3GP", ".amr": "AMR", ".awb": "AMR-WB", ".weba": "WebM", ".webm": "WebM",
    ".mka": "Matroska audio", ".wma": "Windows Media Audio", ".asf": "Windows Media Audio", ".wv": "WavPack",
    ".ape": "Monkey's Audio", ".tta": "True Audio", ".tak": "TAK", ".ac3": "AC-3", ".ec3": "Enhanced AC-3",
    ".eac3": "Enhanced AC-3", ".dts": "DTS", ".spx": "Speex", ".dsf": "DSD", ".dff": "DSD", ".mpc": "Musepack",
    ".mpp": "Musepack", ".ra": "RealAudio", ".rm": "RealAudio", ".shn": "Shorten", ".gsm": "GSM", ".ofr": "OptimFROG",
}  # fmt: skip
"""Endings of what FFmpeg's libraries read and libsndfile does not, and what it is called."""

UNREADABLE = {
    ".raw": "samples without a header", ".pcm": "samples without a header", ".sln": "samples without a header",
    ".mid": "notes, no sound", ".midi": "notes, no sound", ".mp4": "video", ".mkv": "video", ".mov": "video",
    ".avi": "video", ".flv": "video", ".mpg": "video", ".mpeg": "video", ".ogv": "video", ".wmv": "video",
}  # fmt: skip
"""Endings of what may hold or mean sound and is not taken."""


def is_read(path: Path) -> bool:
    """Whether a file of this name is expected to hold audio that is read here without another library."""
    return path.name.lower().endswith(READ)


def foreign_name(path: Path) -> str | None:
    """What a file of this name is called, where FFmpeg's libraries are needed to read it."""
    return FOREIGN.get(path.suffix.lower())


def unreadable_name(path: Path) -> str | None:
    """What a file of this name is called, where it is not taken though it may have to do with sound."""
    return UNREADABLE.get(path.suffix.lower())
