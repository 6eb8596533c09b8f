"""Speech to text by connectionist temporal classification, judged by error rates."""

from collections.abc import Sequence
from typing import Any

import torch
from rapidfuzz.distance import Levenshtein
from torch import Tensor, nn

from soundproof.common import record
from soundproof.search_spaces.alphabet import speller_of
from soundproof.search_spaces.specs import Alphabet, Transcriber
from soundproof.trainables.networks import Frames, build_transcriber
from soundproof.trainables.training.data.augmentation import Mixing
from soundproof.trainables.training.data.batches import Batch, FeatureData
from soundproof.trainables.training.tasks.ctc import ctc_losses, greedy_texts
from soundproof.trainables.training.tasks.task import Answer


class Transcription:
    """Implements `Task` for networks that transcribe.

    What an alphabet of training texts lacks is no part of the loss; scored are transcripts as they are.
    """

    def __init__(self, spec: Transcriber, data: FeatureData, alphabet: Alphabet | None = None) -> None:
        self._spec = spec
        self._data = data
        self._speller, self._tells_unknown = speller_of(alphabet), alphabet is not None
        symbols = [self._speller.encode(example.target) for example in data.store.examples]
        self._targets = [torch.tensor(found, dtype=torch.long) for found in symbols]

    def build(self) -> nn.Module:
        """See `Task`."""
        return build_transcriber(self._spec, self._data.store.dimensions, self._speller.outputs)

    def losses(self, network: nn.Module, batch: Batch, mixing: Mixing | None = None) -> Tensor:
        """See `Task`; transcripts cannot be mixed."""
        assert mixing is None
        return self._losses(batch, *network(batch.values, batch.lengths))

    def _losses(self, batch: Batch, scores: Tensor, frames: Frames) -> Tensor:
        targets = [self._targets[index] for index in batch.indices]
        lengths = torch.tensor([len(target) for target in targets])
        return ctc_losses(scores, frames, torch.cat(targets), lengths, self._speller.blank)

    def training_scores(self) -> dict[str, float]:
        """See `Task`. Transcripts are not decoded while training."""
        return {}

    def penalty(self, network: nn.Module) -> Tensor | None:
        """See `Task`."""
        return None

    def answers(self, network: nn.Module, batch: Batch) -> tuple[Tensor, list[Answer]]:
        """See `Task`."""
        scores, frames = network(batch.values, batch.lengths)
        texts = greedy_texts(scores, frames.lengths, self._speller)
        return self._losses(batch, scores, frames), [Answer(text=text) for text in texts]

    def score(self, indices: Sequence[int], answers: Sequence[Answer]) -> dict[str, float]:
        """See `Task`."""
        references = [self._data.store.examples[index].target for index in indices]
        hypotheses = [answer.text for answer in answers]
        return {
            record.CER: character_error_rate(references, hypotheses),
            record.WER: word_error_rate(references, hypotheses),
        }

    def counted(self, indices: Sequence[int]) -> dict[str, int]:
        """See `Task`."""
        texts = [self._data.store.examples[index].target for index in indices]
        unknown = {record.UNKNOWN_CHARACTERS: sum(len(self._speller.unknown(text)) for text in texts)}
        return (unknown if self._tells_unknown else {}) | {
            record.WORDS: sum(len(text.split()) for text in texts),
            record.CHARACTERS: sum(len(text) for text in texts),
        }

    def row(self, index: int, answer: Answer) -> dict[str, Any]:
        """See `Task`."""
        example = self._data.store.examples[index]
        return {
            "key": example.key,
            "reference": example.target,
            "hypothesis": answer.text,
            "cer": character_error_rate([example.target], [answer.text]),
        }


def character_error_rate(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    """Edits of characters over characters of the references, all utterances together. May exceed 1."""
    return _error_rate(references, hypotheses)


def word_error_rate(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    """Edits of words over words of the references, all utterances together. May exceed 1."""
    return _error_rate([text.split() for text in references], [text.split() for text in hypotheses])


def _error_rate(references: Sequence[Sequence[str]], hypotheses: Sequence[Sequence[str]]) -> float:
    edits = sum(Levenshtein.distance(*pair) for pair in zip(references, hypotheses, strict=True))
    return edits / sum(len(reference) for reference in references)
