"""Every kind by its name."""

from benchmarks.fuzzing.audio import AUDIO

KINDS = {kind.name: kind for kind in AUDIO}
