"""What an exported script runs: a recorded study or search once more, with the trials that were recorded."""

import argparse
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from soundproof.api import RunOptions, search_space
from soundproof.api.options import DEFAULT_STORAGE, options_with
from soundproof.api.running import train_schedule
from soundproof.api.session import Session
from soundproof.command_line.exit_status import exit_with_status
from soundproof.command_line.printing import print_report
from soundproof.common.errors import UserError
from soundproof.common.option_fields import option_values
from soundproof.common.record import EndedTrial
from soundproof.search_spaces import STUDIES, Study, expand
from soundproof.search_spaces.choices.nodes import CustomBuild
from soundproof.search_spaces.corpus_names import CorpusLabel
from soundproof.search_spaces.custom import load_file
from soundproof.search_spaces.presets import preset_argument
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import Spec
from soundproof.search_spaces.specs.custom_networks import CustomPart

Seeds = int | Mapping[str, Sequence[int]]
"""How many seeds every variant has, or each variant's own."""
TrialIds = Mapping[tuple[str, int], str]
"""Ids by variant and seed."""


class RecordedSeeds:
    """The seeds that a study had that was run until decided, each variant's own."""

    adaptive = False
    design = "until decided"

    def __init__(self, seeds: Mapping[str, Sequence[int]]) -> None:
        self._seeds = seeds

    def wanted(self, ended: Sequence[EndedTrial], infeasible: Collection[str]) -> list[tuple[str, int]]:
        """See `soundproof.trainables.sweeps.planning.seeds.Schedule`."""
        pairs = sorted((seed, variant) for variant, seeds in self._seeds.items() for seed in seeds)
        return [(variant, seed) for seed, variant in pairs if variant not in infeasible]

    def remark(self) -> str:
        """See `soundproof.trainables.sweeps.planning.seeds.Schedule`."""
        return ""


def rerun_study(
    declared: str, seeds: Seeds, trial_ids: TrialIds, *, preset: str, corpus: str, version: str, description: str
) -> None:
    """Train what is not finished yet of a study, its canonical JSON, then report; ends as the command line does.

    `preset` and `corpus` are those of the record, `version` the one that wrote the script.
    """

    def run() -> None:
        from soundproof.trainables.sweeps.planning.seeds import FixedSeeds

        study = as_declared_now(Study.from_json(declared))
        options = options_with(
            RunOptions, None, read_arguments(study, preset, corpus, description), caller="the script"
        )
        session = Session.prepare(study.domain, options)
        check_ids(study, trial_ids, session, version)
        schedule = FixedSeeds(study, seeds) if isinstance(seeds, int) else RecordedSeeds(seeds)
        print_report(train_schedule(study, session, schedule), as_json=False)

    exit_with_status(run)


def rerun_search(declared: str, settings: Mapping[str, Any], *, preset: str, corpus: str, description: str) -> None:
    """Go on with the search of a space, its canonical JSON, or begin it, then report; ends as the command line does.

    `settings` are options of `search_space`.
    """

    def run() -> None:
        space = SearchSpace.from_json(declared)
        options = read_arguments(space, preset, corpus, description)
        print_report(search_space(space, **settings, **options), as_json=False)

    exit_with_status(run)


def as_declared_now(study: Study) -> Study:
    """A documented study that was written down before studies said what presets may equalise; any other as it is."""
    same = (known for known in STUDIES if known.id == study.id and replace(known, equalised=()) == study)
    return next(same, study)


def check_ids(study: Study, trial_ids: TrialIds, session: Session, version: str) -> None:
    """Raise `UserError` where other trials would be trained than those that were recorded."""
    seeds = sorted({seed for _, seed in trial_ids})
    planned = {
        (expanded.variant_id, expanded.trial.seed): expanded.trial.trial_id
        for expanded in expand(
            study, session.preset, session.corpus.spec, session.split, seeds, alphabet_of=session.alphabets.of
        )
    }
    different = [key for key, trial_id in trial_ids.items() if planned.get(key) != trial_id]
    if different:
        raise UserError(
            f"{len(different)} of {len(trial_ids)} trials would be others than those recorded, {different[0]} first: "
            f"expected Soundproof {version} and the same corpus; check both, or make TRIAL_IDS empty"
        )


def read_arguments(
    declared: Study | SearchSpace, preset: str, corpus: str, description: str, given: Sequence[str] | None = None
) -> dict[str, Any]:
    """The options of `run_study` or `search_space` for a recorded preset and corpus, and the script's own arguments."""
    size, _, epochs = preset_argument(preset).partition(" --epochs ")
    label = CorpusLabel.read(corpus)
    name, has_files, _ = label.argument.partition(":")
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    if _has_code_of_users(declared):
        parser.add_argument("networks", type=Path, help="the Python file with the networks, and other code of your own")
    if has_files:
        parser.add_argument("files", help=f"where the files of the corpus {name} lie")
        parser.add_argument("--skip-broken", action="store_true", help="leave out broken recordings")
    parser.add_argument("--storage", type=Path, default=DEFAULT_STORAGE)
    parser.add_argument("--max-concurrent", type=int, help="at most so many trials at a time")
    values = vars(parser.parse_args(given))
    if "networks" in values:
        load_file(values.pop("networks"))
    place = {"preset": size, "epochs": int(epochs) if epochs else None, "split": label.split}
    place["alphabet"] = label.alphabet.option
    place |= option_values(label.clips)
    return place | {"corpus": f"{name}:{values.pop('files')}" if has_files else name} | values


def _has_code_of_users(declared: Spec) -> bool:
    """Whether a study or a space has networks, losses, metrics or augmentations that a file of the user's defines."""
    kinds = (CustomBuild, *get_args(CustomPart))
    return any(f'"{kind.__name__}"' in declared.to_json() for kind in kinds)
