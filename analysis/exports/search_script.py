"""A search as a script that repeats it: the space, spelled out, the settings, and what runs it."""

from __future__ import annotations

from collections import Counter

from soundproof.analysis.exports.script import (
    ENDING,
    IMPORTED,
    LOADS_FILE,
    Place,
    docstring,
    has_custom_networks,
    how_to_run,
    version,
)
from soundproof.analysis.exports.source import imports, source, text
from soundproof.analysis.records.trials import SearchRecords
from soundproof.search_spaces.spaces import SearchSpace

_POPULATION = "pbt"

_RUN = '''
def main() -> None:
    """Search on where it stopped, then report."""
{arguments}
{options}
    session = Session.prepare(SPACE.domain, options)
    searched = session.search(SPACE, SETTINGS)
    train(SPACE.question, lambda progress: run_search(searched, progress), SETTINGS.objectives[0], options)
    report = session.report_search(SPACE, searched.id)
    page = report.write(searched.storage.reports / searched.name)
    print_report(ReportPage(report=report, page=page), as_json=False)
'''


def search_script(space: SearchSpace, records: SearchRecords) -> str:
    """A Python script that searches `space`, the one that was searched, with the recorded settings."""
    place = Place.of(records.preset, records.corpus)
    parts = [
        docstring(
            f"The search {records.search} of the space {space.id}, as Soundproof {version()} recorded it: preset "
            f"{records.preset}, corpus {records.corpus}.",
            "",
            *how_to_run(),
            "",
            "Which networks a sampler proposes depends also on the order in which trials end: add max_concurrent=1",
            "to the options for a search that can be repeated exactly.",
        ),
        "\n".join(_header(space)),
        f"SPACE = {source(space, {}, taken=8)}",
        _settings(records),
    ]
    main = _RUN.format(arguments=place.arguments(custom_networks=has_custom_networks(space)), options=place.options)
    return "\n\n".join(parts) + f"\n\n\n{main.strip()}\n" + ENDING


def _header(space: SearchSpace) -> list[str]:
    standard = ["from __future__ import annotations", "", "import argparse", "from pathlib import Path"]
    own = [
        *IMPORTED,
        *([LOADS_FILE] if has_custom_networks(space) else []),
        ("soundproof.trainables.sweeps.searching.search", "run_search"),
        ("soundproof.trainables.sweeps.searching.settings", "SearchSettings"),
    ]
    return [*standard, "", *imports(space, own)]


def _settings(records: SearchRecords) -> str:
    """As far as the record tells them: its name has the seed, and the sizes of a population."""
    confirmed = Counter(trial.variant for trial in records.confirmations)
    _, _, seed, *sizes = records.search.split(".")
    fields = {
        "trials": str(records.asked or len(records.searched)),
        "objectives": source(records.objectives, {}),
        "sampler": text(records.sampler),
        "scheduler": text(records.scheduler),
        "seed": seed,
        "confirm": str(len(confirmed)),
    }
    if confirmed:
        fields["confirm_seeds"] = str(max(confirmed.values()))
    if records.scheduler == _POPULATION:
        fields |= dict(zip(("population", "generation_epochs"), sizes[0].split("x"), strict=False))
    return "\n".join(["SETTINGS = SearchSettings(", *(f"    {name}={value}," for name, value in fields.items()), ")"])
