"""A report as one HTML document."""
