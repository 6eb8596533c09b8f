"""What a network of a user's is known by: whatever it reaches, and nothing else of its files."""

from pathlib import Path

import pytest

from soundproof.search_spaces.custom import CustomFileError, custom_class, load_file, source_of
from soundproof.search_spaces.specs import CustomClassifier
from soundproof.search_spaces.studies import Study

OWN = '''
"""Networks of mine."""
import math
from dataclasses import dataclass

import torch
from torch import nn

import blocks
from blocks import make_head, unused
from parts.norms import *
from soundproof.search_spaces.custom import ClassifierNetwork, make_study

DROPOUT = 0.25  # of all networks
WIDTHS = [8]
OTHER_WIDTH = 4
LAYERS = {"first": 1}
LAYERS["second"] = 2


def scaled(width: int) -> int:
    """Rounded."""
    return math.ceil(width * factor())


def factor() -> float:
    return 1.5


def noted(found):
    """A decorator that changes nothing beside."""
    return found


class Shared(ClassifierNetwork):
    def head(self, frames, dimensions, classes):
        return make_head(frames * dimensions, classes)


@noted
@dataclass(frozen=True)
class Small(Shared):
    """The first."""

    width: int = 8
    rate: float = 0.5

    def build(self, frames, dimensions, classes):
        return nn.Sequential(nn.Flatten(), self.head(frames, dimensions, classes), nn.Dropout(DROPOUT))


@dataclass(frozen=True)
class Large(Shared):
    width: int = 16

    def build(self, frames, dimensions, classes):
        layers = [blocks.Block(scaled(self.width)) for _ in range(LAYERS["second"])]
        return nn.Sequential(nn.Flatten(), *layers, Scale(), self.head(frames, dimensions, classes))


@dataclass(frozen=True)
class Plain(ClassifierNetwork):
    def build(self, frames, dimensions, classes):
        return nn.Sequential(nn.Flatten(), nn.Linear(frames * dimensions, classes))


def networks():
    return {"small": Small(), "large": Large(), "plain": Plain()}


STUDY = make_study(id="mine", question="Which?", domain="keywords", networks=networks())

if __name__ == "__main__":
    print(STUDY)
'''
BLOCKS = """
from torch import nn

SLOPE = 0.1


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.act = nn.LeakyReLU(SLOPE)

    def forward(self, values):
        return self.act(values)


def make_head(inputs, classes):
    return nn.Linear(inputs, classes)


def unused():
    return 1
"""
NORMS = """
from torch import nn

__all__ = ["Scale"]


class Scale(nn.Module):
    def forward(self, values):
        return values * _gain()


def _gain():
    return 2.0


class Hidden(nn.Module):
    pass
"""


def _write(folder: Path, own: str = OWN, blocks: str = BLOCKS, norms: str = NORMS) -> Path:
    (folder / "parts").mkdir(parents=True, exist_ok=True)
    for name, text in {"own.py": own, "blocks.py": blocks, "parts/norms.py": norms}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "own.py"


def _study(path: Path) -> Study:
    (study,) = load_file(path).studies
    return study


def _identities(path: Path) -> dict[str, tuple[str, ...]]:
    """What stands for each network, by its level."""
    found = {}
    for variant in _study(path).variants:
        assert isinstance(variant.network, CustomClassifier)
        found[variant.levels[0].value] = variant.network.digest()
    return found


def _changed(folder: Path, **texts: str) -> set[str]:
    """Which networks are others once these texts are edited."""
    before = _identities(_write(folder / "before"))
    after = _identities(_write(folder / "after", **texts))
    return {level for level in before if before[level] != after[level]}


