"""What folders' names say of runs."""

import pytest

from soundproof.analysis.sources import run_names


@pytest.mark.parametrize(
    ("folder", "variant", "seed"),
    [
        ("wide_seed3", "wide", "3"),
        ("arm-seed1", "arm", "1"),
        ("arm/seed_1", "arm", "1"),
        ("seed=2/arm", "arm", "2"),
        ("Baseline (Seed 1)", "Baseline", "1"),
        ("arm_seed1_lr0.1", "arm_lr0.1", "1"),
        ("arm_seed1/lightning_logs/version_0", "arm", "1"),
        ("seed_007", None, "7"),
        ("arm/0", None, None),  # a number is no seed
        ("arm_2024-01-31_9f3a", None, None),  # nor is a time or a hash
        ("arm_seeds5", None, None),  # nor a number of seeds
        ("reseed1", None, None),
        ("seed1.5", None, None),
        ("data_seed0/arm_seed1", None, None),  # which of the two would be the seed?
    ],
)
def test_names_say_variant_and_seed_only_where_they_call_it_so(folder, variant, seed):
    """A wrong seed would pair runs that have nothing in common."""
    cells = run_names.parsed(folder)
    assert (cells.get("variant"), cells.get("seed"), cells["folder"]) == (variant, seed, folder)


def test_parts_of_a_path_are_cells():
    """Seeds that are folders called 0, 1, 2 can be chosen as `folder/2`."""
    assert dict(run_names.parsed("arm/0")) == {"folder": "arm/0", "folder/1": "arm", "folder/2": "0"}


def test_a_name_that_disagrees_with_the_settings_is_kept_and_named():
    """An archived folder's settings may name another run: neither is dropped."""
    cells, notes = run_names.with_settings("folder a_seed1", run_names.parsed("a_seed1"), {"seed": "2", "lr": "0.1"})
    assert (cells["seed"], cells["folder seed"], cells["lr"]) == ("2", "1", "0.1")
    assert len(notes) == 1
    assert "seed 1" in notes[0]
    assert run_names.with_settings("folder a_seed1", run_names.parsed("a_seed1"), {"seed": "1.0"})[1] == []
