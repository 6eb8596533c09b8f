"""The pages of studies and search spaces: each with its question, what it compares, and what is claimed."""

from __future__ import annotations

from plain_text import plain, table

from soundproof.search_spaces import PRESETS, SPACES, STUDIES, claims, preset_of
from soundproof.search_spaces.planning import plan_space, plan_study
from soundproof.search_spaces.presets import PURPOSES
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.studies import DOMAINS, Absolute, Domain, Margin, Study

KINDS = (
    claims.Better,
    claims.Faster,
    claims.NotBetter,
    claims.Equivalent,
    claims.Monotone,
    claims.BestOf,
    claims.WorstOf,
    claims.Infeasible,
    claims.Larger,
)

INTRODUCTION = """# Studies and spaces

Made from the declarations in `search_spaces`. A study asks a question; a search space is where a network is looked for.
"""

SPACES_INTRODUCTION = """# Search spaces

`python run_search.py search SPACE --trials N` looks for the best network of a space. See
[Search for a network](../how-to/search.md).
"""


def studies_pages() -> dict[str, str]:
    """The text of each page by its place: an overview, a page for each domain, and one of search spaces."""
    pages = {f"studies/{domain}.md": _domain_page(domain) for domain in DOMAINS}
    return {"studies/index.md": _overview(), **pages, "studies/spaces.md": _spaces_page()}


def _overview() -> str:
    studies = [(f"[{study.id}]({study.domain}.md#{study.id})", plain(study.question)) for study in STUDIES]
    spaces = [(f"[{space.id}](spaces.md#{space.id})", plain(space.question)) for space in SPACES]
    kinds = [(kind.__name__, plain(kind.__doc__ or "")) for kind in KINDS]
    return _joined(
        INTRODUCTION,
        table(("study", "question"), *studies),
        table(("search space", "question"), *spaces),
        "## Sizes",
        "A preset changes widths, epochs, features and corpus, and never the levels of a factor.",
        table(("preset", "what it is for"), *((f"`{name}`", plain(purpose)) for name, purpose in PURPOSES.items())),
        "## Kinds of claims",
        table(("kind", "what it says"), *kinds),
    )


def _domain_page(domain: Domain) -> str:
    studies = [_study(study) for study in STUDIES if study.domain == domain]
    return _joined(f"# {domain.capitalize()}", *studies)


def _study(study: Study) -> str:
    compared = [_claim(claim, study) for claim in study.claims]
    return _joined(
        f"## {study.id} {{#{study.id}}}",
        f"**{plain(study.question)}**",
        f"```sh\npython run_search.py run {study.id}\n```",
        f"Source: {plain(study.source)}. Metric: `{study.metric}`. The smallest difference that matters: "
        f"{_margin(study.margin)}. Sizes are the documented ones.",
        _variants(study),
        *([table(("kind of claim", "claim", "compared"), *compared)] if compared else []),
        *([f"Held fixed: {plain('; '.join(study.caveats))}."] if study.caveats else []),
    )


def _variants(study: Study) -> str:
    planned = plan_study(study, preset_of(study, "documented"))["variants"]
    factors = list(dict.fromkeys(factor for variant in planned for factor in variant["levels"]))
    rows = [
        (
            f"`{_short(variant['id'], study)}`{' (baseline)' if variant['id'] == study.baseline else ''}",
            *(plain(variant["levels"].get(factor, "")) for factor in factors),
            f"{variant['parameters']['total']:,}" if variant["feasible"] else "infeasible",
            str(variant["epochs"]),
        )
        for variant in planned
    ]
    return table(("variant", *map(plain, factors), "parameters", "epochs"), *rows)


def _claim(claim: claims.Claim, study: Study) -> tuple[str, str, str]:
    match claim:
        case claims.Infeasible(variants=variants):
            compared = ", ".join(f"`{_short(variant, study)}`" for variant in variants)
        case claims.Larger(pair=pair, ratio=ratio):
            compared = f"{_against(pair, study)}: {ratio:g} times"
        case _:
            compared = "; ".join(" or ".join(_against(pair, study) for pair in group) for group in claim.groups)
    return type(claim).__name__, plain(claim.text), compared


def _against(pair: tuple[str, ...], study: Study) -> str:
    return " against ".join(f"`{_short(variant, study)}`" for variant in pair)


def _short(variant_id: str, study: Study) -> str:
    """Without the study where it is the page's own: another study has an `01` too."""
    return variant_id.removeprefix(f"{study.id}/")


def _margin(margin: Margin) -> str:
    return f"{margin.value:g}" if isinstance(margin, Absolute) else f"{margin.nats:g} nats per character"


def _spaces_page() -> str:
    return _joined(SPACES_INTRODUCTION, *map(_space, SPACES))


def _space(space: SearchSpace) -> str:
    planned = plan_space(space, PRESETS[space.domain]["documented"])
    rows = [(f"`{one.name}`", plain(one.range), plain(one.condition)) for one in space.parameters()]
    return _joined(
        f"## {space.id} {{#{space.id}}}",
        f"**{plain(space.question)}**",
        f"```sh\npython run_search.py search {space.id} --trials 60\n```",
        f"Source: {plain(space.source)}. Metric: `{space.metric}`. {_many(planned['variants'])} variants "
        f"of {planned['epochs']} epochs.",
        table(("parameter", "range", "condition"), *rows),
        *(f"Constraint: {plain(constraint.to_json())}." for constraint in space.constraints),
    )


def _many(count: int | None) -> str:
    return "Infinitely many" if count is None else f"{count:,}"


def _joined(*parts: str) -> str:
    return "\n\n".join(part.rstrip() for part in parts) + "\n"
