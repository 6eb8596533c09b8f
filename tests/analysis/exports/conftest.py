"""A study and a search, as exports meet them."""

from random import Random

import pytest
from search_writer import LOSS, SearchWriter

from soundproof.common import record
from soundproof.search_spaces import find_space, find_study
from soundproof.search_spaces.choices.traversal import assignment_to_json
from soundproof.search_spaces.specs import SyntheticSpeech

STUDY = find_study("asr-merge-mode")
SPACE = find_space("speech-recipe")
CORPUS = SyntheticSpeech(
    **{f"{partition}_{what}": 4 for partition in ("train", "validation", "test") for what in ("utterances", "speakers")}
)


@pytest.fixture(scope="session")
def writer(writer, tmp_path_factory):
    """A writer into a store of their own: in the session's are other records of the same study."""
    folder = tmp_path_factory.mktemp("exported")
    return type(writer)(f"sqlite:///{folder / 'mlflow.db'}", str(folder / "artifacts"))


@pytest.fixture(scope="session")
def exported_study(writer):
    """The tracking URI of a store that holds `STUDY`: every variant on two seeds, one infeasible, one failed."""
    parent = writer.study(STUDY.id, design="2")
    for index, variant in enumerate(STUDY.variants):
        levels = {level.factor: level.value for level in variant.levels}
        for seed in range(2):
            loss = 50.0 + index + 0.25 * seed
            metrics = {LOSS: loss, record.best(record.VALIDATION_CER): 0.3, record.PARAMETERS: 1000.0 + index}
            run_id = writer.trial(
                parent, variant.id, seed, metrics=metrics, curve=(loss + 2, loss + 1, loss), levels=levels
            )
            writer.client.log_dict(run_id, {"corpus": CORPUS.to_plain()}, record.TRIAL_ARTIFACT)
    writer.trial(parent, STUDY.variants[0].id, 2, status="failed", reason="=out of memory & more")
    writer.trial(parent, STUDY.variants[1].id, None, status="infeasible", reason="too short")
    return writer.tracking_uri


@pytest.fixture(scope="session")
def exported_search(writer):
    """The tracking URI of a store that holds a search of `SPACE`: one end of every kind, and a confirmation."""
    search = SearchWriter(writer, SPACE.id)
    writer.client.log_text(search.parent, SPACE.to_json(), record.SPACE_ARTIFACT)
    random = Random(0)
    ends = ("completed", "pruned", "diverged", "failed", "stopped_early")
    for number, status in enumerate(ends):
        choices = dict(SPACE.draw(random))
        assert assignment_to_json(choices)
        metrics = {LOSS: 40.0 + number} if status in record.COMPARABLE else {}
        variant = SPACE.variant(choices).id
        search.trial(variant, choices, number=number, status=status, metrics=metrics, epochs=3)
        if number == 0:
            for seed in (1, 2):
                search.trial(variant, choices, seed=seed, metrics={LOSS: 42.0 + seed})
    return writer.tracking_uri
