"""The table of all studies in a store: a row for each claim."""

from soundproof.analysis.notation.quantities import p_value
from soundproof.analysis.summaries.across_studies import AcrossStudies
from soundproof.analysis.tables.model import Cell, Column, Table, columns


def across_studies_table(across: AcrossStudies) -> Table:
    """The claims in the order of their p values."""
    note = (
        "p: of the claim by itself. q: of all claims with a q value up to this one, the share that is wrong on average "
        "is at most q (Benjamini and Hochberg). A verdict keeps 5% for any error in its study alone."
    )
    if across.undeclared:
        note += f" Not declared here, and left out: {', '.join(across.undeclared)}; --file FILE declares your own."
    return Table(
        name="across-studies",
        title=f"All studies in the store, preset {across.preset}",
        note=note,
        columns=(
            Column(heading="study", role="name"),
            Column(heading="corpus", role="words"),
            Column(heading="claim", role="words"),
            Column(heading="verdict", role="word"),
            *columns("p", "q"),
        ),
        rows=tuple(
            (
                Cell(text=claim.study),
                Cell(text=claim.corpus),
                Cell(text=claim.text),
                Cell(text=claim.verdict, emphasis=claim.verdict),
                Cell(text=p_value(claim.p_value), value=claim.p_value),
                Cell(text=p_value(claim.q_value), value=claim.q_value),
            )
            for claim in across.claims
        ),
        ruled=True,
    )
