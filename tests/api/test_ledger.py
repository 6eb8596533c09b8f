"""A ledger in a file: the same after a kill, shared, and clear about what it does not take."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundproof.api.ledger import START, Ledger, LedgerError, Plan
from soundproof.api.ledger_book import Book
from soundproof.common.errors import UserError

PLAN = Plan(proposals=20, error=0.05)


def play(ledger: Ledger | Book, mean: float, generator: random.Random, name: str = "change") -> str:
    """One proposal to its end; returns its id. The incumbent's mean is 0."""
    key = ledger.propose(name)
    while (step := ledger.next_step(key)).action == "run":
        value = generator.gauss(mean if step.of == key else 0.0, 1.0)
        ledger.submit(step.of, value, generator.randrange(10**9))
    return key


def state(ledger: Ledger) -> list[tuple[object, ...]]:
    """All there is to know of a ledger."""
    return [(entry.id, entry.name, entry.status, tuple(entry.values), entry.level) for entry in ledger.entries]


def begun(folder: Path) -> Ledger:
    """A new ledger of twenty proposals."""
    return Ledger.open(folder / "night.json", plan=PLAN, higher_is_better=True)


def test_an_improvement_becomes_the_incumbent_and_its_level_comes_back(tmp_path: Path) -> None:
    """Its runs go on as the incumbent's; what changes nothing is dropped and spends its part."""
    ledger, generator = begun(tmp_path), random.Random(1)
    worse = play(ledger, -3.0, generator)
    assert ledger.budget.spent == pytest.approx(0.05 / 20)
    assert ledger.next_step(worse).action == "drop"
    better = play(ledger, 6.0, generator)
    assert ledger.next_step(better).action == "keep"
    assert ledger.incumbent.id == better
    assert ledger.budget.spent == pytest.approx(0.05 / 20)
    assert ledger.budget.left == pytest.approx(0.05 * 19 / 20)
    after = ledger.propose("next")
    step = ledger.next_step(after)
    assert (step.action, step.of) == ("run", better)  # from its eight runs to the twelve of an incumbent
    assert str(step) == f"run a seed of {better}, the incumbent"
    with pytest.raises(LedgerError, match="takes no more runs, it is replaced"):
        ledger.submit(START, 0.0, 123)


def test_lower_may_be_better(tmp_path: Path) -> None:
    """The same numbers, judged the other way round."""
    ledger = Ledger.open(tmp_path / "a.json", plan=PLAN, higher_is_better=False)
    assert ledger.next_step(play(ledger, -6.0, random.Random(1))).action == "keep"
    assert ledger.next_step(play(ledger, 0.0, random.Random(1))).action == "drop"


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), stop=st.integers(0, 60))
def test_a_killed_ledger_goes_on_as_if_nothing_had_been(
    tmp_path_factory: pytest.TempPathFactory, seed: int, stop: int
) -> None:
    """Opened again before any call, it gives the steps and the states of one that was open all the time."""
    folder = tmp_path_factory.mktemp("ledger")
    whole, parts = Book(PLAN, higher_is_better=True), begun(folder)
    generator, calls = random.Random(seed), 0
    for number in range(4):
        key = whole.propose(f"change {number}")
        assert parts.propose(f"change {number}") == key
        mean = generator.choice([0.0, 5.0])
        while (step := whole.next_step(key)).action == "run":
            calls += 1
            if calls % 7 == stop % 7:
                parts = Ledger.open(folder / "night.json")
            assert parts.next_step(key) == step
            value = None if generator.random() < 0.05 else generator.gauss(mean if step.of == key else 0.0, 1.0)
            for ledger in (whole, parts):
                ledger.submit(step.of, value, calls)
        assert parts.next_step(key) == step
    again = Ledger.open(folder / "night.json")
    assert state(again) == state(parts)
    assert again.budget == whole.budget


def test_a_crash_is_no_number(tmp_path: Path) -> None:
    """A proposal that crashed is dropped; the incumbent is run once more. NaN and infinity are the same."""
    ledger = begun(tmp_path)
    for seed, value in enumerate([None, float("nan"), float("inf"), 1.7976931348623157e308]):
        ledger.submit(START, value, seed)
    assert ledger.incumbent.finished == []
    assert ledger.budget.runs == 4
    key = ledger.propose("unstable")
    for seed in range(100, 112):
        assert ledger.next_step(key).of == START
        ledger.submit(START, seed % 3, seed)
    ledger.submit(key, None, 0)
    assert ledger.entries[1].status == "crashed"
    assert str(ledger.next_step(key)) == "drop: a run of it ended without a finite result"
    assert "NaN" not in (tmp_path / "night.json").read_text()


def test_two_share_a_ledger(tmp_path: Path) -> None:
    """Of what both propose at once nothing is lost, and no id is given twice."""
    holders = [begun(tmp_path), begun(tmp_path)]

    def propose(ledger: Ledger) -> list[str]:
        return [ledger.propose(f"change {number}") for number in range(8)]

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(propose, holders)
    assert sorted([*first, *second], key=lambda key: int(key[1:])) == [f"p{number}" for number in range(1, 17)]
    assert len(Ledger.open(tmp_path / "night.json").entries) == 17


