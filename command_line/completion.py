"""What a shell offers where a word is half typed. Words are written out here: their owners are slow to import."""

from collections.abc import Callable

import typer

PRESETS = ("smoke", "quick", "documented")
CORPORA = (
    *("synthetic-speech", "synthetic-sounds", "synthetic-genres", "synthetic-keywords"),
    *("fsdd", "librispeech", "manifest", "esc10", "esc50", "esc50-animals", "gtzan", "speech-commands", "folder"),
    *("common-voice", "kaldi", "lhotse", "ljspeech", "an4", "timit"),
    *("audio-folder", "urbansound8k", "fsd50k", "ravdess", "crema-d"),
)
EMBEDDED = "synthetic-"
"""How the corpora begin that need no files; the others want a path behind a colon."""
CLIP_PLACES = ("start", "middle", "loudest", "whole", "own-length")
ALPHABETS = ("english", "corpus", "byte-pair:")
SPLITS = ("folds", "groups", "groups-by-amount", "group-folds", "random", "random-70-20-10", "unseen-classes")
SUBSETS = (
    *("dev-clean", "dev-other", "test-clean", "test-other"),
    *("train-clean-100", "train-clean-360", "train-other-500"),
)
SAMPLERS = ("tpe", "random", "grid", "quasi-random", "cma-es", "gp")
SCHEDULERS = ("asha", "hyperband", "median", "pbt", "none")
FORMS = ("latex", "markdown", "csv", "parquet", "script", "optuna", "citation")
FACTORS = ("levels", "params", "choices")


def one_of(*words: str) -> Callable[[str], list[str]]:
    """Those of the words that begin as what was typed."""
    return lambda incomplete: [word for word in words if word.startswith(incomplete)]


def corpora(incomplete: str) -> list[str]:
    """Names, with the colon that has to follow."""
    return one_of(*(name if name.startswith(EMBEDDED) else f"{name}:" for name in CORPORA))(incomplete)


def studies(incomplete: str) -> list[str]:
    """Ids of the declared studies."""
    from soundproof.search_spaces.catalogue import all_studies

    return one_of(*(study.id for study in all_studies()))(incomplete)


def spaces(incomplete: str) -> list[str]:
    """Ids of the declared search spaces."""
    from soundproof.search_spaces.catalogue import all_spaces

    return one_of(*(space.id for space in all_spaces()))(incomplete)


def studies_and_spaces(incomplete: str) -> list[str]:
    """Both."""
    return studies(incomplete) + spaces(incomplete)


def variants(context: typer.Context, incomplete: str) -> list[str]:
    """Ids of the variants of the studies that were typed before."""
    from soundproof.search_spaces.catalogue import all_studies

    given = context.params
    options_open = context.args  # an option that still wants its value leaves the arguments here
    typed = {given.get("study"), *(given.get("studies") or ()), *options_open}
    named = [study for study in all_studies() if study.id in typed]
    return one_of(*(variant.id for study in named for variant in study.variants))(incomplete)
