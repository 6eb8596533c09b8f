"""Which trial of a search is the one to use; of a study, see the command `register`."""

import pytest
from search_writer import LOSS, SearchWriter

from soundproof.analysis.records.trials import RecordsError
from soundproof.analysis.reports import best_of_search, report_search


def test_a_search_gives_the_best_seed_of_the_confirmed_winner(writer) -> None:
    """Not of the luckiest variant of the search, nor the luckiest confirmation of another one."""
    search = SearchWriter(writer, "chosen")
    for number, (variant, found) in enumerate({"chosen/lucky": 1.0, "chosen/steady": 5.0}.items()):
        search.trial(variant, {"layers": number}, number=number, metrics={LOSS: found})
    for seed, (lucky, steady) in enumerate([(30.0, 6.0), (4.5, 5.5), (31.0, 5.0), (32.0, 7.0)], start=1):
        search.trial("chosen/lucky", {"layers": 0}, seed=seed, metrics={LOSS: lucky})
        search.trial("chosen/steady", {"layers": 1}, seed=seed, metrics={LOSS: steady})
    best = best_of_search(report_search("chosen", "Which?", writer.tracking_uri))
    assert best.trial_id == "chosen/steady@3"
    assert best.why.startswith("seed 3 of the best confirmed variant, chosen/steady, by best validation loss (5.0")


def test_a_search_that_confirmed_nothing_has_no_best_trial(writer) -> None:
    """What is luck is not given out as the best: the message says what to do."""
    search = SearchWriter(writer, "not-confirmed")
    search.trial("not-confirmed/a", {"layers": 1}, number=0, metrics={LOSS: 1.0})
    with pytest.raises(RecordsError, match="confirm"):
        best_of_search(report_search("not-confirmed", "Which?", writer.tracking_uri))
