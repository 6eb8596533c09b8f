"""A study of your own: whether a wider recurrent layer helps to transcribe speech.

Run it with: python run_search.py run --file THIS_FILE --seeds 6
"""

from dataclasses import dataclass

from torch import Tensor, nn

from soundproof import TranscriberNetwork, make_study


class Recurrent(nn.Module):
    """One recurrent layer in both directions, and an output for each symbol."""

    def __init__(self, dimensions: int, units: int, symbols: int) -> None:
        super().__init__()
        self.recurrent = nn.GRU(dimensions, units, batch_first=True, bidirectional=True)
        self.output = nn.Linear(2 * units, symbols)

    def forward(self, values: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (batch, frames, symbols), and how many frames of each utterance are real."""
        packed = nn.utils.rnn.pack_padded_sequence(values, lengths.cpu(), batch_first=True, enforce_sorted=False)
        states, _ = nn.utils.rnn.pad_packed_sequence(
            self.recurrent(packed)[0], batch_first=True, total_length=values.shape[1]
        )
        return self.output(states), lengths


@dataclass(frozen=True)
class OneLayer(TranscriberNetwork):
    """The fields are what you may vary: numbers, words, true or false."""

    units: int = 32

    def build(self, dimensions: int, symbols: int) -> nn.Module:
        """Any module from features and their real frames to logits and theirs."""
        return Recurrent(dimensions, self.units, symbols)


STUDY = make_study(
    id="my-recurrence",
    question="Speech: does a wider recurrent layer help?",
    domain="speech",  # your own recordings: --corpus manifest:FILE
    networks={"32 units": OneLayer(), "64 units": OneLayer(units=64)},
)
