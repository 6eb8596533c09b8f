"""The command line: what it prints, and how it refuses."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundproof.command_line import main as command_line
from soundproof.search_spaces import SPACES, STUDIES

ROOT = Path(__file__).resolve().parents[1]
CLASSIFIERS = {
    "genre-crnn/04": 18356,
    "genre-crnn/05": 29268,
    "esc-cnn-family/01": 47018,
    "esc-cnn-family/02": 17466,
    "genre-ffnn/01": 1040682,
    "genre-ffnn/02": 476458,
    "genre-ffnn/03": 1038922,
    "genre-ffnn/05": 1049522,
}
"""Parameters of classifiers, as their documents count them."""


def _soundproof(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "run_search.py", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What the program says on standard error where it refuses, and nowhere else; without the start of a process."""

    def ask(*arguments: str) -> str:
        monkeypatch.chdir(ROOT)
        monkeypatch.setattr(sys, "argv", ["run_search.py", *arguments])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        said = capfd.readouterr()
        assert (ended.value.code, said.out) == (2, "")
        return said.err

    return ask


def test_list_names_every_study_and_space() -> None:
    """The list gives ids and questions, as text and as JSON."""
    text = _soundproof("list").stdout
    assert "asr-merge-mode  (5 variants)" in text
    assert "genres  (41,472 variants)" in text
    rows = json.loads(_soundproof("list", "--json").stdout)
    assert [row["id"] for row in rows if row["kind"] == "study"] == [study.id for study in STUDIES]
    assert [row["id"] for row in rows if row["kind"] == "space"] == [space.id for space in SPACES]
    assert len(rows) == 35 + 6


def test_plan_gives_the_documented_totals() -> None:
    """The plan at full size holds ids, levels, totals and feasibility in the promised form."""
    plan = json.loads(_soundproof("plan", "--all", "--preset", "documented", "--json").stdout)
    variants = {variant["id"]: variant for study in plan["studies"] for variant in study["variants"]}
    speech = [variant for variant in variants if variant.startswith("asr-")]
    assert (
        len(speech) == 113 + 1 + 4 + 4
    )  # and seven dilated layers, which the documents only mention, and eight of ours
    assert variants["asr-cnn-sublayer-order/01"]["parameters"] == {
        "total": 850829,
        "trainable": 849629,
        "non_trainable": 1200,
    }
    assert variants["asr-dilation/7-layers"]["feasible"] is False
    assert "leaves 0 output frames" in variants["asr-dilation/7-layers"]["reason"]
    assert variants["asr-dilation/05"]["output_frames"] == 103
    assert {name: variants[name]["parameters"]["total"] for name in CLASSIFIERS} == CLASSIFIERS
    assert variants["genre-crnn/04"]["parameters"] == {"total": 18356, "trainable": 18196, "non_trainable": 160}


def test_plan_says_what_documents_say() -> None:
    """Runs and digits as documented, below the variant; whose data those are; nothing below a variant of ours."""
    lines = _soundproof("plan", "esc-cnn-family").stdout.splitlines()
    below = {line.split()[0]: after.strip() for line, after in pairwise(lines) if line.startswith("  esc-cnn-family/")}
    assert below["esc-cnn-family/01"] == "documented: 47,018 parameters; validation accuracy 52.5% (1 run)"
    assert "test loss 1.1992 nats (1 run)" in below["esc-cnn-family/03"]
    assert sum(line.startswith("documented:") for line in below.values()) == 3
    assert any(line.startswith("  documented   ESC-50, classes 0 to 9") for line in lines)
    text = _soundproof("plan", "genre-cnn-filters").stdout
    assert "test accuracy 61.415 to 70.29% (2 runs)" in text
    assert text.count("a confusion matrix") == 7
    assert "training time 1,740 s (1 run); curves to epoch 22.55" in _soundproof("plan", "speech-commands").stdout
    assert "documented" not in _soundproof("plan", "genre-split-leak").stdout


def test_plan_of_one_study_reads_well() -> None:
    """Without --json, the plan is for people."""
    text = _soundproof("plan", "asr-dilation").stdout
    assert "preset quick" in text
    assert "infeasible: an utterance of 229 frames" in text


def test_plan_says_what_a_study_is_judged_by() -> None:
    """Margin, baseline, claims, and how many trials `run` would train, before any is."""
    text = _soundproof("plan", "genre-split-leak").stdout
    assert "validation" not in text
    assert "test accuracy; a difference matters from 5 points on" in text
    assert re.search(r"baseline +genre-split-leak/cnn-tracks\n", text)
    assert re.search(r"trials +24: 4 feasible variants on 6 seeds", text)
    assert "A random split over segments shows a convolutional network as more accurate" in text
    assert "0.05 nats for each character of a mean transcript" in _soundproof("plan", "asr-dilation").stdout
    (planned,) = json.loads(_soundproof("plan", "genre-split-leak", "--json").stdout)["studies"]
    assert (planned["trials"], planned["margin"], len(planned["claims"])) == (24, {"absolute": 0.05}, 2)


