"""What studies are run on and where: size, corpus, split, resources, storage and record; and how they train there."""

import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from soundproof.api.options import SessionOptions, parse_preset, parse_tracking_uri
from soundproof.common.counting import counted
from soundproof.common.terminal_text import shown
from soundproof.search_spaces.alphabet_choice import AlphabetChoice
from soundproof.search_spaces.corpus_names import CorpusLabel, parse_split
from soundproof.search_spaces.presets import PRESETS, Preset
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import Split
from soundproof.search_spaces.studies import Domain, Study

if TYPE_CHECKING:
    from soundproof.analysis.reports import SearchReport
    from soundproof.analysis.study_report import StudyReport
    from soundproof.trainables.corpora import Corpus
    from soundproof.trainables.sweeps.planning.seeds import Schedule
    from soundproof.trainables.sweeps.progress.protocol import Progress
    from soundproof.trainables.sweeps.searching.search import Search
    from soundproof.trainables.sweeps.searching.settings import SearchSettings
    from soundproof.trainables.sweeps.sweep import Sweep
    from soundproof.trainables.training.data.alphabets import Alphabets

_MOST_SKIPPED_SHOWN = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """Where and on what studies are run and spaces are searched. Those of the same domain can share it."""

    preset: Preset
    corpus: "Corpus"
    corpus_name: str
    split: Split
    options: SessionOptions
    alphabets: "Alphabets"

    @classmethod
    def prepare(cls, domain: Domain, options: SessionOptions) -> "Session":
        """Open the corpus, and name on standard error the recordings that are left out.

        Raises `UserError` where preset, corpus, split or tracking store cannot be used.
        """
        preset = replace(PRESETS[domain][parse_preset(options.preset)], most_epochs=options.epochs)
        parse_tracking_uri(options.tracking_uri, options.storage)  # one that cannot hold the record is refused now
        from soundproof.trainables.corpora import choose_corpus, open_corpus, usual_split
        from soundproof.trainables.training.data.alphabets import Alphabets, spelled

        alphabet = AlphabetChoice.parse(options.alphabet)
        choice = choose_corpus(options.corpus, domain, options.columns)
        named = None if options.split is None else parse_split(options.split)
        opened = open_corpus(
            choice,
            preset,
            clips=options.clips,
            skip_broken=options.skip_broken,
            skip_impossible=options.skip_impossible,
            alphabet=alphabet,
        )
        if opened.skipped:
            print(f"left out, as asked: {counted(len(opened.skipped), 'broken recording')}:", file=sys.stderr)
            print(*opened.skipped[:_MOST_SKIPPED_SHOWN], sep="\n", file=sys.stderr)
        usual = usual_split(opened)
        alphabets = Alphabets(examples=opened.examples, choice=alphabet)
        opened = spelled(opened, alphabets, named or usual, getattr(options, "first_seed", 0))
        for remark in () if options.quiet else opened.remarks:
            print(f"of the corpus: {shown(remark.text)}", file=sys.stderr)
        label = CorpusLabel(
            corpus=choice.label,
            clips=options.clips,
            alphabet=alphabet,
            split=None if named in (None, usual) else options.split,
        )
        return cls(
            preset=replace(preset, symbols=alphabets.most_outputs),
            corpus=opened,
            corpus_name=str(label),
            split=named or usual,
            options=options,
            alphabets=alphabets,
        )

    def sweep(self, study: Study, schedule: "Schedule", first_seed: int = 0) -> "Sweep":
        """The study in this session; the schedule counts its seeds from `first_seed`."""
        from soundproof.trainables.sweeps.sweep import Sweep

        return Sweep(study=study, schedule=schedule, first_seed=first_seed, **self._job())

    def search(self, space: SearchSpace, settings: "SearchSettings") -> "Search":
        """The search of a space in this session."""
        from soundproof.trainables.sweeps.searching.search import Search

        return Search(space=space, settings=settings, **self._job())

    def report(self, study: Study) -> "StudyReport":
        """The report of the study on what is recorded of it with this preset and corpus."""
        from soundproof.analysis.reports import report_study

        return report_study(study, self.tracking_uri, self.preset.label, self.corpus_name)

    def report_search(self, space: SearchSpace, search_id: str) -> "SearchReport":
        """The report of one search of a space on what is recorded of it with this preset and corpus."""
        from soundproof.analysis.reports import report_search

        return report_search(
            space.id, space.question, self.tracking_uri, self.preset.label, self.corpus_name, search=search_id
        )

    @property
    def tracking_uri(self) -> str:
        """The tracking store: the one that the user named, or the one in the storage."""
        return parse_tracking_uri(self.options.tracking_uri, self.options.storage)

    def _job(self) -> dict[str, Any]:
        """The fields that sweeps and searches share."""
        from soundproof.trainables.sweeps.storage import Storage

        options = self.options
        return {
            "preset": self.preset,
            "corpus": self.corpus,
            "corpus_name": self.corpus_name,
            "split": self.split,
            "alphabets": self.alphabets,
            "storage": Storage(root=options.storage),
            "tracking_uri": options.tracking_uri,
            "resources": options.resources,
            "address": options.address,
            "training": options.training,
        }

    from soundproof.api.options import SessionOptions
    from soundproof.trainables.sweeps.progress.protocol import Progress


class StoppedError(Exception):
    """The user has stopped the training. All that is finished has been written."""


def train(
    title: str,
    run: "Callable[[Progress], None]",
    metric: str,
    options: SessionOptions,
    margin: float | None = None,
) -> None:
    """Let `run` train what is not finished yet.

    Progress is drawn on standard error unless the user wants it quiet; `metric` is what trials are judged by, written
    as a report does that has the `margin`. Raises `StoppedError` after Ctrl-C, and `TrackingError` where the tracking
    store went away while nothing waited for it.
    """
    from soundproof.trainables.sweeps.interrupts import two_step_interrupts
    from soundproof.trainables.sweeps.progress.protocol import Silence
    from soundproof.trainables.sweeps.progress.terminal import terminal_progress
    from soundproof.trainables.sweeps.ray_tune.session import VERBOSE

    if options.verbose:
        os.environ[VERBOSE] = "1"
    level = partial(_level, metric, margin)
    drawn = nullcontext(Silence()) if options.quiet else terminal_progress(title, metric, level)
    try:
        with two_step_interrupts(), drawn as progress:
            run(progress)
            return
    except KeyboardInterrupt:
        pass  # raised here, the error would keep all that was at work, and semaphores with it, until the process ends
    except Exception as error:
        _raise_as_outage(error)
        raise
    raise StoppedError


def _level(metric: str, margin: float | None, value: float) -> str:
    """A value with its unit."""
    from soundproof.analysis.notation.quantities import quantity

    return quantity(metric, margin).level(value)


def _raise_as_outage(error: Exception) -> None:
    """Raise `TrackingError` if the store was away: between opening the record and training, nobody asks it twice."""
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException

    from soundproof.trainables.sweeps.tracking.outages import TrackingError, away_message, may_be_written_later

    if isinstance(error, MlflowException | RequestException) and may_be_written_later(
        error
    ):  # uploads of artifacts raise both
        raise TrackingError(away_message(error)) from error
