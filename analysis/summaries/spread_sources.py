"""Where the spread is taken from that tells what a study would cost: its own trials, others like it, or the table.

The table, `shipped_spreads.json`, was made by `benchmarks.spreads` of runs that each of its entries names.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from soundproof.analysis.notation.quantities import Endpoint
from soundproof.analysis.records.trials import Results
from soundproof.analysis.statistics.spread import Spread, spread_of
from soundproof.analysis.statistics.untrained import untrained
from soundproof.analysis.verdicts.decisions import endpoint_of, statistical_claims
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.analysis.verdicts.verdicts import outcomes_of
from soundproof.search_spaces.specs import PresetName
from soundproof.search_spaces.studies import Domain, NatsPerCharacter, Study

Kind = Literal["this study", "another study", "table"]
"""What the trials of a source were run for."""

TABLE = "shipped_spreads.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class SpreadSource:
    """The spread of each metric (`spreads`) over the trials of one study.

    `characters` is the mean length of the transcripts that its margin was for; None where it has another margin. `run`
    says, in the table, with which command and when the trials were trained; empty of those of a store.
    """

    kind: Kind
    study: str
    preset: str
    corpus: str
    characters: float | None
    spreads: Mapping[str, Spread]
    run: str = ""

    def to_plain(self) -> dict[str, Any]:
        """As an entry of the table."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "SpreadSource":
        """An entry of the table."""
        return cls(**{**plain, "spreads": {name: Spread(**spread) for name, spread in plain["spreads"].items()}})


def endpoints_of(study: Study, margin: float) -> dict[str, Endpoint]:
    """What the statistical claims of a study are measured by, by metric; `margin` is that of its own one."""
    return {
        endpoint.quantity.metric: endpoint
        for endpoint in (endpoint_of(claim, study, margin) for claim in statistical_claims(study))
    }


def source_of(study: Study, records: Results, kind: Kind, endpoints: Iterable[Endpoint]) -> SpreadSource:
    """The spread that the records of a study show of what is measured, as far as they show one."""
    outcomes, margin = outcomes_of(study, records), study.margin
    found = {endpoint.quantity.metric: _spread(study, records, outcomes, endpoint) for endpoint in endpoints}
    return SpreadSource(
        kind=kind,
        study=study.id,
        preset=records.preset,
        corpus=records.corpus,
        characters=records.margin / margin.nats if isinstance(margin, NatsPerCharacter) else None,
        spreads={metric: spread for metric, spread in found.items() if spread is not None},
    )


@cache
def shipped_sources() -> Mapping[tuple[Domain, PresetName], SpreadSource]:
    """The table."""
    text = files("soundproof.analysis.summaries").joinpath(TABLE).read_text(encoding="utf-8")
    entries = json.loads(text)["spreads"]
    return {(entry["domain"], entry["source"]["preset"]): SpreadSource.from_plain(entry["source"]) for entry in entries}


def _spread(study: Study, records: Results, outcomes: Outcomes, endpoint: Endpoint) -> Spread | None:
    """Over all variants that could be trained; runs that did not train are another population, and are left out."""
    measured = endpoint.quantity
    variants = [variant.id for variant in study.variants if variant.id not in outcomes.infeasible]
    values = outcomes.matrix(variants, measured.metric, every_seed=True)
    values[untrained(values, endpoint.margin, higher_is_better=measured.higher_is_better)] = math.nan
    found = spread_of(values)
    if found is None:
        return None
    least = outcomes.least_deviation(measured, variants)
    if found.of_difference < least:  # a metric that moves in steps is not taken to be sharper than they are
        found = replace(found, deviation=least / math.sqrt(2), correlation=0.0)
    groups = _groups(records)
    return replace(found, groups=groups, folds=groups is not None and outcomes.shared_training > 0)


def _groups(records: Results) -> int | None:
    """How many groups seeds take turns with; 0 where none has come twice, None where seeds do not."""
    by_seed = {trial.seed: trial.held_out.group for trial in records.trials if trial.held_out is not None}
    groups = len(set(by_seed.values()))
    if groups <= 1:
        return None
    return groups if groups < len(by_seed) else 0
