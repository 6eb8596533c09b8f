"""A store as the version before the package's renaming wrote it: a speech study and one of a user's own network.

Made by commit d001b98 (`run_search.py run ... --preset smoke --seeds 2`), with what its `report --json` and
`predict --json` printed; the database as SQL, and paths in it as placeholders.
"""

import json
import sqlite3
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ARCHIVE = Path(__file__).parent / "data" / "record_before_renaming.zip"

SPEECH_TRIAL, CUSTOM_TRIAL = "5d32d8f59e8ba237", "393ff8188c0f457a"
"""Those that were asked for the predictions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OlderRecord:
    """The store unpacked in `folder`."""

    folder: Path

    @property
    def tracking_uri(self) -> str:
        """Of its database."""
        return f"sqlite:///{self.folder / 'mlflow.db'}"

    @property
    def custom_file(self) -> Path:
        """The user's file, as it was when the trials were trained."""
        return self.folder / "own_study.py"

    def printed(self, name: str) -> dict[str, Any]:
        """What the version that made the record printed: `speech`, `own`, `predict_speech`, `predict_own`."""
        text = (self.folder / "expected" / f"{name}.json").read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text)
        return found


def unpack(folder: Path) -> OlderRecord:
    """The store in `folder`, a new one for each test that writes to it."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(folder)
    script = (folder / "mlflow.sql").read_text(encoding="utf-8")
    with sqlite3.connect(folder / "mlflow.db") as database:
        database.executescript(script.replace("@STORE@", str(folder)))
    database.close()
    return OlderRecord(folder=folder)
