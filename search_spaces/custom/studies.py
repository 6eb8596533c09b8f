"""A study of a few networks in a dozen lines: what is left out is as studies of its domain usually have it."""

from collections.abc import Mapping, Sequence

from soundproof.common import record
from soundproof.search_spaces.claims import Better, Claim
from soundproof.search_spaces.custom.networks import ClassifierNetwork, TranscriberNetwork
from soundproof.search_spaces.specs import Adam, Features, LogSpectrogram, MelSpectrogram, Network, Recipe, SpecError
from soundproof.search_spaces.studies import (
    DOMAINS,
    Absolute,
    Domain,
    Level,
    NatsPerCharacter,
    Study,
    Variant,
    task_of,
)

_SOURCE = "the study's file"
_IN_UNITS_OF_VALUES = (record.MEAN_ABSOLUTE_ERROR, record.ROOT_MEAN_SQUARED_ERROR)
_MEL = MelSpectrogram(sample_rate_hz=22050, window_samples=1024, hop_samples=512, mel_bands=40)
_RECIPE = Recipe(optimizer=Adam(learning_rate=0.001), batch_size=32)
_CLIPPED = Recipe(optimizer=Adam(learning_rate=0.001), batch_size=32, clip_norm=5.0)


def make_study(
    *,
    id: str,  # as `Study` calls it
    question: str,
    domain: Domain,
    networks: Mapping[str, Network | ClassifierNetwork | TranscriberNetwork],
    factor: str = "network",
    baseline: str | None = None,
    claims: Sequence[Claim] | None = None,
    metric: str | None = None,
    margin: float | None = None,
    features: Features | None = None,
    recipe: Recipe | None = None,
    epochs: int = 30,
) -> Study:
    """A study that compares `networks`; what is left out is as studies of its domain usually have it.

    Arguments:
        id: Names the study in the record and in the storage: lower-case letters, digits, dashes, dots, underscores.
        question: What the study asks, a sentence for people.
        domain: What the networks listen to; decides presets, the embedded corpus, and whether speech is transcribed.
        networks: By the level of `factor`, in words; the variants are called `ID/LEVEL`, with dashes for spaces.
        factor: What differs among the networks.
        baseline: The level that all others are compared with; the first one unless named.
        claims: What is tested; by default, of each other network, that it is better than the baseline.
        metric: What decides, by its name in the record; by default the loss where speech is transcribed, else the
            accuracy. Clips with several labels have none: `best/validation/mean_average_precision`, say; nor have clips
            with a value: `best/validation/mean_absolute_error`; nor a split of whole classes:
            `best/validation/verification_equal_error_rate`.
        margin: The smallest difference that matters, in the metric's unit: of the best validation accuracy, and shares
            like it, 0.02 unless given; of the best validation loss where speech is transcribed, in nats per character,
            0.05. Of errors of values there is no usual one.
        features: Of every variant; mel bands by default, a log spectrogram for speech.
        recipe: Of every variant; by default Adam with a learning rate of 0.001 and batches of 32.
        epochs: Of every variant at its documented size.

    Returns:
        The study, to be kept in a variable of a file, or run as it is.

    Raises:
        SpecError: The domain is none, there are fewer than two networks, the baseline is none of them, or a margin is
            missing.
        CustomFileError: A network of the user's own cannot be built again from its fields, or is in no loaded file.

    >>> first, second, *_ = find_study("speech-commands").variants
    >>> networks = {"first": first.network, "second": second.network}
    >>> make_study(id="two", question="Is the second better?", domain="keywords", networks=networks).baseline
    'two/first'
    """
    first = _checked_baseline(domain, list(networks), baseline)
    if margin is None and metric is not None and metric.endswith(_IN_UNITS_OF_VALUES):
        raise SpecError(
            f"make_study: {metric} is in the unit of the values, and the margin, too: give it, as margin=0.5"
        )
    speech = task_of(domain) == "transcription"
    ids = {label: f"{id}/{'-'.join(label.lower().split())}" for label in networks}
    usual_features, usual_recipe = (LogSpectrogram(), _CLIPPED) if speech else (_MEL, _RECIPE)
    variants = tuple(
        Variant(
            id=ids[label],
            levels=(Level(factor=factor, value=label),),
            features=features or usual_features,
            network=network.spec() if isinstance(network, ClassifierNetwork | TranscriberNetwork) else network,
            recipe=recipe or usual_recipe,
            epochs=epochs,
        )
        for label, network in networks.items()
    )
    asked = [_better(label, first, ids) for label in networks if label != first]
    least = margin if margin is not None else 0.05 if speech else 0.02
    return Study(
        id=id,
        domain=domain,
        question=question,
        source=_SOURCE,
        baseline=ids[first],
        variants=variants,
        claims=tuple(asked if claims is None else claims),
        metric=metric or record.best(record.VALIDATION_LOSS if speech else record.VALIDATION_ACCURACY),
        margin=NatsPerCharacter(nats=least) if speech else Absolute(value=least),
    )


def _checked_baseline(domain: str, labels: Sequence[str], baseline: str | None) -> str:
    """The baseline that is named, or the first of the networks. Raises `SpecError` where there can be no study."""
    if domain not in DOMAINS:
        raise SpecError(f"make_study: the domain must be one of {', '.join(DOMAINS)}, got {domain!r}")
    if len(labels) < 2:
        raise SpecError(f"make_study: a study compares two or more networks, got {len(labels)}")
    first = labels[0] if baseline is None else baseline
    if first not in labels:
        raise SpecError(f"make_study: the baseline must be one of {labels}, got {first!r}")
    return first


def _better(label: str, first: str, ids: Mapping[str, str]) -> Claim:
    return Better(text=f"“{label}” is better than “{first}”.", source=_SOURCE, pairs=((ids[label], ids[first]),))
