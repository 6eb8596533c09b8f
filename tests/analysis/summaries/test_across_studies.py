"""All studies of a store: their claims with q values, against statsmodels."""

import io

import numpy as np
import pytest
from rich.console import Console
from statsmodels.stats.multitest import multipletests

from soundproof.analysis.json_forms.across_studies import across_studies_plain
from soundproof.analysis.records.trials import RecordsError
from soundproof.analysis.reports import report_study
from soundproof.analysis.summaries.across_studies import across_studies
from soundproof.analysis.tables.across_studies import across_studies_table
from soundproof.analysis.tables.terminal import terminal_table
from soundproof.common import record
from soundproof.search_spaces import find_study
from soundproof.search_spaces.finding import declared_study

STUDIES = [find_study("asr-merge-mode"), find_study("asr-cnn-front-end")]
LOSS = record.best(record.VALIDATION_LOSS)


@pytest.fixture(scope="module")
def recorded(own_writer):
    """Two studies at quick, one that nothing declares, and one at documented."""
    generator = np.random.default_rng(4)
    for study in STUDIES:
        parent = own_writer.study(study.id, margin=2.0)
        for place, variant in enumerate(study.variants):
            for seed, step in enumerate(generator.normal(0, 1, 6)):
                metrics = {LOSS: 50 + 3.0 * place + step, record.BEST_EPOCH: 5.0 + seed % 2}
                own_writer.trial(parent, variant.id, seed, metrics=metrics)
    own_writer.study("somebodys-own", margin=2.0)
    own_writer.study("asr-dilation", preset="documented", margin=2.0)
    return own_writer.tracking_uri


def test_q_values_are_benjamini_and_hochbergs(recorded):
    """Over the claims of all studies together; verdicts and p values are those of each study's own report."""
    across = across_studies(recorded, declared_study, "quick")
    assert len(across.claims) == sum(len(study.claims) for study in STUDIES)
    p_values = [claim.p_value for claim in across.claims]
    assert p_values == sorted(p_values)
    expected = multipletests(p_values, method="fdr_bh")[1]
    assert [claim.q_value for claim in across.claims] == pytest.approx(expected.tolist())
    assert any(claim.q_value > claim.p_value for claim in across.claims)
    reported = {
        (study.id, judged.claim.text): (judged.verdict, judged.p_value)
        for study in STUDIES
        for judged in report_study(study, recorded, "quick").summary.claims
    }
    assert {(claim.study, claim.text): (claim.verdict, claim.p_value) for claim in across.claims} == reported


def test_one_preset_at_a_time(recorded):
    """The preset of the study begun last unless another is named; one that no study has is refused by name."""
    assert across_studies(recorded, declared_study).preset == "documented"
    assert {claim.study for claim in across_studies(recorded, declared_study).claims} == {"asr-dilation"}
    with pytest.raises(RecordsError, match="expected studies with preset 'smoke' .* found documented, quick"):
        across_studies(recorded, declared_study, "smoke")


def test_what_is_not_declared_is_named(recorded):
    """A study of a file that was not given is left out, and the table and the JSON say so."""
    across = across_studies(recorded, declared_study, "quick")
    assert across_studies_plain(across)["undeclared"] == ["somebodys-own"]
    console = Console(width=120, file=io.StringIO())
    console.print(terminal_table(across_studies_table(across)))
    text = console.file.getvalue()
    assert "somebodys-own" in text
    assert "asr-cnn-front-end" in text
