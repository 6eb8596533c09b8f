"""Whether runs that are there are of the program that is to be run now: another program begins another decision."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soundproof.common.errors import UserError
from soundproof.common.json_texts import parsed
from soundproof.common.whole_files import write_whole

if TYPE_CHECKING:
    from soundproof.api.decision import Decision


def agree(decision: "Decision", root: Path) -> None:
    """See that runs there are of the same program, asked for the same result. Raises `UserError`."""
    now: dict[str, Any] = {
        "command": decision.template.text,
        "result": [decision.options.result, decision.options.metric, decision.options.curve_end],
        "inside": decision.options.inside,
        "files": {word: _digest(Path(word)) for word in decision.template.words if Path(word).is_file()},
    }
    file = root / "program.json"
    try:
        before = parsed(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        before = None
    except (OSError, ValueError) as error:
        raise UserError(f"{file} cannot be read ({error}): restore it, or name another --storage or --name") from error
    if before is not None:
        for what in ("command", "result", "inside"):
            if before.get(what) != now[what]:
                raise UserError(
                    f"{decision.name!r} in this storage has runs with another {what}: {before.get(what)!r}, now "
                    f"{now[what]!r}. Give this one a name of its own with --name"
                )
        changed = sorted(name for name, digest in now["files"].items() if before["files"].get(name) != digest)
        if changed and not decision.options.same_program:
            raise UserError(
                f"{', '.join(changed)} changed since the first runs of {decision.name!r}, which may not compare with "
                "later ones: begin another with --name, or say --same-program where the change cannot matter"
            )
    root.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps(now, indent=2, ensure_ascii=False) + "\n")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