@pytest.mark.parametrize(
    ("text", "before", "after", "trained_again"),
    [
        ("own", "width * factor()", "width + factor()", {"large"}),  # a helper
        ("own", "return 1.5", "return 2.5", {"large"}),  # a helper's helper
        ("own", "DROPOUT = 0.25", "DROPOUT = 0.5", {"small"}),  # a constant
        ("own", "WIDTHS = [8]", "WIDTHS = [9]", set()),  # one that nobody reads
        ("own", 'LAYERS["second"] = 2', 'LAYERS["second"] = 3', {"large"}),  # a constant that is changed later
        (
            "own",
            "make_head(frames * dimensions, classes)",
            "make_head(dimensions * frames, classes)",
            {"small", "large"},
        ),
        ("own", "    return found", "    return (found)  # the same", set()),  # a decorator, to another form
        ("own", "    return found", "    found.marked = 1\n    return found", {"small", "large", "plain"}),
        ("own", "nn.Dropout(DROPOUT)", "nn.Dropout(DROPOUT / 2)", {"small"}),  # the class
        ("own", "width: int = 16", "width: int = 32", {"large"}),  # a default, by the settings of who has it
        ("own", "    rate: float = 0.5\n", "", {"small"}),  # a field
        ("blocks", "SLOPE = 0.1", "SLOPE = 0.2", {"large"}),  # a constant of another own file
        ("blocks", "nn.Linear(inputs, classes)", "nn.Linear(inputs, classes, bias=False)", {"small", "large"}),
        ("blocks", "return 1", "return 2", set()),  # what is imported and not used
        ("norms", "return 2.0", "return 3.0", {"large"}),  # behind a star
        ("norms", "class Hidden", "class Unseen", set()),
        ("own", "# of all networks", "# of most", set()),  # a comment
        ("own", '"""The first."""', '"""The smallest."""', set()),  # documentation
        ("own", "Which?", "Which one?", set()),  # the question
        ("own", "networks=networks())", "networks=networks(), margin=0.1)", set()),  # the margin
        ("own", "nn.Linear(frames * dimensions, classes))", "nn.Linear(dimensions * frames, classes))", {"plain"}),
        ("own", "print(STUDY)", "print(STUDY.id)", set()),  # what it does as a program
        ("own", "OTHER_WIDTH = 4", "torch.manual_seed(3)", {"small", "large", "plain"}),  # an effect
        ("own", "OTHER_WIDTH = 4", "nn.Linear.mine = None", {"small", "large", "plain"}),
        ("own", "OTHER_WIDTH = 4", "with torch.no_grad():\n    pass", {"small", "large", "plain"}),
    ],
)
def test_what_is_edited_and_what_is_trained_again(
    tmp_path: Path, text: str, before: str, after: str, trained_again: set[str]
) -> None:
    """Each helper, constant, base, decorator, import and own file; and what is reached by none."""
    texts = {"own": OWN, "blocks": BLOCKS, "norms": NORMS}
    edited = texts[text].replace(before, after, 1)
    assert edited != texts[text]
    assert _changed(tmp_path, **{text: edited}) == trained_again


def test_a_fourth_network_trains_no_other_again(tmp_path: Path) -> None:
    """Nor where its class stands."""
    fourth = OWN[OWN.index("@dataclass(frozen=True)\nclass Plain") : OWN.index("def networks")].replace(
        "Plain", "Fourth"
    )
    added = OWN.replace('"small": Small(),', '"fourth": Fourth(), "small": Small(),').replace(
        "def scaled", fourth + "def scaled"
    )
    assert _changed(tmp_path, own=added) == set()


def test_a_default_counts_where_it_is_read_from_the_class(tmp_path: Path) -> None:
    """Settings say what a network was made with, but not what others read of its class."""
    head = ' "rate": Small(width=3, rate=0.1),'
    reading = OWN.replace("nn.Dropout(DROPOUT)", "nn.Dropout(Small.rate)")
    before = _identities(_write(tmp_path / "a", own=OWN.replace('{"small"', "{" + head + '"small"')))
    after = OWN.replace("rate: float = 0.5", "rate: float = 0.4").replace('{"small"', "{" + head + '"small"')
    assert _identities(_write(tmp_path / "b", own=after))["rate"] == before["rate"]
    first = _identities(_write(tmp_path / "c", own=reading.replace('{"small"', "{" + head + '"small"')))
    second = reading.replace("rate: float = 0.5", "rate: float = 0.4").replace('{"small"', "{" + head + '"small"')
    assert _identities(_write(tmp_path / "d", own=second))["rate"] != first["rate"]


@pytest.mark.parametrize("strange", ["globals()", "eval('1')", "__import__('os')", "importlib.import_module('os')"])
def test_where_reach_cannot_be_known_the_whole_text_counts(tmp_path: Path, strange: str) -> None:
    """A network that may read any name; the others still know what they reach."""
    own = OWN.replace("import math\n", "import importlib\nimport math\n").replace(
        "nn.Flatten(), nn.Linear(frames", f"nn.Flatten(), nn.Linear(0 * len(str({strange})) + frames"
    )
    before = _identities(_write(tmp_path / "before", own=own))
    after = _identities(_write(tmp_path / "after", own=own.replace("WIDTHS = [8]", "WIDTHS = [9]")))
    assert {level for level in before if before[level] != after[level]} == {"plain"}