def test_a_proposal_that_was_overtaken_is_to_be_made_again(tmp_path: Path) -> None:
    """It was a change to what is no longer the incumbent."""
    ledger, generator = begun(tmp_path), random.Random(3)
    other = ledger.propose("meanwhile")
    play(ledger, 6.0, generator)
    assert "propose it again" in str(ledger.next_step(other))


def test_the_budget_ends(tmp_path: Path) -> None:
    """With a word on what was declared."""
    ledger = Ledger.open(tmp_path / "a.json", plan=Plan(proposals=2), higher_is_better=True)
    ledger.propose("one")
    ledger.propose("two")
    with pytest.raises(LedgerError, match="at most 2 proposals that are not kept"):
        ledger.propose("three")
    assert ledger.budget.left == pytest.approx(0.0)
    assert len(Ledger.open(tmp_path / "a.json").entries) == 3


@pytest.mark.parametrize(
    ("key", "value", "seed", "said"),
    [
        ("p7", 0.5, 1, "expected the id of a proposal, p0 to p1, got 'p7'"),
        ("p1", "0.5", 1, "expects a number as its result"),
        ("p1", True, 1, "expects a number as its result"),
        ("p1", 0.5, 1.5, "whole number as its seed"),
        ("p0", 0.5, 0, "seed that it has not had"),
        ("p0", 0.5, 99, "has the 12 runs that were planned"),
    ],
)
def test_what_is_not_taken_changes_nothing(tmp_path: Path, key: str, value: object, seed: object, said: str) -> None:
    """The error says why, and the file is as before."""
    ledger = begun(tmp_path)
    ledger.propose("change")
    for number in range(12):
        ledger.submit(START, float(number % 5), number)
    before = (tmp_path / "night.json").read_bytes()
    with pytest.raises(UserError, match=said):
        ledger.submit(key, value, seed)
    assert (tmp_path / "night.json").read_bytes() == before


def test_what_was_declared_holds(tmp_path: Path) -> None:
    """A ledger is not opened with another plan, nor the other way round, nor begun without a direction."""
    begun(tmp_path)
    path = tmp_path / "night.json"
    assert Ledger.open(path, plan=PLAN, higher_is_better=True).budget.proposals_left == 20
    with pytest.raises(LedgerError, match="declared before the first proposal holds"):
        Ledger.open(path, plan=Plan(proposals=21))
    with pytest.raises(LedgerError, match="declared before the first proposal holds"):
        Ledger.open(path, higher_is_better=False)
    with pytest.raises(LedgerError, match="say whether higher_is_better"):
        Ledger.open(tmp_path / "other.json")
    with pytest.raises(LedgerError, match="folder that can be written to"):
        Ledger.open(tmp_path / "none" / "a.json", higher_is_better=True)


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    """Half a file, another format, a plan or an event that cannot be: each with the file's name and what is wrong."""
    ledger, path = begun(tmp_path), tmp_path / "night.json"
    ledger.propose("change")
    text = path.read_text()
    content = json.loads(text)
    for wrong, said in [
        (text[:-20], "no JSON"),
        ("[]", "got 'list'"),
        (json.dumps(content | {"format": "other"}), "got 'other'"),
        (json.dumps(content | {"plan": {"error": 2}}), "its plan is none"),
        (json.dumps(content | {"plan": {"proposals": "many"}}), "its plan is none"),
        (json.dumps(content | {"events": [{"run": "p9", "value": 1, "seed": 1}]}), "event 1 does not follow"),
        (json.dumps(content | {"events": ["run"]}), "event 1 does not follow"),
        (json.dumps(content | {"events": 3}), "list of events"),
    ]:
        path.write_text(wrong)
        with pytest.raises(LedgerError, match=said) as caught:
            Ledger.open(path)
        assert str(path) in str(caught.value)
        with pytest.raises(LedgerError):
            ledger.propose("one more")
        assert path.read_text() == wrong


def test_a_failed_write_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: the error is said, and the ledger is what the file says."""
    ledger = begun(tmp_path)

    def full(path: Path, content: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("soundproof.api.ledger.write_whole", full)
        with pytest.raises(LedgerError, match="No space left"):
            ledger.propose("lost")
    assert len(ledger.entries) == 1
    assert ledger.propose("kept") == "p1"


def test_what_is_too_large_for_a_number_is_no_result(tmp_path: Path) -> None:
    """A whole number of hundreds of digits, submitted or found in the file; and a file that is nested too deeply."""
    ledger = Ledger.open(tmp_path / "ledger.json", higher_is_better=True)
    ledger.submit(START, 10**400, 0)
    assert Ledger.open(tmp_path / "ledger.json").incumbent.values == [None]
    (tmp_path / "ledger.json").write_text("[" * 100_000)
    with pytest.raises(LedgerError, match="nested too deeply"):
        Ledger.open(tmp_path / "ledger.json")
