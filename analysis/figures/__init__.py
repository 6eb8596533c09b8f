"""Figures, one per file: a small named record is computed first, and drawn with Plotly second."""
