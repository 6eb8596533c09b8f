"""Augmentation: what it may change and what it must not, against references and by counting many draws."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, chi2_contingency, chisquare, kstest
from torch import Tensor

from soundproof.search_spaces.specs import Augmentation, Mixup, Noise, SpecAugment, TimeShift
from soundproof.trainables.audio_maths import functional
from soundproof.trainables.training.data.augmentation import Mixing, augment, heard_of_both, mix

TIME_ALONE = SpecAugment(time_masks=1, frequency_masks=0, time_fraction=0.3)
FREQUENCY_ALONE = SpecAugment(time_masks=0, frequency_masks=1, frequency_fraction=0.4)

fractions = st.integers(1, 20).map(lambda twentieths: twentieths / 20)
masks = st.builds(
    SpecAugment,
    time_masks=st.integers(0, 3),
    time_fraction=fractions,
    frequency_masks=st.integers(1, 3),
    frequency_fraction=fractions,
)
everything = masks | st.builds(TimeShift, fraction=fractions) | st.builds(Noise, deviation=st.floats(0.1, 2))
lengths_of_a_batch = st.lists(st.integers(1, 40), min_size=1, max_size=6)


def _chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _batch(lengths: list[int], dimensions: int = 5) -> tuple[Tensor, Tensor]:
    """Values that are all different and not 0 where frames are real, and the lengths."""
    values = torch.arange(1.0, len(lengths) * max(lengths) * dimensions + 1).view(len(lengths), -1, dimensions)
    real = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    return values * real[:, :, None], torch.tensor(lengths)


def _widths(covered: Tensor) -> Tensor:
    """How many positions are covered, (batch,); they have to be next to one another."""
    edges = torch.nn.functional.pad(covered.long(), (1, 1)).diff(dim=1).abs().sum(dim=1)
    assert edges.max() <= 2, "more than one stripe"
    return covered.sum(dim=1)


@settings(deadline=None)
@given(lengths_of_a_batch, st.lists(everything, max_size=3), st.integers(0, 2**40), st.sampled_from([1, 5]))
def test_a_batch_keeps_its_form(
    sizes: list[int], augmentations: list[Augmentation], seed: int, dimensions: int
) -> None:
    """Shape and type stay, padding stays zero, the given tensor is not touched, and the generator decides alone."""
    values, lengths = _batch(sizes, dimensions)
    before = values.clone()
    augmented = augment(values, lengths, augmentations, _chance(seed))
    assert augmented.shape == values.shape
    assert augmented.dtype == values.dtype
    assert torch.equal(values, before)
    assert all(not example[size:].any() for example, size in zip(augmented, sizes, strict=True))
    assert torch.equal(augmented, augment(values, lengths, augmentations, _chance(seed)))


@settings(deadline=None)
@given(lengths_of_a_batch, fractions, fractions, st.integers(0, 2**40))
def test_stripes_are_no_wider_than_their_fractions(sizes: list[int], time: float, frequency: float, seed: int) -> None:
    """One stripe over an example's own frames, one over its dimensions; whatever they leave is as it was."""
    values, lengths = _batch(sizes, 8)
    spec = SpecAugment(time_masks=1, time_fraction=time, frequency_masks=1, frequency_fraction=frequency)
    augmented = augment(values, lengths, [spec], _chance(seed))
    gone = (augmented == 0) & (values != 0)
    for example, size in zip(gone, sizes, strict=True):
        rows, columns = example[:size].all(dim=1), example[:size].all(dim=0)
        if rows.all():
            assert max(time, frequency) == 1
            continue
        assert torch.equal(example[:size], rows[:, None] | columns)
        assert int(_widths(rows[None])) <= time * size + 1e-4
        assert int(_widths(columns[None])) <= frequency * 8 + 1e-4
    kept = augmented != 0
    assert torch.equal(augmented[kept], values[kept])


@settings(deadline=None)
@given(lengths_of_a_batch, fractions, st.integers(0, 2**40))
def test_a_shift_moves_frames_within_their_example(sizes: list[int], fraction: float, seed: int) -> None:
    """Each example is one slice of its own frames, moved by no more than asked for, between zeros."""
    values, lengths = _batch(sizes)
    shifted = augment(values, lengths, [TimeShift(fraction=fraction)], _chance(seed))
    for example, original, size in zip(shifted, values, sizes, strict=True):
        farthest = int(fraction * size + 1e-6)
        shifts = range(-farthest, farthest + 1)
        expected = [torch.zeros_like(original) for _ in shifts]
        for moved, shift in zip(expected, shifts, strict=True):
            moved[max(0, shift) : size + min(0, shift)] = original[max(0, -shift) : size - max(0, shift)]
        assert any(torch.equal(example, moved) for moved in expected)


