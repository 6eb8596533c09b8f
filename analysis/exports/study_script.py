"""A study as a script that rebuilds it: the declaration, spelled out, and what runs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields

from soundproof.analysis.exports.script import (
    ENDING,
    IMPORTED,
    LOADS_FILE,
    Place,
    docstring,
    has_custom_networks,
    how_to_run,
    version,
)
from soundproof.analysis.exports.source import imports, source, text
from soundproof.analysis.records.trials import StudyRecords
from soundproof.search_spaces.specs import Spec
from soundproof.search_spaces.studies import Study

_RUN = '''
def main() -> None:
    """Train what is not finished yet, then report."""
{arguments}
{options}
    session = Session.prepare(STUDY.domain, options)
    check_ids(session)
    sweep = session.sweep(STUDY, {schedule})
    train(STUDY.question, lambda progress: run_sweep(sweep, progress), STUDY.metric, options)
    report = session.report(STUDY)
    page = report.write(sweep.storage.reports / sweep.name)
    print_report(ReportPage(report=report, page=page), as_json=False)
'''

_CHECK = '''
def check_ids(session: Session) -> None:
    """Stop where other trials would be trained than those that were recorded."""
    seeds = sorted({seed for _, seed in TRIAL_IDS})
    planned = {
        (one.variant_id, one.trial.seed): one.trial.trial_id
        for one in expand(STUDY, session.preset, session.corpus.spec, session.split, seeds)
    }
    different = [key for key, trial_id in TRIAL_IDS.items() if planned.get(key) != trial_id]
    if different:
        raise UserError(
            f"{len(different)} of {len(TRIAL_IDS)} trials would be others than those recorded, {different[0]} for one: "
            "expected Soundproof VERSION and the same corpus; check both, or make TRIAL_IDS empty"
        )
'''

_RECORDED_SEEDS = '''
class RecordedSeeds:
    """The seeds that the claims had asked for, each variant's own."""

    adaptive = False
    design = "until decided"

    def wanted(self, ended: Sequence[EndedTrial], infeasible: Collection[str]) -> list[tuple[str, int]]:
        """See `soundproof.trainables.sweeps.planning.seeds.Schedule`."""
        wishes = ((seed, variant) for variant, seeds in SEEDS.items() for seed in seeds if variant not in infeasible)
        return [(variant, seed) for seed, variant in sorted(wishes)]

    def remark(self) -> str:
        """See `soundproof.trainables.sweeps.planning.seeds.Schedule`."""
        return ""
'''


def study_script(study: Study, records: StudyRecords) -> str:
    """A Python script that trains the same trials, by their ids, and reports on them.

    Seeds that were fixed beforehand are fixed again; otherwise each variant gets those that the record has of it.
    """
    place, fixed = Place.of(records.preset, records.corpus), records.planned_seeds
    named = _named(study)
    names = {spec: name for name, spec in named}
    schedule = "FixedSeeds(STUDY, SEEDS)" if fixed is not None else "RecordedSeeds()"
    check = _CHECK.replace("VERSION", version())
    main = _RUN.format(
        arguments=place.arguments(custom_networks=has_custom_networks(study)), options=place.options, schedule=schedule
    )
    parts = [
        docstring(
            f"The study {study.id}, as Soundproof {version()} recorded it: preset {records.preset}, corpus "
            f"{records.corpus}.",
            "",
            *how_to_run(),
        ),
        "\n".join(_header(study, adaptive=fixed is None)),
        *(_assignment(name, spec, names) for name, spec in named),
        f"STUDY = {source(study, names, taken=8)}",
        _seeds(records) if fixed is None else f"SEEDS = {fixed}",
        _trial_ids(records),
    ]
    bodies = [*([_RECORDED_SEEDS] if fixed is None else []), check, main]
    return "\n\n".join(parts) + "\n" + "".join(f"\n\n{body.strip()}\n" for body in bodies) + ENDING


def _assignment(name: str, spec: Spec, names: Mapping[Spec, str]) -> str:
    """A statement that gives the spec its name, its parts by theirs."""
    inner = {part: called for part, called in names.items() if part != spec}
    return f"{name} = {source(spec, inner, taken=len(name) + 3)}"


def _named(study: Study) -> list[tuple[str, Spec]]:
    """Features, networks, recipes and splits, each once, under a name: what variants share is seen at a glance.

    So are the parts that several networks share, before the networks.
    """
    variants = study.variants
    networks = list(dict.fromkeys(variant.network for variant in variants))
    return [
        *_numbered("FEATURES", [variant.features for variant in variants]),
        *_shared_parts(networks),
        *_numbered("NETWORK", networks),
        *_numbered("RECIPE", [variant.recipe for variant in variants]),
        *_numbered("SPLIT", [variant.split for variant in variants if variant.split is not None]),
    ]


def _shared_parts(networks: Sequence[Spec]) -> list[tuple[str, Spec]]:
    parts: dict[str, Counter[Spec]] = {}
    for network in networks:
        for field in fields(network):  # type: ignore[arg-type]
            value = getattr(network, field.name)
            if isinstance(value, Spec):
                parts.setdefault(field.name, Counter())[value] += 1
    shared = {name: [part for part, count in counts.items() if count > 1] for name, counts in parts.items()}
    return [named for name, of in shared.items() for named in _numbered(name.upper(), of)]


def _numbered(name: str, specs: Iterable[Spec]) -> list[tuple[str, Spec]]:
    once = list(dict.fromkeys(specs))
    digits = len(str(len(once)))
    return [(name if len(once) == 1 else f"{name}_{number:0{digits}}", spec) for number, spec in enumerate(once, 1)]


def _header(study: Study, *, adaptive: bool) -> list[str]:
    standard = ["from __future__ import annotations", "", "import argparse"]
    standard += ["from collections.abc import Collection, Sequence"] if adaptive else []
    schedule = (
        ("soundproof.common.record", "EndedTrial")
        if adaptive
        else ("soundproof.trainables.sweeps.planning.seeds", "FixedSeeds")
    )
    own = [
        *IMPORTED,
        *([LOADS_FILE] if has_custom_networks(study) else []),
        schedule,
        ("soundproof.search_spaces", "expand"),
        ("soundproof.common.errors", "UserError"),
        ("soundproof.trainables.sweeps.sweep", "run_sweep"),
    ]
    return [*standard, "from pathlib import Path", "", *imports(study, own)]


def _seeds(records: StudyRecords) -> str:
    seeds: dict[str, list[int]] = {}
    for trial in records.trials:
        if trial.seed is not None:
            seeds.setdefault(trial.variant, []).append(trial.seed)
    lines = (f"    {text(variant)}: {source(tuple(sorted(of)), {})}," for variant, of in seeds.items())
    return "\n".join(["SEEDS = {", *lines, "}"])


def _trial_ids(records: StudyRecords) -> str:
    trials = [trial for trial in records.trials if trial.seed is not None and trial.trial_id]
    lines = (f"    ({text(trial.variant)}, {trial.seed}): {text(trial.trial_id)}," for trial in trials)
    return "\n".join(["TRIAL_IDS = {", *lines, "}"])
