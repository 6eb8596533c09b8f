"""Networks that were still getting better when their trials ended."""

from dataclasses import replace

import pytest

from soundproof.analysis.json_forms.study import to_plain
from soundproof.analysis.prose.caveats import still_improving
from soundproof.analysis.prose.study import answer, method_notes
from soundproof.analysis.prose.without_listening import without_listening_words
from soundproof.analysis.summaries.study import summarise
from soundproof.common import record
from soundproof.search_spaces.claims import Better
from soundproof.search_spaces.studies import Absolute


def test_most_trials_with_their_best_at_the_end_are_told():
    """With the count and what to do; half of them is not most, and trials without an epoch do not count."""
    told = still_improving([(6, 6), (6, 6), (4, 6), (None, 6), (6, None)], "quick")
    assert told.startswith("in 2 of 3 trials the last epoch was the best: ")
    assert told.endswith("--preset documented, with --epochs N where that takes too long")
    assert still_improving([(6, 6), (4, 6)], "quick") is None
    assert still_improving([], "quick") is None


@pytest.mark.parametrize(
    ("preset", "end"),
    [("documented", "more epochs"), ("documented-40-epochs", ": a larger --epochs, or none"), ("smoke", "too long")],
)
def test_the_remedy_is_one_that_there_is(preset, end):
    """The documented preset is the longest."""
    assert still_improving([(6, 6)], preset).endswith(end)


def test_a_study_says_so(make):
    """Seeds 0 and 1 have their best at epochs 2 and 3: of two epochs, and of four."""
    short, long = (make(losses=((10.0,), (12.0,)), epochs=epochs) for epochs in (2, 4))
    assert any(
        "in 2 of 2 trials the last epoch" in note for note in method_notes(summarise(short.study, short.records))
    )
    assert not any("the last epoch" in note for note in method_notes(summarise(long.study, long.records)))


def test_the_answer_names_what_is_decided(make):
    """Up to three claims of either verdict by their texts; the undecided as a count."""
    claims = [Better(text=f"Claim {number}.", source="s", pairs=(("b", "a"),)) for number in range(4)]
    claims += [Better(text="Wrong.", source="s", pairs=(("a", "b"),))]
    claims += [Better(text="Open.", source="s", pairs=(("c", "a"),))]
    losses = ((30.0, 31.0, 29.5, 30.0, 30.5), (10.0, 11.0, 9.7, 10.0, 10.4), (30.0, 35.0, 28.0, 25.0, 31.0))
    made = make(losses=losses, claims=claims, planned_seeds=5)
    said = answer(summarise(made.study, made.records))
    assert said.endswith(
        "; supported: “Claim 0”, “Claim 1”, “Claim 2” and 1 more; contradicted: “Wrong”; 1 of 6 claims under test is "
        "undecided."
    )


def test_the_same_to_the_digits_shown_is_called_so(make):
    """And not `0.0 nats lower`."""
    made = make(losses=((10.0, 11.0), (9.99, 10.98)))
    said = answer(summarise(made.study, made.records))
    assert said.startswith(
        "“level b” comes first, with the same best validation loss as the baseline to the digits shown"
    )


def test_what_has_to_be_known_of_the_corpus_comes_first(make):
    """As whoever prepared the data found it."""
    made = make(losses=((10.0, 11.0), (9.99, 10.98)))
    records = replace(made.records, corpus_remarks=("half of it is silence",))
    assert method_notes(summarise(made.study, records))[0] == "of the corpus: half of it is silence"


def test_the_mean_as_an_answer_is_told_with_who_is_no_better(make):
    """Over the seeds, each once however many variants were trained on it; nothing where clips have no values."""
    made = make(losses=((12.0, 13.0), (9.0, 10.0)))
    known = record.MEAN_ANSWER_PREFIX + record.VALIDATION_LOSS
    trials = [
        replace(trial, metrics=trial.metrics | {known: 11.0 + (trial.seed or 0)}) for trial in made.records.trials
    ]
    summary = summarise(made.study, replace(made.records, trials=trials))
    assert without_listening_words(summary) == (
        "answering the mean of the training values to every clip has a best validation loss of 11.5 nats, the mean "
        "over the seeds; no better than that: “level a”"
    )
    assert without_listening_words(summary) in method_notes(summary)
    assert to_plain(summary)["without_listening"] == {
        "answer": "the mean of the training values to every clip",
        "metric": made.study.metric,
        "value": 11.5,
        "no_better": ["a"],
    }
    assert without_listening_words(summarise(made.study, made.records)) is None


def test_the_commonest_class_as_an_answer_is_told(make):
    """Of accuracies, where nobody is as bad too."""
    made = make(losses=((12.0, 13.0), (9.0, 10.0)))
    accuracy = record.best(record.VALIDATION_ACCURACY)
    study = replace(made.study, metric=accuracy, margin=Absolute(value=0.02))
    known = {record.COMMONEST_ANSWER_PREFIX + record.VALIDATION_ACCURACY: 0.25, accuracy: 0.5}
    trials = [replace(trial, metrics=trial.metrics | known) for trial in made.records.trials]
    summary = summarise(study, replace(made.records, trials=trials, margin=0.02))
    assert without_listening_words(summary) == (
        "answering the commonest class of the training clips to every clip has a validation accuracy of 25.0%, "
        "the mean over the seeds"
    )


def test_an_empty_transcript_is_told_where_a_network_is_no_better(make):
    """A loss may fall by hundreds of nats while not a word is right."""
    made = make(losses=((470.0, 480.0), (230.0, 240.0)))
    wer = record.best(record.VALIDATION_WER)
    right = {"a": 1.0, "b": 0.9}
    trials = [replace(trial, metrics=trial.metrics | {wer: 1.0}) for trial in made.records.trials]
    summary = summarise(made.study, replace(made.records, trials=trials))
    assert without_listening_words(summary).endswith("; no better than that: “level b” and “level a”")
    mixed = [replace(t, metrics=t.metrics | {wer: right[t.variant[-1]]}) for t in made.records.trials]
    told = without_listening_words(summarise(made.study, replace(made.records, trials=mixed)))
    assert told == (
        "answering nothing at all to every utterance has a best validation word error rate of 100.0%; no better than "
        "that: “level a”"
    )
    assert without_listening_words(summarise(made.study, made.records)) is None


def test_networks_that_keep_their_last_weights_are_not_called_unfinished(make):
    """Their best epoch is the last by declaration; and who validates on the test says so."""
    made = make(losses=((12.0, 13.0), (9.0, 10.0)))
    metrics = {record.BEST_EPOCH: 3.0}
    history = {record.VALIDATION_LOSS: ((1, 3.0), (2, 2.0), (3, 1.0))}
    late = [replace(t, metrics=t.metrics | metrics, history=history) for t in made.records.trials]
    assert any(
        "still improving" in note for note in method_notes(summarise(made.study, replace(made.records, trials=late)))
    )
    recipe = {"keep": "last", "validate_on": "test"}
    kept = [replace(t, spec={"recipe": recipe}) for t in late]
    notes = method_notes(summarise(made.study, replace(made.records, trials=kept)))
    assert not any("still improving" in note for note in notes)
    assert any(note.startswith("as documented, all variants validated on the test clips") for note in notes)
