"""What `soundproof` exports to be called: documented in full, with examples that hold."""

import ast
import doctest
import inspect
from pathlib import Path

import pytest
from finished_studies import write_finished_study

import soundproof
from soundproof import UserError, find_space, find_study, report_study, search_space
from soundproof.trainables.sweeps.storage import Storage

FUNCTIONS = [name for name in soundproof.__all__ if inspect.isfunction(getattr(soundproof, name))]


def _examples(name: str) -> str:
    return "\n".join(
        example.source for example in doctest.DocTestParser().get_examples(inspect.getdoc(getattr(soundproof, name)))
    )


def _calls_a_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_docstring_names_every_argument(name: str) -> None:
    """With what is returned, what is raised, and an example of public names alone."""
    text = inspect.getdoc(getattr(soundproof, name)) or ""
    arguments, _, rest = text.partition("Arguments:\n")[2].partition("Returns:\n")
    assert "Raises:\n" in rest
    named = [line.strip().partition(":")[0] for line in arguments.splitlines()]
    assert [name for name in inspect.signature(getattr(soundproof, name)).parameters if name not in named] == []
    called = {node.func.id for node in ast.walk(ast.parse(_examples(name))) if _calls_a_name(node)}
    assert name in called
    assert called <= set(soundproof.__all__)


@pytest.mark.parametrize("name", ["find_study", "find_space", "make_study"])
def test_an_example_without_data_holds(name: str) -> None:
    """As it is printed in the docstring."""
    names = {public: getattr(soundproof, public) for public in soundproof.__all__}
    (example,) = doctest.DocTestFinder().find(names[name], name, globs=names)
    results = doctest.DocTestRunner().run(example)
    assert results.failed == 0 < results.attempted


def test_a_report_is_made_of_the_record_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example runs where something is recorded; elsewhere, the user learns what is missing."""
    write_finished_study(find_study("asr-merge-mode"), Storage(root=tmp_path / "soundproof-store"), seeds=2)
    monkeypatch.chdir(tmp_path)
    names = {name: getattr(soundproof, name) for name in soundproof.__all__}
    exec(_examples("report_study"), names)
    assert names["verdicts"].keys() == {claim.text for claim in find_study("asr-merge-mode").claims}
    with pytest.raises(UserError):
        report_study(find_study("asr-merge-mode"), storage=tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "give trials=60"),
        ({"trials": 0}, "trials must be a whole number from 1 to 1,000,000, got 0"),
        ({"trials": 8, "seeds": 2}, "search_space has no option 'seeds'; it has preset, .*receptive_field"),
        ({"trials": 8, "sampler": "tpee"}, "no sampler is called 'tpee': did you mean 'tpe'?"),
        ({"trials": 8, "objective": ["speed"]}, "no objective is called 'speed'"),
    ],
)
def test_what_a_search_cannot_be_is_refused(options: dict[str, object], message: str) -> None:
    """By the checks of the command line, before a corpus is opened."""
    with pytest.raises(UserError, match=message):
        search_space(find_space("speech-recipe"), corpus="no corpus", **options)
