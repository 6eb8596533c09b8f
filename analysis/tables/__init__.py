"""The tables of reports: each defined once, and renderers for the terminal, the page, LaTeX and Markdown."""
