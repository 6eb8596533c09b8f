"""The entry: every command under its name."""

import os
import sys
from collections.abc import Callable

import typer

from soundproof.command_line.agents import ledger, serve_mcp
from soundproof.command_line.browsing import browse
from soundproof.command_line.checking import check
from soundproof.command_line.corpora import describe, download
from soundproof.command_line.custom_files import init
from soundproof.command_line.deciding import decide
from soundproof.command_line.exit_status import exit_with_status
from soundproof.command_line.exporting import export
from soundproof.command_line.judging import judge
from soundproof.command_line.planning import list_studies, plan
from soundproof.command_line.prediction import explain, predict, register
from soundproof.command_line.printing import epilog
from soundproof.command_line.reporting import curves, importance, report
from soundproof.command_line.running import ablate, run, search
from soundproof.common.program import INSTALLED, SCRIPT, program

app = typer.Typer(
    name=SCRIPT,
    help="Ablation studies of audio networks, decided with evidence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
COMMANDS: dict[Callable[..., None], tuple[str, tuple[str, ...]]] = {
    list_studies: ("The declared studies and search spaces.", ("list", "list --file my_study.py")),
    init: ("Write an example of a study of your own.", ("init my_study.py", "init my_speech.py --speech")),
    plan: ("What would be trained, and judged by what.", ("plan asr-dilation --preset documented", "plan speech")),
    run: (
        "Train a study's variants, then report.",
        (
            "run asr-merge-mode --seeds 6",
            "run asr-cnn-front-end --until-decided --corpus fsdd:PATH",
            "run --file my_study.py --corpus folder:PATH",
        ),
    ),
    ablate: (
        "What each component of a variant contributes.",
        ("ablate asr-dense-rnn asr-dense-rnn/01", "ablate asr-dense-rnn asr-dense-rnn/01 --path"),
    ),
    search: (
        "Look for the best network of a space.",
        ("search speech --trials 60", "search speech --trials 200 --scheduler none --sampler gp"),
    ),
    report: ("The record as verdicts: tables, page, JSON.", ("report asr-merge-mode", "report asr-merge-mode --json")),
    curves: (
        "Training and validation curves in one figure.",
        (
            "curves asr-merge-mode asr-dilation --metric loss --highest 90",
            "curves asr-merge-mode --corpus synthetic-speech --corpus fsdd:PATH --out curves.svg",
        ),
    ),
    judge: (
        "Verdicts on runs of any other program.",
        (
            "judge results.csv --variant model --metric wer --baseline conformer --margin 0.2",
            "judge mlruns --experiment ablation --metric val_acc --curve-end best",
            "judge export.csv --study study.json",
        ),
    ),
    decide: (
        "Run any program until claims about it are decided.",
        (
            "decide --command 'python train.py --seed {seed} --lr {lr}' --vary lr=0.1,0.01 --metric acc --margin 0.5",
            "decide --command './train {seed} {width}' --vary width=32,64 --lower-is-better --margin 0.2",
        ),
    ),
    ledger: (
        "An error budget over many proposals.",
        (
            "ledger night.json begin --lower-is-better",
            "ledger night.json propose 'wider filters'",
            "ledger night.json submit p1 0.42 --seed 7",
        ),
    ),
    serve_mcp: ("Tools for agents, over standard input.", ("serve-mcp --folder PATH",)),
    export: (
        "The record for papers and other tools.",
        ("export asr-merge-mode --form latex", "export asr-merge-mode --form csv --out trials.csv"),
    ),
    importance: ("How much each factor matters.", ("importance asr-dense-cnn --by params",)),
    predict: (
        "Class or transcript of new audio.",
        ("predict TRIAL_ID a.wav b.mp3", "predict TRIAL_ID a.wav --trial TRIAL_ID"),
    ),
    explain: ("Draw what a classifier heard in two clips.", ("explain TRIAL_ID",)),
    register: (
        "Make a trained network a model of MLflow's.",
        ("register TRIAL_ID", "register --best asr-merge-mode --name transcriber"),
    ),
    describe: ("What is in a corpus.", ("describe esc10:PATH",)),
    download: ("Fetch a public corpus.", ("download speech-commands PATH",)),
    check: (
        "Look a storage over, mend it, move it.",
        ("check", "check --repair", "check --storage my-store --move-to /data/my-store"),
    ),
    browse: ("Open MLflow's own pages on the record.", ("browse", "browse --storage my-store --port 5001")),
}
"""The commands in the order of the help, each with a line that fits beside its name, and examples of its use."""

TAKE_NUMBERS = (ledger,)
"""Commands that are given numbers as words: one that begins with a dash is no option."""

for command, (line, examples) in COMMANDS.items():
    name = "list" if command is list_studies else None
    settings = {"ignore_unknown_options": command in TAKE_NUMBERS}
    app.command(name, short_help=line, epilog=epilog(examples), context_settings=settings)(command)


def main() -> None:
    """Run the command line."""
    completing = any(word.endswith("-completion") for word in sys.argv[1:2])
    completes = os.environ.get(f"_{INSTALLED.upper()}_COMPLETE")
    name = INSTALLED if completing or completes else program()  # shells complete programs by one word
    exit_with_status(lambda: app(prog_name=name))


if __name__ == "__main__":
    main()
