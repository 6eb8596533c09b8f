"""Simulated studies whose truth is known: what is claimed, how losses come about, and which verdicts would be wrong.

Losses have the shape (studies, variants, seeds), NaN where a run diverged; lower is better. The first variant of a
study is its baseline. Unless said otherwise noise is normal, independent between variants and seeds, and scaled so that
the differences of a pair have a standard deviation of 1.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundproof.search_spaces import STUDIES
from soundproof.search_spaces.claims import Comparative, names_of

Losses = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Losses]
"""Losses of so many studies."""

MAXIMUM_SEEDS = 30
LOSS, WER, ACCURACY = "best/validation/loss", "best/validation/wer", "best/validation/accuracy"
NEAR_ZERO = 0.001
"""A margin that hardly anything is below."""

EITHER = frozenset({"supported", "contradicted"})
SPEAKERS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One row of a table.

    `claims` are fields of claims by the name of their class, as JSON; `wrong` and `right` the verdicts on each that
    would be so. `turns` says which speaker each seed holds out. `held` is what the truth is of.
    """

    name: str
    variants: tuple[str, ...]
    claims: tuple[Mapping[str, Any], ...]
    margin: float
    draw: Draw
    wrong: tuple[frozenset[str], ...]
    right: tuple[frozenset[str], ...] = ()
    metric: str = LOSS
    metrics: Mapping[str, float] = field(default_factory=dict)
    turns: Sequence[str] | None = None

    def request(self, **designs: Any) -> dict[str, Any]:
        """What `judge_simulated` is asked: JSON values. `designs` are numbers of seeds, and processors."""
        asked = {"fixed": [], "looks": [], "replanned": False, "processors": 0} | designs
        return {
            "variants": list(self.variants),
            "claims": [dict(claim) for claim in self.claims],
            "margin": self.margin,
            "metric": self.metric,
            "metrics": dict(self.metrics),
            "held_out": None if self.turns is None else list(self.turns),
            **{name: list(value) if isinstance(value, range | tuple) else value for name, value in asked.items()},
        }

    def is_wrong(self, verdicts: Sequence[str]) -> bool:
        """Whether even one verdict is wrong."""
        return any(verdict in wrong for verdict, wrong in zip(verdicts, self.wrong, strict=True))

    def is_right(self, verdicts: Sequence[str]) -> bool:
        """Whether every verdict is right."""
        return all(verdict in right for verdict, right in zip(verdicts, self.right, strict=True))


