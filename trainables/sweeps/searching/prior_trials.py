"""Prior trials: what is known of a space before it is searched, from any sweep of the same store."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from soundproof.common import record
from soundproof.common.json_texts import parsed
from soundproof.search_spaces import STUDIES
from soundproof.search_spaces.choices import Assignment
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import SpecError
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.sweeps.searching.history import STATE_OF
from soundproof.trainables.sweeps.searching.proposals import PriorTrial
from soundproof.trainables.sweeps.searching.provider import SEARCH_SEED
from soundproof.trainables.sweeps.searching.settings import SearchSettings

if TYPE_CHECKING:
    from mlflow.entities import Run

    from soundproof.trainables.sweeps.tracking import Tracker


def prior_trials(
    space: SearchSpace,
    settings: SearchSettings,
    plan: Callable[[Variant, int], PlannedTrial],
    tracker: "Tracker",
    finished: "Mapping[str, Run]",
) -> Iterator[PriorTrial]:
    """Trials of other searches of the space, pruned ones included, and those of studies that lie in it.

    Each is the very trial that this search would have trained: same corpus, budget and seed. `finished` are the runs
    of finished trials, by trial id.
    """
    seen: set[str] = set()
    for run, assignment in (*_searched(tracker), *_studied(space, plan, finished)):
        try:
            trial_id = plan(space.variant(assignment), SEARCH_SEED).trial.trial_id
        except SpecError:  # of a space that was declared otherwise then
            continue
        if trial_id == run.data.tags[record.TRIAL_ID] and trial_id not in seen:
            seen.add(trial_id)
            history = tracker.client.get_metric_history(run.info.run_id, settings.curve)
            yield PriorTrial(
                trial_id=trial_id,
                assignment=assignment,
                status=next(status for status in STATE_OF if status == run.data.tags[record.STATUS]),
                metrics=run.data.metrics,
                epochs=_best_so_far({metric.step: metric.value for metric in history}, settings),
            )


def choices_of(run: "Run") -> "Assignment | None":
    """What a trial of a search chose; None where its run does not say so in a form that can be read."""
    try:
        found = parsed(run.data.tags.get(record.CHOICES, ""))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _searched(tracker: "Tracker") -> "Iterator[tuple[Run, Assignment]]":
    for run in tracker.runs.searched_elsewhere():
        assignment = choices_of(run)
        if run.data.tags.get(record.STATUS) in STATE_OF and assignment is not None:
            yield run, assignment


def _studied(
    space: SearchSpace, plan: Callable[[Variant, int], PlannedTrial], finished: "Mapping[str, Run]"
) -> "Iterator[tuple[Run, Assignment]]":
    for variant in (variant for study in STUDIES if study.domain == space.domain for variant in study.variants):
        run = finished.get(plan(variant, SEARCH_SEED).trial.trial_id)
        if run is None:
            continue
        assignment = space.assignment_of(variant.features, variant.network, variant.recipe)
        if assignment is not None:
            yield run, assignment


def _best_so_far(values: Mapping[int, float], settings: SearchSettings) -> dict[int, float]:
    better = max if record.higher_is_better(settings.curve) else min
    reached: dict[int, float] = {}
    for epoch in sorted(values):
        reached[epoch] = better([values[epoch], *reached.values()])
    return reached
