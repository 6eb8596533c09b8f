"""A figure as a still picture: SVG that is read without JavaScript, on paper, and while Plotly is being unpacked.

Knows of Plotly's figures what those of this project use. Colours of text and grid are the style sheet's, so that the
picture follows light and dark.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from soundproof.analysis.figures.svg.axes import Scale, Ticks, scale_of, ticks_of
from soundproof.analysis.figures.svg.marks import element, shape_marks, trace_marks

WIDTH = 900
"""In its own pixels; the page stretches or shrinks it."""
_CHARACTER = 6.7
_LINE = 16
_ENTRY = 20
"""The height of a line of a legend."""
_BREAK = "<br>"
_SLANT = 20
"""Degrees from which labels are turned about their end rather than their middle."""
_CROWDED = 28
"""Degrees by which labels are turned that have no room side by side."""
_STYLE = "text { font: 13px system-ui, sans-serif; fill: #1d2026 } .grid { stroke: #dfe2e7 }"
_NO_XML = r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
"""Characters that XML has no way to write."""


def still(figure: Mapping[str, Any]) -> Markup:
    """The SVG of a figure, which is Plotly's own JSON value."""
    # element() has escaped every word and value in it
    return Markup(f'<svg viewBox="{_box(figure)}" aria-hidden="true">\n{_body(figure)}\n</svg>')  # noqa: S704


def document(figure: Mapping[str, Any], title: str) -> str:
    """The same as a file of its own, dark on white, with its title for those who do not see it."""
    size = f'viewBox="{_box(figure)}" width="{WIDTH}" height="{figure["layout"]["height"]}"'
    paper = element("rect", {"width": "100%", "height": "100%", "fill": "#fff"})
    parts = (element("title", {}, title), f"<style>{_STYLE}</style>", paper, _body(figure))
    body = re.sub(_NO_XML, "\N{REPLACEMENT CHARACTER}", "\n".join(parts))
    return f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>\n{body}\n</svg>\n'


def _box(figure: Mapping[str, Any]) -> str:
    return f"0 0 {WIDTH} {figure['layout']['height']}"


def _body(figure: Mapping[str, Any]) -> str:
    layout = figure["layout"]
    paper = _paper(layout)
    panels: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for trace in figure["data"]:
        if trace.get("visible", True):
            panels.setdefault((trace.get("xaxis", "x"), trace.get("yaxis", "y")), []).append(trace)
    inside: list[str] = []
    scales = {}
    for names, traces in panels.items():
        scales[names] = _scales(layout, names, traces, paper)
        inside += _panel(layout, names, traces, *scales[names])
    inside += _annotations(layout, paper, scales)
    inside += _legend(layout, [trace for trace in figure["data"] if trace.get("showlegend")])
    return "\n".join(inside)


def _paper(layout: Mapping[str, Any]) -> tuple[Scale, Scale]:
    """Shares of the picture within its margins; those that Plotly would widen for labels are widened by a guess."""
    margin, across, up = layout["margin"], layout.get("xaxis", {}), layout.get("yaxis", {})
    left, bottom = margin["l"], margin["b"]
    if up.get("automargin"):
        left += _length(up["ticktext"]) + 14 + (_LINE + 8 if _title(up) else 0)
    if across.get("automargin"):
        turned = abs(across.get("tickangle", 0)) > _SLANT
        bottom += (_length(across["ticktext"]) if turned else _LINE) + _LINE + 20
    return (
        Scale(low=0, high=1, start=left, end=WIDTH - margin["r"], logarithmic=False),
        Scale(low=0, high=1, start=layout["height"] - bottom, end=margin["t"], logarithmic=False),
    )


def _length(labels: Sequence[str]) -> float:
    """The guessed width of the longest line."""
    return _CHARACTER * max((len(line) for label in labels for line in _lines(label)), default=0)


def _scales(
    layout: Mapping[str, Any], names: tuple[str, str], traces: Sequence[Mapping[str, Any]], paper: tuple[Scale, Scale]
) -> tuple[Scale, Scale]:
    axes = [_axis(layout, name) for name in names]
    values = [_values(layout, traces, direction) for direction in ("x", "y")]
    across, up = (
        scale_of(axis, reached, *map(whole.place, axis.get("domain", (0, 1))))
        for axis, reached, whole in zip(axes, values, paper, strict=True)
    )
    return across, up


def _values(layout: Mapping[str, Any], traces: Sequence[Mapping[str, Any]], axis: str) -> list[float]:
    """All that an axis has to reach: points, ends of error bars, and bands."""
    found = []
    for trace in traces:
        values = [value for value in trace.get(axis) or () if value is not None]
        bars = trace.get(f"error_{axis}")
        found += values
        if bars is not None:
            found += [value + more for value, more in zip(values, bars["array"], strict=True)]
            found += [value - less for value, less in zip(values, bars["arrayminus"], strict=True)]
    for shape in layout.get("shapes", ()):
        if shape[f"{axis}ref"] == axis:
            found += [shape[f"{axis}0"], shape[f"{axis}1"]]
    return found


