"""The entry: every command under its name."""

import os
import sys
from collections.abc import Callable

import typer

from soundproof.command_line.browsing import browse
from soundproof.command_line.corpora import describe, download
from soundproof.command_line.custom_files import init
from soundproof.command_line.exit_status import exit_with_status
from soundproof.command_line.exporting import export
from soundproof.command_line.planning import list_studies, plan
from soundproof.command_line.prediction import explain, predict, register
from soundproof.command_line.printing import epilog
from soundproof.command_line.reporting import importance, report
from soundproof.command_line.running import ablate, run, search
from soundproof.common.program import INSTALLED, SCRIPT, program

app = typer.Typer(
    name=SCRIPT,
    help="Ablation studies of audio networks, decided with evidence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
EXAMPLES: dict[Callable[..., None], tuple[str, ...]] = {
    list_studies: ("list", "list --file my_study.py"),
    init: ("init my_study.py", "init my_speech.py --speech"),
    plan: ("plan asr-dilation --preset documented", "plan speech"),
    run: (
        "run asr-merge-mode --seeds 6",
        "run asr-cnn-front-end --until-decided --corpus fsdd:PATH",
        "run --file my_study.py --corpus folder:PATH",
    ),
    ablate: ("ablate asr-dense-rnn asr-dense-rnn/01", "ablate asr-dense-rnn asr-dense-rnn/01 --path"),
    search: ("search speech --trials 60", "search speech --trials 200 --scheduler none --sampler gp"),
    report: ("report asr-merge-mode", "report asr-merge-mode --json"),
    export: ("export asr-merge-mode --form latex", "export asr-merge-mode --form csv --out trials.csv"),
    importance: ("importance asr-dense-cnn --by params",),
    predict: ("predict TRIAL_ID a.wav b.mp3",),
    explain: ("explain TRIAL_ID",),
    register: ("register TRIAL_ID", "register --best asr-merge-mode --name transcriber"),
    describe: ("describe esc10:PATH",),
    download: ("download speech-commands PATH",),
    browse: ("browse", "browse --storage my-store --port 5001"),
}
"""The commands in the order of the help, each with command lines that show what it is for."""
SHORT: dict[Callable[..., None], str] = {
    list_studies: "The declared studies and search spaces.",
    init: "Write an example of a study of your own.",
    plan: "What would be trained, and judged by what.",
    run: "Train a study's variants, then report.",
    ablate: "What each component of a variant contributes.",
    search: "Look for the best network of a space.",
    report: "The record as verdicts: tables, page, JSON.",
    export: "The record for papers and other tools.",
    importance: "How much each factor matters.",
    predict: "Class or transcript of new audio.",
    explain: "Draw what a classifier heard in two clips.",
    register: "Make a trained network a model of MLflow's.",
    describe: "What is in a corpus.",
    download: "Fetch a public corpus.",
    browse: "Open MLflow's own pages on the record.",
}
"""What the list of commands says of each: a line that fits beside its name."""

for command, examples in EXAMPLES.items():
    name = "list" if command is list_studies else None
    app.command(name, short_help=SHORT[command], epilog=epilog(examples))(command)


def main() -> None:
    """Run the command line."""
    completing = any(word.endswith("-completion") for word in sys.argv[1:2])
    completes = os.environ.get(f"_{INSTALLED.upper()}_COMPLETE")
    name = INSTALLED if completing or completes else program()  # shells complete programs by one word
    exit_with_status(lambda: app(prog_name=name))


if __name__ == "__main__":
    main()
