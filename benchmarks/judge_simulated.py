"""Judges simulated studies by whatever version of Soundproof is found first: a process of its own for each version.

    PYTHONPATH=CHECKOUT python benchmarks/judge_simulated.py REQUEST.json VALUES.npz ANSWER.json

The request names the claims, the margin and the metric; the values are losses (studies, variants, seeds), NaN where a
run diverged, and, where seeds hold out speakers, which one each holds out. Nothing here knows which version judges.
"""

import inspect
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import soundproof.search_spaces.claims as claim_kinds
from soundproof.analysis.verdicts import decisions
from soundproof.analysis.verdicts.until_decided import UntilDecided
from soundproof.common import record
from soundproof.common.record import EndedTrial
from soundproof.search_spaces import find_study
from soundproof.search_spaces.studies import Level, Study, Variant

try:
    from soundproof.analysis.verdicts.outcomes import Outcomes
except ImportError:  # before Outcomes had a file of its own
    from soundproof.analysis.verdicts.evidence import Outcomes  # type: ignore[attr-defined, no-redef]

try:
    from soundproof.analysis.verdicts.failed_runs import failed_runs
    from soundproof.analysis.verdicts.verdicts import questions_differ
except ImportError:  # before runs that did not train were told from others
    failed_runs = None  # type: ignore[assignment]

FIELDS = set(inspect.signature(EndedTrial).parameters)
CLEAN: dict[str, Any] = (
    {"rare_failure": 0.15} if "rare_failure" in inspect.signature(Outcomes.__init__).parameters else {}
)
ASKS_VIEWS = "view" in inspect.signature(decisions.decide_claims).parameters
VIEWS: tuple[str | None, ...] = ("trained", "typical", "all runs") if ASKS_VIEWS else (None,)


def main() -> None:
    """Answer one request."""
    request_path, values_path, answer_path = map(Path, sys.argv[1:])
    request = json.loads(request_path.read_text())
    values = np.load(values_path)["values"]
    study = declared(request)
    answers = [judge(request, study, losses) for losses in values]
    answer_path.write_text(json.dumps(answers))


def declared(request: Mapping[str, Any]) -> Study:
    """The study that is asked about."""
    model = find_study("asr-cnn-sublayer-order").variants[0]
    return Study(
        id="simulated",
        question="Is it calibrated?",
        source="simulation",
        baseline=request["variants"][0],
        metric=request["metric"],
        variants=tuple(
            Variant(
                id=variant,
                levels=(Level(factor="letter", value=variant),),
                features=model.features,
                network=model.network,
                recipe=model.recipe,
                epochs=1,
            )
            for variant in request["variants"]
        ),
        claims=tuple(_claim(**claim) for claim in request["claims"]),
    )


def _claim(kind: str, **fields: Any) -> Any:
    made = {name: _tuples(value) for name, value in fields.items()}
    return getattr(claim_kinds, kind)(text="simulated", source="simulation", **made)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def judge(request: Mapping[str, Any], study: Study, losses: Any) -> dict[str, Any]:
    """Verdicts by design: `fixed` and, without a plan, `looks` by number of seeds, `open` once decided."""
    margin, compared = request["margin"], decisions.compared_variants(study)
    answer: dict[str, Any] = {"fixed": {}, "looks": {}}

    def verdicts(trials: Sequence[EndedTrial], planned: int | None) -> dict[str, Any]:
        outcomes = Outcomes(trials, compared=compared, planned_seeds=planned, **CLEAN)
        found: dict[str, Any] = {}
        for view in VIEWS:
            more: dict[str, Any] = {} if view is None else {"view": view}
            decided = decisions.decide_claims(study, outcomes, margin, **more)
            found[view or "trained"] = [str(decision.verdict) for decision in decided]
            if view in (None, "trained"):
                found["p_values"] = [(decision.support, decision.contradict) for decision in decided]
                if failed_runs is not None:
                    runs = [failed_runs(outcomes, sorted(compared), decision.endpoint) for decision in decided]
                    found["warned"] = any(of_claim.any for of_claim in runs)
        if "warned" in found:
            found["warned"] |= any(map(questions_differ, found["trained"], found["typical"]))
        return found

    for seeds in request["fixed"]:
        answer["fixed"][seeds] = verdicts(_trials(request, study, losses[:, :seeds]), seeds)
    for seeds in request["looks"]:
        planned = seeds if request["replanned"] else None
        answer["looks"][seeds] = verdicts(_trials(request, study, losses[:, :seeds]), planned)
    if request["processors"]:
        trials: list[EndedTrial] = []
        every = {(trial.variant, trial.seed): trial for trial in _trials(request, study, losses)}
        schedule = UntilDecided(study, margin=margin, maximum_seeds=losses.shape[1])
        while wanted := schedule.wanted(trials, ()):
            trials += [every[request_] for request_ in wanted[: request["processors"]]]
        answer["open"] = verdicts(trials, None) | {"trials": len(trials)}
    return answer


def _trials(request: Mapping[str, Any], study: Study, losses: Any) -> list[EndedTrial]:
    held_out = request.get("held_out")

    def more(seed: int) -> dict[str, Any]:
        if held_out is None or "held_out" not in FIELDS:
            return {}
        return {"held_out": record.HeldOut.of("speaker", [held_out[seed]], [])}

    return [
        EndedTrial(
            variant=variant.id,
            seed=seed,
            status="completed" if np.isfinite(losses[row, seed]) else "diverged",
            metrics={request["metric"]: float(losses[row, seed]), **request["metrics"]}
            if np.isfinite(losses[row, seed])
            else {},
            **more(seed),
        )
        for seed in range(losses.shape[1])
        for row, variant in enumerate(study.variants)
    ]


if __name__ == "__main__":
    main()
