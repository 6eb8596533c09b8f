"""Makes the table of spreads that comes with Soundproof from stores that are there. Trains nothing.

    python -m benchmarks.spreads STORAGE STUDY... [--preset quick] [--out FILE]

For each study that was run into the storage folder, of its domain and preset: the standard deviation from seed to
seed of every metric that studies of the domain are measured by, and the correlation of variants over the same seeds.
Every domain and preset has one entry, of the study named last.
"""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from soundproof.analysis.notation.quantities import Endpoint
from soundproof.analysis.records.loading import load_study
from soundproof.analysis.records.trials import Results
from soundproof.analysis.summaries.spread_sources import TABLE, endpoints_of, source_of
from soundproof.search_spaces import find_study
from soundproof.search_spaces.catalogue import all_studies
from soundproof.search_spaces.studies import Domain, NatsPerCharacter, Study
from soundproof.trainables.sweeps.storage import Storage

SUMMARIES = Path(__file__).resolve().parents[1] / "analysis" / "summaries"


def entry(study: Study, records: Results) -> dict[str, Any]:
    """The line of the table for the domain and preset of a study's records."""
    characters = records.margin / study.margin.nats if isinstance(study.margin, NatsPerCharacter) else 0.0
    found = source_of(study, records, "table", endpoints(study.domain, characters).values()).to_plain()
    return {"domain": study.domain, "source": found | {"run": run_words(study, records)}}


def endpoints(domain: Domain, characters: float) -> dict[str, Endpoint]:
    """What the studies of a domain are measured by."""
    found: dict[str, Endpoint] = {}
    for study in all_studies():
        if study.domain == domain:
            found |= endpoints_of(study, study.margin.on(characters))
    return found


def run_words(study: Study, records: Results) -> str:
    """The command, and the day on which its last trial ended."""
    seeds = {trial.seed for trial in records.trials if trial.seed is not None}
    ends = [trial.ended_at for trial in records.trials if trial.ended_at is not None]
    day = datetime.fromtimestamp(max(ends) / 1000, UTC).date().isoformat()
    return f"run {study.id} --preset {records.preset} --seeds {len(seeds)}, {day}"


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("storage", type=Path)
    parser.add_argument("studies", nargs="+", metavar="STUDY")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--out", type=Path, default=SUMMARIES / TABLE)
    given = parser.parse_args()
    entries: dict[tuple[str, str], dict[str, Any]] = {}
    for study in map(find_study, given.studies):
        records = load_study(Storage(root=given.storage).tracking_uri, study.id, given.preset, histories=())
        entries[study.domain, records.preset] = entry(study, records)
    table = {"made_by": "python -m benchmarks.spreads", "spreads": list(entries.values())}
    given.out.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    for made in entries.values():
        for metric, spread in made["source"]["spreads"].items():
            deviation, correlation = spread["deviation"], spread["correlation"]
            print(
                f"{made['domain']:<10} {metric:<28} {deviation:8.4f}  r {correlation:5.2f}  {spread['values']} trials"
            )


if __name__ == "__main__":
    main()
