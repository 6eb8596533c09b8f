"""Commands that train nothing and load nothing: `list` and `plan`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from soundproof.analysis.notation.quantities import quantity
from soundproof.api.foresight import foresee
from soundproof.api.options import DEFAULT_SEEDS, DEFAULT_STORAGE, parse_preset, parse_tracking_uri
from soundproof.command_line.custom_files import find_named, make_known
from soundproof.command_line.printing import print_json
from soundproof.command_line.typer_options import FileOption, JsonOption, NamedArgument, PresetOption, TrackingOption
from soundproof.common.counting import counted
from soundproof.common.errors import UserError
from soundproof.common.program import program
from soundproof.search_spaces import PRESETS, Preset, SearchSpace, preset_of
from soundproof.search_spaces.ablation import INHERITED
from soundproof.search_spaces.arithmetic import ParameterCount
from soundproof.search_spaces.catalogue import all_spaces, all_studies
from soundproof.search_spaces.claims import cautions
from soundproof.search_spaces.finding import PREFIX
from soundproof.search_spaces.planning import plan_space, plan_study
from soundproof.search_spaces.specs import CustomNetwork, PresetName
from soundproof.search_spaces.studies import Absolute, NatsPerCharacter, Study


def list_studies(*, file: FileOption = None, as_json: JsonOption = False) -> None:
    """List the declared studies and search spaces with their questions."""
    make_known(file)
    rows: list[tuple[str, str, str, int | None]] = [
        ("study", study.id, study.question, len(study.variants)) for study in all_studies()
    ]
    rows += [("space", space.id, space.question, space.count()) for space in all_spaces()]
    if as_json:
        print_json([dict(zip(("kind", "id", "question", "variants"), row, strict=True)) for row in rows])
        return
    print(f"Studies: {program()} run STUDY decides the question\n")
    for kind, name, question, count in rows:
        if kind == "space" and name == all_spaces()[0].id:
            print(f"\nSearch spaces: {program()} search SPACE --trials N looks for the best network\n")
        print(f"{name}  ({_many(count)} variants)\n    {question}")
    print(f"\nNext: {program()} plan STUDY, or plan SPACE")


def plan(
    study: NamedArgument = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All studies.")] = False,
    preset: PresetOption = "quick",
    file: FileOption = None,
    storage: Annotated[
        Path | None, typer.Option("--storage", help="Take the spread from seed to seed from what is recorded there.")
    ] = None,
    tracking_uri: TrackingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what would be trained and what it would be judged by; of a space, what may be chosen. Trains nothing.

    Without a corpus, feasibility and output frames are those of the shortest utterances of the documented corpus. Of
    one study, also how many seeds its claims would take.
    """
    if (every and study is not None) or not (every or study or file):
        raise UserError("plan takes the id of one study or space, or --all for every study: give one of the two")
    chosen = parse_preset(preset)
    make_known(file)
    declared = None if every else find_named(study, file)
    if isinstance(declared, SearchSpace):
        _show_space(declared, PRESETS[declared.domain][chosen], as_json=as_json)
        return
    studies = all_studies() if declared is None else (declared,)
    plans = [_plan(study, chosen) for study in studies]
    if declared is not None:
        store = parse_tracking_uri(tracking_uri, storage or DEFAULT_STORAGE) if storage or tracking_uri else None
        foresight = foresee(declared, preset_of(declared, chosen), tracking_uri=store)
        if as_json:
            from soundproof.analysis.json_forms.foresight import foresight_plain

            plans[0]["seeds_needed"] = foresight_plain(foresight)
    if as_json:
        print_json({"preset": chosen, "studies": plans})
    else:
        _print_plans(studies, plans, preset_of(studies[0], chosen))
        if declared is not None and foresight is not None:
            from soundproof.analysis.prose.foresight import foresight_lines

            print("", *foresight_lines(foresight), sep="\n")


def _plan(study: Study, preset: PresetName) -> dict[str, Any]:
    """With the trials that `run` would train, were it given nothing else."""
    planned = plan_study(study, preset_of(study, preset), _custom_parameters)
    trials = DEFAULT_SEEDS * sum(variant["feasible"] for variant in planned["variants"])
    return planned | {"seeds": DEFAULT_SEEDS, "trials": trials}


def _custom_parameters(network: CustomNetwork, frames: int, dimensions: int) -> ParameterCount | None:
    from soundproof.trainables.networks.custom import custom_parameters  # the user's file has loaded torch by now

    return custom_parameters(network, frames, dimensions)


