"""Specs as values: canonical JSON, hash, round trip, and refusals."""

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from strategies import networks, trials

from soundproof.search_spaces.specs import (
    Adam,
    Dropout,
    LifteredMfcc,
    LogSpectrogram,
    Recipe,
    Sgd,
    SpecError,
    SpeechNetwork,
    Trial,
)


@given(trials)
@settings(deadline=None)
def test_a_trial_survives_the_round_trip(trial: Trial) -> None:
    """Reading what was written gives an equal trial with the same id."""
    read = Trial.from_json(trial.to_json())
    assert read == trial
    assert read.trial_id == trial.trial_id


@given(trials, trials)
@settings(deadline=None)
def test_equal_json_means_equal_trials(first: Trial, second: Trial) -> None:
    """Two trials have the same id exactly when they are equal."""
    assert (first == second) == (first.trial_id == second.trial_id)


@given(trials)
@settings(deadline=None)
def test_json_is_canonical(trial: Trial) -> None:
    """The JSON is the shortest form with sorted keys, whatever order the fields were given in."""
    text = trial.to_json()
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def test_whole_numbers_and_floats_are_one_value() -> None:
    """A float field given as an int is the same spec: equal, with the same hash."""
    whole = LogSpectrogram(window_seconds=1, step_seconds=1)
    fraction = LogSpectrogram(window_seconds=1.0, step_seconds=1.0)
    assert whole == fraction
    assert whole.digest() == fraction.digest()


def test_hash_is_the_same_in_another_process() -> None:
    """Ids do not depend on the process: Python's own hash of strings does."""
    code = "from soundproof.search_spaces.specs import LogSpectrogram; print(LogSpectrogram().digest())"
    other = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    assert other == LogSpectrogram().digest()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Dropout(rate=1.0), "between 0 and 1, got 1.0"),
        (lambda: Dropout(rate="0.2"), "Dropout.rate must be float, got '0.2'"),
        (lambda: Dropout(rate=float("nan")), "a finite number, got nan"),
        (lambda: Sgd(learning_rate=0), "learning_rate must be positive"),
        (lambda: Sgd(learning_rate=0.1, momentum=0), "nesterov needs momentum"),
        (lambda: Adam(learning_rate=True), "must be float, got True"),
        (
            lambda: Recipe(optimizer=Adam(learning_rate=0.1), batch_size=2**63),
            "must be a whole number of 64 bits",
        ),
        (lambda: LogSpectrogram(window_seconds=0.001), "window_seconds of at least one step"),
        (lambda: LogSpectrogram(window_seconds=1e308), "windows and steps of at most 2,147,483,647 samples"),
        (lambda: LifteredMfcc(coefficients=27), "must lie in 1..mel_bands"),
        (lambda: LifteredMfcc(pre_emphasis=1.5), "must lie in 0..1, got 1.5"),
        (lambda: LifteredMfcc(lifter=-1), "or 0 for none, got -1"),
        (lambda: SpeechNetwork(convolution=None, recurrent=None, head=None), "DenseHead or BareHead"),
    ],
)
def test_impossible_values_are_refused(make: object, message: str) -> None:
    """What a spec cannot hold is refused when it is made, with the value that was given."""
    with pytest.raises(SpecError, match=message):
        make()  # type: ignore[operator]


@given(networks())
@settings(max_examples=20)
def test_foreign_json_is_refused(network: SpeechNetwork) -> None:
    """A missing field, an unknown field and an unknown type are named."""
    plain = network.to_plain()
    with pytest.raises(SpecError, match=r"missing \['head'\]"):
        SpeechNetwork.from_plain({name: value for name, value in plain.items() if name != "head"})
    with pytest.raises(SpecError, match=r"unknown \['tail'\]"):
        SpeechNetwork.from_plain({**plain, "tail": 1})
    with pytest.raises(SpecError, match="type must be one of DenseHead, BareHead, got 'Elsewhere'"):
        SpeechNetwork.from_plain({**plain, "head": {"type": "Elsewhere"}})


@pytest.mark.parametrize("content", [b"\xff", "[" * 100_000, '{"type": "Dropout", "rate": 1' + "0" * 400 + "}"])
def test_what_is_no_json_of_a_spec_is_refused(content: str | bytes) -> None:
    """Other bytes than UTF-8, lists without end, a whole number that is too large for the fraction that is due."""
    with pytest.raises(SpecError, match="Dropout"):
        Dropout.from_json(content)
