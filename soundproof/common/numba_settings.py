"""What numba reads when it is imported; packages that compile by it import this first."""

from soundproof.common.library_caches import settle_library_caches

settle_library_caches()
