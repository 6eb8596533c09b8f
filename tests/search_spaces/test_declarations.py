"""What a study declares before its data."""

import hashlib
import json
from dataclasses import replace

from soundproof.common import record
from soundproof.search_spaces import find_study
from soundproof.search_spaces.claims import Better
from soundproof.search_spaces.declarations import claims_digest, declare_confirmation, declare_study
from soundproof.search_spaces.specs import Spec

STUDY = find_study("asr-cnn-sublayer-order")


def test_claims_are_the_same_in_any_order_and_others_when_anything_else_changes() -> None:
    """The pairs and the words alike: a verdict is read with the words."""
    one = Better(text="It is better.", source="s", pairs=(("a", "b"),))
    other = Better(text="It helps.", source="s", pairs=(("c", "d"),))
    assert claims_digest([one, other]) == claims_digest([other, one]) != claims_digest([one])
    edits = [replace(one, text="It is far better."), replace(one, pairs=(("b", "a"),)), replace(one, source="t")]
    assert len({claims_digest([claim]) for claim in [one, *edits]}) == 4
    assert claims_digest([]) == ""


def test_the_text_says_all_of_it_and_the_digest_is_its_hash() -> None:
    """As canonical JSON, from which every claim can be had again."""
    declared = declare_study(STUDY, margin=0.5, seeds=record.UNTIL_DECIDED, first_seed=3)
    said = json.loads(declared.text)
    kinds: dict[str, type[Spec]] = {type(claim).__name__: type(claim) for claim in STUDY.claims}
    assert [kinds[plain["type"]].from_plain(plain) for plain in said["claims"]] == list(STUDY.claims)
    assert (said["margin"], said["seeds"], said["first_seed"]) == (0.5, record.UNTIL_DECIDED, 3)
    assert declared.digest == hashlib.sha256(declared.text.encode()).hexdigest()
    assert declared.statement.fixed is None


def test_a_search_declares_its_fresh_seeds() -> None:
    """And no claim."""
    declared = declare_confirmation("space", ["loss", "parameters"], margin=1.0, seeds=5, first_seed=1, best=3)
    assert declared.statement.fixed == 5
    assert declared.statement.claims == ""
    assert json.loads(declared.text)["best"] == 3
