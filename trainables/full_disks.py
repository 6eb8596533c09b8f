"""Disks that are full, or files as large as the user may make them, told apart from what else goes wrong."""

import errno

_NO_SPACE = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})


def lacks_space(error: BaseException) -> bool:
    """Whether an error of the system says so, or one whose text repeats such errors, as of many files at once."""
    repeated = any(f"[Errno {code}]" in str(error) for code in _NO_SPACE)
    return repeated or (isinstance(error, OSError) and error.errno in _NO_SPACE)
