"""What studies are run on and where: size, corpus, split, room, storage and record."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from soundproof.command_line.parsing import parse_preset, parse_tracking_uri
from soundproof.command_line.run_options import BenchOptions
from soundproof.search_spaces import PRESETS, Preset, Study
from soundproof.search_spaces.corpus_names import corpus_label, parse_split
from soundproof.search_spaces.studies import Domain

if TYPE_CHECKING:
    from soundproof.analysis.reports import SearchReport, StudyReport
    from soundproof.search_spaces.spaces import SearchSpace
    from soundproof.search_spaces.specs import Split
    from soundproof.trainables.corpora import Corpus
    from soundproof.trainables.sweeps.planning.seeds import Schedule
    from soundproof.trainables.sweeps.ray_tune.resources import Resources
    from soundproof.trainables.sweeps.searching.job import Search
    from soundproof.trainables.sweeps.searching.settings import SearchSettings
    from soundproof.trainables.sweeps.sweep import Sweep

_MOST_SKIPPED_SHOWN = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """Where and on what studies are run and spaces are searched. Those of the same domain can share it."""

    preset: Preset
    corpus: Corpus
    corpus_name: str
    split: Split
    options: BenchOptions

    @classmethod
    def prepare(cls, domain: Domain, options: BenchOptions) -> Bench:
        """Open the corpus, and say which of its recordings are left out. Raises `UserError` where it cannot be used."""
        preset = replace(PRESETS[domain][parse_preset(options.preset)], most_epochs=options.epochs)
        parse_tracking_uri(options.tracking_uri, options.storage)  # one that cannot hold the record is refused now
        from soundproof.trainables.corpora import choose_corpus, open_corpus, usual_split

        choice = choose_corpus(options.corpus, domain)
        named = None if options.split is None else parse_split(options.split)
        opened = open_corpus(choice, preset, skip_broken=options.skip_broken)
        if opened.skipped:
            print(f"{len(opened.skipped)} broken recordings are left out:", file=sys.stderr)
            print(*opened.skipped[:_MOST_SKIPPED_SHOWN], sep="\n", file=sys.stderr)
        usual = usual_split(opened)
        return cls(
            preset=preset,
            corpus=opened,
            corpus_name=corpus_label(choice.label, None if named in (None, usual) else options.split),
            split=named or usual,
            options=options,
        )

    def sweep(self, study: Study, schedule: Schedule) -> Sweep:
        """The study on this bench."""
        from soundproof.trainables.sweeps.storage import Storage
        from soundproof.trainables.sweeps.sweep import Sweep

        return Sweep(
            study=study,
            preset=self.preset,
            corpus=self.corpus,
            corpus_name=self.corpus_name,
            split=self.split,
            schedule=schedule,
            storage=Storage(root=self.options.storage),
            tracking_uri=self.options.tracking_uri,
            resources=self._resources(),
            norms=self.options.norms,
        )

    def search(self, space: SearchSpace, settings: SearchSettings) -> Search:
        """The search of a space on this bench."""
        from soundproof.trainables.sweeps.searching.job import Search
        from soundproof.trainables.sweeps.storage import Storage

        return Search(
            space=space,
            settings=settings,
            preset=self.preset,
            corpus=self.corpus,
            corpus_name=self.corpus_name,
            split=self.split,
            storage=Storage(root=self.options.storage),
            tracking_uri=self.options.tracking_uri,
            resources=self._resources(),
            norms=self.options.norms,
        )

    def report(self, study: Study) -> StudyReport:
        """What the record says of the study on this bench."""
        from soundproof.analysis.reports import report_study

        uri = parse_tracking_uri(self.options.tracking_uri, self.options.storage)
        return report_study(study, uri, self.preset.label, self.corpus_name)

    def report_search(self, space: SearchSpace, search_id: str) -> SearchReport:
        """What the record says of one search of a space on this bench."""
        from soundproof.analysis.reports import report_search

        uri = parse_tracking_uri(self.options.tracking_uri, self.options.storage)
        return report_search(space.id, space.question, uri, self.preset.label, self.corpus_name, search=search_id)

    def _resources(self) -> Resources:
        from soundproof.trainables.sweeps.ray_tune.resources import Resources

        return Resources(
            max_concurrent=self.options.max_concurrent,
            cpus_per_trial=self.options.cpus_per_trial,
            gpus_per_trial=self.options.gpus_per_trial,
            address=self.options.address,
            epoch_seconds_limit=self.options.epoch_seconds,
        )
