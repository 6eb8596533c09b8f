"""Hypothesis strategies for the value types of `search_spaces`."""

from dataclasses import replace
from typing import Any, get_args

from hypothesis import strategies as st

from soundproof.search_spaces import STUDIES
from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.presets import with_outputs_for
from soundproof.search_spaces.specs import (
    Adam,
    AdamW,
    BareHead,
    BatchNorm,
    Budget,
    ClassSplit,
    ConformerStack,
    ConvolutionModule,
    ConvStack,
    Cut,
    DenseHead,
    Dropout,
    ExponentialDecay,
    FoldSplit,
    GroupFoldSplit,
    GroupSplit,
    LabelledClips,
    LifteredMfcc,
    LogSpectrogram,
    MelCepstrum,
    MelSpectrogram,
    Mfcc,
    Mixup,
    Noise,
    PlateauStopping,
    RandomSplit,
    RawWaveform,
    Recipe,
    RecurrentStack,
    Relu,
    Sgd,
    SpecAugment,
    SpeechNetwork,
    SpeedPerturbation,
    StepDecay,
    SyntheticGenres,
    SyntheticKeywords,
    SyntheticSounds,
    SyntheticSpeech,
    TimeShift,
    TransformerStack,
    Trial,
    WarmStart,
    WarmupCosine,
)
from soundproof.search_spaces.specs.classifiers import AttentionClassifier
from soundproof.search_spaces.specs.clips import ClipDataset

rates = st.floats(0.01, 0.9)
sublayers = st.lists(st.one_of(st.just(Relu()), st.just(BatchNorm()), st.builds(Dropout, rate=rates)), max_size=3).map(
    tuple
)


@st.composite
def convolutions(draw: Any) -> ConvStack:
    """Small convolution stacks of every kind."""
    dense = draw(st.booleans())
    padding = "same" if dense else draw(st.sampled_from(["same", "valid"]))
    return ConvStack(
        layers=draw(st.integers(1, 4)),
        filters=draw(st.integers(1, 5)),
        kernel_size=draw(st.sampled_from([1, 3, 5] if padding == "same" else [1, 2, 3, 4])),
        stride=1 if dense else draw(st.integers(1, 3)),
        padding=padding,
        dilation=draw(st.sampled_from(["none", "doubling", "reversed"])),
        connectivity="dense" if dense else "plain",
        sublayers=draw(sublayers),
    )


@st.composite
def recurrences(draw: Any) -> RecurrentStack:
    """Small recurrent stacks of every kind."""
    layers = draw(st.integers(1, 3))
    return RecurrentStack(
        cell=draw(st.sampled_from(["simple_rnn", "gru", "lstm"])),
        layers=layers,
        units=draw(st.integers(1, 5)),
        merge=draw(st.sampled_from([None, "concat", "sum", "ave", "mul"])),
        connectivity="plain" if layers == 1 else draw(st.sampled_from(["plain", "dense"])),
        sublayers_between=() if layers == 1 else draw(sublayers),
    )


convolution_modules = st.builds(
    ConvolutionModule,
    kernel_size=st.sampled_from([1, 3, 7]),
    norm=st.sampled_from(["batch", "group"]),
    first=st.booleans(),
)


@st.composite
def attentions(draw: Any) -> ConformerStack | TransformerStack:
    """Small stacks of attention of every kind."""
    heads = draw(st.integers(1, 3))
    sizes: dict[str, Any] = {
        "layers": draw(st.integers(1, 2)),
        "channels": heads * draw(st.integers(1, 3)),
        "heads": heads,
        "feed_forward_units": draw(st.integers(1, 5)),
        "dropout": draw(st.none() | rates),
        "positions": draw(st.sampled_from(["none", "sinusoidal"])),
    }
    if draw(st.booleans()):
        return TransformerStack(**sizes, norm=draw(st.sampled_from(["before", "after"])))
    return ConformerStack(**sizes, convolution=draw(st.none() | convolution_modules))