@pytest.mark.parametrize(
    "registering",
    [
        "KINDS = {}\ndef register(found):\n    KINDS[found] = 1\n    return found\n"
        "@register\nclass Kind:\n    size = 1\n",
        "KINDS = []\nclass Base:\n    def __init_subclass__(cls):\n        KINDS.append(cls)\n"
        "class Kind(Base):\n    size = 1\n",
        "KINDS = []\ndef register(size):\n    KINDS.append(size)\nNAMES = list(map(register, [1]))\nSIZES = [1]\n"
        "MORE = list(map(lambda size: KINDS.append(size), SIZES))\nUNUSED = 'size = 1'\n",
        "KINDS = []\ndef fill():\n    KINDS.append(1)\nfill()\n",
    ],
)
def test_what_is_registered_is_reached_by_who_looks_it_up(tmp_path: Path, registering: str) -> None:
    """By a decorator, a base class, a call: such a statement counts for all."""
    own = OWN.replace("class Shared", registering + "\nclass Shared").replace(
        "nn.Dropout(DROPOUT)", "nn.Dropout(len(KINDS))"
    )
    edited = own.replace("size = 1", "size = 2").replace("(1)", "(2)").replace("SIZES = [1]", "SIZES = [2]")
    assert own != edited
    before = _identities(_write(tmp_path / "before", own=own))
    after = _identities(_write(tmp_path / "after", own=edited))
    assert before["small"] != after["small"]


def test_own_files_are_found_in_every_process(tmp_path: Path) -> None:
    """By what the source holds; names of a process's own modules do not get in between."""
    study = _study(_write(tmp_path))
    large = study.variants[1].network
    assert isinstance(large, CustomClassifier)
    source = source_of(large)
    assert source is not None
    assert [str(path) for path in source.files()] == ["own.py", "blocks.py", "parts/norms.py"]
    module = custom_class(large).build(2, 3, 4)
    assert type(module[1]).__module__ == f"soundproof_custom_{source.digest}_blocks"
    assert [type(layer).__name__ for layer in module] == ["Flatten", "Block", "Block", "Scale", "Linear"]


def test_what_a_class_was_known_by_before_is_found(tmp_path: Path) -> None:
    """Trials of before have the hash of the whole text, of a file that imports no other one."""
    path = tmp_path / "alone.py"
    path.write_text(OWN.replace("import blocks\nfrom blocks import make_head, unused\nfrom parts.norms import *\n", ""))
    plain = _study(path).variants[2].network
    assert isinstance(plain, CustomClassifier)
    source = source_of(plain)
    assert source is not None
    older = CustomClassifier(name="Plain", settings=(), source=source.digest)
    assert type(custom_class(older)) is type(custom_class(plain))


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ("import parts.norms\n", r"own.py, line 1: write `from parts import norms` for `import parts.norms`"),
        ("from .blocks import Block\n", "own.py, line 1: write the whole name of the module"),
        ("import blocks\nblocks.gone\n", "own.py, line 2: AttributeError"),
        ("from blocks import make_head\nmake_head()\n", "own.py, line 2: TypeError"),
        ("import broken\n", "broken.py, line 2: ZeroDivisionError"),
        ("import unreadable\n", "unreadable.py, line 1: SyntaxError"),
    ],
)
def test_what_is_wrong_is_said_with_the_file_and_line(tmp_path: Path, own: str, message: str) -> None:
    """Of the user's own files the one where it happened; and it is said again when asked again."""
    path = _write(tmp_path, own=own)
    (tmp_path / "broken.py").write_text("x = 1\nx / 0\n")
    (tmp_path / "unreadable.py").write_text("x = (\n")
    for _ in range(2):
        with pytest.raises(CustomFileError, match=message):
            load_file(path)


def test_a_class_within_a_function_is_refused(tmp_path: Path) -> None:
    """Other processes could not look it up."""
    own = OWN.replace('"plain": Plain()', '"plain": inner()') + (
        "def inner():\n    @dataclass(frozen=True)\n    class Inner(Plain):\n        pass\n    return Inner()\n"
    )
    path = _write(tmp_path, own=own.replace("STUDY = make", "def later():\n    return make") + "STUDY = later()\n")
    with pytest.raises(CustomFileError, match="inner.<locals>.Inner must be a class of the file itself"):
        load_file(path)
