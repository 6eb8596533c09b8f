"""Text of users in Markdown."""

_SIGNS = frozenset("\\`*_[]()<>|~&$^@#!+-=:{}\"'")


def as_markdown(text: str) -> str:
    """`text` on one line as Markdown that shows it as it is.

    Signs are written as entities, which every dialect and HTML agree on: MLflow's own takes few backslashes.
    """
    words = " ".join(text.split())
    return "".join(f"&#{ord(sign)};" if sign in _SIGNS else sign for sign in words)