@st.composite
def networks(draw: Any) -> SpeechNetwork:
    """Speech networks with at least one stack."""
    kind = draw(st.sampled_from(["convolution", "recurrent", "attention"]))
    return SpeechNetwork(
        convolution=draw(convolutions() if kind == "convolution" else st.none() | convolutions()),
        recurrent=draw(recurrences()) if kind == "recurrent" else None,
        attention=draw(attentions()) if kind == "attention" else None,
        head=draw(st.just(BareHead()) | st.builds(DenseHead, outputs=st.just(OUTPUTS), sublayers=sublayers)),
    )


@st.composite
def recipes(draw: Any, *, of_speech: bool = True) -> Recipe:
    """Recipes of every kind; transcripts are not mixed, and kept by loss."""
    optimizer = draw(optimizers)
    decays = isinstance(optimizer, Sgd) and optimizer.decay > 0
    augmentations = draw(st.sampled_from([(), (SpeedPerturbation(),), (SpeedPerturbation(factors=(0.8, 1.25)),)]))
    augmentations += draw(st.lists(augmentations_alone, max_size=3).map(tuple))
    if not of_speech:
        augmentations += draw(st.sampled_from([(), (Mixup(),), (Mixup(alpha=0.4),)]))
    frames = draw(st.none() | st.integers(1, 9999))
    return Recipe(
        optimizer=optimizer,
        schedule=None if decays else draw(schedules),
        batch_size=draw(st.integers(1, 64)) if frames is None else 32,
        batch_frames=frames,
        accumulate_batches=draw(st.integers(1, 4)),
        precision=draw(st.sampled_from(["single", "bfloat16"])),
        clip_norm=draw(st.none() | st.floats(0.1, 10)),
        normalise=draw(st.booleans()),
        augmentations=augmentations,
        stopping=draw(st.none() | st.builds(PlateauStopping, patience_epochs=st.integers(1, 9))),
        keep="loss" if of_speech else draw(st.sampled_from(["loss", "accuracy"])),
    )


learning_rates = st.floats(1e-6, 10, exclude_min=True)
weight_decays = st.just(0.0) | st.floats(0, 1)
optimizers = (
    st.builds(Adam, learning_rate=learning_rates)
    | st.builds(AdamW, learning_rate=learning_rates, weight_decay=weight_decays)
    | st.builds(Sgd, learning_rate=learning_rates, decay=st.just(0.0) | st.floats(0, 1), weight_decay=weight_decays)
)
schedules = (
    st.none()
    | st.builds(ExponentialDecay, hold_epochs=st.integers(0, 20), rate=st.floats(0.001, 1))
    | st.builds(WarmupCosine, warmup_fraction=st.floats(0, 0.9), final_factor=st.floats(0, 0.9))
    | st.just(StepDecay(after_epochs=(2, 5), factors=(0.5, 0.3)))
)
fractions = st.floats(0.01, 1)
augmentations_alone = (
    st.builds(SpecAugment, time_masks=st.integers(1, 3), time_fraction=fractions, frequency_fraction=fractions)
    | st.builds(TimeShift, fraction=fractions)
    | st.builds(Noise, deviation=fractions)
)
sample_rates = st.sampled_from([8000, 16000])
features = (
    st.builds(LogSpectrogram, sample_rate_hz=sample_rates)
    | st.builds(Mfcc, coefficients=st.integers(1, 40))
    | st.builds(LifteredMfcc, sample_rate_hz=sample_rates, lifter=st.integers(0, 30))
)
clip_features = (
    st.builds(MelSpectrogram, sample_rate_hz=sample_rates, scale=st.sampled_from(["power", "decibels"]))
    | st.builds(MelCepstrum, coefficients=st.integers(1, 128))
    | st.builds(RawWaveform, sample_rate_hz=sample_rates)
)
split_fractions = {"validation_fraction": st.floats(0, 0.4), "test_fraction": st.floats(0, 0.4)}
splits = (
    st.builds(GroupSplit, **split_fractions)
    | st.just(FoldSplit())
    | st.builds(GroupFoldSplit, folds=st.integers(3, 9))
    | st.builds(RandomSplit, **split_fractions, seed=st.none() | st.integers(-(2**63) + 1, 2**63 - 1))
)
class_splits = st.builds(ClassSplit, **split_fractions)

