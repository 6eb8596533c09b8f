"""The names in the record: what the sweep writes to MLflow and the analysis reads back. One vocabulary for both."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from soundproof.common.counting import plural_ending
from soundproof.common.json_texts import parsed

Status = Literal["completed", "stopped_early", "pruned", "diverged", "infeasible", "failed", "interrupted"]
"""How a trial ended. Never a number standing for one."""

STATUSES: tuple[Status, ...] = get_args(Status)

FINISHED: frozenset[Status] = frozenset({"completed", "stopped_early", "diverged", "infeasible"})
"""Ends that the same trial would reach again: such a trial is not run again. The others are."""

COMPARABLE: frozenset[Status] = frozenset({"completed", "stopped_early"})
"""Ends whose numbers may be compared. The others are counted and shown beside the numbers, never turned into one."""

KIND = "soundproof.kind"
KIND_STUDY = "study"
KIND_TRIAL = "trial"
KIND_SEARCH = "search"

TRIAL_ID = "soundproof.trial_id"
TRIAL = "soundproof.trial"
"""On a trial's run: its canonical JSON, unless that is longer than `LONGEST_TAG`; see `TRIAL_ARTIFACT` then."""
SPLIT = "soundproof.split"
"""On a trial's run: the type of its split."""
EPOCHS = "soundproof.epochs"
"""On a trial's run: the epochs that it may train, those of its ancestors included."""
HELD_OUT_BY = "soundproof.held_out_by"
"""On a trial's run, where its seed decided who validates: what was held out as a whole. See `HeldOut`."""
VALIDATED_ON = "soundproof.validated_on"
TESTED_ON = "soundproof.tested_on"
"""On the same: JSON lists of names."""
ENDED_AT = "soundproof.ended_at"
"""On a trial's run: when its result was there, in milliseconds since 1970. A copy has that of its original."""
INHERITED_EPOCHS = "soundproof.inherited_epochs"
"""On a trial's run that went on from the end of another trial: how many of those epochs its ancestors trained."""
LONGEST_TAG = 8000
"""Characters that MLflow takes of a tag."""
STUDY = "soundproof.study"
VARIANT = "soundproof.variant"
SEED = "soundproof.seed"
STATUS = "soundproof.status"
REASON = "soundproof.reason"
PRESET = "soundproof.preset"
CORPUS = "soundproof.corpus"
CORPUS_REMARKS = "soundproof.corpus_remarks"
"""On a study's or search's run: what whoever reads its results has to know of the corpus, a JSON list of sentences."""
MARGIN = "soundproof.margin"
DESIGN = "soundproof.design"
"""On a study's run: the number of seeds that was fixed before any data, or `UNTIL_DECIDED`."""
UNTIL_DECIDED = "until decided"
UNPAIRED = "soundproof.unpaired"
"""On a study's run: trials of one seed have nothing in common, and are compared unpaired."""
DECLARATION_PREFIX = "soundproof.declaration."
"""On a study's or search's run, with a number from 0001 on: what was declared then, JSON, with a time and the SHA-256
of the artifact of that number. None is ever written over."""
DECLARATION_ARTIFACTS = "declarations"
OWNER = "soundproof.owner"
"""On a study's or search's run while it is written: by whom, and where. JSON."""
OWNER_SEEN = "soundproof.owner_seen"
"""On the same: when that program last said that it was there, by its own clock."""
REUSED_FROM = "soundproof.reused_from"
SUPERSEDED = "soundproof.superseded"
"""On a trial's run whose study or corpus is no longer what it was then: it is kept, and not reported."""
EXPLAINED = "soundproof.explained"
"""On a trial's run whose artifacts have pictures of what its network attends to."""
DEVICE = "soundproof.device"
THREADS = "soundproof.threads"
"""On a trial's run: with how many threads it was trained. Sums are added in another order with another number, and the
same trial then differs in its last digits."""
SEARCH = "soundproof.search"
"""On a search's run: which of the searches of a space, by sampler, scheduler, seed, objectives, and what the space and
the corpus are."""
SAMPLER = "soundproof.sampler"
SCHEDULER = "soundproof.scheduler"
OBJECTIVES = "soundproof.objectives"
TRIALS = "soundproof.trials"
REJECTED = "soundproof.rejected"
"""On a search's run: how many samples a constraint turned down, by reason."""
NUMBER = "soundproof.number"
"""On a trial of a search: its number in the sampler's history."""
PURPOSE = "soundproof.purpose"
PURPOSE_SEARCH = "search"
PURPOSE_CONFIRMATION = "confirmation"
PURPOSE_LINEAGE = "lineage"
"""An ancestor of a confirmation, trained again because its descendant goes on from its end."""
GENERATION = "soundproof.generation"
"""On a trial of a population: its generation, the first being 0."""
CHOICES = "soundproof.choices"
"""On a trial of a search: the assignment of the space's parameters, JSON."""
DIGESTS = "soundproof.digests"
"""On a trial's run: a JSON object, the SHA-256 of each of the files that it left, by name."""
VERSION = "soundproof.version"
"""On a trial's run: the version of Soundproof that trained it."""
COMMIT = "soundproof.commit"
LIBRARIES = "soundproof.libraries"
"""On a trial's run: names and versions of what else its numbers depend on."""
FACTOR_PREFIX = "factor."

