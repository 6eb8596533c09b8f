"""The command that trains a study, and reports: `run`."""

from pathlib import Path

from soundproof.api import RunOptions, run_study
from soundproof.api.seeds import Seeds
from soundproof.command_line.custom_files import named
from soundproof.command_line.next_steps import next_steps
from soundproof.command_line.options import FileOption, JsonOption, NamedStudyArgument
from soundproof.command_line.printing import print_report
from soundproof.command_line.run_options import takes
from soundproof.search_spaces import Study
from soundproof.search_spaces.finding import find_study_or_ablation


@takes(RunOptions)
def run(
    options: RunOptions, study: NamedStudyArgument = None, *, file: FileOption = None, as_json: JsonOption = False
) -> None:
    """Train what is not finished yet, then report. The same command again goes on where it stopped."""
    run_and_print(find_study_or_ablation(named(study, file)), options, file=file, as_json=as_json)


def run_and_print(study: Study, options: RunOptions, *, file: Path | None, as_json: bool) -> None:
    """Train a study, and print its report; `file` is that of the user's which declares it, if any."""
    done = run_study(study, options)
    steps = next_steps(done.report, options, Seeds.parse(options), file)
    print_report(done, as_json=as_json, steps=steps)
