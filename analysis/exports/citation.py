"""A citation of exact versions, as CITATION.cff (Citation File Format 1.2.0) and as BibTeX."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import get_args

from soundproof.analysis.exports.run_facts import RunFacts, recorded_text
from soundproof.analysis.records.trials import RecordsError, Results, SearchRecords
from soundproof.analysis.tables.latex import escape_latex
from soundproof.analysis.tables.paper import on_one_line
from soundproof.common import record
from soundproof.common.json_texts import parsed
from soundproof.common.provenance import LIBRARIES, Provenance, installed
from soundproof.search_spaces.specs import CorpusSpec, SpecError

_TITLE = "Soundproof: ablation studies of audio networks, decided with evidence"
_AUTHOR = "The Soundproof contributors"
_LICENSE = "Apache-2.0"
_FILES_TRIED = 5
"""Trials that are asked for their spec: those that failed may have left none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cited:
    """What is cited. `made_with` is what trained the trials, as their runs say, `exported_with` what is installed now.

    `corpus_digest` is that of the corpus's spec, which holds one of its files; None where no trial tells it. `last_run`
    is the day, in UTC, on which the last trial ended.
    """

    kind: str
    id: str
    preset: str
    corpus: str
    corpus_digest: str | None
    trials: int
    made_with: tuple[Provenance, ...]
    exported_with: Provenance
    last_run: date | None

    @property
    def recorded(self) -> bool:
        """Whether every run says what trained it."""
        return bool(self.made_with) and all(provenance.libraries for provenance in self.made_with)

    @property
    def versions(self) -> str:
        """Of Soundproof: those that trained the trials, or else the one at hand."""
        named = sorted({provenance.version for provenance in self.made_with if provenance.version is not None})
        return " and ".join(named or [str(self.exported_with.version)])

    @property
    def commit(self) -> str | None:
        """The one that trained all trials; None where there were several, or it is not recorded."""
        commits = {provenance.commit for provenance in self.made_with}
        return commits.pop() if len(commits) == 1 else None

    @property
    def libraries(self) -> tuple[tuple[str, str], ...]:
        """Those that trained the trials, each version once; those at hand where no run says which did."""
        named = [provenance for provenance in self.made_with if provenance.libraries] or [self.exported_with]
        return tuple(dict.fromkeys(pair for provenance in named for pair in provenance.libraries))

    @property
    def software(self) -> str:
        """All versions on one line."""
        texts = [provenance.text for provenance in self.made_with]
        made = [f"Made with {' and with '.join(texts)}"] if texts else []
        exported = [] if self.recorded else [f"Exported with {self.exported_with.text}"]
        return on_one_line(". ".join([*made, *exported]))

    @property
    def subject(self) -> str:
        """What was run, on one line."""
        digest = "not recorded" if self.corpus_digest is None else self.corpus_digest
        words = f"{self.kind.capitalize()} {self.id}, preset {self.preset}, corpus {self.corpus} (digest {digest}), "
        words += f"{self.trials:,} trials"
        return on_one_line(
            words + ("" if self.last_run is None else f", the last ended on {self.last_run.isoformat()}")
        )


def cite(records: Results | SearchRecords, runs: RunFacts) -> Cited:
    """The records, in the versions that their runs name."""
    study = isinstance(records, Results)
    last_end = max((end for _, end in runs.times.values()), default=None)
    return Cited(
        kind=record.KIND_STUDY if study else record.KIND_SEARCH,
        id=records.study if isinstance(records, Results) else f"{records.space}.{records.search}",
        preset=records.preset,
        corpus=records.corpus,
        corpus_digest=_corpus_digest(records),
        trials=len(records.trials),
        made_with=runs.made_with,
        exported_with=installed(),
        last_run=None if last_end is None else last_end.date(),
    )


def citation_file(cited: Cited) -> str:
    """The content of a CITATION.cff."""
    lines = [
        "cff-version: 1.2.0",
        f"message: {_quoted('If you use these results, please cite the software that made them, in these versions.')}",
        "type: software",
        f"title: {_quoted(_TITLE)}",
        "authors:",
        f"  - name: {_quoted(_AUTHOR)}",
        f"version: {_quoted(cited.versions)}",
        *([] if cited.commit is None else [f"commit: {_quoted(cited.commit)}"]),
        f"license: {_LICENSE}",
        f"abstract: {_quoted(f'{cited.subject}. {cited.software}')}",
        "identifiers:",
        "  - type: other",
        f"    value: {_quoted(cited.id)}",
        f"    description: {_quoted(f'The {cited.kind} that was run')}",
    ]
    if cited.corpus_digest is not None:
        lines += ["  - type: other", f"    value: {_quoted(cited.corpus_digest)}"]
        lines += [f"    description: {_quoted(f'Digest of the corpus {cited.corpus}')}"]
    lines.append("references:")
    for package, version in cited.libraries:
        name = LIBRARIES.get(package, package)
        lines += ["  - type: software", f"    title: {_quoted(name)}", "    authors:"]
        lines += [f"      - name: {_quoted(f'The {name} developers')}", f"    version: {_quoted(version)}"]
        if not any(provenance.libraries for provenance in cited.made_with):
            lines.append(f"    notes: {_quoted('Exported with: which version made the results is not recorded')}")
    return "\n".join(lines) + "\n"


def bibtex(cited: Cited) -> str:
    """One entry, of a type that every style of BibTeX knows."""
    fields = {
        "author": f"{{{escape_latex(_AUTHOR)}}}",
        "title": f"{{{escape_latex(_TITLE)}}}",
        "howpublished": _braced(f"Software, version {cited.versions}"),
        "note": _braced(f"{cited.subject}. {cited.software}"),
    }
    if cited.last_run is not None:
        fields |= {"year": str(cited.last_run.year), "month": cited.last_run.strftime("%b").lower()}
    digest = hashlib.sha256(f"{cited.id}.{cited.preset}.{cited.corpus}".encode()).hexdigest()[:8]
    lines = [f"  {name} = {value if name == 'month' else f'{{{value}}}'}," for name, value in fields.items()]
    return "\n".join([f"@misc{{soundproof-{digest},", *lines, "}"]) + "\n"


def citation(cited: Cited, suffix: str) -> str:
    """The one form that the suffix of a file asks for (.cff, .bib); both, one below the other, for any other."""
    match suffix.lower():
        case ".cff":
            return citation_file(cited)
        case ".bib":
            return bibtex(cited)
        case _:
            return f"{citation_file(cited)}\n{bibtex(cited)}"


def _braced(text: str) -> str:
    """A text for a field of BibTeX, which finds its end by counting braces, those after a backslash too."""
    return escape_latex(text).replace(r"\{", r"\textbraceleft{}").replace(r"\}", r"\textbraceright{}")


def _quoted(text: str) -> str:
    """A YAML scalar: JSON's strings are such, and hold any text."""
    return json.dumps(on_one_line(text), ensure_ascii=False)


def _corpus_digest(records: Results | SearchRecords) -> str | None:
    """The digest of the corpus's spec, from the first trial that left its own and that this version can read."""
    kinds = {kind.word(): kind for kind in get_args(CorpusSpec)}
    for trial in records.trials[:_FILES_TRIED]:
        try:
            corpus = parsed(recorded_text(records, trial.artifact_run_id, record.TRIAL_ARTIFACT))["corpus"]
            digest: str = kinds[corpus["type"]].from_plain(corpus).digest()
        except (RecordsError, SpecError, ValueError, KeyError, TypeError):
            continue
        return digest
    return None
