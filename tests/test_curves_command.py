"""`curves` from the command line and from Python: several studies and corpora of one record in one figure."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from finished_studies import CORPUS, validation_loss, write_finished_study

from soundproof import compare_curves, find_study
from soundproof.trainables.sweeps.storage import Storage

SMALL, OTHER = find_study("asr-time-distributed-dense"), find_study("asr-padding")
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One study on two corpora, another on one of them."""
    folder = tmp_path_factory.mktemp("storage")
    write_finished_study(SMALL, Storage(root=folder), seeds=2)
    write_finished_study(SMALL, Storage(root=folder), seeds=1, corpus="fsdd")
    write_finished_study(OTHER, Storage(root=folder), seeds=1)
    return folder


def test_two_studies_stand_in_one_page(storage: Path, soundproof_here: Command) -> None:
    """Whole by default, on the corpus that each was run on last; the page lies among the reports and says both."""
    done = soundproof_here("curves", SMALL.id, OTHER.id, "--corpus", CORPUS, "--storage", storage)
    page = storage / "reports" / f"curves.{SMALL.id}.and-1-more.loss.html"
    assert (done.returncode, done.stdout) == (0, f"Curves: {page}\n"), done.stderr
    text = page.read_text(encoding="utf-8")
    for variant in (*SMALL.variants, *OTHER.variants):
        assert variant.id in text


def test_the_points_are_those_of_the_record(storage: Path, soundproof_here: Command, tmp_path: Path) -> None:
    """Of the variant that was asked for, on both corpora; the file beside them is a picture."""
    variant, out = SMALL.variants[1].id, tmp_path / "curves.svg"
    corpora = ("--corpus", CORPUS, "--corpus", "fsdd:anywhere")
    done = soundproof_here(
        "curves", SMALL.id, "--variant", variant, *corpora, "--out", out, "--storage", storage, "--json"
    )
    assert done.returncode == 0, done.stderr
    curves = json.loads(done.stdout)["curves"]
    assert [(curve["corpus"], curve["validation"]["seeds"]) for curve in curves] == [(CORPUS, 2), ("fsdd", 1)]
    means = [point["mean"] for point in curves[0]["validation"]["points"]]
    expected = [(validation_loss(1, 0, epoch) + validation_loss(1, 1, epoch)) / 2 for epoch in (1, 2, 3, 4)]
    assert means == pytest.approx(expected)
    assert [point["mean"] for point in curves[0]["training"]["points"]] == pytest.approx([mean - 1 for mean in means])
    assert out.read_text(encoding="utf-8").startswith("<svg")


def test_python_gives_the_same(storage: Path, tmp_path: Path) -> None:
    """A study alone, limits, and the picture that a notebook shows."""
    compared = compare_curves(SMALL, corpora=[CORPUS], epochs=3, storage=storage)
    assert [len(curve["validation"]["points"]) for curve in compared.plain()["curves"]] == [3, 3]
    assert compared._repr_svg_() == compared.write(tmp_path / "curves.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["asr-time-distributed-dens"], "did you mean 'asr-time-distributed-dense'?"),
        (["speech"], "no study is called 'speech'"),
        ([SMALL.id, "--variant", f"{SMALL.id}/1"], f"did you mean '{SMALL.id}/01'?"),
        ([SMALL.id, "--metric", "lss"], "did you mean 'loss'?"),
        ([SMALL.id, "--metric", "accuracy"], "known: loss, train/loss, validation/loss"),
        ([SMALL.id, "--lowest", "3", "--highest", "2"], "lowest must be below highest, got 3 and 2"),
        ([SMALL.id, "--epochs", "0"], "--epochs"),
        ([SMALL.id, "--out", "curves.pdf"], "ends in .html or .svg, got curves.pdf"),
        (["asr-merge-mode"], "expected records of the study 'asr-merge-mode'"),
        ([SMALL.id, OTHER.id, "--corpus", "fsdd"], f"expected records of '{OTHER.id}' with corpus 'fsdd'"),
        ([SMALL.id, "--corpus", CORPUS, "--corpus", "gtzan"], "corpus 'gtzan'"),
        ([], "expected the id of a study"),
    ],
)
def test_refusals(arguments: list[str], message: str, storage: Path, soundproof_here: Command) -> None:
    """Status 2, the nearest name or what to do, and nothing on standard output."""
    done = soundproof_here("curves", *arguments, "--storage", storage)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
