"""What MkDocs calls: pages that are made from the code at build time, so that they cannot go stale."""

from __future__ import annotations

from commands import commands_page
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from studies import studies_pages


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages to those in the folder."""
    for place, text in {"reference/commands.md": commands_page(), **studies_pages()}.items():
        files.append(File.generated(config, place, content=text))
    return files