@pytest.mark.parametrize("spec", [SpecAugment(time_fraction=0.04, frequency_fraction=0.1), TimeShift(fraction=0.04)])
def test_nothing_changes_where_a_fraction_is_less_than_a_frame(spec: Augmentation) -> None:
    """Fractions are rounded down; a width of 0 leaves everything as it was."""
    values, lengths = _batch([20, 7, 13])
    assert torch.equal(augment(values, lengths, [spec], _chance()), values)


def test_raw_waveforms_are_never_wiped_by_frequency_masks() -> None:
    """With one dimension every stripe over frequency has the width 0, up to a fraction of less than 1."""
    values, lengths = _batch([30] * 50, dimensions=1)
    spec = SpecAugment(time_masks=0, frequency_masks=3, frequency_fraction=0.99)
    assert torch.equal(augment(values, lengths, [spec], _chance()), values)


@pytest.mark.parametrize(("spec", "axis", "widest"), [(TIME_ALONE, 1, 9), (FREQUENCY_ALONE, 2, 12)])
def test_widths_are_drawn_as_by_torchaudio(spec: SpecAugment, axis: int, widest: int) -> None:
    """20,000 widths over 30 positions are spread like torchaudio's, which excludes its upper bound; all are even."""
    draws = 20_000
    values, lengths = torch.ones(draws, 30, 30), torch.full((draws,), 30)
    ours = _widths((augment(values, lengths, [spec], _chance()) == 0).all(dim=3 - axis))
    torch.manual_seed(0)
    # its axes are (batch, channel, frequency, time)
    masked = functional.mask_along_axis_iid(values.mT[:, None], widest + 1, 0.0, 4 - axis)[:, 0].mT
    theirs = _widths((masked == 0).all(dim=3 - axis))
    counts = [torch.bincount(widths, minlength=widest + 1).numpy() for widths in (ours, theirs)]
    assert len(counts[0]) == widest + 1
    assert chi2_contingency(np.stack(counts)).pvalue > 0.001
    assert chisquare(counts[0]).pvalue > 0.001


def test_stripes_start_anywhere() -> None:
    """Of the stripes with a width of 5 as many start at each of the 26 places, the first and the last among them."""
    values, lengths = torch.ones(30_000, 30, 1), torch.full((30_000,), 30)
    covered = augment(values, lengths, [TIME_ALONE], _chance(1))[:, :, 0] == 0
    starts = covered[_widths(covered) == 5].long().argmax(dim=1)
    assert chisquare(torch.bincount(starts, minlength=26).numpy()).pvalue > 0.001


def test_examples_are_drawn_one_by_one() -> None:
    """Equal examples of a batch are augmented differently, by everything that draws."""
    values, lengths = torch.ones(40, 50, 20).cumsum(dim=1), torch.full((40,), 50)
    for spec in (SpecAugment(), TimeShift(), Noise()):
        augmented = augment(values, lengths, [spec], _chance())
        assert len({example.numpy().tobytes() for example in augmented}) > 15, spec


def test_shifts_go_both_ways_evenly() -> None:
    """All 21 shifts of up to a fifth of 50 frames are equally likely."""
    values, lengths = torch.zeros(20_000, 50, 1), torch.full((20_000,), 50)
    values[:, 25] = 1
    places = augment(values, lengths, [TimeShift(fraction=0.2)], _chance())[:, :, 0].argmax(dim=1)
    counts = torch.bincount(places, minlength=36).numpy()
    assert counts[:15].sum() == 0
    assert len(counts) == 36
    assert chisquare(counts[15:]).pvalue > 0.001


def test_noise_is_normal_with_the_deviation_asked_for() -> None:
    """What is added to real frames has mean 0, the deviation, and the normal distribution's shape."""
    values, lengths = _batch([40, 25] * 10, 20)
    values = values / 1000
    added = augment(values, lengths, [Noise(deviation=0.3)], _chance()) - values
    real = added[torch.arange(40) < lengths[:, None]].flatten()
    assert kstest((real / 0.3).numpy(), "norm").pvalue > 0.001


