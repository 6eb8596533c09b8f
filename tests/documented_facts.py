"""What the documents say of their networks, as it was copied from them."""

import json
from pathlib import Path
from typing import Any

FACTS = Path(__file__).parent / "data" / "documented_facts"


def documented_facts(name: str) -> dict[str, Any]:
    """Of speech (`asr`), or of everything else (`classification`)."""
    loaded: dict[str, Any] = json.loads((FACTS / f"{name}.json").read_text(encoding="utf-8"))
    return loaded
