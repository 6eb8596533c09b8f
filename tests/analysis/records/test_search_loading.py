"""Reading a search back from a real MLflow store."""

import pytest
from search_writer import LOSS, SearchWriter

from soundproof.analysis.records.loading import load_search
from soundproof.analysis.records.trials import RecordsError
from soundproof.common import record


@pytest.fixture(scope="module")
def uri(writer):
    """An older search by another sampler, a newer one, and a study of the same name."""
    older = SearchWriter(writer, "space", name="random.none.0", preset="smoke")
    older.trial("space/a", {"layers": 1}, number=0, metrics={LOSS: 1.0})
    newer = SearchWriter(writer, "space", **{record.REJECTED: '{"too large": 3}'})
    newer.trial("space/a", {"layers": 1, "rate": 0.5, "cell": "gru", "norm": True}, number=0, metrics={LOSS: 2.0})
    newer.trial("space/b", {"layers": 2}, number=2, status="pruned", epochs=4)
    newer.trial("space/a", {"layers": 1}, number=1, status="failed", epochs=1)
    newer.trial("space/a", {"layers": 1}, number=1, metrics={LOSS: 2.5})
    newer.trial("space/a", {"layers": 1}, seed=1, metrics={LOSS: 3.0})
    newer.trial("space/a", {"layers": 1}, seed=2, metrics={LOSS: 4.0})
    writer.trial(writer.study("space"), "space/a", 7, metrics={LOSS: 9.0})
    return writer.tracking_uri


def test_the_search_updated_last_is_read(uri):
    """Without a name the newest search; by name, preset or both, the other one; a study is never taken for one."""
    found = load_search(uri, "space")
    assert (found.search, found.preset, found.asked, found.margin) == ("tpe.asha.0", "quick", 40, 2.0)
    assert (found.sampler, found.scheduler, found.objectives) == ("tpe", "asha", (LOSS,))
    assert found.rejected == {"too large": 3}
    assert load_search(uri, "space", search="random.none.0").preset == "smoke"
    assert load_search(uri, "space", preset="smoke").search == "random.none.0"


def test_trials_come_by_number_and_confirmations_apart(uri):
    """One record for each number, the finished run before the failed one; a repeated proposal keeps its own number."""
    found = load_search(uri, "space")
    assert [(trial.number, trial.variant, trial.status) for trial in found.searched] == [
        (0, "space/a", "completed"),
        (1, "space/a", "completed"),
        (2, "space/b", "pruned"),
    ]
    assert [(trial.seed, trial.metrics[LOSS]) for trial in found.confirmations] == [(1, 3.0), (2, 4.0)]


def test_choices_keep_their_types_and_stopped_trials_their_epochs(uri):
    """Numbers, words and truth values come back as they were; a stopped trial has its epochs and no best value."""
    first, _, stopped = load_search(uri, "space").searched
    assert first.choices == {"layers": 1, "rate": 0.5, "cell": "gru", "norm": True}
    assert isinstance(first.choices["norm"], bool)
    assert [epoch for epoch, _ in stopped.history[record.EPOCH_SECONDS]] == [1, 2, 3, 4]
    assert LOSS not in stopped.metrics


def test_errors_say_what_there_is(uri):
    """Another search, preset, or space: what was asked for, what exists, and the command that would make it."""
    with pytest.raises(RecordsError) as caught:
        load_search(uri, "space", corpus="fsdd", search="grid.none.0")
    message = str(caught.value)
    assert "corpus 'fsdd' and search 'grid.none.0'" in message
    assert "search 'tpe.asha.0' with preset 'quick' on corpus 'synthetic-speech'" in message
    assert "run_search.py search space --corpus fsdd" in message
    with pytest.raises(RecordsError, match=r"searches of the space 'nowhere'.*`python run_search\.py search nowhere`"):
        load_search(uri, "nowhere")


@pytest.mark.parametrize("objectives", ["", "[]", "{}", "best/loss", "[1]"])
def test_a_search_without_objectives_is_refused(writer, objectives):
    """The analysis makes up no objective."""
    space = f"aimless {objectives}"
    SearchWriter(writer, space, **{record.OBJECTIVES: objectives})
    with pytest.raises(RecordsError, match=r"soundproof\.objectives"):
        load_search(writer.tracking_uri, space)


def test_choices_that_are_no_object_are_refused(writer):
    """The message names the tag and what it holds."""
    search = SearchWriter(writer, "garbled")
    search.trial("garbled/a", [1, 2], number=0)
    with pytest.raises(RecordsError, match=r"soundproof\.choices.*\[1, 2\]"):
        load_search(writer.tracking_uri, "garbled")