def test_augmentations_work_one_after_another() -> None:
    """The tuple's order is the order of work: masks over noise leave zeros, noise over masks none."""
    values, lengths = torch.ones(20, 50, 20), torch.full((20,), 50)
    masked_last = augment(values, lengths, [Noise(), SpecAugment(), Mixup()], _chance())
    masked_first = augment(values, lengths, [SpecAugment(), Noise()], _chance())
    assert (masked_last == 0).any()
    assert (masked_first != 0).all()


@settings(deadline=None)
@given(st.integers(1, 9), st.floats(0.01, 5), st.integers(0, 2**40))
def test_mixing_is_what_it_says(batch: int, alpha: float, seed: int) -> None:
    """Every example is mixed by its share with its partner: another one, and each is the partner of one."""
    values = torch.randn(batch, 6, 3, generator=_chance(seed))
    before = values.clone()
    mixed, mixing = mix(values, Mixup(alpha=alpha), _chance(seed))
    assert torch.equal(values, before)
    assert sorted(mixing.partners.tolist()) == list(range(batch))
    assert batch == 1 or not (mixing.partners == torch.arange(batch)).any()
    assert mixed.dtype == mixing.shares.dtype == values.dtype
    for place in range(batch):
        share, partner = mixing.shares[place], mixing.partners[place]
        assert 0 <= share <= 1
        assert torch.equal(mixed[place], share * values[place] + (1 - share) * values[partner])


@settings(deadline=None)
@given(lengths_of_a_batch, st.integers(0, 2**40))
def test_mixed_clips_end_with_the_shorter(sizes: list[int], seed: int) -> None:
    """Up to there both are heard in their shares, beyond it is padding; of one length nothing changes at all."""
    values, lengths = _batch(sizes)
    mixed, mixing = mix(values, Mixup(alpha=1), _chance(seed))
    heard, both = heard_of_both(mixed, lengths, mixing)
    assert heard.shape[1] == both.max()
    for place, partner in enumerate(mixing.partners.tolist()):
        share, end = mixing.shares[place], min(sizes[place], sizes[partner])
        assert both[place] == end
        assert torch.equal(heard[place, :end], (share * values[place] + (1 - share) * values[partner])[:end])
        assert not heard[place, end:].any()
    if len(set(sizes)) == 1:
        assert heard is mixed
        assert both is lengths


def test_mixing_follows_its_generator() -> None:
    """The same generator mixes alike and goes on from there; another one mixes otherwise."""

    def draw(generator: torch.Generator) -> Mixing:
        return mix(torch.ones(16, 2, 1), Mixup(), generator)[1]

    generator = _chance()
    first, later = draw(generator), draw(generator)
    again, other = draw(_chance()), draw(_chance(1))
    assert torch.equal(first.shares, again.shares)
    assert torch.equal(first.partners, again.partners)
    assert not torch.equal(first.shares, later.shares)
    assert not torch.equal(first.shares, other.shares)


@pytest.mark.parametrize("alpha", [0.2, 1, 4])
def test_shares_follow_the_beta_distribution(alpha: float) -> None:
    """20,000 shares have the mean 0.5 and the distribution's shape."""
    shares = mix(torch.ones(20_000, 1, 1, dtype=torch.float64), Mixup(alpha=alpha), _chance())[1].shares.numpy()
    assert shares.mean() == pytest.approx(0.5, abs=0.015)
    assert kstest(shares, beta(alpha, alpha).cdf).pvalue > 0.001


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device: the CPU's draws cannot be compared with it")
def test_a_gpu_augments_as_a_cpu_does() -> None:
    """The generator is on the CPU, so that the same examples lose the same stripes on either device."""
    values, lengths = _batch([400, 333, 257], 40)
    values = values / values.max()
    several = [TimeShift(), SpecAugment(), Noise()]
    here = augment(values, lengths, several, _chance())
    there = augment(values.cuda(), lengths.cuda(), several, _chance())
    assert torch.allclose(here, there.cpu(), atol=1e-6)
    mixed, mixing = mix(values, Mixup(), _chance())
    mixed_there, mixing_there = mix(values.cuda(), Mixup(), _chance())
    assert torch.equal(mixing.partners, mixing_there.partners.cpu())
    assert torch.allclose(mixed, mixed_there.cpu(), atol=1e-6)
