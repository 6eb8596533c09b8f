"""Factor importance against simulated truth."""

import io
import itertools
import random
import warnings
from dataclasses import replace

import numpy as np
import optuna
import pytest
from rich.console import Console

from soundproof.analysis.importance.importance import factor_importances
from soundproof.analysis.json_forms.values import importance_plain
from soundproof.analysis.records.trials import TrialRecord
from soundproof.analysis.tables.importance import importance_table
from soundproof.analysis.tables.terminal import terminal_table
from soundproof.search_spaces.specs import BareHead, ConvStack, Dropout, RecurrentStack, Relu, SpeechNetwork

METRIC = "best/validation/loss"

CONVOLUTIONAL = SpeechNetwork(
    convolution=ConvStack(layers=12, filters=200, kernel_size=3, sublayers=(Dropout(rate=0.2), Relu())),
    recurrent=RecurrentStack(cell="gru", layers=1, units=200, merge="concat"),
    head=BareHead(),
)
RECURRENT = SpeechNetwork(
    convolution=None,
    recurrent=RecurrentStack(cell="lstm", layers=2, units=200, sublayers_between=(Dropout(rate=0.2),)),
    head=BareHead(),
)


def trial(levels, seed, value, *, status="completed", spec=None, metric=METRIC, twin=""):
    """A record with these levels and this value."""
    variant = " ".join(levels.values()) + twin
    return TrialRecord(
        run_id="",
        trial_id=f"{variant}@{seed}",
        variant=variant,
        seed=seed,
        status=status,
        reason=None,
        metrics={} if value is None else {metric: value},
        history={},
        levels=levels,
        reused_from=None,
        spec=spec or {},
    )


def simulated(*, strong=3.0, conditional=2.0, seeds=6, sign=1.0, metric=METRIC):
    """All combinations of a strong factor, an idle one, and a cell that only recurrent variants have."""
    generator = np.random.default_rng(0)
    made = []
    for seed in range(seeds):
        hard = 5 * generator.normal()
        for depth, colour, kind, twin in itertools.product(("1", "12"), ("red", "blue"), ("rnn", "cnn"), ("a", "b")):
            cell = None if kind == "cnn" else {"a": "gru", "b": "lstm"}[twin]
            levels = {"depth": depth, "colour": colour, "kind": kind} | ({"cell": cell} if cell else {})
            loss = 60 + hard + strong * (depth == "1") + conditional * (cell == "gru") + generator.normal()
            made.append(trial(levels, seed, sign * loss, metric=metric, twin=twin))
    return made


def importances(trials, metric=METRIC, **options):
    """The importances with a generator of their own."""
    return factor_importances(trials, metric, generator=np.random.default_rng(7), **options)


def test_the_strong_factor_comes_first_and_the_idle_one_last():
    """With a known truth the order is right, the conditional factor is kept, and every number has an interval."""
    found = importances(simulated())
    by_name = {factor.factor: factor for factor in found.factors}
    assert found.reason is None
    assert (found.n, found.seeds, found.best, found.resampled) == (96, 6, 24, "seeds")
    assert by_name.keys() == {"depth", "colour", "kind", "cell"}
    assert [factor.factor for factor in found.factors][:2] == ["depth", "cell"]
    assert (by_name["cell"].trials, by_name["cell"].levels) == (48, 2)
    assert by_name["depth"].by_chance <= 0.02
    assert by_name["colour"].by_chance > 0.05
    assert by_name["colour"].importance < 0.1
    assert sum(factor.importance for factor in found.factors) == pytest.approx(1)
    for factor in found.factors:
        assert 0 <= factor.interval.low <= factor.importance <= factor.interval.high <= 1


def test_chance_shows_where_nothing_matters():
    """Shares sum to 1 even over idle factors; `by_chance` gives them away."""
    found = importances(simulated(strong=0, conditional=0))
    assert min(factor.by_chance for factor in found.factors) > 0.05


def test_the_direction_follows_the_metric():
    """For an accuracy the best trials are those with the highest values."""
    losses = importances(simulated(), resamples=10)
    accuracies = importances(simulated(sign=-1, metric="test/accuracy"), "test/accuracy", resamples=10)
    assert accuracies.factors == losses.factors


def test_the_order_of_records_does_not_matter():
    """Trials come from a store in any order."""
    trials = simulated()
    shuffled = random.Random(3).sample(trials, len(trials))
    assert importances(shuffled, resamples=10) == importances(trials, resamples=10)


