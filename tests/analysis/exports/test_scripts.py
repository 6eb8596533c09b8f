"""Scripts: what they declare is what was declared, whatever users wrote in it."""

import ast
import sys
from dataclasses import replace
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.analysis.exports.script import docstring, search_script, study_script
from soundproof.analysis.records.trials import Results, SearchRecords
from soundproof.api import SearchOptions
from soundproof.api.searching import search_settings
from soundproof.api.session import StoppedError
from soundproof.command_line.rerun import RecordedSeeds, read_arguments
from soundproof.common.errors import UserError
from soundproof.search_spaces import SPACES, STUDIES, Study, find_space, find_study
from soundproof.search_spaces.choices.nodes import CustomBuild
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs.custom_networks import CustomClassifier, CustomLoss
from soundproof.search_spaces.studies import Level

WHERE = {"tracking_uri": "", "preset": "quick", "corpus": "fsdd.random", "margin": 1.0, "trials": ()}


def run_declarations(script: str) -> dict:
    """What a script declares, its `main` left alone."""
    names = {"__name__": "exported"}
    exec(compile(script, "exported.py", "exec"), names)
    return names


def _searched(space: SearchSpace) -> SearchRecords:
    how = {"sampler": "random", "scheduler": "pbt", "asked": 16, "rejected": {}, "objectives": (space.metric,)}
    return SearchRecords(space=space.id, search="random.pbt.7.8x2.0a1b2c3d", **how, **WHERE)


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.id)
def test_every_study_is_rebuilt(study) -> None:
    """What the script's STUDY stands for equals the declared one, and has the same hash."""
    names = run_declarations(study_script(study, Results(study=study.id, planned_seeds=4, **WHERE)))
    rebuilt = Study.from_json(names["STUDY"])
    assert rebuilt == study
    assert rebuilt.digest() == study.digest()
    assert names["SEEDS"] == 4


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.id)
def test_every_space_is_rebuilt(space) -> None:
    """So is the script's SPACE, with the settings that the record and the name of the search have."""
    names = run_declarations(search_script(space, _searched(space)))
    assert SearchSpace.from_json(names["SPACE"]).digest() == space.digest()
    settings = search_settings(SearchOptions(**names["SETTINGS"]), space)
    assert (settings.seed, settings.trials, settings.population, settings.generation_epochs) == (7, 16, 8, 2)
    assert (settings.confirm, settings.objectives) == (0, (space.metric,))


SCRIPTS = {
    "study": lambda: study_script(STUDIES[0], Results(study=STUDIES[0].id, planned_seeds=1, **WHERE)),
    "search": lambda: search_script(SPACES[0], _searched(SPACES[0])),
}


@pytest.mark.parametrize("kind", SCRIPTS)
@pytest.mark.parametrize(
    "end",
    [(StoppedError(), 130, "stopped: what is finished is recorded"), (UserError("no room"), 2, "error: no room\n")],
)
def test_a_script_ends_as_the_command_line_does(kind, end, monkeypatch, capsys) -> None:
    """Ctrl-C and what a user can cause end with a word and a status, and no traceback."""
    error, status, message = end
    monkeypatch.setattr("soundproof.api.session.Session.prepare", Mock(side_effect=error))
    monkeypatch.setattr("os._exit", sys.exit)
    monkeypatch.setattr("sys.argv", ["script.py", "files"])
    with pytest.raises(SystemExit) as ended:
        exec(compile(SCRIPTS[kind](), "exported.py", "exec"), {"__name__": "__main__"})
    assert ended.value.code == status
    assert capsys.readouterr().err.startswith(message)


@given(st.text(), st.text(alphabet="\"'\\\n{}a\N{RIGHT-TO-LEFT OVERRIDE}"))
def test_any_text_is_data_and_never_code(first: str, second: str) -> None:
    """Names and texts come out as they went in; a docstring ends where it should. Direction marks are escaped."""
    study = find_study("asr-merge-mode")
    level = Level(factor=first, value=second)
    study = replace(study, question=second, variants=(replace(study.variants[0], levels=(level,)), *study.variants[1:]))
    script = study_script(study, Results(study=study.id, planned_seeds=1, **WHERE))
    assert Study.from_json(run_declarations(script)["STUDY"]) == study
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in script
    assert isinstance(ast.literal_eval(docstring(first, second)), str)


def test_networks_of_users_come_from_their_file(tmp_path) -> None:
    """A study or a space with one, or with a loss of somebody's own, asks for the file, and runs it; others do not."""
    study = find_study("genre-crnn")
    custom = replace(study.variants[0], network=CustomClassifier(name="N", settings=(), source="0" * 16))
    with_custom = replace(study, variants=(custom, *study.variants[1:]))
    for declared in (study, with_custom):
        script = study_script(declared, Results(study=study.id, planned_seeds=1, **WHERE))
        assert Study.from_json(run_declarations(script)["STUDY"]) == declared
    assert "networks" not in read_arguments(study, "quick", "synthetic-genres", "", [])
    loss = CustomLoss(name="L", settings=(), source="0" * 16)
    trained_so = replace(study.variants[0], recipe=replace(study.variants[0].recipe, loss=loss))
    with_loss = replace(study, variants=(trained_so, *study.variants[1:]))
    space = replace(find_space("genres"), network=CustomBuild(class_name="N", source="0" * 16))
    (tmp_path / "networks.py").write_text("raise RuntimeError('run')")
    for declared in (with_custom, with_loss, space):
        with pytest.raises(UserError, match="run"):
            read_arguments(declared, "quick", "synthetic-genres", "", [str(tmp_path / "networks.py")])


def test_seeds_that_differ_are_those_of_the_record(make) -> None:
    """A study that was run until decided has each variant's own seeds, seed by seed, and none that is infeasible."""
    made = make([[1.0, 2.0, 3.0], [1.0, 2.0]])
    names = run_declarations(study_script(made.study, made.records))
    schedule = RecordedSeeds(names["SEEDS"])
    assert schedule.wanted((), ()) == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 2)]
    assert schedule.wanted((), ("a",)) == [("b", 0), ("b", 1)]
    assert names["TRIAL_IDS"]["b", 1] == "b@1"


def test_a_place_is_what_the_command_line_takes() -> None:
    """Limited epochs, another split and files that lie elsewhere than the record says become options."""
    study, given = STUDIES[0], ["here", "--skip-broken"]
    options = read_arguments(study, "documented-40-epochs", "esc10.random", "", given)
    assert (options["preset"], options["epochs"]) == ("documented", 40)
    assert (options["corpus"], options["split"], options["skip_broken"]) == ("esc10:here", "random", True)
    assert read_arguments(study, "quick", "synthetic-speech", "", [])["corpus"] == "synthetic-speech"
    with pytest.raises(SystemExit):
        read_arguments(study, "quick", "synthetic-speech", "", given)
