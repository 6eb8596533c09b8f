"""Two kinds of chance as JSON values; keys are described in `docs/verdicts.md`."""

from typing import Any

from soundproof.analysis.json_forms.values import interval_plain
from soundproof.analysis.statistics.intervals import finite
from soundproof.analysis.summaries.clip_chance import ClipChance, NewClips
from soundproof.analysis.summaries.clip_slices import ApartClip, Slice


def new_clips_plain(found: NewClips | None) -> dict[str, Any] | None:
    """The test split that the trials of a study have in common; null where they have none."""
    if found is None:
        return None
    return {
        "metric": found.measured.metric,
        "clips": found.clips,
        "grouping": found.grouping,
        "groups": found.groups,
        "alone": found.alone,
        "confidence": found.confidence,
    }


def clip_chance_plain(chance: ClipChance | None) -> dict[str, Any] | None:
    """One pair on that split; shares are shares, not percentages."""
    if chance is None:
        return None
    drawn = chance.bootstrap
    return {
        "first": chance.first,
        "second": chance.second,
        "effect": finite(chance.effect),
        "holds_for": chance.holds_for,
        "seeds": list(chance.seeds),
        "over_seeds": {"interval": interval_plain(chance.over_seeds), "p_value": chance.p_over_seeds},
        "over_clips": {
            "interval": interval_plain(chance.over_clips),
            "p_value": chance.p_over_clips,
            "degrees_of_freedom": chance.degrees_of_freedom,
        },
        "over_both": {"interval": interval_plain(chance.over_both)},
        "seed_tests": [{"seed": test.seed, "p_value": test.p_value} for test in chance.seed_tests],
        "bootstrap": None
        if drawn is None
        else {"interval": interval_plain(drawn.interval), "share_better": drawn.share_above, "blocks": drawn.blocks},
        "slices": [_slice(part) for part in chance.slices],
        "clips_apart": [_apart(clip) for clip in chance.clips_apart],
    }


def _slice(part: Slice) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "name": part.name,
        "clips": part.clips,
        "first": finite(part.first),
        "second": finite(part.second),
        "effect": finite(part.effect),
        "p_value": part.p_value,
        "adjusted_p_value": part.adjusted,
    }


def _apart(clip: ApartClip) -> dict[str, Any]:
    return {
        "key": clip.key,
        "target": clip.target,
        "effect": finite(clip.effect),
        "first": [{"answer": answer, "seeds": seeds} for answer, seeds in clip.first],
        "second": [{"answer": answer, "seeds": seeds} for answer, seeds in clip.second],
    }
