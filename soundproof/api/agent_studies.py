"""Studies and ledgers of agents in one folder: what is claimed stands there before its results do.

    folder = AgentFolder("night")
    folder.declare("width", claims=["wide better than base"], baseline="base", metric="wer", higher_is_better=False,
                   margin=0.2)
    folder.submit("width", [{"variant": "wide", "seed": 0, "value": 21.4}, {"variant": "base", "seed": 0, "value": 22}])
    folder.verdict("width")["claims"]
    folder.next_runs("width", at_most=4)["words"]

Every method gives JSON values without NaN or infinity, and several processes may share a folder.
"""

from collections.abc import Sequence
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soundproof.api.ledger import Ledger, LedgerError, Plan
from soundproof.api.options import DEFAULT_MAX_SEEDS
from soundproof.common.errors import UserError
from soundproof.search_spaces.study_ids import check_id

if TYPE_CHECKING:
    from soundproof.api.agent_declarations import Record
    from soundproof.api.agent_records import StudyFile

_STUDY, _LEDGER = ".study.json", ".ledger.json"
MOST_RUNS = 1000
"""That are named at once."""


class AgentFolder:
    """A folder that keeps studies and ledgers by their names, a file each."""

    def __init__(self, folder: str | PathLike[str]) -> None:
        self.folder = Path(folder)

    def declare(self, study: str, **declared: Any) -> dict[str, Any]:
        """Declare what a study claims, with the time and a hash, before any of its results.

        Arguments:
            study: Its name: lower-case letters, digits, dashes, dots and underscores.
            declared: `claims` in sentences as `judge --claim` has them, `baseline`, `metric`, `higher_is_better`,
                `margin`; perhaps `variants` (by default those that the claims and the baseline name), `seeds`, the
                number of seeds of each variant, from `first_seed` on, and `results_seen`.

        Raises:
            UserError: A name, a claim or a value that cannot be, or a study whose results would lose their meaning.
        """
        from soundproof.api.agent_declarations import declaration_of

        return _declared(self._file(study).declare(declaration_of(**declared)))

    def submit(self, study: str, rows: Sequence[object]) -> dict[str, Any]:
        """Add results: mappings of `variant`, `seed`, `value` (None: none) and perhaps `status`; all of them or none.

        Raises `UserError` for what is no such row, and for another result of a run that is there.
        """
        if isinstance(rows, str) or not isinstance(rows, Sequence):
            raise UserError(f"rows expects a list of results, got {rows!r}")
        record, new = self._known(study).submit(rows)
        return {"study": study, "new": new, "there_already": len(rows) - new, "runs": len(record.rows)}

    def verdict(self, study: str) -> dict[str, Any]:
        """A verdict for each claim, with effect, interval, n and p values, what is wrong with the runs, and notes."""
        from soundproof.api.agent_verdicts import judge_record, verdict_plain

        return verdict_plain(judge_record(self._known(study).read()))

    def next_runs(self, study: str, at_most: int = 6, *, most_seeds: int = DEFAULT_MAX_SEEDS) -> dict[str, Any]:
        """Which runs would decide most, most wanted first. Runs that go on are not known, and are named again."""
        from soundproof.api.agent_planning import next_runs_plain
        from soundproof.api.agent_verdicts import judge_record

        if not 1 <= at_most <= MOST_RUNS:
            raise UserError(f"at_most expects a number from 1 to {MOST_RUNS}, got {at_most}")
        return next_runs_plain(judge_record(self._known(study).read()), most=at_most, most_seeds=most_seeds)

    def begin_ledger(self, ledger: str, plan: Plan | None = None, *, higher_is_better: bool) -> Ledger:
        """Begin a ledger, or open the one that was begun with the same plan."""
        check_id("Ledger", ledger)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(f"expected a folder, could not make {self.folder} ({error.strerror})") from error
        return Ledger.open(self.folder / f"{ledger}{_LEDGER}", plan=plan or Plan(), higher_is_better=higher_is_better)

    def ledger(self, ledger: str) -> Ledger:
        """A ledger that was begun. Raises `UserError` for any other."""
        check_id("Ledger", ledger)
        path = self.folder / f"{ledger}{_LEDGER}"
        if not path.exists():
            raise UserError(f"expected a ledger that was begun, {self._names(_LEDGER)}, got {ledger!r}: begin it first")
        return Ledger.open(path)

    def _file(self, study: str) -> "StudyFile":
        from soundproof.api.agent_records import StudyFile

        check_id("Study", study)
        return StudyFile(self.folder / f"{study}{_STUDY}", study)

    def _known(self, study: str) -> "StudyFile":
        file = self._file(study)
        if not file.exists:
            raise UserError(
                f"expected a study that was declared, {self._names(_STUDY)}, got {study!r}: declare what is claimed "
                "before its results"
            )
        return file

    def _names(self, ending: str) -> str:
        names = sorted(path.name.removesuffix(ending) for path in self.folder.glob(f"[!.]*{ending}"))
        return ", ".join(names) or "of which there is none so far"


def _declared(record: "Record") -> dict[str, Any]:
    declaration = {
        name: list(value) if isinstance(value, tuple) else value for name, value in asdict(record.declaration).items()
    }
    return {
        "study": record.study,
        "at": record.at,
        "hash": record.digest,
        "before_results": record.before_results,
        "declared": declaration,
    }
