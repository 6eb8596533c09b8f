"""Citations: valid YAML and balanced BibTeX, with the versions that trained and the digest of the corpus."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import yaml
from hypothesis import given
from hypothesis import strategies as st

from soundproof.analysis.exports import citation, cite, run_facts
from soundproof.analysis.exports.citation import Cited, bibtex, citation_file
from soundproof.analysis.records.loading import load_study
from soundproof.analysis.tables.paper import on_one_line
from soundproof.common.provenance import Provenance
from soundproof.search_spaces.specs import SyntheticSpeech

REQUIRED = {"cff-version", "message", "title", "authors", "type"}
CITED = Cited(
    kind="study",
    id="x",
    preset="quick",
    corpus="c",
    corpus_digest=None,
    trials=1,
    made_with=(),
    exported_with=Provenance(version="0.3.0", commit="e" * 40, libraries=(("torch", "2.14.0"),)),
    last_run=None,
)


FIRST = Provenance(version="0.1.0", commit="a" * 40, libraries=(("python", "3.12.3"), ("torch", "2.13.0+cpu")))
SECOND = Provenance(version="0.2.0", commit="b" * 40, libraries=(("python", "3.12.3"), ("torch", "2.13.1+cpu")))


def test_a_citation_names_what_trained(exported_study, writer) -> None:
    """By the runs' own tags; the day of the last run, and the digest of the spec of the corpus."""
    records = load_study(exported_study, "asr-merge-mode")
    for trial in records.trials:
        for name, value in FIRST.tags.items():
            writer.client.set_tag(trial.run_id, name, value)
    cited = cite(records, run_facts(records))
    read = yaml.safe_load(citation_file(cited))
    assert read.keys() >= REQUIRED
    assert (read["version"], read["commit"]) == ("0.1.0", "a" * 40)
    assert {reference["title"]: reference["version"] for reference in read["references"]} == {
        "Python": "3.12.3",
        "PyTorch": "2.13.0+cpu",
    }
    assert f"Made with Soundproof 0.1.0 (commit {'a' * 40}), Python 3.12.3, PyTorch 2.13.0+cpu" in bibtex(cited)
    assert not any("Exported" in text for text in (read["abstract"], bibtex(cited)))
    partitions = ("train", "validation", "test")
    corpus = SyntheticSpeech(**{f"{part}_{what}": 4 for part in partitions for what in ("utterances", "speakers")})
    assert corpus.digest() in [identifier["value"] for identifier in read["identifiers"]]
    assert f"the last ended on {datetime.now(UTC).year}-" in read["abstract"]


def test_several_versions_are_all_cited() -> None:
    """Where trials differ, each combination is named, and no commit stands for all."""
    cited = replace(CITED, made_with=(FIRST, SECOND))
    read = yaml.safe_load(citation_file(cited))
    assert read["version"] == "0.1.0 and 0.2.0"
    assert "commit" not in read
    assert [reference["version"] for reference in read["references"]] == ["3.12.3", "2.13.0+cpu", "2.13.1+cpu"]
    assert f"{FIRST.text} and with {SECOND.text}" in read["abstract"]
    assert "Exported" not in read["abstract"]


def test_what_is_installed_is_no_claim_about_training() -> None:
    """Of runs that name no commit and no libraries, those at hand are what it was exported with."""
    cited = replace(CITED, made_with=(Provenance(version="0.1.0"),))
    read = yaml.safe_load(citation_file(cited))
    assert read["version"] == "0.1.0"
    assert "commit" not in read
    assert all(reference["notes"].startswith("Exported with") for reference in read["references"])
    assert read["abstract"].endswith(f"Exported with {CITED.exported_with.text}")
    mixed = yaml.safe_load(citation_file(replace(CITED, made_with=(Provenance(version="0.1.0"), FIRST))))
    assert "commit" not in mixed
    assert "Exported with" in mixed["abstract"]
    assert [reference["version"] for reference in mixed["references"]] == ["3.12.3", "2.13.0+cpu"]


@given(st.text(), st.text(alphabet='{}\\"%#_&$@,=\n: '))
def test_names_of_users_are_text(name: str, corpus: str) -> None:
    """YAML gives them back as they are, and BibTeX's braces balance, by which it finds the end of a field."""
    cited = replace(CITED, id=name, corpus=corpus, corpus_digest="0123456789abcdef")
    read = yaml.safe_load(citation_file(cited))
    assert read["identifiers"][0]["value"] == on_one_line(name)
    entry = bibtex(cited)
    assert entry.count("{") == entry.count("}")
    assert len(re.findall("^  [a-z]+ = ", entry, re.MULTILINE)) == len(entry.splitlines()) - 2


def test_the_suffix_chooses_the_form() -> None:
    """A .cff and a .bib hold one form each, anything else both."""
    both = citation(CITED, "")
    assert both == f"{citation(CITED, '.cff')}\n{citation(CITED, '.BIB')}"
    assert yaml.safe_load(citation(CITED, ".cff"))["version"] == "0.3.0"
    assert citation(CITED, ".bib").startswith("@misc{soundproof-")
