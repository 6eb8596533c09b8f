"""Words of the JSON that earlier versions wrote, so that what they recorded can be read."""

from collections.abc import Mapping

OLDER_TYPES: Mapping[str, str] = {
    "OwnClassifier": "CustomClassifier",
    "OwnTranscriber": "CustomTranscriber",
    "Heritage": "WarmStart",
}

OLDER_FIELDS: Mapping[str, Mapping[str, str]] = {"Trial": {"heritage": "warm_start"}}
"""By type."""