corpora = st.builds(
    SyntheticSpeech,
    train_utterances=st.integers(3, 99),
    validation_utterances=st.integers(3, 99),
    test_utterances=st.integers(3, 99),
    train_speakers=st.integers(1, 3),
    validation_speakers=st.integers(1, 3),
    test_speakers=st.integers(1, 3),
    seed=st.integers(0, 2**40),
)
cuts = st.builds(Cut, seconds=st.floats(0.1, 30), per_recording=st.integers(1, 10))
clip_corpora = (
    st.builds(SyntheticSounds, cut=cuts, sources_per_fold=st.integers(1, 9), folds=st.integers(3, 9))
    | st.builds(SyntheticGenres, cut=cuts, tracks_per_genre=st.integers(3, 99), seed=st.integers(0, 2**40))
    | st.builds(
        SyntheticKeywords,
        cut=cuts,
        train_clips_per_class=st.integers(1, 99),
        validation_clips_per_class=st.integers(1, 99),
        test_clips_per_class=st.integers(1, 99),
        train_speakers=st.integers(1, 9),
        validation_speakers=st.integers(1, 9),
        test_speakers=st.integers(1, 9),
    )
    | st.builds(
        LabelledClips,
        dataset=st.sampled_from(get_args(ClipDataset)),
        cut=cuts,
        classes=st.sets(st.text(max_size=5), min_size=1, max_size=5).map(lambda names: tuple(sorted(names))),
        content=st.text("0123456789abcdef", max_size=16),
    )
)

attention_classifiers = st.builds(
    AttentionClassifier,
    convolution=st.none() | convolutions(),
    attention=attentions(),
    pooling=st.sampled_from(["attention", "mean", "maximum"]),
    dropout=st.none() | rates,
    classes=st.integers(1, 5),
)

declared_classifiers = st.sampled_from(
    [
        variant.network
        for study in STUDIES
        for variant in study.variants
        if not isinstance(variant.network, SpeechNetwork)
    ]
)
"""Those of the declared studies."""
classifiers = declared_classifiers | attention_classifiers

budgets = st.builds(Budget, epochs=st.integers(1, 500), preset=st.sampled_from(["smoke", "quick", "documented"]))
seeds = st.integers(0, 2**40)


@st.composite
def lineages(draw: Any) -> dict[str, Any]:
    """Budget and warm start of a trial, the ancestors' epochs being part of the budget."""
    budget = draw(budgets)
    if budget.epochs == 1:
        return {"budget": budget, "warm_start": None}
    parent, epochs = st.text("0123456789abcdef", min_size=16, max_size=16), st.integers(1, budget.epochs - 1)
    return {"budget": budget, "warm_start": draw(st.none() | st.builds(WarmStart, parent=parent, epochs=epochs))}


def _in_lineage(recipe: Recipe, lineage: dict[str, Any]) -> Recipe:
    """Without a schedule over one budget where there is more than one."""
    warm = lineage["warm_start"] is not None and isinstance(recipe.schedule, WarmupCosine)
    return replace(recipe, schedule=None) if warm else recipe


@st.composite
def clip_trials(draw: Any) -> Trial:
    """Trials of classifiers, each with as many outputs as its corpus has classes."""
    corpus, lineage = draw(clip_corpora), draw(lineages())
    recipe = _in_lineage(draw(recipes(of_speech=False)), lineage)
    return Trial(
        corpus=corpus,
        split=draw(splits if recipe.keep == "accuracy" else splits | class_splits),
        features=draw(clip_features),
        network=with_outputs_for(draw(classifiers), corpus),
        recipe=recipe,
        seed=draw(seeds),
        **lineage,
    )


@st.composite
def speech_trials(draw: Any) -> Trial:
    """Trials of speech networks."""
    lineage = draw(lineages())
    recipe = _in_lineage(draw(recipes()), lineage)
    return Trial(
        corpus=draw(corpora),
        split=draw(splits),
        features=draw(features),
        network=draw(networks()),
        recipe=recipe,
        seed=draw(seeds),
        **lineage,
    )


trials = speech_trials() | clip_trials()
