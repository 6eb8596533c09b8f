"""What MLflow's pages say of a model: its name, the question it is from, its numbers, and how to ask it."""

import re

from mlflow.entities import Run
from mlflow.tracking import MlflowClient

from soundproof.common import record
from soundproof.common.markdown import as_markdown
from soundproof.trainables.prediction.recorded import RecordedTrial
from soundproof.trainables.serving.form import signature
from soundproof.trainables.serving.questions import AUDIO, RATE, SAMPLES

_NOT_IN_NAMES = re.compile(r"""[/:.%"'\s]+""")
"""What MLflow refuses in the name of a model, and white space."""
_PLACE = {"preset": record.PRESET, "corpus": record.CORPUS}


def model_name(recorded: RecordedTrial) -> str:
    """Of the logged model: study or space, variant and seed."""
    variant = recorded.variant.removeprefix(f"{recorded.study}/")
    words = [_NOT_IN_NAMES.sub("-", word) for word in (recorded.study, variant) if word]
    return " ".join([*words, f"seed {recorded.trial.seed}"])


def question_of(client: MlflowClient, recorded: RecordedTrial) -> str:
    """The question of the study, Markdown as its experiment keeps it; the study's id where it keeps none."""
    experiment = client.get_experiment_by_name(recorded.study)
    noted = None if experiment is None else experiment.tags.get(record.NOTE)
    return noted or as_markdown(recorded.study)


def describe(question: str, recorded: RecordedTrial, run: Run, uri: str) -> str:
    """Markdown for one model, `run` being the one that trained it and `uri` what MLflow's functions call the model."""
    metrics = [
        f"| {as_markdown(name)} | {value:.4g} |"
        for name, value in sorted(run.data.metrics.items())
        if name.startswith((record.BEST_PREFIX, record.TEST_PREFIX))
    ]
    table = ["", "| metric | value |", "| :--- | ---: |", *metrics] if metrics else []
    return "\n".join([f"**{question}**", "", _origin(recorded, run), *table, "", how_to_ask(recorded, uri)])


def how_to_ask(recorded: RecordedTrial, uri: str) -> str:
    """Markdown: lines of Python and of a shell, with what the answer holds."""
    answers = ", ".join(f"`{name}`" for name in signature(recorded.trial).outputs.input_names())
    return "\n".join(
        [
            f"Asked for each row's `{AUDIO}` (the bytes of a WAV, FLAC, Ogg or MP3 file in base64), or `{SAMPLES}` and "
            f"`{RATE}`, it answers {answers}:",
            "",
            "```python",
            "import base64, pathlib",
            "import mlflow",
            "",
            f"model = mlflow.pyfunc.load_model({uri!r})",
            'audio = base64.b64encode(pathlib.Path("a.wav").read_bytes()).decode()',
            f'model.predict([{{"{AUDIO}": audio}}])',
            "```",
            "",
            "Served by `mlflow models serve`, it takes the same as JSON at `/invocations`: "
            f'`{{"dataframe_records": [{{"{AUDIO}": "..."}}]}}`.',
        ]
    )


def _origin(recorded: RecordedTrial, run: Run) -> str:
    tags = run.data.tags
    levels = [
        f"{as_markdown(name.removeprefix(record.FACTOR_PREFIX))}&#58; {as_markdown(value)}"
        for name, value in sorted(tags.items())
        if name.startswith(record.FACTOR_PREFIX) and tags.get(record.VARIANT) == recorded.variant
    ]
    shown = f" ({'; '.join(levels)})" if levels else ""
    trained = [f"{word} {as_markdown(tags[tag])}" for word, tag in _PLACE.items() if tag in tags]
    trial = f"trial {recorded.trial_id}"
    return ", ".join(
        [f"Variant {as_markdown(recorded.variant)}{shown}", f"seed {recorded.trial.seed}", *trained, trial]
    )
