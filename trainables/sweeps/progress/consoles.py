"""A console that draws tables, and shows text of users' in them as text. Rich lets control characters through."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from soundproof.common.terminal_text import shown


class TextConsole(Console):
    """Rich's console, but for characters that are none."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """See Rich. Cells are rendered one by one, before they are brought to their width."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(shown(segment.text), segment.style)