def test_plan_of_one_study_says_what_its_claims_would_take() -> None:
    """For people, and as numbers: from 1,000 seeds on "out of reach"; nothing where no spread is known."""
    text = _soundproof("plan", "genre-cnn-filters").stdout
    assert "Before training, for true effects of so many margins: seeds, fixed (until decided, at most), " in text
    assert "with which half of such studies decide, 5 claims together" in text
    (planned,) = json.loads(_soundproof("plan", "genre-cnn-filters", "--json").stdout)["studies"]
    claims = planned["seeds_needed"]["claims"]
    assert [claim["text"] for claim in claims] == [claim["text"] for claim in planned["claims"]]
    for claim in claims:
        of_effects = {effect["margins"]: effect for effect in claim["effects"]}
        assert [of_effects[margins]["verdict"] for margins in (1, 2, 4)] == ["supported"] * 3
        assert of_effects[4]["fixed"] < of_effects[2]["fixed"] < of_effects[1]["fixed"]
    assert claims[0]["source"]["run"].startswith("run genre-ffnn --preset quick --seeds ")
    (unknown,) = json.loads(_soundproof("plan", "genre-cnn-filters", "--preset", "documented", "--json").stdout)[
        "studies"
    ]
    assert unknown["seeds_needed"] is None


def test_plan_of_a_space_says_what_may_be_chosen() -> None:
    """Every parameter with its range and the choice that it exists with, as text and as JSON."""
    text = _soundproof("plan", "speech-recipe").stdout
    assert "infinitely many variants of 6 epochs" in text
    assert "(recipe.optimizer is sgd)" in text
    planned = json.loads(_soundproof("plan", "speech-recipe", "--json").stdout)["spaces"][0]
    conditions = {parameter["name"]: parameter["condition"] for parameter in planned["parameters"]}
    assert conditions["recipe.optimizer"] == "always"
    assert conditions["recipe.optimizer.adam.first_decay"] == "recipe.optimizer is adam"


def _options(command: str) -> dict[str, str]:
    """What the help says of each option of a command."""
    entries = re.split(
        r"\n  (?=--)", _soundproof(command, "--help").stdout.split("Options:")[1].split("Examples:")[0].strip()
    )
    return {words[0]: " ".join(words) for words in map(str.split, entries)}


def test_plan_says_what_a_fraction_cannot_tell() -> None:
    """Below each claim what it is confounded with, then what is estimated, then how much of all is trained."""
    lines = _soundproof("plan", "ablate.genre-cnn-filters.01.removals.factorial-8").stdout.splitlines()
    claim = next(place for place, line in enumerate(lines) if "It helps on average to have the L2 penalty." in line)
    assert lines[claim + 1].strip() == (
        "The effect of the L2 penalty cannot be told from dropout in the blocks x dropout before the output x the "
        "schedule of the learning rate together."
    )
    assert sum(line.strip().endswith(", or several") for line in lines) == 3
    assert any(
        line.strip().startswith("caveats      8 of 16 combinations of 4 components, resolution IV") for line in lines
    )