PARENT_RUN = "mlflow.parentRunId"
NOTE = "mlflow.note.content"

LOSS = "loss"
CER = "cer"
WER = "wer"
ACCURACY = "accuracy"
BALANCED_ACCURACY = "balanced_accuracy"
"""The mean share of right answers over the classes, each counting as much as any other."""
MACRO_F1 = "macro_f1"
MICRO_F1 = "micro_f1"
MEAN_AVERAGE_PRECISION = "mean_average_precision"
"""Of clips with several labels: the mean over the classes of the area under precision against recall."""
EQUAL_ERROR_RATE = "equal_error_rate"
"""Of detection: the share of misses where that of false alarms is the same; of several classes, the mean over them."""
VERIFICATION_EQUAL_ERROR_RATE = "verification_equal_error_rate"
"""Of pairs of clips of classes that training never saw, judged by the cosine of their embeddings: whether both are of
one class."""
MEAN_ABSOLUTE_ERROR = "mean_absolute_error"
ROOT_MEAN_SQUARED_ERROR = "root_mean_squared_error"
R2 = "r2"
"""Of clips with a value: the share of the values' variance that is explained; below 0 where the mean does better."""

VALIDATION_PREFIX = "validation/"
TRAIN_PREFIX = "train/"
TRAIN_LOSS = TRAIN_PREFIX + LOSS
TRAIN_ACCURACY = TRAIN_PREFIX + ACCURACY
"""Both while training, with dropout and with weights that change from batch to batch."""
VALIDATION_LOSS = VALIDATION_PREFIX + LOSS
VALIDATION_CER = VALIDATION_PREFIX + CER
VALIDATION_WER = VALIDATION_PREFIX + WER
VALIDATION_ACCURACY = VALIDATION_PREFIX + ACCURACY
VALIDATION_BALANCED_ACCURACY = VALIDATION_PREFIX + BALANCED_ACCURACY
VALIDATION_MACRO_F1 = VALIDATION_PREFIX + MACRO_F1
VALIDATION_MICRO_F1 = VALIDATION_PREFIX + MICRO_F1
VALIDATION_MEAN_AVERAGE_PRECISION = VALIDATION_PREFIX + MEAN_AVERAGE_PRECISION
VALIDATION_EQUAL_ERROR_RATE = VALIDATION_PREFIX + EQUAL_ERROR_RATE
VALIDATION_VERIFICATION_EQUAL_ERROR_RATE = VALIDATION_PREFIX + VERIFICATION_EQUAL_ERROR_RATE
VALIDATION_MEAN_ABSOLUTE_ERROR = VALIDATION_PREFIX + MEAN_ABSOLUTE_ERROR
VALIDATION_ROOT_MEAN_SQUARED_ERROR = VALIDATION_PREFIX + ROOT_MEAN_SQUARED_ERROR
VALIDATION_R2 = VALIDATION_PREFIX + R2
EPOCH_SECONDS = "time/epoch_seconds"
WEIGHT_NORM_PREFIX = "norm/weight/"
GRADIENT_NORM_PREFIX = "norm/gradient/"
"""With the name of a layer; recorded where it is asked for."""

