"""Every kind by its name."""

from benchmarks.fuzzing.audio import AUDIO
from benchmarks.fuzzing.records import RECORDS
from benchmarks.fuzzing.sources import SOURCES
from benchmarks.fuzzing.specs import SPECS

KINDS = {kind.name: kind for kind in (*AUDIO, *SPECS, *RECORDS, *SOURCES)}
