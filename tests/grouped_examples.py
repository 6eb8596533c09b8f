"""Examples in groups, as corpora of digits and of tracks have them."""

from soundproof.trainables.corpora.corpus import Example

SPEAKERS = "george jackson lucas nicolas theo yweweler".split()


def digits(*, test_takes: int = 0) -> list[Example]:
    """As the Free Spoken Digit Dataset has them: six speakers who all say every digit, the first takes for the test."""
    return [
        Example(
            key=f"{digit}_{speaker}_{take}",
            target=str(digit),
            recording=f"{digit}_{speaker}_{take}",
            speaker=speaker,
            partition="test" if take < test_takes else None,
        )
        for speaker in SPEAKERS
        for digit in range(10)
        for take in range(3)
    ]


def tracks(classes: int, tracks_per_class: int) -> list[Example]:
    """Two pieces of each track, a track being of one class."""
    return [
        Example(key=f"{label}.{track}.{piece}", target=f"class {label}", recording=f"{label}.{track}")
        for label in range(classes)
        for track in range(tracks_per_class)
        for piece in range(2)
    ]