BEST_PREFIX = "best/"
BEST_EPOCH = "best/epoch"
TEST_PREFIX = "test/"
TEST_ACCURACY = TEST_PREFIX + ACCURACY
TRAIN_GAP = "gap/train"
"""The validation loss of the last epoch less its training loss: how much a network has overfitted by then."""
TEST_GAP = "gap/test"
"""The validation accuracy of the weights that were kept less their test accuracy."""
DATA_PREFIX = "data/"
"""With the name of a partition: how many examples are in it; of transcripts also with `_words` or `_characters`.

Where validation and test hold classes that training never saw also with `_classes` and, of these two, `_pairs` and
`_same_class_pairs`."""
WORDS = "words"
CHARACTERS = "characters"
CLASSES = "classes"
PAIRS = "pairs"
SAME_CLASS_PAIRS = "same_class_pairs"
OWN_SCORE, OWN_ERROR = "score/", "error/"
"""After the prefix of a side, with a name: a metric of the user's own, of which more or less is better."""
MEAN_ANSWER_PREFIX = "mean_answer/"
"""With `validation/...` or `test/...`: what who answers the mean of the training values to every clip would score."""
COMMONEST_ANSWER_PREFIX = "commonest_answer/"
"""With the same: what who answers the commonest class of the training clips to every clip would score."""
UNKNOWN_CHARACTERS = "unknown_characters"
"""Those that an alphabet of training texts lacks."""
TRAIN_SECONDS = "cost/train_seconds"
PARAMETERS = "cost/parameters"
LATENCY_SECONDS = "cost/latency_seconds"
"""Of one example, from features to scores."""
MICRO_BATCH = "cost/micro_batch"
"""Examples at once where memory did not suffice for a whole batch; gradients were accumulated over it."""

TRIALS_PREFIX = "trials/"
"""On a study's or search's run: how many of its trials ended so, with the name of a status."""
BEST_VARIANT_PREFIX = "best_variant/"
"""On the same: the best mean that a variant has over its seeds, with the name of the metric."""
BEST_VARIANT = "soundproof.best_variant"

SPACE_ARTIFACT = "space.json"
CUSTOM_ARTIFACTS = "own"
BESIDE_ARTIFACTS = "beside"
"""Of a registered network: what its own file imports from its folder."""
AUDIO_ARTIFACTS = "audio"
TRIAL_ARTIFACT = "trial.json"
WEIGHTS_ARTIFACT = "weights.safetensors"
PREDICTIONS_ARTIFACT = "predictions.json"
PREDICTIONS_TABLE_ARTIFACT = "predictions.csv"
CONFUSION_ARTIFACT = "confusion_matrix.svg"
EXPLANATIONS_ARTIFACT = "explanations"

_HIGHER_IS_BETTER = ("accuracy", "f1", "average_precision", "/r2")


