"""Real studies, run one over the records of another: what the record shows of when their claims were declared."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from soundproof import find_study, run_study
from soundproof.analysis.reports import report_study
from soundproof.common import record
from soundproof.search_spaces.claims import Better, Equivalent, ReachesSooner
from soundproof.search_spaces.studies import NatsPerCharacter, Study

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DOCUMENTED = find_study("asr-cnn-front-end")
A, B = (variant.id for variant in DOCUMENTED.variants[:2])
HONEST = replace(
    DOCUMENTED,
    id="honest",
    variants=DOCUMENTED.variants[:2],
    baseline=A,
    claims=(Better(text="The first improves considerably.", source="here", pairs=((A, B),)),),
)


def _run(study: Study, storage: Path, **options: Any) -> Any:
    return run_study(study, preset="smoke", epochs=1, storage=storage, quiet=True, **options).report


def _kinds(report: Any) -> list[str]:
    return [reason.kind for reason in report.records.declared.reasons]


def test_only_what_the_record_shows_is_said_to_be_declared_before(tmp_path: Path) -> None:
    """An honest study is; one written over its records is not, nor an edited margin, nor seeds raised after looking."""
    honest = _run(HONEST, tmp_path, seeds=1)
    assert honest.records.declared.before
    assert honest.records.planned_seeds == 1
    assert "before the first of 2 trials had ended" in honest.declared()
    resumed = _run(HONEST, tmp_path, seeds=1)
    assert resumed.records.declared == honest.records.declared

    harked = replace(
        HONEST, id="harked", claims=(Equivalent(text="It changes nothing.", source="after", pairs=((A, B),)),)
    )
    report = _run(harked, tmp_path, seeds=1)
    assert all(trial.reused for trial in report.records.trials)
    assert _kinds(report) == ["trials ended before it"]
    assert report.records.planned_seeds is None
    assert not report.summary.looked_once
    assert report.declared().startswith("2 of 2 trials ended before this was declared")
    assert "before any data" not in report.write(tmp_path / "page").read_text(encoding="utf-8")

    unrun = report_study(replace(HONEST, claims=harked.claims), honest.records.tracking_uri)
    assert _kinds(unrun) == ["claims edited after data"]
    margin = _run(replace(HONEST, margin=NatsPerCharacter(nats=9.0)), tmp_path, seeds=1)
    assert _kinds(margin) == ["trials ended before it", "margin edited after data"]
    restored = _run(HONEST, tmp_path, seeds=2)
    assert _kinds(restored) == ["trials ended before it", "margin edited after data", "seeds raised after data"]
    assert restored.records.planned_seeds is None
    assert len(restored.records.trials) == 4
    _check_entries(honest.records.tracking_uri, entries=3)


def _check_entries(tracking_uri: str, entries: int) -> None:
    """Every entry's digest is the hash of the file that has it in words, and the first one still stands."""
    client = MlflowClient(tracking_uri)
    experiment = client.get_experiment_by_name("honest")
    assert experiment is not None
    wanted = f"tags.`{record.KIND}` = '{record.KIND_STUDY}'"
    (parent,) = client.search_runs([experiment.experiment_id], wanted)
    tags = {name: text for name, text in parent.data.tags.items() if name.startswith(record.DECLARATION_PREFIX)}
    assert len(tags) == entries
    for name, text in tags.items():
        number = name.removeprefix(record.DECLARATION_PREFIX)
        path = client.download_artifacts(parent.info.run_id, f"{record.DECLARATION_ARTIFACTS}/{number}.json")
        content = Path(path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == json.loads(text)["digest"]
        assert json.loads(content)["claims"][0]["text"] == HONEST.claims[0].text


@pytest.mark.evidence
def test_seeds_are_added_until_it_is_decided_who_reaches_a_target_sooner(tmp_path: Path) -> None:
    """Both sides arrive in epoch 1, or neither does: the driver knows the curves, of this run and of the one before."""
    race = ReachesSooner(text="The first is sooner.", source="here", pairs=((A, B),), target=1e6)
    study = replace(HONEST, id="race", claims=(race,))
    report = _run(study, tmp_path, until_decided=True, max_seeds=3)
    (verdict,) = report.summary.claims
    assert verdict.verdict == "undecided"
    result = verdict.deciding.race
    assert (result.neither, result.first.reached, result.second.reached) == (3, 3, 3)
    more = _run(study, tmp_path, until_decided=True, max_seeds=4)
    assert more.summary.claims[0].deciding.race.first.runs == 4
    unreached = replace(study, claims=(replace(race, target=1e-6),))
    never = report_study(unreached, report.records.tracking_uri).summary.claims[0].deciding.race
    assert (never.neither, never.first.reached, never.first.median_epochs) == (4, 0, None)
