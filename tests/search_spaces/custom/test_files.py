"""Files that users write: what they declare, what stands for their networks in a trial, and what they are told."""

import textwrap
from pathlib import Path
from types import ModuleType

import pytest

from soundproof.common.errors import UserError
from soundproof.search_spaces import PRESETS, catalogue, find_study
from soundproof.search_spaces.custom import (
    ClassifierNetwork,
    CustomFileError,
    CustomSource,
    custom_class,
    load_file,
    load_source,
    source_of,
)
from soundproof.search_spaces.finding import find_study_or_space
from soundproof.search_spaces.planning import plan_study
from soundproof.search_spaces.presets import expand
from soundproof.search_spaces.specs import CustomClassifier, GroupSplit, Setting, SpecError, Trial

EXAMPLES = Path(__file__).parents[3] / "command_line" / "examples"
HEAD = """
from dataclasses import dataclass
from soundproof.search_spaces.custom import ClassifierNetwork, make_study

@dataclass(frozen=True)
class Own(ClassifierNetwork):
    layers: int = 1
    rate: float = 0.5
    name: str = "a"
    wide: bool = False

    def build(self, frames, dimensions, classes):
        raise AssertionError

"""
GIVEN = """
from dataclasses import InitVar

@dataclass(frozen=True)
class Given(Own):
    scale: InitVar[int] = 1

    def __post_init__(self, scale):
        object.__setattr__(self, "layers", scale)

"""
BY_HAND = """
class ByHand(Own):
    def __init__(self, width=1):
        super().__init__(layers=2)
        object.__setattr__(self, "width", width)

"""
TAIL = """
STUDY = make_study(
    id="own-{number}", question="?", domain="keywords", networks={{"one layer": Own(), "Two": Own(layers=2)}}
)
"""


def _write(folder: Path, body: str) -> Path:
    path = folder / "own.py"
    path.write_text(textwrap.dedent(body), encoding="utf-8")
    return path


def _load(text: str, name: str = "own.py") -> ModuleType:
    return load_source(CustomSource(name=name, text=text))


def test_a_file_is_a_study_whose_networks_come_back(tmp_path: Path) -> None:
    """Ids, levels and claims follow from the labels; a trial survives JSON, and its network is the class again."""
    path = _write(tmp_path, HEAD + TAIL.format(number=1))
    (study,) = load_file(path).studies
    assert [variant.id for variant in study.variants] == ["own-1/one-layer", "own-1/two"]
    assert [claim.text for claim in study.claims] == ["“Two” is better than “one layer”."]
    preset = PRESETS["keywords"]["quick"]
    trials = [planned.trial for planned in expand(study, preset, preset.corpus, GroupSplit(), (0,))]
    assert [Trial.from_json(trial.to_json()) for trial in trials] == trials
    network = trials[1].network
    assert isinstance(network, CustomClassifier)
    assert network.classes == len(preset.corpus.classes)
    made = custom_class(network)
    assert isinstance(made, ClassifierNetwork)
    assert vars(made) == {"layers": 2, "rate": 0.5, "name": "a", "wide": False}
    assert source_of(network) == CustomSource(name=str(path), text=path.read_text(encoding="utf-8"))
    assert [planned["parameters"] for planned in plan_study(study, preset)["variants"]] == [None, None]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("x = 1\n", "declares no study and no search space"),
        ("x = (\n", "own.py, line 1: SyntaxError"),
        ("\n\nraise KeyError('here')\n", "own.py, line 3: KeyError: 'here'"),
        ("\nimport sys\nsys.exit()\n", "own.py, line 3: it calls sys.exit"),
        ("exit(1)\n", "own.py, line 1: it calls sys.exit"),
        (
            HEAD + "Own(layers=[1]).spec()\n",
            r"Own.layers must be a number, a word, true or false, or a tuple of these, got \[1\]",
        ),
        (
            HEAD + GIVEN + "Given(scale=2).spec()\n",
            r"Given is made with layers, .*, scale and has the fields .*: .*InitVar",
        ),
        (
            HEAD + BY_HAND + "ByHand(3).spec()\n",
            "ByHand is made with width and has the fields layers, rate, name, wide",
        ),
        (HEAD.replace("@dataclass(frozen=True)", "") + "Own().spec()\n", "Own must be a dataclass"),
        (HEAD + "make_study(id='x', question='?', domain='keywords', networks={'a': Own()})\n", "two or more networks"),
        (HEAD + TAIL.format(number="../../escaped"), r"Study.id must be .*, got 'own-../../escaped': call it my-study"),
        (
            HEAD + "make_study(id='x', question='?', domain='keywords', networks={'a': Own(), 'b': Own()},"
            " metric='best/validation/mean_absolute_error')\n",
            "in the unit of the values, and the margin, too: give it",
        ),
        (HEAD + "make_study(id='x', question='?', domain='birds', networks={})\n", "domain must be one of speech"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, body: str, message: str) -> None:
    """With its name and line, where Python knows one; and nothing of it stays."""
    path = _write(tmp_path, body)
    for _ in range(2):
        with pytest.raises((CustomFileError, SpecError), match=message):
            load_file(path)


