"""What lasts: the ids of trials, the words of their JSON, the defaults, and reading what earlier versions wrote."""

import dataclasses
import json
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, make_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from soundproof.search_spaces.specs import (
    Adam,
    Budget,
    CustomClassifier,
    Cut,
    GroupSplit,
    LabelledClips,
    LogSpectrogram,
    RecurrentStack,
    Setting,
    Spec,
    SpecError,
    Trial,
)
from soundproof.search_spaces.specs.revisions import COMPONENTS

DATA = Path(__file__).parents[1] / "data"
IDS: Mapping[str, dict[str, Any]] = json.loads((DATA / "trial_ids.json").read_text(encoding="utf-8"))
"""Literal trials with their ids, of every family of networks and every kind of corpus. Never to be changed.

`id` is at first revisions of all code; what later revisions made of it is `revised`.
"""

WORDS: Mapping[str, dict[str, Any]] = json.loads((DATA / "words.json").read_text(encoding="utf-8"))
"""Of each spec within a trial, by the word of its type: the fields that are needed, and the others' defaults.

What is there is never changed. A new type, or a new field with its default, is added.
"""


def _parts(annotation: Any) -> Iterator[type[Spec]]:
    """The specs that a value of this type can hold, at any depth."""
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        yield annotation
        hints = typing.get_type_hints(annotation)
        for field in dataclasses.fields(annotation):  # type: ignore[arg-type]
            yield from _parts(hints[field.name])
    else:
        for part in typing.get_args(annotation):
            yield from _parts(part)


SPECS = {part.word(): part for part in _parts(Trial)}


def _described(spec: type[Spec]) -> dict[str, Any]:
    defaults = {field.name: field.default for field in dataclasses.fields(spec)}  # type: ignore[arg-type]
    return {
        "needed": [name for name, value in defaults.items() if value is dataclasses.MISSING],
        "defaults": {
            name: value.to_plain() if isinstance(value, Spec) else value
            for name, value in defaults.items()
            if value is not dataclasses.MISSING
        },
    }


def _trial(name: str) -> Trial:
    return Trial.from_plain(IDS[name]["trial"])


def _id_now(name: str) -> str:
    found: str = IDS[name].get("revised", IDS[name]["id"])
    return found


