"""Pictures of what a trained network attends to, as far as they were made and recorded with its trial."""

import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePosixPath

from soundproof.analysis.records.artifacts import AT_ONCE, Artifacts
from soundproof.analysis.records.trials import RecordsError, Results, TrialRecord
from soundproof.analysis.summaries.study import StudySummary
from soundproof.common import record
from soundproof.common.json_texts import parsed

INDEX = f"{record.EXPLANATIONS_ARTIFACT}/index.json"
TRIALS = 3
"""The trials whose pictures are shown, the best of those that have any."""
PICTURES = 12
"""The pictures shown of one trial."""
LARGEST_BYTES = 2_000_000
"""A larger picture has no place inside a page."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A picture in PNG, with the words that belong to it."""

    title: str
    caption: str
    png: bytes

    @property
    def source(self) -> str:
        """The picture as an address that needs no network."""
        return f"data:image/png;base64,{base64.b64encode(self.png).decode('ascii')}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainedTrial:
    """The pictures of one trial."""

    label: str
    trial_id: str
    seed: int
    pictures: tuple[Picture, ...]


def explained_trials(summary: StudySummary, records: Results) -> tuple[ExplainedTrial, ...]:
    """The best trials by the study's metric that have pictures; one whose pictures cannot be read is passed over."""
    artifacts = Artifacts(records)
    labels = summary.labels
    found: list[ExplainedTrial] = []
    for trial in _explained(artifacts, _best_first(summary, records)):
        try:
            pictures = load_pictures(artifacts, trial)
        except RecordsError:
            continue
        if pictures:
            assert trial.seed is not None
            label = labels[trial.variant]
            found.append(ExplainedTrial(label=label, trial_id=trial.trial_id, seed=trial.seed, pictures=pictures))
        if len(found) == TRIALS:
            break
    return tuple(found)


def load_pictures(artifacts: Artifacts, trial: TrialRecord) -> tuple[Picture, ...]:
    """The first pictures that the run's index names. Raises `RecordsError` where one cannot be had or is none."""
    index = artifacts.read(trial, INDEX)
    try:
        entries = [tuple(str(entry[key]) for key in ("file", "title", "caption")) for entry in parsed(index)]
    except (KeyError, TypeError, ValueError) as error:
        raise RecordsError(
            f"expected a list of file, title and caption in {INDEX} of run {trial.artifact_run_id}, "
            f"could not make it out: {error!r}"
        ) from error
    return tuple(_picture(artifacts, trial, *entry) for entry in entries[:PICTURES])


def _picture(artifacts: Artifacts, trial: TrialRecord, file: str, title: str, caption: str) -> Picture:
    if PurePosixPath(file).name != file or "\\" in file:
        raise RecordsError(f"expected the name of a file beside {INDEX} of run {trial.artifact_run_id}, found {file!r}")
    png = artifacts.read(trial, f"{record.EXPLANATIONS_ARTIFACT}/{file}")
    if not png.startswith(_SIGNATURE) or len(png) > LARGEST_BYTES:
        raise RecordsError(
            f"expected a PNG of at most {LARGEST_BYTES:,} bytes as {file!r} of run {trial.artifact_run_id}, "
            f"found {len(png):,} bytes that begin with {png[:8]!r}"
        )
    return Picture(title=title, caption=caption, png=png)


def _best_first(summary: StudySummary, records: Results) -> list[TrialRecord]:
    sign = -1 if summary.measured.higher_is_better else 1
    trials = [
        (sign * variant.values[trial.seed], trial)
        for variant in summary.measured_variants
        for trial in records.comparable(variant.id)
        if trial.seed is not None and trial.seed in variant.values
    ]
    return [trial for _, trial in sorted(trials, key=lambda ranked: ranked[0])]


def _explained(artifacts: Artifacts, trials: list[TrialRecord]) -> list[TrialRecord]:
    """The trials that have an index, each original once: what was reused stands under several variants.

    A trial's run says so itself; one that was reused is asked for its files, since they are those of another run.
    """
    originals = {trial.artifact_run_id: trial for trial in reversed(trials)}
    wanted = [trial for trial in trials if originals[trial.artifact_run_id] is trial]

    def has(trial: TrialRecord) -> bool:
        return artifacts.has(trial, record.EXPLANATIONS_ARTIFACT, INDEX) if trial.reused else trial.explained

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [trial for trial, there in zip(wanted, pool.map(has, wanted), strict=True) if there]
