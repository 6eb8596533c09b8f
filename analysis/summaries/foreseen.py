"""What the claims of a study would cost at a preset, as one value: then shown as lines, or as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from soundproof.analysis.notation.quantities import Endpoint
from soundproof.analysis.statistics.spread import Spread
from soundproof.analysis.summaries.spread_sources import SpreadSource
from soundproof.analysis.verdicts.decisions import FAMILY_ERROR, compared_variants, endpoint_of, statistical_claims
from soundproof.analysis.verdicts.foresight import Foreseen, foresee
from soundproof.search_spaces.claims import Comparative, ReachesSooner
from soundproof.search_spaces.studies import NatsPerCharacter, Study


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeseenClaim:
    """One statistical claim: `number` is its place among all of the study, from 1 on; what it would take, and by what.

    `spread` is in the unit of the endpoint.
    """

    number: int
    claim: Comparative
    endpoint: Endpoint
    spread: Spread
    source: SpreadSource
    effects: tuple[Foreseen, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StudyForesight:
    """What was foreseen of the claims whose spread is known. `level` is what Holm's procedure gives the hardest one."""

    statistical: int
    level: float
    claims: tuple[ForeseenClaim, ...]


def foresee_study(
    study: Study, sources: Sequence[SpreadSource], characters: float | None = None
) -> StudyForesight | None:
    """By the first source that knows the spread of a claim's metric; None where no source knows any.

    `characters` is the mean length of the transcripts that the study will be run on, None for those of the source. A
    loss in nats, and the margin of one, are taken to grow with it.
    """
    claims = statistical_claims(study)
    found = []
    for number, claim in enumerate(study.claims, start=1):
        if isinstance(claim, Comparative) and not isinstance(claim, ReachesSooner):  # no spread says who arrives
            foreseen = _claim(number, claim, study, sources, characters)
            found += [] if foreseen is None else [foreseen]
    if not found:
        return None
    return StudyForesight(statistical=len(claims), level=FAMILY_ERROR / len(claims), claims=tuple(found))


def _claim(
    number: int, claim: Comparative, study: Study, sources: Sequence[SpreadSource], characters: float | None
) -> ForeseenClaim | None:
    metric = study.metric if claim.measure is None else claim.measure.metric
    source = next((source for source in sources if metric in source.spreads), None)
    if source is None:
        return None
    length = characters or source.characters
    if isinstance(study.margin, NatsPerCharacter) and length is None:
        return None
    endpoint = endpoint_of(claim, study, study.margin.on(length or 0.0))
    spread = source.spreads[metric]
    if endpoint.quantity.unit == "nats" and length is not None and source.characters is not None:
        spread = replace(spread, deviation=spread.deviation * length / source.characters)
    compared = len(compared_variants(study))
    effects = foresee(claim, spread, endpoint.margin, claims=len(statistical_claims(study)), compared=compared)
    return ForeseenClaim(number=number, claim=claim, endpoint=endpoint, spread=spread, source=source, effects=effects)
