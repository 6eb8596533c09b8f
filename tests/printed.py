"""What no output has that people or programs read: control codes in files, words of the libraries below."""

import re

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
OTHERS = re.compile(r"ray|mlflow|alembic|WARNING|INFO", re.IGNORECASE)
"""To be looked for where paths are left out."""
PATHS = re.compile(r"/\S+")