def _print_plans(studies: Sequence[Study], plans: list[dict[str, Any]], preset: Preset) -> None:
    print(f"preset {preset.name}: {preset.purpose}")
    for study, planned in zip(studies, plans, strict=True):
        print(f"\n{study.id}\n{study.question}")
        _print_design(study, planned)
        for variant in planned["variants"]:
            levels = "; ".join(f"{factor}: {value}" for factor, value in variant["levels"].items())
            total = variant["parameters"] and variant["parameters"]["total"]
            parameters = f"{'own network':>21}" if total is None else f"{total:>10,} parameters"
            size = f"{parameters}, {variant['epochs']} epochs"
            print(f"  {variant['id']:<32} {size}  {levels}")
            if not variant["feasible"]:
                print(f"  {'':<32} infeasible: {variant['reason']}")
            if "documented" in variant:
                print(f"  {'':<32} documented: {_documented(variant['documented'])}")


def _documented(numbers: dict[str, Any]) -> str:
    """What the documents say of a variant, one metric after the other."""
    parameters = numbers.get("parameters")
    words = [] if parameters is None else [f"{parameters['total']:,} parameters"]
    for metric, values in numbers.get("metrics", {}).items():
        measured = quantity(metric)
        words.append(f"{measured.name} {measured.over_runs(values, unit=True)}")
    if "curves" in numbers:
        words.append(f"curves to epoch {max(points[-1][0] for points in numbers['curves'].values()):g}")
    words += [f"{partition} scores of each class" for partition in numbers.get("scores", {})]
    words += ["a confusion matrix"] if "confusion" in numbers else []
    return "; ".join(words)


def _print_design(study: Study, planned: dict[str, Any]) -> None:
    """What a sceptic wants to know before anything is trained."""
    measured = quantity(study.metric)
    match study.margin:
        case NatsPerCharacter(nats=nats):
            margin = f"{nats:g} {measured.unit} for each character of a mean transcript"
        case Absolute(value=value):
            margin = f"{measured.shown(value):g} {measured.difference_unit}".rstrip()
    feasible = sum(variant["feasible"] for variant in planned["variants"])
    seeds = f"{planned['seeds']} seeds, which `run` has by default"
    print(f"  measured by  {measured.name}; a difference matters from {margin} on")
    print(f"  baseline     {study.baseline}")
    print(f"  trials       {planned['trials']}: {counted(feasible, 'feasible variant')} on {seeds}")
    for number, claim in enumerate(study.claims):
        print(f"  {'' if number else 'claims':<12} {claim.text}")
        for caution in cautions(claim):
            print(f"  {'':<12}   {caution}")
    for number, estimate in enumerate(study.estimates):
        also = f", or {' or '.join(estimate.confounded_with)}, or several" if estimate.confounded_with else ""
        print(f"  {'' if number else 'estimated':<12} {estimate.text}{also}")
    derived = study.id.startswith(PREFIX)  # what its extent is, and which combinations are missing, is found here only
    own = [caveat for caveat in study.caveats if derived and not caveat.startswith(INHERITED)]
    own += planned["caveats"][len(study.caveats) :]  # what the preset makes alike
    for number, caveat in enumerate(own):
        print(f"  {'' if number else 'caveats':<12} {caveat}")
    documented = [variant["documented"] for variant in planned["variants"] if "documented" in variant]
    for number, data in enumerate(dict.fromkeys(f"{of['corpus']}; {of['split']}" for of in documented)):
        print(f"  {'' if number else 'documented':<12} {data}")


def _show_space(space: SearchSpace, preset: Preset, *, as_json: bool) -> None:
    planned = plan_space(space, preset)
    if as_json:
        print_json({"preset": preset.name, "spaces": [planned]})
        return
    print(f"preset {preset.name}: {preset.purpose}")
    print(f"\n{space.id}\n{space.question}\n{_many(planned['variants'])} variants of {planned['epochs']} epochs")
    for parameter in space.parameters():
        print(f"  {parameter.name:<52} {parameter.range}  ({parameter.condition})")
    for constraint in space.constraints:
        print(f"  constraint: {constraint.to_json()}")
    for caveat in planned["caveats"]:
        print(f"  caveat: {caveat}")


def _many(count: int | None) -> str:
    return "infinitely many" if count is None else f"{count:,}"
