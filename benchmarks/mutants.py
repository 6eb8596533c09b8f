"""Whether thinned tests still see what those before them saw: seeded mutants, killed now and before.

    python benchmarks/mutants.py --before main --places 50 --processes 2

A mutant is the checkout with one operator or constant changed, in one of the places that `TESTED` names. It is killed
where the tests of its place fail, or take longer than `PATIENCE_SECONDS`. The tests of before are those of the
revision that is named, or in the folder that is, run on the sources of this checkout; they are asked about what
survives those of now. Everything happens in copies, one pair of them for each process.
"""

import argparse
import ast
import io
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 600
KILLED, SURVIVED = "killed", "SURVIVED"
COPIED = ("analysis", "benchmarks", "command_line", "docs", "search_spaces", "soundproof", "trainables")

TESTED: Mapping[str, tuple[str, ...]] = {
    "analysis/statistics/multiple_comparisons.py::holm": ("tests/analysis/statistics/test_corrections.py",),
    "analysis/verdicts/until_decided.py": ("tests/analysis/verdicts/test_until_decided.py",),
    "search_spaces/arithmetic/costs.py": ("tests/search_spaces/test_multiply_accumulates.py",),
    "search_spaces/presets/preset.py::_narrow": ("tests/search_spaces/test_open_spaces.py",),
    "trainables/features/preparation.py": ("tests/trainables/features/test_preparation.py",),
    "trainables/networks/speech.py": ("tests/trainables/networks/test_networks.py",),
    "trainables/sweeps/interrupts.py": ("tests/trainables/sweeps/test_interrupts.py",),
    "trainables/training/checkpoints.py": ("tests/trainables/training/test_checkpoints.py",),
}
"""The modules, or functions of modules, whose tests were thinned, and those tests."""

_COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
_ARITHMETIC: Mapping[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "+",
    ast.Div: "*",
    ast.FloorDiv: "*",
    ast.Mod: "*",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """One change of the expression at `line` of `module`, whose whole text becomes `text`."""

    module: str
    tests: tuple[str, ...]
    line: int
    old: str
    new: str
    text: str


def mutants(place: str) -> Iterator[Mutant]:
    """Every change of one operator or constant of a module, or of a function of it."""
    module, _, function = place.partition("::")
    source = (ROOT / module).read_text(encoding="utf-8")
    tree: ast.AST = ast.parse(source)
    if function:
        tree = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == function)
    for node in ast.walk(tree):
        changed = _changed(node, source)
        if changed is not None and isinstance(node, ast.expr):
            start, end = (_offset(source, *place) for place in _extent(node))
            text = source[:start] + changed + source[end:]
            yield Mutant(
                module=module, tests=TESTED[place], line=node.lineno, old=source[start:end], new=changed, text=text
            )


def _extent(node: ast.expr) -> tuple[tuple[int, int], tuple[int, int]]:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def _offset(source: str, line: int, column: int) -> int:
    """Where a line and a column, counted in bytes as `ast` does, lie in the text."""
    lines = source.splitlines(keepends=True)
    return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())


def _changed(node: ast.AST, source: str) -> str | None:
    """What stands in the place of an expression; None where nothing is to be changed."""
    match node:
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator) in _COMPARISONS:
            return f"({_text(left, source)}) {_COMPARISONS[type(operator)]} ({_text(right, source)})"
        case ast.BoolOp(op=operator, values=[first, *others]):
            word = "or" if isinstance(operator, ast.And) else "and"
            return f" {word} ".join(f"({_text(value, source)})" for value in (first, *others))
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _ARITHMETIC:
            return f"({_text(left, source)}) {_ARITHMETIC[type(operator)]} ({_text(right, source)})"
        case ast.Constant(value=bool(value)):
            return str(not value)
        case ast.Constant(value=int() | float() as value):
            return str(value + 1)
        case _:
            return None


def _text(node: ast.expr, source: str) -> str:
    return ast.get_source_segment(source, node) or ast.unparse(node)


def _copy(folder: Path, revision: str | None) -> None:
    """A checkout to change: the sources of this one, and its tests, those of another revision or those in a folder."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "run_search.py", "README.md"):
        shutil.copy(ROOT / file, folder / file)
    if revision is None or Path(revision).is_dir():
        tests = ROOT / "tests" if revision is None else Path(revision)
        shutil.copytree(tests, folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    else:
        packed = subprocess.run(["git", "archive", revision, "tests"], cwd=ROOT, check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")


def _fate(mutant: Mutant, checkout: Path) -> str:
    target = checkout / mutant.module
    whole = target.read_text(encoding="utf-8")
    target.write_text(mutant.text, encoding="utf-8")
    try:
        return KILLED if _fails(checkout, mutant.tests) else SURVIVED
    finally:
        target.write_text(whole, encoding="utf-8")


def _fails(checkout: Path, tests: tuple[str, ...]) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not slow and not evidence"]
    command += ["--hypothesis-seed=0", *tests]
    # what is compiled is known by second and size of its source, and mutants follow one another faster than that
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, cwd=checkout, env=environment, capture_output=True, timeout=PATIENCE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def _judged(mutant: Mutant, copies: SimpleQueue[tuple[Path, Path]]) -> tuple[Mutant, str, str]:
    """The fates of a mutant under the tests of now and, where it survives those, under those of before."""
    after, before = copies.get()
    try:
        fate = _fate(mutant, after)
        return mutant, fate, _fate(mutant, before) if fate == SURVIVED else "-"
    finally:
        copies.put((after, before))


def main() -> None:
    """Print a line for each mutant, and those that only the tests before have killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", required=True, help="the tests before: a revision of git, or a folder")
    parser.add_argument("--places", type=int, default=50, help="how many mutants")
    parser.add_argument("--seed", type=int, default=0, help="which ones")
    parser.add_argument("--only", default="", help="modules whose path holds this")
    parser.add_argument("--processes", type=int, default=1, help="how many at once")
    options = parser.parse_args()
    found = [mutant for place in TESTED for mutant in mutants(place)]
    chosen = random.Random(options.seed).sample(found, min(options.places, len(found)))
    chosen = sorted(
        (mutant for mutant in chosen if options.only in mutant.module), key=lambda mutant: (mutant.module, mutant.line)
    )
    escaped = 0
    copies: SimpleQueue[tuple[Path, Path]] = SimpleQueue()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.processes) as pool:
        for process in range(options.processes):
            after, before = Path(folder, f"after-{process}"), Path(folder, f"before-{process}")
            _copy(before, options.before)
            _copy(after, None)
            copies.put((after, before))
        if any(pool.map(lambda tests: _fails(after, tests), TESTED.values())):
            sys.exit("a test fails on the sources as they are: it would kill every mutant")
        for mutant, now, then in pool.map(lambda mutant: _judged(mutant, copies), chosen):
            escaped += then == KILLED
            change = f"{mutant.module}:{mutant.line}: {mutant.old!r} -> {mutant.new!r}"
            print(f"after {now:8}", f"before {then:8}", change, sep="  ", flush=True)
    print(f"{escaped} survive that died before")
    sys.exit(bool(escaped))


if __name__ == "__main__":
    main()
