"""Studies of variants called a, b, c, and how their trials ended: made by hand for the tests of decisions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from soundproof.analysis.records.trials import Results, TrialRecord
from soundproof.analysis.verdicts.decisions import compared_variants
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.common.record import BEST_EPOCH, EndedTrial, Status, best
from soundproof.search_spaces import find_study
from soundproof.search_spaces.claims import Claim
from soundproof.search_spaces.studies import Level, Study

LOSS = best("validation/loss")
MARGIN = 3.0


def study_of(*claims: Claim, ids: Sequence[str] = "abc") -> Study:
    """A study of those variants; the first is the baseline."""
    documented = find_study("asr-cnn-sublayer-order")
    variants = tuple(
        replace(documented.variants[0], id=name, levels=(Level(factor="letter", value=f"level {name}"),))
        for name in ids
    )
    return replace(documented, id="letters", baseline=ids[0], variants=variants, claims=claims)


def ended(
    variant: str, seed: int, loss: float | None, *, status: Status | None = None, epoch: float = 10.0
) -> EndedTrial:
    """One trial; without a loss it has diverged, unless `status` says otherwise."""
    metrics: dict[str, float] = {} if loss is None else {LOSS: loss, BEST_EPOCH: epoch}
    return EndedTrial(
        variant=variant, seed=seed, status=status or ("diverged" if loss is None else "completed"), metrics=metrics
    )


def trials_of(losses: Mapping[str, Iterable[float | None]]) -> list[EndedTrial]:
    """A trial for each loss, with the seeds 0, 1, 2, ...; None has diverged."""
    return [ended(name, seed, loss) for name, values in losses.items() for seed, loss in enumerate(values)]


def outcomes_of(study: Study, trials: Iterable[EndedTrial], planned_seeds: int | None = None) -> Outcomes:
    """The trials as decisions read them."""
    return Outcomes(trials, compared=compared_variants(study), planned_seeds=planned_seeds)


def record_of(
    variant: str, seed: int | None, status: Status = "completed", metrics: Mapping[str, float] | None = None
) -> TrialRecord:
    """A trial as the store gives it."""
    return TrialRecord(
        run_id=f"{variant}{seed}",
        trial_id=f"{variant}{seed}",
        variant=variant,
        seed=seed,
        status=status,
        reason=None,
        metrics=metrics or {},
        history={},
        levels={},
        reused_from=None,
    )


def records_of(
    losses: Mapping[str, Iterable[float | None]], *extra: TrialRecord, planned_seeds: int | None = None
) -> Results:
    """The records of a study: a trial for each loss, and some more."""
    trials = [record_of(trial.variant, trial.seed, trial.status, trial.metrics) for trial in trials_of(losses)]
    return Results(
        tracking_uri="",
        study="letters",
        preset="quick",
        corpus="x",
        margin=MARGIN,
        trials=(*trials, *extra),
        planned_seeds=planned_seeds,
    )
