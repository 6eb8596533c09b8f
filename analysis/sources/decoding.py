"""Files of text as text."""

from pathlib import Path

from soundproof.analysis.sources.found import SourceError


def decoded(path: Path) -> str:
    """The text of a file in UTF-8, with or without a byte order mark; line ends stay as they are."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}. Give a file that exists.") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{path}, line {line}: expected text in UTF-8, found other bytes. Save it as UTF-8."
        ) from None
    if not text.strip():
        raise SourceError(f"{path} is empty: expected a table of results.")
    return text