def _panel(
    layout: Mapping[str, Any], names: tuple[str, str], traces: Sequence[Mapping[str, Any]], across: Scale, up: Scale
) -> Iterator[str]:
    """The grid and labels of one pair of axes, and what lies in it, cut off at its ends."""
    yield from _across(_axis(layout, names[0]), across, up)
    yield from _up(_axis(layout, names[1]), across, up)
    x, y, width, height = across.start, up.end, across.end - across.start, up.start - up.end
    box = f"{x:.1f} {y:.1f} {width:.1f} {height:.1f}"
    yield f'<svg x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" viewBox="{box}">'
    if names == ("x", "y"):
        yield from shape_marks(layout.get("shapes", ()), across, up)
    for trace in traces:
        yield from trace_marks(trace, across, up)
    yield "</svg>"


def _across(axis: Mapping[str, Any], across: Scale, up: Scale) -> Iterator[str]:
    if axis.get("visible") is False:
        return
    ticks, top = ticks_of(axis, across), axis.get("side") == "top"
    angle = axis.get("tickangle", _CROWDED if _crowded(ticks, across) else 0)
    edge = up.end - 8 if top else up.start + 18
    for value, text in ticks:
        x = across.place(value)
        if axis.get("showgrid", True):
            yield element("line", {"class": "grid", "x1": x, "y1": up.start, "x2": x, "y2": up.end})
        if axis.get("showticklabels", True):
            turned = abs(angle) > _SLANT
            anchor = "middle" if not turned else "start" if top or angle > 0 else "end"
            further = _LINE * (len(_lines(text)) - 1) / 2 * (-1 if top else 1)
            yield from _text(text, x, edge - 6 if turned else edge + further, anchor, angle if turned else 0)
    title = _title(axis)
    if title:
        below = _length(axis["ticktext"]) if abs(angle) > _SLANT and not top else _LINE
        yield from _text(title, (across.start + across.end) / 2, edge - 24 if top else edge + below + 6, "middle")


def _crowded(ticks: Ticks, across: Scale) -> bool:
    """Whether the labels along an axis would run into each other."""
    return sum(_length([text]) + _CHARACTER for _, text in ticks) > across.end - across.start


def _up(axis: Mapping[str, Any], across: Scale, up: Scale) -> Iterator[str]:
    if axis.get("visible") is False:
        return
    for value, text in ticks_of(axis, up):
        y = up.place(value)
        if axis.get("showgrid", True):
            yield element("line", {"class": "grid", "x1": across.start, "y1": y, "x2": across.end, "y2": y})
        if axis.get("showticklabels", True):
            yield from _text(text, across.start - 10, y + 4, "end")
    title = _title(axis)
    if title:
        yield from _text(title, 14, (up.start + up.end) / 2, "middle", -90)


def _annotations(
    layout: Mapping[str, Any], paper: tuple[Scale, Scale], scales: Mapping[tuple[str, str], tuple[Scale, Scale]]
) -> Iterator[str]:
    """Words on the paper, which stand on their place, or at values of the first pair of axes."""
    for annotation in layout.get("annotations", ()):
        if annotation.get("xref") == "paper":
            x, y = (whole.place(annotation[name]) for name, whole in zip("xy", paper, strict=True))
            yield from _text(annotation["text"], x, y - 4 - _LINE * (len(_lines(annotation["text"])) - 1) / 2, "middle")
        else:
            across, up = scales["x", "y"]
            x = across.place(annotation["x"]) + annotation.get("xshift", 0)
            yield from _text(annotation["text"], x, up.place(annotation["y"]) + 4, "start")


def _legend(layout: Mapping[str, Any], traces: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line for each trace that has one, along the lower edge."""
    for place, trace in enumerate(traces):
        y = layout["height"] - _ENTRY * (len(traces) - place - 0.5)
        pixels = Scale(low=0, high=1, start=0, end=1, logarithmic=False)
        sample = dict(trace) | {"x": [8, 25, 42], "y": [y] * 3}
        yield from trace_marks(sample, pixels, pixels)
        yield from _text(trace["name"], 52, y + 4, "start")


def _text(text: str, x: float, y: float, anchor: str, angle: float = 0) -> Iterator[str]:
    """Lines of words around the height `y`."""
    lines = _lines(text)
    turn = f"rotate({angle:g} {x:.1f} {y:.1f})" if angle else None
    for number, line in enumerate(lines):
        at = y + _LINE * (number - (len(lines) - 1) / 2)
        yield element("text", {"x": x, "y": at, "text-anchor": anchor, "transform": turn}, line)


def _lines(text: str) -> list[str]:
    """The lines of a text that Plotly would read as markup, as they were written."""
    return [html.unescape(line) for line in text.split(_BREAK)]


def _title(axis: Mapping[str, Any]) -> str:
    title = axis.get("title", {})
    return str(title.get("text", ""))


def _axis(layout: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An axis by its short name: of `x2`, the setting `xaxis2`."""
    axis: Mapping[str, Any] = layout.get(f"{name[0]}axis{name[1:]}", {})
    return axis
