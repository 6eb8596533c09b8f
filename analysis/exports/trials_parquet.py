"""Trials as Apache Parquet: the frame with its types."""

from io import BytesIO

import pandas as pd


def trials_parquet(frame: pd.DataFrame) -> bytes:
    """The content of a file that pandas, Arrow, DuckDB or Spark reads."""
    file = BytesIO()
    frame.to_parquet(file, index=False)
    return file.getvalue()
