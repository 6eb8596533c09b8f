"""What users wrote, on one line: what every form of markup starts from."""

import unicodedata


def on_one_line(text: str) -> str:
    """`text` with every run of white space as one blank, and what cannot be shown as the replacement character.

    A line break would end a row of a table or a comment, and a control character is allowed in neither TeX nor YAML.
    """
    shown = " ".join(text.split())
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in ("Cc", "Cs") else character
        for character in shown
    )