def test_nothing_is_imputed():
    """Trials without a comparable number are counted by why, and change no number."""
    levels = {"depth": "1", "colour": "red", "kind": "cnn"}
    others = [
        trial(levels, 0, 9.0, status="pruned"),
        trial(levels, 1, None, status="diverged"),
        trial(levels, 2, 1.0, status="failed"),
        trial(levels, None, None, status="infeasible"),
        trial(levels, 3, None),
        trial(levels, 4, float("nan")),
    ]
    found = importances(simulated() + others, resamples=10)
    assert found.left_out == {
        "pruned": 1,
        "diverged": 1,
        "failed": 1,
        "infeasible": 1,
        f"without a finite value of {METRIC}": 2,
    }
    assert found.factors == importances(simulated(), resamples=10).factors


def test_factors_that_change_together_are_one():
    """Two names for one difference share one number, rather than each taking half of the whole."""
    doubled = [replace(made, levels={**made.levels, "width": made.levels["depth"] + "0"}) for made in simulated()]
    found = importances(doubled, resamples=10)
    assert (found.factors[0].factor, found.factors[0].same_as) == ("depth", ("width",))
    assert [factor.importance for factor in found.factors] == pytest.approx(
        [factor.importance for factor in importances(simulated(), resamples=10).factors]
    )


def test_one_seed_resamples_trials():
    """An open search may have one seed for each design: intervals are then over trials, and say so."""
    found = importances([replace(made, seed=0) for made in simulated(seeds=2)])
    assert found.resampled == "trials"
    assert found.factors[0].factor == "depth"


@pytest.mark.parametrize(
    ("trials", "reason"),
    [
        ([], "needs at least 8 trials with comparable numbers, got 0"),
        (simulated()[:7], "needs at least 8 trials with comparable numbers, got 7"),
        ([trial({"depth": "1"}, seed, seed) for seed in range(9)], "at least two values among the trials, got none"),
        ([trial({"depth": str(n % 2)}, n // 2, 3.0) for n in range(12)], "as good as the best ones"),
        ([trial({"depth": str(n % 2)}, n // 2, 0.1 * (n // 2)) for n in range(12)], "as good as the best ones"),
    ],
    ids=["none", "seven", "one level", "equal", "equal within seeds"],
)
def test_too_little_gives_a_reason_and_no_number(trials, reason):
    """Where there is nothing to compute from, words say why."""
    found = importances(trials)
    assert found.factors == ()
    assert reason in found.reason


def searched(count=60):
    """An open search over convolutional and recurrent networks, as the tracking store keeps it."""
    generator = np.random.default_rng(11)
    made = []
    for number in range(count):
        rate = float(10 ** generator.uniform(-4, 0))
        base = CONVOLUTIONAL if number % 2 else RECURRENT
        cell = ("gru", "lstm", "simple_rnn")[generator.integers(3)]
        network = replace(base, recurrent=replace(base.recurrent, cell=cell))
        value = 50 + 10 * (np.log10(rate) + 2) ** 2 + generator.normal()
        recipe = {"learning_rate": rate, "batch_size": 32}
        spec = {"network": network.to_plain(), "recipe": recipe, "seed": number}
        made.append(trial({"design": str(number)}, number, value, spec=spec))
    return made


def test_parameters_of_a_search():
    """By parameters: a continuous one is a range, a fixed one is no factor, and neither is the seed."""
    found = importances(searched(), by="params")
    names = {factor.factor for factor in found.factors}
    assert found.factors[0].factor == "recipe.learning_rate"
    assert found.factors[0].by_chance <= 0.02
    assert "network.recurrent.cell" in names
    assert not names & {"seed", "recipe.batch_size"}


def test_optuna_stays_quiet_and_as_it_was(capfd):
    """No message, no warning, and its own settings unchanged."""
    before = optuna.logging.get_verbosity()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        importances(simulated(seeds=2))
    assert optuna.logging.get_verbosity() == before
    assert capfd.readouterr() == ("", "")


def test_table_and_json_say_what_was_compared():
    """The table carries interval, n and what was left out; without numbers it carries the reason."""
    found = importances([*simulated(), trial({"depth": "1"}, 0, None, status="diverged")], resamples=10)
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(terminal_table(importance_table(found)))
    console.print(terminal_table(importance_table(importances([]))))
    text = " ".join(console.export_text().split())
    assert "96 trials of 6 seeds compared; left out: 1 diverged." in text
    assert "No numbers: importance needs at least 8 trials" in text
    plain = importance_plain(found)
    assert plain["factors"][0]["factor"] == "depth"
    assert plain["factors"][0]["n"] == 96
    assert plain["left_out"] == {"diverged": 1}
