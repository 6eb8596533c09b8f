"""The path of an ablation, step by step: what is trained next depends on what came out before."""

from __future__ import annotations

from functools import partial

from soundproof.analysis.json_forms.ablation import path_plain
from soundproof.analysis.notation.quantities import quantity
from soundproof.analysis.summaries.ablation_path import Flipped, Wanted, ablation_path
from soundproof.analysis.tables.ablation import path_table
from soundproof.analysis.tables.terminal import terminal_table
from soundproof.command_line.bench import Bench
from soundproof.command_line.printing import print_json, print_tables
from soundproof.command_line.training import train
from soundproof.common import record
from soundproof.search_spaces.ablation import Ablation, impossible, path_study, path_variant
from soundproof.trainables.sweeps.planning.seeds import FixedSeeds
from soundproof.trainables.sweeps.sweep import margin_on, run_sweep


def follow_path(taken_apart: Ablation, bench: Bench, seeds: int) -> None:
    """Train the steps of the path as far as the results before them determine it, until it is complete; print it."""
    components = [component.slug for component in taken_apart.components]
    results: dict[Flipped, dict[int, float]] = {}
    better = record.higher_is_better(taken_apart.study.metric)
    margin = margin_on(taken_apart.study.margin, bench.corpus)
    found = ablation_path(components, results, higher_is_better=better)
    while isinstance(found, Wanted):
        results |= {flipped: {} for flipped in found.sets}
        possible = [flipped for flipped in results if impossible(taken_apart, flipped) is None]
        study = path_study(taken_apart, possible)
        sweep = bench.sweep(study, FixedSeeds(study, seeds))
        train(study.question, partial(run_sweep, sweep), study.metric, bench.options, margin)
        records = bench.report(study).records
        for flipped in possible:
            results[flipped] = records.values(path_variant(taken_apart, flipped).id, study.metric)
        found = ablation_path(components, results, higher_is_better=better)
    if bench.options.as_json:
        print_json(path_plain(found))
    else:
        measured = quantity(taken_apart.study.metric, margin)
        print_tables(terminal_table(path_table(found, taken_apart, measured)))
