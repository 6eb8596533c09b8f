"""The path of an ablation, step by step: what is trained next depends on what came out before."""

from functools import partial
from typing import TYPE_CHECKING

from soundproof.api.training import train
from soundproof.common import record
from soundproof.search_spaces.ablation import Ablation, impossible, path_study, path_variant

if TYPE_CHECKING:
    from soundproof.analysis.summaries.ablation_path import AblationPath, Flipped
    from soundproof.api.session import Session


def follow_path(ablation: Ablation, session: "Session", seeds: int) -> "AblationPath":
    """Train the steps of the path as far as the results before them determine it, until it is complete.

    Raises `StoppedError` after Ctrl-C.
    """
    from soundproof.analysis.summaries.ablation_path import Wanted, ablation_path
    from soundproof.trainables.sweeps.planning.seeds import FixedSeeds
    from soundproof.trainables.sweeps.sweep import margin_on, run_sweep

    metric = ablation.study.metric
    components = [component.slug for component in ablation.components]
    results: dict[Flipped, dict[int, float]] = {}
    better = record.higher_is_better(metric)
    margin = margin_on(ablation.study.margin, session.corpus)
    found = ablation_path(components, results, higher_is_better=better)
    while isinstance(found, Wanted):
        results |= {flipped: {} for flipped in found.sets}
        possible = [flipped for flipped in results if impossible(ablation, flipped) is None]
        study = path_study(ablation, possible)
        sweep = session.sweep(study, FixedSeeds(study, seeds))
        train(study.question, partial(run_sweep, sweep), study.metric, session.options, margin)
        records = session.report(study).records
        for flipped in possible:
            results[flipped] = records.values(path_variant(ablation, flipped).id, metric)
        found = ablation_path(components, results, higher_is_better=better)
    return found
