"""A population as its record has it: what ended before is read, what waits in the outbox is delivered."""

from typing import TYPE_CHECKING

from soundproof.trainables.sweeps.outbox.results import waiting
from soundproof.trainables.sweeps.planning.provider import Known
from soundproof.trainables.sweeps.searching.population.provider import PopulationProvider
from soundproof.trainables.sweeps.searching.provider import TrialFactory
from soundproof.trainables.sweeps.sweep import known
from soundproof.trainables.training.checkpoints import discard_checkpoint

if TYPE_CHECKING:
    from soundproof.trainables.sweeps.searching.job import Search
    from soundproof.trainables.sweeps.tracking import Tracker

GENERATIONS_IN_A_BUDGET = 4


def open_population(search: "Search", tracker: "Tracker", factory: TrialFactory) -> PopulationProvider:
    """The provider of the search, with everything that an earlier driver left behind in the record.

    A result says how its trial ended just as the record does, so the generations are found from both before any result
    is delivered: only they know which member it is.
    """
    trial_results = waiting(search.storage.outbox(search.name))
    recorded = {str(trial_id): known(run) for (_, trial_id), run in tracker.finished_here().items()}
    left = {
        trial_result.trial.trial_id: Known(status=trial_result.status, metrics=trial_result.metrics)
        for trial_result in trial_results
    }
    checkpoints = search.storage.checkpoints(search.name)
    provider = PopulationProvider(
        search.space,
        search.settings,
        factory,
        epochs=search.settings.generation_epochs or max(1, search.epochs // GENERATIONS_IN_A_BUDGET),
        ended=left | recorded,
        release=lambda trial_id: discard_checkpoint(checkpoints, trial_id),
    )
    provider.replay()
    for trial_result in trial_results:
        member = provider.member_of(trial_result.trial.trial_id)
        if member is None or member.trial_id in recorded:
            trial_result.discard()
        else:
            variant = search.space.variant(member.assignment)
            tracker.deliver(trial_result, variant, run_id=None, extra=provider.tags(member.planned))
    return provider