_MOST_NAMES, _LONGEST_NAMES = 12, 400
"""Of what was held out: how many names, and how many characters of them, are written out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldOut:
    """What a trial's seed held out of the training: whole groups of `kind`.

    That is "speaker", "recording", "class", "fold" or "clip".

    Names are sorted, so equal values are equal sets. In the place of many names stands one that is made of all of them:
    `214 recordings (9f86d081884c)`. `test` is empty where the corpus has a test set of its own.
    """

    kind: str
    validation: tuple[str, ...]
    test: tuple[str, ...]

    @classmethod
    def of(cls, kind: str, validation: Collection[str], test: Collection[str]) -> "HeldOut":
        """Of these names, however many they are."""
        return cls(kind=kind, validation=_short(kind, validation), test=_short(kind, test))

    @property
    def group(self) -> str:
        """What stands for the validation side: equal for two seeds of a corpus exactly when they validated on the same.

        >>> HeldOut.of("speaker", ["theo", "jackson"], ["nicolas"]).group
        'jackson, theo'
        """
        ambiguous = any(", " in name or '"' in name for name in self.validation)
        return json.dumps(self.validation) if ambiguous else ", ".join(self.validation)

    @property
    def tags(self) -> dict[str, str]:
        """As the tags of a run."""
        validation, test = (json.dumps(names, ensure_ascii=False) for names in (self.validation, self.test))
        return {HELD_OUT_BY: self.kind, VALIDATED_ON: validation, TESTED_ON: test}

    @classmethod
    def from_tags(cls, tags: Mapping[str, str]) -> "HeldOut | None":
        """What the tags of a run say; None where they say nothing that can be understood."""
        try:
            validation, test = (tuple(parsed(tags[name])) for name in (VALIDATED_ON, TESTED_ON))
            return cls(kind=tags[HELD_OUT_BY], validation=validation, test=test)
        except (KeyError, ValueError, TypeError):
            return None


def _short(kind: str, names: Collection[str]) -> tuple[str, ...]:
    """The names, sorted, or one that stands for all of them."""
    found = tuple(sorted(set(names)))
    text = json.dumps(found)
    if len(found) <= _MOST_NAMES and len(text) <= _LONGEST_NAMES:
        return found
    return (f"{len(found)} {kind}{plural_ending(kind)} ({hashlib.sha256(text.encode()).hexdigest()[:12]})",)


def digests_of(tags: Mapping[str, str]) -> dict[str, str]:
    """What a trial's run says of its files; nothing where an earlier version wrote it, or where that is no such object.

    >>> digests_of({"soundproof.digests": '{"trial.json": "9f86"}'}), digests_of({})
    ({'trial.json': '9f86'}, {})
    """
    try:
        found = parsed(tags.get(DIGESTS, "{}"))
    except ValueError:
        return {}
    return {str(name): str(digest) for name, digest in found.items()} if isinstance(found, dict) else {}


Curve = tuple[tuple[int, float], ...]
"""(epoch, value) pairs in the order of epochs; values that are not finite are left out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EndedTrial:
    """How one trial of a study ended: what a decision about further seeds may know. Metrics are the final ones.

    `held_out` is None where it is not known, and where the corpus or the split fixes it for every seed. `history` has
    the metrics of every epoch that the study's claims are decided by, and no others.
    """

    variant: str
    seed: int
    status: Status
    metrics: Mapping[str, float]
    held_out: HeldOut | None = None
    history: Mapping[str, Curve] = field(default_factory=dict)


def best(metric: str) -> str:
    """The name under which the best epoch's value of a per-epoch `validation/...` metric is recorded."""
    return BEST_PREFIX + metric


OUTSIDE_PREFIX = "outside/"
"""Of metrics that other programs recorded: no table of ours knows them, so the name says which values are better."""

OUTSIDE_STEP = OUTSIDE_PREFIX + "step"
"""By how much the values of such a metric move at least, where it moves in steps."""

_HIGHER, _LOWER = (f"{OUTSIDE_PREFIX}{direction}/" for direction in ("higher", "lower"))


def outside_metric(name: str, *, higher_is_better: bool) -> str:
    """The name of a metric that another program called `name`."""
    return (_HIGHER if higher_is_better else _LOWER) + name


def outside_name(metric: str) -> str | None:
    """What the other program calls the metric; None of a metric of ours.

    >>> outside_name(outside_metric("WER", higher_is_better=False)), outside_name("best/validation/loss")
    ('WER', None)
    """
    if not metric.startswith((_HIGHER, _LOWER)):
        return None
    return metric.removeprefix(_HIGHER).removeprefix(_LOWER)


def higher_is_better(metric: str) -> bool:
    """Whether larger values of `metric` are the better ones. Losses, error rates, epochs and costs are not."""
    if metric.startswith((_HIGHER, _LOWER)):
        return metric.startswith(_HIGHER)
    own = own_metric(metric)
    return own.startswith(OWN_SCORE) if own is not None else metric.endswith(_HIGHER_IS_BETTER)


def own_metric(metric: str) -> str | None:
    """`score/NAME` or `error/NAME` of a metric of the user's own, with whatever prefix; None of others."""
    for kind in (OWN_SCORE, OWN_ERROR):
        side, found, name = metric.partition(kind)
        if found and side.endswith((VALIDATION_PREFIX, TEST_PREFIX)):
            return kind + name
    return None
