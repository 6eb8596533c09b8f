"""A ledger as JSON values, as the command line and the tools for agents give them, and its plan from single values."""

from dataclasses import asdict
from typing import Any

from soundproof.api.ledger import Entry, Ledger, LedgerError, Plan, Step


def plan_of(**given: Any) -> Plan:
    """The plan with what is given and not None, the rest as it is by default. Raises `LedgerError`."""
    try:
        return Plan(**{name: value for name, value in given.items() if value is not None})
    except (TypeError, ValueError) as error:
        raise LedgerError(str(error)) from error


def fresh_seed(ledger: Ledger) -> int:
    """A seed that no run of the ledger had: runs have to be independent of each other."""
    return max((seed for entry in ledger.entries for seed in entry.seeds), default=-1) + 1


def step_plain(ledger: Ledger, key: str) -> dict[str, Any]:
    """What to do next for a proposal: `run` the configuration `of` with a fresh `seed`, `keep` it, or `drop` it."""
    step = ledger.next_step(key)
    seed = fresh_seed(ledger) if step.action == "run" else None
    return {"id": key, "action": step.action, "of": step.of, "seed": seed, "reason": _reason(step) or None}


def step_words(plain: dict[str, Any]) -> str:
    """The same on one line, for scripts that read words: `run p0 12 (the incumbent)`, `keep p3`, `drop p3 (...)`."""
    reason = f" ({plain['reason']})" if plain["reason"] else ""
    if plain["action"] == "run":
        return f"run {plain['of']} {plain['seed']}{reason}"
    return f"{plain['action']} {plain['id']}{reason}"


def ledger_plain(ledger: Ledger) -> dict[str, Any]:
    """All there is to know of a ledger."""
    budget = ledger.budget
    return {
        "plan": asdict(ledger.plan),
        "higher_is_better": ledger.higher_is_better,
        "incumbent": ledger.incumbent.id,
        "budget": asdict(budget) | {"left": budget.left},
        "entries": [_entry(entry) for entry in ledger.entries],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    finished = entry.finished
    mean = sum(value / len(finished) for value in finished) if finished else None
    return asdict(entry) | {"mean": mean}


def _reason(step: Step) -> str:
    return step.reason.removeprefix(", ")
