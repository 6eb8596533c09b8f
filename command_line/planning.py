"""Commands that train nothing and load nothing: `list` and `plan`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from command_line.options import JsonOption, PresetOption
from command_line.parsing import parse_preset
from command_line.printing import print_json
from search_spaces import STUDIES, Preset, preset_of
from search_spaces.errors import UserError
from search_spaces.find_ablation import find_study_or_ablation
from search_spaces.planning import plan_study


def list_studies(*, as_json: JsonOption = False) -> None:
    """List the declared studies with their questions."""
    if as_json:
        rows = [{"id": study.id, "question": study.question, "variants": len(study.variants)} for study in STUDIES]
        print_json(rows)
        return
    for study in STUDIES:
        print(f"{study.id}  ({len(study.variants)} variants)\n    {study.question}")
    print("\nNext: run_search.py plan STUDY, or run_search.py run STUDY")


def plan(
    study: Annotated[str | None, typer.Argument(metavar="STUDY")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All studies.")] = False,
    preset: PresetOption = "quick",
    as_json: JsonOption = False,
) -> None:
    """Show variants, levels, parameters and feasibility. Trains nothing.

    Without a corpus, feasibility and output frames are those of the shortest utterances of the documented corpus.
    """
    if every == (study is not None):
        raise UserError("plan takes the id of one study, or --all for every study: give one of the two")
    studies = STUDIES if study is None else (find_study_or_ablation(study),)
    chosen = parse_preset(preset)
    plans = [plan_study(study, preset_of(study, chosen)) for study in studies]
    if as_json:
        print_json({"preset": chosen, "studies": plans})
    else:
        _print_plans(plans, preset_of(studies[0], chosen))


def _print_plans(plans: list[dict[str, Any]], preset: Preset) -> None:
    print(f"preset {preset.name}: {preset.purpose}")
    for planned in plans:
        print(f"\n{planned['id']}\n{planned['question']}")
        for variant in planned["variants"]:
            levels = "; ".join(f"{factor}: {value}" for factor, value in variant["levels"].items())
            size = f"{variant['parameters']['total']:>10,} parameters, {variant['epochs']} epochs"
            print(f"  {variant['id']:<32} {size}  {levels}")
            if not variant["feasible"]:
                print(f"  {'':<32} infeasible: {variant['reason']}")