def pairs(kind: str, *compared: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """A claim about pairs."""
    return {"kind": kind, "pairs": [list(pair) for pair in compared], **more}


def noise(generator: np.random.Generator, shape: tuple[int, ...]) -> Losses:
    """Normal noise of which two have a difference with a standard deviation of 1."""
    drawn: Losses = generator.normal(0, math.sqrt(0.5), shape)
    return drawn


def around(means: Sequence[float], make: Callable[..., Losses] = noise) -> Draw:
    """Losses around the means of the variants."""

    def draw(generator: np.random.Generator, studies: int) -> Losses:
        return np.asarray(means)[:, None] + make(generator, (studies, len(means), MAXIMUM_SEEDS))

    return draw


def _ab(  # noqa: PLR0917  # a line of a table
    name: str, claim: Mapping[str, Any], better_by: float, margin: float, wrong: str, right: str
) -> Scenario:
    """One claim about b, which is better than a by so much."""
    return Scenario(
        name=name,
        variants=("a", "b"),
        claims=(claim,),
        margin=margin,
        draw=around((0.0, -better_by)),
        wrong=(frozenset(wrong.split()),),
        right=(frozenset(right.split()),),
    )


def rules() -> list[Scenario]:
    """The rules themselves, where nothing is skewed: true claims, and truths between nothing and the margin."""
    not_better, better = pairs("NotBetter", ("b", "a")), pairs("Better", ("b", "a"))
    rows = [
        _ab(
            f"not better, d = {share} M, M = {margin} sd",
            not_better,
            share * margin,
            margin,
            "contradicted",
            "supported",
        )
        for share, margin in ((0.9, 2.0), (0.9, 1.0), (0.9, 0.5), (0.5, 1.0))
    ]
    return rows + [
        _ab(f"better, d = M/2, M = {margin} sd", better, margin / 2, margin, "contradicted", "supported negligible")
        for margin in (1.0, 2.0)
    ]


def family(name: str, make: Callable[..., Losses], *, better_by: float = 0.0, margin: float = NEAR_ZERO) -> Scenario:
    """Six variants and four claims of a difference from the shared baseline a."""
    means = (0.0,) + 5 * (-better_by,)
    if better_by == 0:
        wrong = EITHER if margin == NEAR_ZERO else frozenset({"supported"})
    else:
        wrong = frozenset({"contradicted", "negligible"} if better_by >= margin else {"contradicted"})
    return Scenario(
        name=name,
        variants=tuple("abcdef"),
        claims=(
            pairs("Better", ("b", "a")),
            pairs("Better", ("c", "a")),
            pairs("Better", ("d", "a")),
            pairs("Better", ("e", "a"), ("f", "a")),
        ),
        margin=margin,
        draw=around(means, make),
        wrong=(wrong,) * 4,
        right=(frozenset({"supported"} if better_by else {"contradicted", "negligible"}),) * 4,
    )


def unequal(generator: np.random.Generator, shape: tuple[int, ...]) -> Losses:
    """Deviations that grow sixfold from the first variant to the last."""
    deviations = np.geomspace(1, 6, shape[1])[:, None]
    drawn: Losses = noise(generator, shape) * deviations / np.sqrt(np.mean(deviations**2))
    return drawn


def heavy(generator: np.random.Generator, shape: tuple[int, ...]) -> Losses:
    """Student's t with 4 degrees of freedom."""
    drawn: Losses = generator.standard_t(4, shape) / 2
    return drawn


def loud_baseline(generator: np.random.Generator, shape: tuple[int, ...]) -> Losses:
    """A baseline whose deviation is five times that of the others."""
    drawn = noise(generator, shape)
    drawn[:, 0] *= 5
    return drawn


def skewed_baseline(generator: np.random.Generator, shape: tuple[int, ...]) -> Losses:
    """Exponential noise on the baseline, none on the others: differences as skewed as their parts."""
    drawn = np.zeros(shape)
    drawn[:, 0] = generator.exponential(1, (shape[0], shape[2])) - 1
    return drawn


def failing_baseline(generator: np.random.Generator, shape: tuple[int, ...]) -> Losses:
    """All means equal; the baseline stays on a plateau 35 above in 15% of seeds, and is 5.25 lower in the others."""
    drawn: Losses = generator.normal(0, 2, shape)
    failed = generator.uniform(size=(shape[0], shape[2])) < 0.15
    drawn[:, 0] += np.where(failed, 35.0, 0.0) - 35 * 0.15
    return drawn


def families() -> list[Scenario]:
    """Several claims at once."""
    return [
        family("no difference, margin near 0", noise),
        family("the same, deviations from 1 to 6", unequal),
        family("the same, baseline five times as noisy", loud_baseline),
        family("the same, Student's t with 4 degrees", heavy),
        family("no difference, margin 0.5 sd", noise, margin=0.5),
        family("every difference at the margin, 0.5 sd", noise, better_by=0.5, margin=0.5),
        _of_both_kinds(),
    ]


def _of_both_kinds() -> Scenario:
    """Two differences that are none and two at the margin: of some "better" would be wrong, of others "negligible"."""
    alike, apart = (family("", noise, better_by=better_by, margin=0.5) for better_by in (0.0, 0.5))
    return replace(
        apart,
        name="two differences of none, two at the margin, 0.5 sd",
        draw=around((0.0, 0.0, 0.0, -0.5, -0.5, -0.5)),
        wrong=(*alike.wrong[:2], *apart.wrong[2:]),
        right=(*alike.right[:2], *apart.right[2:]),
    )


def equivalences() -> list[Scenario]:
    """Differences exactly as large as the margin, called none."""
    equal = pairs("Equivalent", ("a", "b"))
    return [
        _ab(f"equal, d = M = {margin} sd", equal, margin, margin, "supported", "contradicted")
        for margin in (0.5, 1.0, 2.0)
    ]


def skewed() -> list[Scenario]:
    """Noise of the shared baseline that t tests of a few seeds cannot know."""
    return [
        family("exponential noise on the shared baseline", skewed_baseline),
        family("the baseline fails to train in 15% of seeds", failing_baseline),
    ]


def speakers(turns: Sequence[str], better_by: float = 0.0) -> Scenario:
    """Half of a pair's variance belongs to the speaker that the seed holds out; `turns` names it, seed by seed."""
    index = np.array([sorted(set(turns)).index(name) for name in turns])

    def draw(generator: np.random.Generator, studies: int) -> Losses:
        by_speaker = generator.normal(0, math.sqrt(0.5), (studies, SPEAKERS))[:, index]
        losses = math.sqrt(0.5) * noise(generator, (studies, 2, MAXIMUM_SEEDS))
        losses[:, 1] += by_speaker - better_by
        return losses

    return Scenario(
        name=f"speakers share 0.5{f', better by {better_by:g} sd' if better_by else ''}",
        variants=("a", "b"),
        claims=(pairs("Better", ("b", "a")),),
        margin=NEAR_ZERO,
        draw=draw,
        wrong=(frozenset({"contradicted"}) if better_by else EITHER,),
        right=(frozenset({"supported"}),) if better_by else (),
        turns=turns,
    )


def speakers_and_losses(turns: Sequence[str]) -> list[Scenario]:
    """Both variants alike, half of a pair's variance the speaker's, who comes again; the worst 15% of a diverge.

    The speaker makes a's losses better or worse, so that some lose more runs than others, or b's, and all lose alike.
    """
    index = np.array([sorted(set(turns)).index(name) for name in turns])

    def losing(row: int) -> Draw:
        def draw(generator: np.random.Generator, studies: int) -> Losses:
            by_speaker = generator.normal(0, math.sqrt(0.5), (studies, SPEAKERS))[:, index]
            losses = math.sqrt(0.5) * noise(generator, (studies, 2, MAXIMUM_SEEDS))
            losses[:, row] += by_speaker
            cut = NormalDist(0, math.sqrt(0.75 if row == 0 else 0.25)).inv_cdf(0.85)
            losses[:, 0][losses[:, 0] > cut] = np.nan
            return losses

        return draw

    return [
        Scenario(
            name=f"speakers share 0.5, of {'a' if row == 0 else 'b'}; worst 15% of a diverge",
            variants=("a", "b"),
            claims=(pairs("Better", ("a", "b")),),
            margin=NEAR_ZERO,
            draw=losing(row),
            wrong=(frozenset({"supported"}),),
            turns=turns,
        )
        for row in (0, 1)
    ]


def steps() -> list[Scenario]:
    """Word errors of 100 words: both variants alike, with so many differing errors a seed and side on average."""

    def draw(rate: float) -> Draw:
        return lambda generator, studies: 0.3 + generator.poisson(rate, (studies, 2, MAXIMUM_SEEDS)) / 100

    return [
        Scenario(
            name=f"word errors alike, {rate:g} differ",
            variants=("a", "b"),
            claims=(pairs("Better", ("b", "a")),),
            margin=NEAR_ZERO,
            draw=draw(rate),
            wrong=(EITHER,),
            metric=WER,
            metrics={"data/validation": 100.0, "data/validation_words": 100.0},
        )
        for rate in (0.5, 1.0, 2.0)
    ]


def ceilings() -> list[Scenario]:
    """A variant that fails in a share of seeds, by enough to be worse by the margin on average; both perfect else."""

    def draw(share: float) -> Draw:
        def failing(generator: np.random.Generator, studies: int) -> Losses:
            accuracy = np.ones((studies, 2, MAXIMUM_SEEDS))
            accuracy[:, 0] -= np.where(generator.uniform(size=(studies, MAXIMUM_SEEDS)) < share, 0.02 / share, 0.0)
            return accuracy

        return failing

    return [
        Scenario(
            name=f"perfect but for failures in {share:.0%} of seeds",
            variants=("a", "b"),
            claims=(pairs("Equivalent", ("a", "b")),),
            margin=0.02,
            draw=draw(share),
            wrong=(frozenset({"supported"}),),
            metric=ACCURACY,
            metrics={"data/validation": 600.0},
        )
        for share in (0.1, 0.2)
    ]


def diverged() -> list[Scenario]:
    """Both variants alike; the first loses its own worst runs, and its survivors look better."""

    def losing(kind: str, share: float) -> Draw:
        def draw(generator: np.random.Generator, studies: int) -> Losses:
            shape = (studies, 2, MAXIMUM_SEEDS)
            if kind == "normal":
                losses, cut = (
                    generator.normal(size=shape),
                    float(np.quantile(generator.normal(size=200_000), 1 - share)),
                )
            elif kind == "exponential":
                losses, cut = generator.exponential(size=shape), -math.log(share)
            else:
                failed = generator.uniform(size=shape) < share
                losses = np.where(failed, generator.normal(35, 5, shape), generator.normal(0, 2, shape))
                cut = 20.0
            losses[:, 0][losses[:, 0] > cut] = np.nan
            return losses

        return draw

    return [
        Scenario(
            name=f"{kind}, the worst {share:.0%} of a diverge",
            variants=("a", "b"),
            claims=(pairs("Better", ("a", "b")),),
            margin=NEAR_ZERO,
            draw=losing(kind, share),
            wrong=(frozenset({"supported"}),),
        )
        for kind, share in (
            ("normal", 0.1),
            ("normal", 0.25),
            ("exponential", 0.25),
            ("mixture", 0.15),
            ("mixture", 0.25),
        )
    ]


def shapes(effect: float) -> list[Scenario]:
    """The statistical claims of every documented study, as pairs of which the first is better by `effect` or more.

    Where claims of a study point in a circle, which they may, the pair that closes it is turned round.
    """
    found = []
    for study in STUDIES:
        claims = [claim for claim in study.claims if isinstance(claim, Comparative)]
        if not claims:
            continue
        compared = [[names_of(pair) for group in claim.groups for pair in group[:1]] for claim in claims]
        order = list(dict.fromkeys(name for of_claim in compared for pair in of_claim for name in pair))
        grouped = [
            list(dict.fromkeys(tuple(sorted(pair, key=order.index)) for pair in of_claim)) for of_claim in compared
        ]
        depth: dict[str, int] = {}
        for name in reversed(order):
            worse = [second for of_claim in grouped for first, second in of_claim if first == name]
            depth[name] = max((depth[second] + 1 for second in worse), default=0)
        found.append(
            Scenario(
                name=study.id,
                variants=tuple(order),
                claims=tuple(pairs("Better", *of_claim) for of_claim in grouped),
                margin=0.5,
                draw=around([-effect * depth[name] for name in order]),
                wrong=(frozenset({"contradicted", "negligible"}),) * len(grouped),
                right=(frozenset({"supported"}),) * len(grouped),
            )
        )
    return found


def factorial(effect: float, *, contrasts: bool) -> Scenario:
    """Three factors with two levels each, of which each improves by `effect`: a claim for each over all four pairs.

    By pairs each has to show; by contrasts their mean.
    """
    names = [f"{a}{b}{c}" for a in "01" for b in "01" for c in "01"]
    claims = []
    for place in range(3):
        compared = [[name, name[:place] + "0" + name[place + 1 :]] for name in names if name[place] == "1"]
        more = {"levels": [f"{place} on", f"{place} off"]} if contrasts else {}
        claims.append({"kind": "MainEffect" if contrasts else "Better", "pairs": compared, **more})
    return Scenario(
        name=f"2 x 2 x 2, {'contrasts' if contrasts else 'every pair'}",
        variants=tuple(names),
        claims=tuple(claims),
        margin=0.5,
        draw=around([-effect * name.count("1") for name in names]),
        wrong=(frozenset({"contradicted", "negligible"}),) * 3,
        right=(frozenset({"supported"}),) * 3,
    )
