"""Figures as SVG, drawn without a browser or a script."""
