"""What a run's folder says of it by its name: `wide_seed3`, `wide/seed_3`, `Baseline (Seed 3)`.

Nothing is taken for a seed that is not called one: a number, a hash or a time stamp in a name stays a part of the name.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from soundproof.analysis.sources.cells import number

FOLDER, VARIANT, SEED = "folder", "variant", "seed"

_SEED = re.compile(r"(?<![a-z])seed[ _=:\-]?(\d+)(?![\d.]*\d)(?![a-z])", re.IGNORECASE)
_OF_TOOLS = re.compile(r"lightning_logs|tensorboard|version_\d+|checkpoint-\d+")
_EDGES = " _-.,=()[]"


def parsed(relative: str) -> Mapping[str, str]:
    """The cells of a folder by its path below the source: `folder`, its parts, and `variant` and `seed` where named.

    >>> dict(parsed("wide_seed3"))
    {'folder': 'wide_seed3', 'variant': 'wide', 'seed': '3'}
    >>> dict(parsed("wide/seed_3"))
    {'folder': 'wide/seed_3', 'folder/1': 'wide', 'folder/2': 'seed_3', 'variant': 'wide', 'seed': '3'}
    """
    parts = relative.split("/")
    cells = {FOLDER: relative}
    if len(parts) > 1:
        cells |= {f"{FOLDER}/{place}": part for place, part in enumerate(parts, start=1)}
    seeds = _SEED.findall(relative)
    if len(seeds) != 1:
        return MappingProxyType(cells)
    variant = "/".join(name for part in parts if not _OF_TOOLS.fullmatch(part) and (name := _without_seed(part)))
    if variant:
        cells[VARIANT] = variant
    return MappingProxyType(cells | {SEED: str(int(seeds[0]))})


def hints(columns: tuple[str, ...]) -> dict[str, str]:
    """What is known of these columns when they come of folders' names; a column `seed` is the seed wherever it is from.

    >>> hints(("folder", "folder/1", "seed", "lr"))
    {'folder': 'bookkeeping', 'folder/1': 'bookkeeping', 'seed': 'seed'}
    """
    known = {VARIANT: VARIANT, SEED: SEED}
    folders = {column: "bookkeeping" for column in columns if column == FOLDER or column.startswith(f"{FOLDER}/")}
    return folders | {column: known[column] for column in columns if column in known}


def with_settings(
    where: str, names: Mapping[str, str], settings: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """The cells of a run by its name and by the settings that it kept, and a sentence where the two disagree.

    What the run kept stands in the column of its name; what the name says moves to `folder NAME`.
    """
    cells, notes = dict(names), []
    for column, value in settings.items():
        named = cells.get(column)
        if named is not None and not same(named, value):
            cells[f"{FOLDER} {column}"] = named
            notes.append(f"{where}: the name says {column} {named}, its settings say {value}; the settings are taken.")
        cells[column] = value
    return cells, notes


def same(one: str, other: str) -> bool:
    """Whether two cells say the same, as texts or as numbers.

    >>> same("1e-3", "0.001"), same("adam", "Adam")
    (True, False)
    """
    return one == other or (number(one) is not None and number(one) == number(other))


def _without_seed(part: str) -> str:
    """A part of a path without its seed, and without what joined the two."""
    found = _SEED.search(part)
    if found is None:
        return part
    before, after = part[: found.start()].rstrip(_EDGES), part[found.end() :].lstrip(_EDGES)
    return f"{before}_{after}" if before and after else before or after
