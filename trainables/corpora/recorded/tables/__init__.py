"""Tables of recordings, whatever program wrote them, as rows with this project's names: one reader for any corpus."""

from soundproof.trainables.corpora.recorded.tables.columns import parse_columns
from soundproof.trainables.corpora.recorded.tables.reading import Table, manifest_files, read_tables
from soundproof.trainables.corpora.recorded.tables.rows import Problem, Row, told_once

__all__ = ["Problem", "Row", "Table", "manifest_files", "parse_columns", "read_tables", "told_once"]
