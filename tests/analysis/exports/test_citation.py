"""Citations: valid YAML and balanced BibTeX, with the versions that are installed and the digest of the corpus."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from analysis.exports import citation, cite, run_facts
from analysis.exports.citation import Cited, bibtex, citation_file
from analysis.exports.plain_text import on_one_line
from analysis.loading import load_study
from search_spaces.specs import SyntheticSpeech

ROOT = Path(__file__).resolve().parents[3]
REQUIRED = {"cff-version", "message", "title", "authors", "type"}
CITED = Cited(
    kind="study",
    id="x",
    preset="quick",
    corpus="c",
    corpus_digest=None,
    trials=1,
    version="0.1.0",
    recorded_versions=("0.0.9",),
    commit=None,
    libraries={"torch": "2.13.0+cpu"},
    last_run=None,
)


def test_a_citation_names_exact_versions(exported_study) -> None:
    """Of this environment and this checkout; the day of the last run, and the digest of the spec of the corpus."""
    records = load_study(exported_study, "asr-merge-mode")
    runs = run_facts(records)
    cited = cite(records, runs)
    read = yaml.safe_load(citation_file(cited))
    assert read.keys() >= REQUIRED
    assert read["version"] == importlib.metadata.version("soundproof")
    names = {"PyTorch": "torch", "Ray": "ray", "Optuna": "optuna", "MLflow": "mlflow", "NumPy": "numpy"}
    versions = {one["title"]: one["version"] for one in read["references"]}
    assert versions.pop("scikit-learn") == importlib.metadata.version("scikit-learn")
    assert versions == {name: importlib.metadata.version(package) for name, package in names.items()}
    head = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    if head.returncode == 0 and (ROOT / ".git").exists():
        assert read["commit"].removesuffix("-dirty") == head.stdout.strip()
    partitions = ("train", "validation", "test")
    corpus = SyntheticSpeech(**{f"{part}_{what}": 4 for part in partitions for what in ("utterances", "speakers")})
    assert corpus.digest() in [one["value"] for one in read["identifiers"]]
    assert f"the last ended on {datetime.now(UTC).year}-" in read["abstract"]


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
    """A .cff and a .bib hold one form each, anything else both; other versions than this one are named."""
    both = citation(CITED, "")
    assert both == f"{citation(CITED, '.cff')}\n{citation(CITED, '.BIB')}"
    assert yaml.safe_load(citation(CITED, ".cff"))["abstract"].endswith("trained by Soundproof 0.0.9")
    assert citation(CITED, ".bib").startswith("@misc{soundproof-")