def test_commands_that_train_take_the_same_options() -> None:
    """`ablate` has every option of `run`, in the same words, and its own six beside them; `search` shares most."""
    run, ablate, search = _options("run"), _options("ablate"), _options("search")
    assert len(run) == 27 + 1  # and --help
    assert run.items() <= ablate.items()
    assert ablate.keys() - run.keys() == {"--baseline", "--removals", "--path", "--factorial", "--runs", "--factors"}
    of_seeds = {"--seeds", "--first-seed", "--until-decided", "--max-seeds"}
    assert {name: text for name, text in run.items() if name not in of_seeds}.items() <= search.items()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plan", "asr-merge-mod"], "no study or search space is called 'asr-merge-mod': did you mean"),
        (["run", "asr-merge-mod"], "did you mean 'asr-merge-mode'?"),
        (["run", "asr-merge-mode", "--preset", "quik"], "no preset is called 'quik': did you mean 'quick'?"),
        (["run", "asr-merge-mode", "--seeds", "5", "--until-decided"], "give one of the two"),
        (["ablate", "asr-merge-mode", "asr-merge-mode/9"], "asr-merge-mode/04"),
        (["ablate", "asr-merge-mode", "asr-merge-mode/01", "--path", "--until-decided"], "on fixed seeds"),
        (["ablate", "asr-merge-mode", "asr-merge-mode/01", "--path", "--factorial"], "give one of the two"),
        (["ablate", "asr-merge-mode", "asr-merge-mode/01", "--runs", "8"], "give --factorial, too"),
        (
            ["ablate", "genre-crnn", "genre-crnn/03", "--removals", "--factorial", "--runs", "7"],
            "of 4 or 8 combinations",
        ),
        (["importance", "asr-merge-mode", "--by", "level"], "did you mean 'levels'?"),
        (["report", "ablate.asr-merge-mode.99"], "no ablation is called 'ablate.asr-merge-mode.99'"),
        (["run", "asr-merge-mode", "--max-seeds", "9"], "--max-seeds limits --until-decided"),
        (["run", "asr-merge-mode", "--corpus", "fsd:x"], "no corpus is called 'fsd': did you mean 'fsdd'?"),
        (["run", "asr-merge-mode", "--corpus", "fsdd"], "write fsdd:PATH"),
        (["run", "asr-merge-mode", "--corpus", "fsdd:/no/where"], "/no/where"),
        (["run", "asr-merge-mode", "--corpus", "manifest:/no/where.jsonl"], "/no/where.jsonl"),
        (["run", "asr-merge-mode", "--corpus", "synthetic-speech:x"], "needs no files"),
        (["run", "asr-merge-mode", "--seeds", "0"], "--seeds"),
        (["run", "asr-merge-mode", "--seeds", "1000000000000"], "--seeds"),
        (["run", "asr-merge-mode", "--until-decided", "--max-seeds", "1000000000000"], "--max-seeds"),
        (["run", "asr-merge-mode", "--epoch-seconds", "inf"], "--epoch-seconds"),
        (["run", "asr-merge-mode", "--cpus-per-trial", "inf"], "--cpus-per-trial"),
        (["run", "asr-merge-mode", "--gpus-per-trial", "nan"], "--gpus-per-trial"),
        (["run", "asr-merge-mode", "--gpus-per-trial", "1.5", "--preset", "smoke"], "GPUs are shared"),
        (["search", "speech", "--trials", "1000000000000"], "--trials"),
        (["run", "asr-merge-mode", "--storage", "/no/exp?1"], "--storage expects a folder"),
        (["plan"], "--all"),
        (["report", "asr-merge-mode", "--storage", "/no/where"], "run_search.py run"),
        (["report", "--all", "asr-merge-mode"], "leave out the study's id, --corpus, --search and --out, or --all"),
        (["report", "--all", "--corpus", "fsdd"], "report --all is about every study of a store"),
        (["report", "--all", "--storage", "/no/where"], "/no/where"),
        (["browse", "--storage", "/no/where"], "run a study first"),
        (["browse", "--tracking-uri", "foo://x"], "error: the tracking store 'foo://x' cannot be read"),
    ],
)
def test_refusals(arguments: list[str], message: str, refused: Callable[..., str]) -> None:
    """What a user can get wrong is answered with status 2 and what to do; nothing else is printed."""
    assert message in refused(*arguments)


def test_a_refusal_is_no_traceback() -> None:
    """As a process of its own: status 2, one line, nothing on standard output."""
    done = _soundproof("plan", "asr-merge-mod")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"error: no study or search space is called 'asr-merge-mod': did you mean .*\n", done.stderr)


def _wav(path: Path, seconds: float = 1.0) -> Path:
    samples = np.random.default_rng(0).standard_normal(round(8000 * seconds)) * 0.1
    soundfile.write(path, samples, 8000, subtype="PCM_16")
    return path


def _not_json(folder: Path) -> str:
    return '{"audio": "a.wav", "text": "one"}\n{"audio": "a.wav", text}\n'


def _foreign_character(folder: Path) -> str:
    return '{"audio": "a.wav", "text": "one"}\n{"audio": "b.wav", "text": "Straße 7"}\n'


def _cut_in_half(folder: Path) -> str:
    whole = (folder / "b.wav").read_bytes()
    (folder / "b.wav").write_bytes(whole[: len(whole) // 2])
    return '{"audio": "a.wav", "text": "one"}\n{"audio": "b.wav", "text": "two"}\n'


@pytest.mark.parametrize(
    ("write", "messages"),
    [
        (_not_json, ["manifest.jsonl:2", "JSON"]),
        (_foreign_character, ["manifest.jsonl:2", "'S'", "'ß'", "'7'"]),
        (_cut_in_half, ["manifest.jsonl:2", "b.wav", "cut short"]),
    ],
)
def test_broken_manifests_name_file_and_line(
    write: Callable[[Path], str], messages: list[str], tmp_path: Path, refused: Callable[..., str]
) -> None:
    """A line that is not JSON, a character outside the alphabet, a WAV cut in half.

    Each is named, nothing is written.
    """
    for name in ("a.wav", "b.wav"):
        _wav(tmp_path / name)
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text(write(tmp_path), encoding="utf-8")
    storage = tmp_path / "store"
    error = refused("run", "asr-merge-mode", "--corpus", f"manifest:{manifest}", "--storage", str(storage))
    for message in messages:
        assert message in error
    assert not storage.exists()
