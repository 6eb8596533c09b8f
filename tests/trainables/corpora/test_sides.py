"""What a corpus tells of its sides before anything is split."""

from typing import Any

from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.corpora.sides import heavy_group, sides_remarks


def _examples(*rows: tuple[str, str | None, dict[str, Any]]) -> list[Example]:
    return [
        Example(key=str(number), target=target, speaker=speaker, **{"recording": str(number), **more})
        for number, (target, speaker, more) in enumerate(rows)
    ]


def _told(examples: list[Example], *, transcribed: bool = False) -> dict[str, str]:
    return {remark.kind: remark.text for remark in sides_remarks(examples, transcribed=transcribed)}


def test_nothing_is_told_of_an_ordinary_corpus() -> None:
    """Speakers with equal shares, however few, sentences read once, sources in one fold."""
    rows = [(f"text {n}", f"s{n % 3}", {"fold": 1 + n % 3, "recording": f"r{n % 3}"}) for n in range(30)]
    examples = _examples(*rows)
    assert heavy_group(examples) is None
    assert _told(examples, transcribed=True) == {}


def test_a_speaker_with_most_of_the_data_is_named() -> None:
    """With the numbers, and what follows for the split."""
    examples = _examples(*((f"text {n}", "anna" if n < 20 else f"s{n}", {}) for n in range(24)))
    text = _told(examples, transcribed=True)["heavy"]
    assert text.startswith("anna, one of 5 speakers, has 20 of 24 utterances (83%)")
    assert "--split groups-by-amount" in text


def test_transcripts_on_several_sides_are_counted() -> None:
    """Of utterances; what one speaker repeats stays on that speaker's side. Of clips, targets are classes."""
    examples = _examples(*((f"text {n % 5}", f"s{n // 5}", {}) for n in range(20)))
    assert _told(examples, transcribed=True)["same transcripts"].startswith(
        "20 of 20 utterances have a transcript that others have, too (5 different transcripts in all)"
    )
    assert _told(examples) == {}
    assert _told(_examples(*(("same", "one voice", {}) for _ in range(20))), transcribed=True) == {}


def test_a_side_that_nobody_is_marked_for_is_told() -> None:
    """Where everybody is marked for one; of clips with one class the test, too."""
    examples = _examples(("a", None, {"partition": "train"}), ("b", None, {"partition": "test"}))
    assert _told(examples)["missing sides"] == (
        "no clips are marked for validation: every seed draws its validation from those that are marked for training"
    )
    both = sides_remarks(examples[:1], transcribed=False, needs_test=True)
    assert "no clips are marked for validation and test" in next(iter(both)).text
    assert _told(_examples(("a", None, {"partition": "train"}), ("b", None, {}))) == {}


def test_a_source_in_several_folds_and_a_speaker_in_several_partitions() -> None:
    """What leaks by the corpus's own making."""
    folds = _examples(("dog", None, {"fold": 1, "recording": "x"}), ("cat", None, {"fold": 2, "recording": "x"}))
    assert _told(folds)["source on several sides"].startswith("1 source of 1 is in more than one fold (x)")
    fixed = _examples(("a", "anna", {"partition": "train"}), ("b", "anna", {"partition": "test"}))
    assert _told(fixed)["speaker on several sides"] == (
        "1 speaker of 1 is in more than one partition (anna): what is tested was heard in training"
    )
