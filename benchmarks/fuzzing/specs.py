"""What Soundproof keeps as JSON of its own: trials, questions, answers, ledgers, studies of agents."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.fuzzing.kinds import Kind, Ready, single, tree
from benchmarks.fuzzing.sealing import agents_events
from soundproof.analysis.judging.answers import Answers
from soundproof.analysis.judging.program_results import LAST_LINE, NoResultError, Reading
from soundproof.analysis.records.recorded_specs import RecordedSpec
from soundproof.api.agent_records import StudyFile
from soundproof.api.agent_studies import AgentFolder
from soundproof.api.decided import decided_question, keep_question
from soundproof.api.ledger import START, Ledger
from soundproof.api.program_identity import agree
from soundproof.search_spaces import PRESETS, STUDIES, expand, find_study
from soundproof.search_spaces.open_spaces.speech_recipe import SPEECH_RECIPE
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import GroupSplit, Trial
from soundproof.search_spaces.studies import Arm, Question, Study
from soundproof.trainables.sweeps.programs.run_folders import Outcome, RunFolder


def trials() -> list[Trial]:
    """The first trial of every documented study, in a size for a smoke test."""
    found = []
    for study in STUDIES:
        preset = PRESETS[study.domain]["smoke"]
        found.append(next(expand(study, preset, preset.corpus, GroupSplit(), range(1))).trial)
    return found


def _trials(folder: Path) -> Ready:
    seeds = {f"{number}.json": trial.to_json().encode() for number, trial in enumerate(trials())}

    def read(path: Path) -> None:
        content = path.read_bytes()
        dict(RecordedSpec(content.decode("utf-8", "replace")))
        trial = Trial.from_json(content)
        assert Trial.from_json(trial.to_json()).trial_id == trial.trial_id

    return single(folder, seeds, read)


def _spec(cls: Any, values: Callable[[], list[Any]], folder: Path) -> Ready:
    seeds = {f"{number}.json": value.to_json().encode() for number, value in enumerate(values())}

    def read(path: Path) -> None:
        value = cls.from_json(path.read_bytes())
        assert cls.from_json(value.to_json()).digest() == value.digest()

    return single(folder, seeds, read)


def _questions() -> list[Question]:
    study = find_study("asr-merge-mode")
    names = [field.name for field in fields(Question) if field.name != "variants"]
    arms = tuple(Arm(id=variant.id, levels=variant.levels) for variant in study.variants)
    return [Question(variants=arms, **{name: getattr(study, name) for name in names})]


def _answers(folder: Path) -> Ready:
    given = Answers(
        variant=("model",),
        seed="seed",
        metric="wer",
        higher_is_better=False,
        only=(("set", "dev"),),
        finished=("ok",),
        curve_end="best",
        margin=0.5,
        claims=("a better than b",),
        baseline="b",
    )
    folder.mkdir(parents=True)
    given.save(folder / "answers.json")
    return tree(folder, lambda root: Answers.load(root / "answers.json").to_plain())


def _ledger(folder: Path) -> Ready:
    folder.mkdir(parents=True)
    ledger = Ledger.open(folder / "night.json", higher_is_better=False)
    for name in ("wider", "deeper"):
        key = ledger.propose(name)
        for seed in range(20):
            step = ledger.next_step(key)
            if step.action != "run" or step.of is None:
                break
            ledger.submit(step.of, 20.0 + seed % 3 - (name == "deeper"), seed)

    def read(root: Path) -> None:
        found = Ledger.open(root / "night.json")
        for entry in found.entries:
            if entry.id != START:
                found.next_step(entry.id)
        str(found.budget)

    return tree(folder, read, "night.json")


def _agents(folder: Path, *, sealed: bool) -> Ready:
    agents = AgentFolder(folder)
    agents.declare(
        "width",
        claims=["wide better than base"],
        baseline="base",
        metric="wer",
        higher_is_better=False,
        margin=0.2,
        seeds=3,
    )
    rows = [{"variant": name, "seed": seed, "value": 20.0 + seed} for name in ("wide", "base") for seed in range(3)]
    agents.submit("width", rows)

    def read(root: Path) -> None:
        path = root / "width.study.json"
        if sealed:
            path.write_bytes(agents_events(path.read_bytes()))
        record = StudyFile(path, "width").read()
        record.declaration.answers().to_plain()

    return tree(folder, read, "width.study.json")


def _programs(folder: Path) -> Ready:
    """What `decide` keeps beside the runs of a program."""
    root = folder / "programs" / "p"
    root.mkdir(parents=True)
    decision: Any = SimpleNamespace(
        name="p",
        template=SimpleNamespace(text="train {seed}", words=("train",)),
        options=SimpleNamespace(result="stdout", metric="loss", curve_end=None, inside=None, same_program=False),
    )
    agree(decision, root)
    keep_question(_questions()[0], root)
    run = RunFolder(root / "0")
    run.forget()
    ended = Outcome(
        variant="a", seed=0, status="completed", value=1.0, reason=None, seconds=2.0, ended_at_milliseconds=1000
    )
    run.conclude(ended)
    (run.path / "result.json").write_text('{"loss": 0.5, "nested": {"acc": [1, 2]}}')
    (run.path / "stdout").write_text('{"loss": 0.5}\n')

    def read(place: Path) -> None:
        found = RunFolder(place / "programs/p/0")
        str(found.outcome)
        agree(decision, place / "programs/p")
        decided_question("p", place)
        for source in ("result.json", LAST_LINE):
            reading = Reading(source=source, metric="loss", higher_is_better=False, curve_end=None)
            with suppress(NoResultError):
                reading.result(found.path, found.path / "stdout")

    return tree(folder, read)


SPECS = (
    Kind(name="trial", open=_trials, form="json", share=4.0),
    Kind(name="study", open=partial(_spec, Study, lambda: list(STUDIES)), form="json"),
    Kind(name="question", open=partial(_spec, Question, _questions), form="json"),
    Kind(name="space", open=partial(_spec, SearchSpace, lambda: [SPEECH_RECIPE]), form="json"),
    Kind(name="answers", open=_answers, form="json", share=4.0),
    Kind(name="ledger", open=_ledger, form="json"),
    Kind(name="programs", open=_programs, form="json"),
    Kind(name="agents", open=partial(_agents, sealed=False), form="json", share=2.0),
    Kind(name="agents-sealed", open=partial(_agents, sealed=True), form="json", share=2.0),
)
