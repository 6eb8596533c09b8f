"""What can be read off a source is proposed and named; what cannot is asked for, with the option that says it."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from soundproof.analysis.judging.answers import NO_SEED, Answers
from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.common import record

_SEED = re.compile(r"(^|[^a-z])(random_?)?(seed|random_state)([^a-z]|$)", re.IGNORECASE)
_VARIANT = ("variant", "arm", "model", "method", "algorithm", "config", "system", "architecture", "setting")
_STATE = ("status", "state")
_HIGHER = (
    "accuracy",
    "acc",
    "f1",
    "auc",
    "map",
    "bleu",
    "reward",
    "return",
    "precision",
    "recall",
    "iou",
    "r2",
    "score",
)
_LOWER = (
    "loss",
    "wer",
    "cer",
    "per",
    "error",
    "err",
    "perplexity",
    "ppl",
    "rmse",
    "mse",
    "mae",
    "eer",
    "fad",
    "epochs",
)
_TURNED = "neg"
"""In names of losses with their sign turned, as scikit-learn scores by them."""

_FINISHED = frozenset("success finished completed complete ok done keep kept discard discarded stopped_early".split())
_FAILED = frozenset(
    "failed fail failure crash crashed error aborted killed diverged nan timeout infeasible pruned suspected".split()
)
RUNNING = frozenset("running pending scheduled queued waiting interrupted unfinished".split())
MOST_NAMED = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Understood:
    """Answers with nothing open that is needed, and a sentence for each that was read off the source."""

    answers: Answers
    proposed: tuple[str, ...]


def understand(found: Found, given: Answers) -> Understood:
    """Complete the answers from what the source shows. Raises `SourceError` for what has to be said by somebody."""
    _check_columns(found, given)
    proposed: list[str] = []
    answers = given
    if not answers.metric:
        metric = _metric(found, answers)
        answers = replace(answers, metric=metric)
        proposed.append(f"the metric is {metric!r}, the only column that looks like one (--metric names another)")
    if not answers.state:
        state = next(
            (name for name in found.columns if found.hints.get(name) == "state" or name.lower() in _STATE), None
        )
        if state is not None:
            answers = replace(answers, state=state)
            proposed.append(f"how a run ended is in {state!r}")
    if not answers.seed:
        seed = _seed(found)
        answers = replace(answers, seed=seed or NO_SEED)
        if not answers.data_set:  # of several data sets they are the pairs, whatever seeds are
            proposed.append(
                f"runs of one {seed!r} are pairs (--seed none: they are not)"
                if seed
                else "no column names seeds, so runs are compared unpaired (--seed COLUMN pairs them)"
            )
    if not answers.variant:
        variant = _variant(found, answers)
        answers = replace(answers, variant=(variant,))
        proposed.append(f"variants differ in {variant!r} (--variant names other columns)")
    if answers.higher_is_better is None:
        higher = direction_of(str(answers.metric))
        answers = replace(answers, higher_is_better=higher)
        proposed.append(f"{'higher' if higher else 'lower'} values of {answers.metric!r} are better, by its name")
    if answers.curve_end is None and any(answers.metric in run.curves for run in found.runs):
        raise SourceError(
            f"{found.name}: {answers.metric!r} is a curve: does a run count with its best or with its last value? "
            "Say --curve-end best or --curve-end last"
        )
    return Understood(answers=answers, proposed=tuple(proposed))


def state_of(run: FoundRun, answers: Answers, where: str) -> record.Status:
    """How a run ended, as the record calls it. Raises `SourceError` for a word that nobody explained."""
    word = (run.cells.get(answers.state, "") if answers.state else "") or run.state or ""
    if not word:
        return "completed"
    if word in answers.finished:
        return "completed"
    if word in answers.failed:
        return "failed"
    plain = word.lower().replace(" ", "_")
    if plain in _FINISHED:
        return "completed"
    if plain in RUNNING:
        return "interrupted"
    if plain in _FAILED:
        return "diverged" if plain in ("diverged", "nan") else "pruned" if plain == "pruned" else "failed"
    raise SourceError(
        f"{where}: {run.where} ended in {word!r}, which may be a failure or not: say --finished {word} or "
        f"--failed {word}"
    )


def numeric_columns(found: Found) -> list[str]:
    """Columns of which every cell that is not empty is a number, and curves, in the source's order."""
    columns = [
        name
        for name in found.columns
        if found.hints.get(name) not in ("bookkeeping", "seed", "state", "variant")
        and any(name in run.cells for run in found.runs)
        and all(number(run.cells[name]) is not None for run in found.runs if name in run.cells)
    ]
    curves = dict.fromkeys(name for run in found.runs for name in run.curves)
    return [*columns, *(name for name in curves if name not in columns)]


