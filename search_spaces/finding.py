"""Finding what an id names: a study, an ablation of one of its variants, or a search space."""

from collections.abc import Iterator

from soundproof.common.program import program
from soundproof.search_spaces.ablation import AblationError, What, ablate, dissect
from soundproof.search_spaces.catalogue import UnknownNameError, all_spaces, all_studies, find_study, unknown_name
from soundproof.search_spaces.factorial import factorial_called, is_factorial_of
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.studies import Study

PREFIX = "ablate."


def find_study_or_space(name: str) -> Study | SearchSpace:
    """What `list` shows under that id, or an ablation. Raises `UnknownNameError`."""
    known: tuple[SearchSpace | Study, ...] = (*all_spaces(), *all_studies())
    for declared in known:
        if declared.id == name:
            return declared
    if name.startswith(PREFIX):
        return find_study_or_ablation(name)
    raise unknown_name("study or search space", name, [declared.id for declared in known])


def find_study_or_ablation(study_id: str) -> Study:
    """The declared study of that id, or the ablation of one of its variants. Raises `UnknownNameError`."""
    if not study_id.startswith(PREFIX) or study_id in {study.id for study in all_studies()}:
        return find_study(study_id)
    for study in all_studies():
        if study_id.startswith(f"{PREFIX}{study.id}."):
            for variant_id, baseline_id, what in _requests(study):
                try:
                    dissected = dissect(study, variant_id, baseline_id, what)
                    if dissected.id == study_id:
                        return ablate(study, variant_id, baseline_id, what)
                    if is_factorial_of(dissected, study_id):
                        return factorial_called(dissected, study_id)
                except AblationError:
                    continue
    raise UnknownNameError(
        f"no ablation is called {study_id!r}: its id is {PREFIX}STUDY.VARIANT, as `{program()} ablate` prints it"
    )


def declared_study(study_id: str) -> Study | None:
    """The same, None where there is no such study."""
    try:
        return find_study_or_ablation(study_id)
    except UnknownNameError:
        return None


def _requests(study: Study) -> Iterator[tuple[str, str, What]]:
    for variant in study.variants:
        yield variant.id, study.baseline, "removals"
        for baseline in study.variants:
            yield variant.id, baseline.id, "differences"
