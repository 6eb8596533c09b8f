"""Specs of trials from the tags of their runs, or from artifacts, as runs of earlier versions have them."""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from soundproof.analysis.records.artifacts import read_artifact, repository_at
from soundproof.analysis.records.store import REQUESTS_AT_ONCE, RecordedRun
from soundproof.common import record
from soundproof.common.digests import check_digest
from soundproof.search_spaces.specs import Plain, SpecError, Trial
from soundproof.search_spaces.trial_tags import trial_tags

_log = logging.getLogger(__name__)


class RecordedSpec(Mapping[str, Plain]):
    """The `Trial.to_plain` of recorded JSON, parsed when it is asked for: most reports of many trials never do.

    What JSON of an earlier version lacks has its default. Empty where this version cannot read it.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _plain(self) -> dict[str, Plain]:
        try:
            return Trial.from_json(self._text).to_plain()
        except SpecError:
            return {}

    def __getitem__(self, name: str) -> Plain:
        return self._plain[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._plain)

    def __len__(self) -> int:
        return len(self._plain)


def with_specs(
    client: MlflowClient, runs: Sequence[RecordedRun], statuses: Collection[record.Status]
) -> list[RecordedRun]:
    """The runs; those that ended in one of `statuses` and lack the tags of their trial have them from artifacts."""

    def completed(run: RecordedRun) -> RecordedRun:
        tags = run.tags
        if record.TRIAL in tags or record.TRIAL_ID not in tags or tags[record.STATUS] not in statuses:
            return run
        text = _artifact(client, run)
        try:
            found = {} if text is None else trial_tags(Trial.from_json(text))
        except SpecError:  # of a version that this one cannot read: its numbers stand all the same
            found = {}
        return replace(run, tags={**({} if text is None else {record.TRIAL: text}), **found, **tags})

    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
        return list(pool.map(completed, runs))


def _artifact(client: MlflowClient, run: RecordedRun) -> str | None:
    """The JSON that a trial left, the original one where it was reused."""
    try:
        original = run.tags.get(record.REUSED_FROM)
        place = run.artifact_uri if original is None else str(client.get_run(original).info.artifact_uri)
        content = read_artifact(repository_at(client.tracking_uri, place), record.TRIAL_ARTIFACT)
        expected = record.digests_of(run.tags).get(record.TRIAL_ARTIFACT)
        if expected is not None:
            check_digest(content, expected, f"{record.TRIAL_ARTIFACT} of run {run.run_id}")
        return content.decode()
    except (MlflowException, OSError):
        return None
    except ValueError as error:  # not what was written: its numbers stand all the same
        _log.warning("%s. The report does without it", error)
        return None
