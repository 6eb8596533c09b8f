"""What a study or search declares, written to its run before anything is trained: entries are added, none is changed.

The text is an artifact, its SHA-256 a tag with the time: `sha256sum declarations/0001.json` gives the digest again.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from mlflow.tracking import MlflowClient

from soundproof.common import record
from soundproof.common.json_texts import parsed
from soundproof.search_spaces.declarations import Declaration


def declare(client: MlflowClient, run_id: str, tags: Mapping[str, str], declaration: Declaration) -> None:
    """Add the declaration to the run, which has these `tags`, unless it says what the last one says."""
    earlier = sorted(name for name in tags if name.startswith(record.DECLARATION_PREFIX))
    said = asdict(declaration.statement)
    if earlier and _said(tags[earlier[-1]], said):
        return
    number = f"{len(earlier) + 1:04}"
    client.log_text(run_id, declaration.text, f"{record.DECLARATION_ARTIFACTS}/{number}.json")
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    client.set_tag(
        run_id, record.DECLARATION_PREFIX + number, json.dumps({"time": moment, "digest": declaration.digest} | said)
    )


def _said(text: str, said: Mapping[str, Any]) -> bool:
    """Whether an entry says just this."""
    try:
        entry = parsed(text)
    except ValueError:
        return False
    return isinstance(entry, dict) and {name: entry.get(name) for name in said} == said
