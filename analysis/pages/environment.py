"""What every report's page is made with and written by: its figures, its templates, its files.

It opens without a network: everything it needs is inside.
"""

import base64
import gzip
import json
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from plotly.offline import get_plotlyjs

from soundproof.analysis.figures.style import Figure
from soundproof.analysis.figures.svg.picture import still
from soundproof.analysis.notation.bounds import TOO_FEW
from soundproof.analysis.notation.labels import preset_name
from soundproof.analysis.notation.quantities import number, p_value
from soundproof.analysis.verdicts.sentences import sentence
from soundproof.common.errors import UserError
from soundproof.common.whole_files import write_whole

PAGE = "report.html"
DATA = "report.json"
DASH = "\N{EN DASH}"
"""Stands on a page where there is nothing."""


@dataclass(frozen=True)
class PageFigure:
    """A drawn figure with the words around it; its title may be empty where the text around it says what it is.

    `key` says what numbers in the figure stand for.
    """

    id: str
    title: str
    caption: str
    drawn: Figure
    key: tuple[tuple[int, str], ...] = ()

    @cached_property
    def plain(self) -> Any:
        """Plotly's own JSON value."""
        return json.loads(self.drawn.to_json())

    @property
    def still(self) -> Markup:
        """The same as SVG, for where nothing draws it."""
        return still(self.plain)

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.drawn.layout.height)


class ReportError(UserError):
    """The report cannot be written. The message says where, why, and what to do."""


def write_report_pair(page: str, data: str, out: Path) -> Path:
    """Write report.html and report.json into the folder `out`, each whole or not at all; gives the page's path."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / DATA, data)
        write_whole(out / PAGE, page)
    except OSError as error:
        raise ReportError(f"no report can be written into {out}: {error.strerror}. Name another folder") from error
    return out / PAGE


def page_environment() -> Environment:
    """The templates, escaping whatever users wrote, with the filters and values that all pages share."""
    environment = Environment(
        loader=PackageLoader("soundproof.analysis"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "isolated": isolated,
        "number": number,
        "p_value": p_value,
        "preset_name": preset_name,
        "sentence": sentence,
        "sort_key": sort_key,
    }
    environment.globals |= {"plotly": packed_plotly(), "dash": DASH, "too_few": TOO_FEW}
    return environment


def isolated(text: str) -> Markup:
    """`text`, escaped; what stands in it in quotation marks finds its own direction and leaves that of the rest."""
    return Markup(re.sub("“(.*?)”", r"“<bdi>\1</bdi>”", str(escape(text))))  # noqa: S704  # escaped before it is marked


def sort_key(value: object) -> str:
    """What a cell of a table is sorted by: nothing where there is no value."""
    return "" if value is None else str(value)


@cache
def packed_plotly() -> Markup:
    """Plotly's own script, compressed to a third and written in base64; `figures.js` unpacks it."""
    packed = gzip.compress(get_plotlyjs().encode(), compresslevel=9, mtime=0)
    return Markup(base64.b64encode(packed).decode("ascii"))  # noqa: S704  # letters and digits only
