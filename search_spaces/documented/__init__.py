"""The documented studies, one file per family."""

from search_spaces.documented.asr_dilation import ASR_DILATION
from search_spaces.documented.asr_merge_mode import ASR_MERGE_MODE
from search_spaces.documented.asr_sublayer_order import ASR_CNN_SUBLAYER_ORDER
from search_spaces.studies import Study

STUDIES: tuple[Study, ...] = (ASR_CNN_SUBLAYER_ORDER, ASR_MERGE_MODE, ASR_DILATION)

__all__ = ["STUDIES"]
