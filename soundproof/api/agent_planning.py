"""Which runs an agent makes next: what was planned, then what decides the claims, as sweeps of our own choose it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from soundproof.analysis.records.trials import Results
from soundproof.analysis.verdicts.evidence import FIRST_LOOK
from soundproof.analysis.verdicts.until_decided import SeedRequest, UntilDecided
from soundproof.api.agent_declarations import Record
from soundproof.api.agent_verdicts import Judgement, where
from soundproof.common.counting import counted
from soundproof.common.record import EndedTrial


def next_runs_plain(judgement: Judgement, *, most: int, most_seeds: int) -> dict[str, Any]:
    """At most so many runs, most wanted first, as data and as words; none where nothing would decide more."""
    runs: list[SeedRequest] = []
    words = "every claim is decided: nothing has to be run"
    if not judgement.decided:
        runs, words = _wanted(judgement, most_seeds)
        runs = runs[:most]
    return {
        "study": judgement.record.study,
        "every_claim_decided": judgement.decided,
        "runs": [{"variant": variant, "seed": seed} for variant, seed in runs],
        "words": f"run {in_words(runs)}{words and f': {words}'}" if runs else words,
    }


def in_words(runs: Sequence[SeedRequest]) -> str:
    """Runs by variant, seeds in their order.

    >>> in_words([("B", 7), ("A", 0), ("B", 8), ("B", 9), ("A", 2)])
    'seeds 7 to 9 of B and seeds 0 and 2 of A'
    """
    seeds: dict[str, list[int]] = defaultdict(list)
    for variant, seed in runs:
        seeds[variant].append(seed)
    return _listed([f"{_seeds_words(sorted(of_variant))} of {name}" for name, of_variant in seeds.items()])


def _wanted(judgement: Judgement, most_seeds: int) -> tuple[list[SeedRequest], str]:
    """What is not run yet of the plan; else what the claims wait for; with why, or why there is nothing."""
    record, judged = judgement.record, judgement.judged
    if record.declaration.seeds and (planned := _missing(record, record.declaration.planned)):
        return planned, "these were planned"
    if judged is None:
        first = range(record.declaration.first_seed, record.declaration.first_seed + FIRST_LOOK)
        runs = _missing(record, first)
        return runs, "a first look" if runs else f"more runs would not help: {judgement.reason}"
    summary, records = judged.report.summary, judged.report.records
    schedule = UntilDecided(summary.study, margin=summary.margin, maximum_seeds=most_seeds, paired=records.paired)
    requests = schedule.wanted(_ended(records), infeasible=())
    runs = _not_run(requests, record, records)
    open_claims = sum(claim.verdict == "undecided" for claim in summary.claims)
    words = f"{counted(open_claims, 'claim')} of {len(summary.claims)} undecided"
    if not runs:
        return [], f"{words}, and no runs within {most_seeds} seeds of a variant would decide more"
    beyond = "; beyond the plan, which adds an error to its own" if record.declaration.seeds else ""
    return runs, words + beyond


def _missing(record: Record, seeds: range) -> list[SeedRequest]:
    """What is not there, seed by seed."""
    there = {(row.variant, row.seed) for row in record.rows}
    return [(name, seed) for seed in seeds for name in record.declaration.variants if (name, seed) not in there]


def _ended(records: Results) -> list[EndedTrial]:
    return [
        EndedTrial(
            variant=trial.variant,
            seed=trial.seed,
            status=trial.status,
            metrics=trial.metrics,
            held_out=trial.held_out,
            history=trial.history,
        )
        for trial in records.trials
        if trial.seed is not None
    ]


def _not_run(requests: Sequence[SeedRequest], record: Record, records: Results) -> list[SeedRequest]:
    """The requests, which number the seeds of the record in the order in which they count, by their own seeds."""
    seed_of = {where(row): row.seed for row in record.rows}
    had: dict[str, set[int]] = defaultdict(set)
    for row in record.rows:
        had[row.variant].add(row.seed)
    if records.paired:
        numbered = {trial.seed: seed_of[trial.run_id] for trial in records.trials if trial.seed is not None}
        further = _further(record, set(numbered.values()))
        for number in range(1 + max((number for _, number in requests), default=-1)):
            if number not in numbered:
                numbered[number] = next(further)
        return [(name, numbered[number]) for name, number in requests if numbered[number] not in had[name]]
    lacking = {name: _further(record, had[name]) for name in record.declaration.variants}
    return [(name, next(lacking[name])) for name, _ in sorted(requests, key=lambda request: request[1])]


def _further(record: Record, had: set[int]) -> Iterator[int]:
    """Seeds beside those: first the ones that others had, so that runs become pairs, then new ones."""
    used = {row.seed for row in record.rows}
    yield from sorted(used - had)
    yield from (seed for seed in count(record.declaration.first_seed) if seed not in used)


def _seeds_words(seeds: Sequence[int]) -> str:
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    if len(seeds) > 2 and seeds[-1] - seeds[0] == len(seeds) - 1:
        return f"seeds {seeds[0]} to {seeds[-1]}"
    return f"seeds {_listed([str(seed) for seed in seeds])}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