@pytest.mark.parametrize("name", IDS)
def test_ids_are_for_ever(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Finished trials are found by their ids alone: an id that changes is work done twice, or wrongly not at all."""
    assert _trial(name).trial_id == _id_now(name)
    first = {component: replace(revised, revision=1) for component, revised in COMPONENTS.items()}
    monkeypatch.setattr("soundproof.search_spaces.specs.revisions.COMPONENTS", first)
    assert _trial(name).trial_id == IDS[name]["id"]


def test_the_literal_trials_hold_every_spec() -> None:
    """So that no type, and no value of a field that is needed, is without an id that lasts."""

    def types(plain: Any) -> Iterator[str]:
        if isinstance(plain, dict):
            yield plain["type"]
        for part in plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ():
            yield from types(part)

    assert {found for pinned in IDS.values() for found in types(pinned["trial"])} == SPECS.keys()


def test_words_and_defaults_are_for_ever() -> None:
    """The digest leaves defaults out: with another default, old ids would stand for other trials."""
    assert json.loads(json.dumps({word: _described(spec) for word, spec in SPECS.items()})) == WORDS


def _with_field(spec: type[Spec], name: str, default: object) -> type[Spec]:
    """The class as a later version may have it."""
    made = make_dataclass(
        spec.__name__, [(name, type(default), default)], bases=(spec,), frozen=True, kw_only=True, slots=True
    )
    made.__annotations__[name] = type(default).__name__
    return made


@pytest.mark.parametrize("name", ["speech, synthetic", "genre CRNN", "custom classifier"])
def test_a_new_field_with_a_default_changes_no_id(name: str) -> None:
    """And its JSON has it, while JSON without it is read."""
    later = _with_field(Trial, "novelty", 0)
    trial = _trial(name)
    fields = {field.name: getattr(trial, field.name) for field in dataclasses.fields(Trial)}
    assert later(**fields).digest() == _id_now(name)
    assert later(**fields, novelty=1).digest() != _id_now(name)
    assert later(**fields).to_plain()["novelty"] == 0
    assert later.from_json(trial.to_json()) == later(**fields)


def test_a_class_that_is_renamed_keeps_its_word() -> None:
    """In JSON, in the digest, and where it is one of several types."""

    @dataclass(frozen=True, kw_only=True, slots=True)
    class Better(Spec):
        _word = "Adam"
        learning_rate: float

    made = Better(learning_rate=0.1)
    assert made.to_plain()["type"] == "Adam"
    assert made.digest() == Adam(learning_rate=0.1).digest()
    assert Better.from_json(made.to_json()) == made


def test_all_settings_of_a_custom_network_count() -> None:
    """Which of them are defaults is the user's business, and may change with the next text of the file."""
    network = _trial("custom classifier").network
    assert isinstance(network, CustomClassifier)
    fewer = replace(network, settings=network.settings[:-1])
    other = replace(network, settings=(*network.settings[:-1], Setting(name="on", value=False)))
    assert len({network.digest(), fewer.digest(), other.digest()}) == 3


@pytest.fixture
def revise(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Raises the revision of a component."""

    def raised(name: str) -> None:
        revised = replace(COMPONENTS[name], revision=COMPONENTS[name].revision + 1)
        monkeypatch.setattr("soundproof.search_spaces.specs.revisions.COMPONENTS", {**COMPONENTS, name: revised})

    return raised


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_revision_changes_the_ids_that_it_concerns(revise: Any, component: str) -> None:
    """Those of trials that have such a part, and no other."""

    def concerned(plain: Any) -> bool:
        match plain:
            case dict():
                return COMPONENTS[component].concerns(plain) or any(map(concerned, plain.values()))
            case list():
                return any(map(concerned, plain))
            case _:
                return False

    revise(component)
    changed = {name: _trial(name).trial_id != _id_now(name) for name in IDS}
    assert changed == {name: concerned(pinned["trial"]) for name, pinned in IDS.items()}
    assert any(changed.values())


def test_components_speak_of_specs_and_fields_that_there_are() -> None:
    """A word that is written wrongly would concern nothing, in silence."""

    def check(specs: Mapping[str, Mapping[str, Any]]) -> None:
        for word, values in specs.items():
            assert values.keys() <= {field.name for field in dataclasses.fields(SPECS[word])}  # type: ignore[arg-type]
            for wanted in values.values():
                if isinstance(wanted, Mapping):
                    check(wanted)

    for component in COMPONENTS.values():
        check(component.specs)


def test_turns_of_groups_are_nothing_to_a_corpus_that_fixes_its_partitions() -> None:
    """The split of such a trial draws nothing, so its numbers and its id stay: the embedded speech and keywords."""
    turns = COMPONENTS["turns of groups"]
    assert not any(turns.concerns(IDS[name]["trial"]) for name in ("speech, synthetic", "keywords, SeResNet"))
    keywords = _trial("keywords, SeResNet")
    corpora = {
        dataset: LabelledClips(dataset=dataset, cut=Cut(seconds=1.0), classes=keywords.corpus.classes, content="a")
        for dataset in ("speech-commands", "fsdd-digits", "folder")
    }
    concerned = [
        name for name, corpus in corpora.items() if turns.concerns(replace(keywords, corpus=corpus).to_plain())
    ]
    assert concerned == ["fsdd-digits", "folder"]


def test_a_revision_may_concern_one_cell(revise: Any) -> None:
    """Initial weights of a GRU are nothing to an LSTM."""
    revise("initialisation of GRU")
    gru, lstm, simple = (RecurrentStack(cell=cell, layers=1, units=2) for cell in ("gru", "lstm", "simple_rnn"))
    assert "revisions" not in gru.to_plain()
    assert gru.digest() == "e48d08c6682fcff6"
    assert lstm.digest() == "c8bdad1ea3afa615"
    assert simple.digest() == "5226252f0b65dc15"


def test_words_of_the_version_before_are_read() -> None:
    """Own networks and heritages are custom networks and warm starts now."""
    custom, warm = _trial("custom classifier"), _trial("warm start")
    older = custom.to_json().replace("CustomClassifier", "OwnClassifier").replace("warm_start", "heritage")
    assert "OwnClassifier" in older
    assert Trial.from_json(older) == custom
    older = warm.to_json().replace("WarmStart", "Heritage").replace("warm_start", "heritage")
    assert Trial.from_json(older) == warm


def test_what_is_missing_has_its_default() -> None:
    """And what has none must be there; words that nobody knows are refused."""
    assert LogSpectrogram.from_json('{"type":"LogSpectrogram"}') == LogSpectrogram()
    assert GroupSplit.from_json('{"type":"GroupSplit","test_fraction":0.3}') == GroupSplit(test_fraction=0.3)
    with pytest.raises(SpecError, match=r"missing \['epochs'\]"):
        Budget.from_json('{"type":"Budget","preset":"smoke"}')
    with pytest.raises(SpecError, match=r"unknown \['novelty'\]"):
        LogSpectrogram.from_json('{"type":"LogSpectrogram","novelty":1}')
