"""What the documented classification studies share: how they are measured, their caveats, their parts."""

from functools import partial

from soundproof.common import record
from soundproof.search_spaces.claims import Measure
from soundproof.search_spaces.documented.declaring import Document, Source
from soundproof.search_spaces.specs import Adam, MelCepstrum
from soundproof.search_spaces.studies import Absolute

ACCURACY = record.best(record.VALIDATION_ACCURACY)
MARGIN = Absolute(value=0.02)

TEST_ACCURACY = Measure(metric=f"{record.TEST_PREFIX}accuracy", margin=MARGIN.value)

QUESTION = "question raised by the variants"
"""The source of claims that no document makes, and that its variants can answer."""
RAISED = Source(QUESTION)

MFCC = MelCepstrum(sample_rate_hz=22050, window_samples=2048, hop_samples=512, coefficients=13)
"""130 frames of 3 s."""


def keras_adam(learning_rate: float) -> Adam:
    """Adam as the documents' library has it: 1e-7 is added to the root that is not corrected."""
    return Adam(learning_rate=learning_rate, epsilon=1e-7, epsilon_added_to="uncorrected root")


LIKE_FOR_ALL = "one optimiser and learning rate for every variant, not tuned for each"
WITHOUT_LEAKS = (
    "the documents split clips at random; here, unless --split random asks for that, pieces of one recording stay on "
    "one side, so that accuracies are lower"
)
OTHER_CORPUS = "an accuracy that a document states is that of its corpus, and is not claimed of another one"
NORMALISED = "features have mean 0 and deviation 1 over the training split; the documents leave them as they are"

STATISTICS = (
    "batch norm's running statistics are those of the documents' library at documented sizes alone; at smaller ones "
    "their start is corrected, because short runs would be judged by it; the variance is the unbiased one throughout, "
    "which that library keeps of images alone"
)

accuracy_document = partial(
    Document, metric=ACCURACY, margin=MARGIN, caveats=(WITHOUT_LEAKS, OTHER_CORPUS, NORMALISED, STATISTICS)
)
"""A document whose studies are decided by the accuracy of the best epoch."""