def test_a_file_runs_as_python_runs_it(tmp_path: Path) -> None:
    """Annotations are evaluated unless the file says otherwise; a byte order mark is no part of the text."""
    assert _load("class A:\n    x: int\n").A.__annotations__ == {"x": int}
    plain = load_file(_write(tmp_path, HEAD + TAIL.format(number=4))).studies
    marked = tmp_path / "marked.py"
    marked.write_text(HEAD + TAIL.format(number=4), encoding="utf-8-sig")
    assert load_file(marked).studies == plain


def test_a_computed_field_is_no_setting(tmp_path: Path) -> None:
    """What `__post_init__` makes of the others, of any type, is made again where the network is built."""
    computed = """
from dataclasses import field

@dataclass(frozen=True)
class Computed(Own):
    sizes: tuple = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "sizes", (2,) * self.layers)

"""
    body = HEAD + computed + TAIL.format(number=5).replace("Own(", "Computed(")
    (study,) = load_file(_write(tmp_path, body)).studies
    network = study.variants[1].network
    assert isinstance(network, CustomClassifier)
    assert [setting.name for setting in network.settings] == ["layers", "rate", "name", "wide"]
    assert vars(custom_class(network))["sizes"] == (2, 2)


def test_an_interrupted_file_is_not_half_known() -> None:
    """Whatever ends a file ends its module too: asked again, it runs again."""
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            _load("HALF = True\nraise KeyboardInterrupt\n")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """No traceback."""
    with pytest.raises(CustomFileError, match="expected a Python file at .*gone.py"):
        load_file(tmp_path / "gone.py")


def test_a_network_needs_its_file() -> None:
    """A trial of a file that this process has not loaded cannot be built, and one without a file cannot be declared."""
    unknown = CustomClassifier(name="Gone", settings=(Setting(name="layers", value=1),), source="0" * 16)
    with pytest.raises(CustomFileError, match="0000000000000000 stands for what it reaches: name the file with --file"):
        custom_class(unknown)

    class Inline(ClassifierNetwork):
        """In no file of a user."""

        def build(self, frames: int, dimensions: int, classes: int) -> None:
            """Never called."""

    with pytest.raises(CustomFileError, match="must be a dataclass"):
        Inline().spec()


def test_what_was_added_is_found_and_no_id_is_taken_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the functions that find declared studies; a declared one keeps its name."""
    monkeypatch.setattr(catalogue, "_added_studies", [])
    (study,) = load_file(_write(tmp_path, HEAD + TAIL.format(number=3))).studies
    for _ in range(2):
        catalogue.add([study], [])
    assert catalogue.added_ids() == ["own-3"]
    assert find_study("own-3") is study
    assert find_study_or_space("own-3") is study
    (other,) = load_file(_write(tmp_path, HEAD + TAIL.format(number=3).replace("?", "Which?"))).studies
    with pytest.raises(UserError, match="'own-3' is taken"):
        catalogue.add([other], [])


@pytest.mark.parametrize("name", ["classifier", "transcriber"])
def test_examples_declare_a_study(name: str) -> None:
    """What `init` writes."""
    assert len(load_file(EXAMPLES / f"{name}.py").studies) == 1


def test_a_text_runs_once() -> None:
    """However often it is loaded, so that its classes are the same ones."""
    assert _load("VALUE = object()\n", "a.py").VALUE is _load("VALUE = object()\n", "b.py").VALUE