def _check_columns(found: Found, given: Answers) -> None:
    known = {*found.columns, *(name for run in found.runs for name in run.curves)}
    named = [*given.variant, *given.arm, *(column for column, _ in given.only)]
    named += [name for name in (given.metric, given.state, given.held_out, given.data_set) if name]
    named += [given.seed] if given.seed and given.seed != NO_SEED else []
    for name in named:
        if name not in known:
            raise SourceError(f"{found.name} has no column {name!r}: it has {_some(sorted(known))}")


def _metric(found: Found, answers: Answers) -> str:
    taken = {*answers.variant, *answers.arm, answers.seed or "", answers.held_out or "", answers.data_set or ""}
    numeric = [name for name in numeric_columns(found) if name not in taken and not _SEED.search(name)]
    likely = [name for name in numeric if direction_by_name(name) is not None]
    if len(likely) == 1:
        return likely[0]
    if not likely and len(numeric) == 1:
        return numeric[0]
    raise SourceError(
        f"{found.name}: which column is compared? Say --metric with one of {_some(likely or numeric)}"
        if numeric
        else f"{found.name} has no column of numbers besides seeds: a metric needs one (--metric). {_text_cells(found)}"
    )


def _text_cells(found: Found) -> str:
    """The first cells that keep a column with a metric's name from being one."""
    for name in found.columns:
        if direction_by_name(name) is not None:
            for run in found.runs:
                if name in run.cells and number(run.cells[name]) is None:
                    return f"{run.where}, column {name!r}, holds {run.cells[name]!r}, which is no number"
    return ""


def _seed(found: Found) -> str | None:
    hinted = [name for name in found.columns if found.hints.get(name) == "seed"]
    named = [name for name in found.columns if _SEED.search(name)]
    candidates = hinted or named
    if len(candidates) > 1:
        raise SourceError(f"{found.name}: which column is the seed? Name {_some(candidates)} by --seed, or none")
    return candidates[0] if candidates else None


def _variant(found: Found, answers: Answers) -> str:
    hinted = [name for name in found.columns if found.hints.get(name) == "variant"]
    named = [name for name in found.columns if name.lower() in _VARIANT]
    candidates = hinted or named or list(_settings(found, answers))
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise SourceError(
            f"{found.name}: nothing tells variants apart: name columns of {_some(found.columns)} by --variant"
        )
    raise SourceError(
        f"{found.name}: which column tells variants apart? Say --variant with one of {_some(candidates)}; several "
        "--variant make factors of them"
    )


def _settings(found: Found, answers: Answers) -> Iterator[str]:
    """Columns with two or more values, each of which comes again."""
    taken = {answers.metric, answers.seed, answers.state, answers.data_set}
    for name in found.columns:
        if name in taken or found.hints.get(name) == "bookkeeping" or direction_by_name(name) is not None:
            continue
        counts = Counter(run.cells.get(name, "") for run in found.runs)
        if len(counts) >= 2 and min(counts.values()) >= 2:
            yield name


def direction_of(metric: str) -> bool:
    """Whether higher values are better, by the metric's name. Raises `SourceError` where that does not say."""
    higher = direction_by_name(metric)
    if higher is None:
        raise SourceError(
            f"are higher or lower values of {metric!r} better? Say --higher-is-better or --lower-is-better"
        )
    return higher


def direction_by_name(metric: str) -> bool | None:
    """Whether higher values of a metric of that name are better; None where the name does not say.

    >>> direction_by_name("val/acc"), direction_by_name("logloss"), direction_by_name("neg_log_loss")
    (True, False, True)
    """
    words = set(re.split(r"[^a-z0-9]+", metric.lower())) | {re.sub(r"[^a-z]", "", metric.lower().rpartition("/")[2])}
    lower, higher = (any(word in words for word in known) for known in (_LOWER, _HIGHER))
    lower |= any(word.endswith("loss") for word in words)
    if lower == higher:
        return None
    return lower if _TURNED in words else higher


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in list(names)[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return shown + (f" and {more} more" if more > 0 else "") if names else "none"


def finite_or_nan(text: str | None) -> float:
    """The number in a cell; NaN where it is empty."""
    value = None if text is None else number(text)
    return math.nan if value is None else value
