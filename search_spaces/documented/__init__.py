"""The documented studies, in the order of their documents; one file per family."""

from soundproof.search_spaces.documented.asr_cells_and_features import ASR_GRU_VERSUS_LSTM, ASR_SPECTROGRAM_VERSUS_MFCC
from soundproof.search_spaces.documented.asr_convolution_depth import ASR_CNN_DEPTH, ASR_KERNEL_SIZE_VERSUS_DEPTH
from soundproof.search_spaces.documented.asr_convolution_order import (
    ASR_CNN_SUBLAYER_ORDER,
    ASR_CNN_SUBLAYER_ORDER_2_LAYERS,
    ASR_CNN_SUBLAYER_ORDER_3_AND_8_LAYERS,
)
from soundproof.search_spaces.documented.asr_dense_convolution import ASR_DENSE_CNN
from soundproof.search_spaces.documented.asr_dense_recurrence import (
    ASR_CNN_PLUS_RNN_DEPTH,
    ASR_DENSE_RNN,
    ASR_DENSE_RNN_TUNING,
    ASR_FINAL_MODEL,
)
from soundproof.search_spaces.documented.asr_dilation import (
    ASR_DILATED_SUBLAYER_ORDER,
    ASR_DILATION,
    ASR_INVERSE_DILATION,
)
from soundproof.search_spaces.documented.asr_front_end import (
    ASR_CNN_FRONT_END,
    ASR_RNN_ONLY,
    ASR_TIME_DISTRIBUTED_DENSE,
)
from soundproof.search_spaces.documented.asr_head import ASR_HEAD_DROPOUT, ASR_HEAD_SUBLAYER_ORDER
from soundproof.search_spaces.documented.asr_recurrent_depth import (
    ASR_MERGE_MODE,
    ASR_RNN_DEPTH,
    ASR_RNN_DEPTH_WITHOUT_CNN,
)
from soundproof.search_spaces.documented.asr_regularisation import ASR_CNN_DROPOUT, ASR_RNN_REGULARISATION
from soundproof.search_spaces.documented.esc_cnn_family import ESC_CNN_FAMILY
from soundproof.search_spaces.documented.genre_cnn_filters import GENRE_CNN_FILTERS
from soundproof.search_spaces.documented.genre_crnn import GENRE_CRNN
from soundproof.search_spaces.documented.genre_ffnn import GENRE_FFNN
from soundproof.search_spaces.documented.genre_split_leak import GENRE_SPLIT_LEAK
from soundproof.search_spaces.documented.sound_augmentation import SOUND_AUGMENTATION
from soundproof.search_spaces.documented.speech_commands import SPEECH_COMMANDS
from soundproof.search_spaces.studies import Study

STUDIES: tuple[Study, ...] = (
    ASR_RNN_ONLY,
    ASR_TIME_DISTRIBUTED_DENSE,
    ASR_CNN_FRONT_END,
    ASR_RNN_DEPTH_WITHOUT_CNN,
    ASR_MERGE_MODE,
    ASR_CNN_SUBLAYER_ORDER,
    ASR_CNN_SUBLAYER_ORDER_2_LAYERS,
    ASR_KERNEL_SIZE_VERSUS_DEPTH,
    ASR_CNN_DEPTH,
    ASR_CNN_SUBLAYER_ORDER_3_AND_8_LAYERS,
    ASR_DENSE_CNN,
    ASR_DILATION,
    ASR_INVERSE_DILATION,
    ASR_DILATED_SUBLAYER_ORDER,
    ASR_CNN_DROPOUT,
    ASR_RNN_REGULARISATION,
    ASR_RNN_DEPTH,
    ASR_HEAD_SUBLAYER_ORDER,
    ASR_HEAD_DROPOUT,
    ASR_CNN_PLUS_RNN_DEPTH,
    ASR_DENSE_RNN,
    ASR_DENSE_RNN_TUNING,
    ASR_GRU_VERSUS_LSTM,
    ASR_SPECTROGRAM_VERSUS_MFCC,
    ASR_FINAL_MODEL,
    GENRE_CRNN,
    ESC_CNN_FAMILY,
    GENRE_FFNN,
    GENRE_CNN_FILTERS,
    SPEECH_COMMANDS,
    GENRE_SPLIT_LEAK,
    SOUND_AUGMENTATION,
)

__all__ = ["STUDIES"]
