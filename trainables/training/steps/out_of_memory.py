"""When memory does not suffice for a batch: how that is known, and what half of it is. The worker retries."""

import gc

import torch

_REFUSALS = (
    "DefaultCPUAllocator: can't allocate memory",
    "DefaultCPUAllocator: not enough memory",
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
    "_ALLOCATION_FAILED",  # cuDNN 9: CUDNN_STATUS_INTERNAL_ERROR_HOST_... and _DEVICE_...
)
"""How allocators beside torch's caching one say that there is no memory left: by a RuntimeError with such words."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that memory, of the device or of the machine, did not suffice."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _REFUSALS)


def free_cached_memory() -> None:
    """Give back what nothing refers to any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def half_of(batch_size: int) -> int:
    """The size of the larger half of a batch."""
    return -(-batch_size // 2)
