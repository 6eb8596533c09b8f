"""What to run next, in words and as data."""

import pytest

from soundproof.analysis.judging.next_steps import NextRuns, next_words
from soundproof.analysis.judging.plain import judged_plain
from soundproof.api import judge


def _judged(tmp_path, rows):
    path = tmp_path / "results.csv"
    path.write_text("model,seed,wer\n" + "".join(f"{model},{seed},{wer}\n" for model, seed, wer in rows))
    return judge(path, margin=0.001)


def _rows(model, seeds, values):
    return [(model, seed, value) for seed, value in zip(seeds, values, strict=False)]


FIRST, SECOND = (0.212, 0.225, 0.219, 0.2251, 0.2213), (0.2075, 0.216, 0.2213, 0.215, 0.2119)


def test_seeds_that_are_counted_on_are_named(tmp_path):
    """The ones that one variant lacks before new ones."""
    judged = _judged(tmp_path, [*_rows("a", range(5), FIRST), *_rows("b", range(3), SECOND)])
    first, second = judged_plain(judged)["next_runs"]
    assert second["seeds"][:2] == [3, 4]
    assert first["seeds"] == second["seeds"][2:]
    assert first["seeds"][0] == 5
    assert judged.next_step.startswith(f"run seeds 5 to {first['seeds'][-1]} of “a” and seeds 3 to ")


@pytest.mark.parametrize("seeds", [("x", "y", "z", "u", "v"), (10, 20, 30, 40, 50)])
def test_of_other_seeds_it_is_said_how_many(tmp_path, seeds):
    """Names, and numbers with gaps, are not counted on."""
    judged = _judged(tmp_path, [*_rows("a", seeds, FIRST), *_rows("b", seeds, SECOND)])
    first, second = judged_plain(judged)["next_runs"]
    assert first["seeds"] is None
    assert first["more"] == second["more"] > 0
    assert f"{first['more']} more seed" in judged.next_step


def test_what_is_decided_needs_nothing(tmp_path):
    """No runs, no words."""
    judged = _judged(tmp_path, [*_rows("a", range(5), FIRST), *_rows("b", range(5), [x - 0.1 for x in FIRST])])
    assert (judged.next_runs, judged.next_step) == ((), None)


def test_one_seed_is_not_a_range():
    """Nor are two."""
    one = NextRuns(variant="b", kind="seed", seeds=(7,), more=1)
    assert next_words([one]) == "run seed 7 of “b”, then judge again"
    assert NextRuns(variant="b", kind="seed", seeds=(7, 8), more=2).words == "seeds 7, 8"
    assert NextRuns(variant="b", kind="data set", seeds=None, more=3).words == "3 more data sets"
