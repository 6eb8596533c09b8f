"""How much a random split over segments flatters a genre classifier, which has trained on half of each track.

The study's metric is the test accuracy itself. It is the estimate that the documents report; nothing is chosen by it.
"""

from dataclasses import replace

from soundproof.search_spaces.documented.classifying import NORMALISED, OTHER_CORPUS, RAISED, STATISTICS, TEST_ACCURACY
from soundproof.search_spaces.documented.declaring import compared
from soundproof.search_spaces.documented.genre_cnn_filters import MFCC_CNN
from soundproof.search_spaces.documented.genre_ffnn import BATCH_NORM_FFNN
from soundproof.search_spaces.specs import GroupSplit, RandomSplit, Split
from soundproof.search_spaces.studies import Absolute, Study, Variant

SOURCE = "genre notebook on GTZAN: 70% of the segments train, a fifth of them validates"

_VALIDATION, _TEST = 0.14, 0.30
_SEGMENTS = RandomSplit(validation_fraction=_VALIDATION, test_fraction=_TEST)
_TRACKS = GroupSplit(validation_fraction=_VALIDATION, test_fraction=_TEST)


def _variant(variant_id: str, name: str, home: Variant, split: Split) -> Variant:
    levels = {"network": name, "split": "segments at random" if split == _SEGMENTS else "whole tracks"}
    return replace(compared(home, levels), id=variant_id, split=split)


_CNN_SEGMENTS, _CNN_TRACKS = "genre-split-leak/cnn-segments", "genre-split-leak/cnn-tracks"
_FFNN_SEGMENTS, _FFNN_TRACKS = "genre-split-leak/feed-forward-segments", "genre-split-leak/feed-forward-tracks"

GENRE_SPLIT_LEAK = Study(
    id="genre-split-leak",
    domain="genres",
    question="How much higher is the accuracy when segments of one track fall on both sides of the split?",
    source=SOURCE,
    baseline=_CNN_TRACKS,
    variants=(
        _variant(_CNN_SEGMENTS, "MFCC CNN", MFCC_CNN, _SEGMENTS),
        _variant(_CNN_TRACKS, "MFCC CNN", MFCC_CNN, _TRACKS),
        _variant(_FFNN_SEGMENTS, "feed-forward", BATCH_NORM_FFNN, _SEGMENTS),
        _variant(_FFNN_TRACKS, "feed-forward", BATCH_NORM_FFNN, _TRACKS),
    ),
    claims=(
        RAISED.better(
            "A random split over segments shows a convolutional network as more accurate than a split by track.",
            (_CNN_SEGMENTS, _CNN_TRACKS),
        ),
        RAISED.better(
            "A random split over segments shows a feed-forward network as more accurate than a split by track.",
            (_FFNN_SEGMENTS, _FFNN_TRACKS),
        ),
    ),
    metric=TEST_ACCURACY.metric,
    margin=Absolute(value=0.05),
    equalised=("epochs",),
    caveats=(
        "the metric is the test accuracy: the estimate itself is in question, and nothing is chosen by it",
        "the margin is 0.05: whether an estimate is five points too high is what a reader of it wants to know",
        "the two sides of a pair are tested on different clips, which the seeds average out",
        "at the documented preset the convolutional network trains for up to 200 epochs, the feed-forward one for 100",
        "learning rates differ: 0.0001 for the convolutional network, 0.01 for the feed-forward one",
        "both networks are judged by the weights of their last epoch, as documented",
        OTHER_CORPUS,
        NORMALISED,
        STATISTICS,
    ),
)
