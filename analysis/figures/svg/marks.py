"""What lies inside the axes of a still picture: lines, points, error bars, bands, and the cells of a matrix."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from markupsafe import escape

from soundproof.analysis.figures.svg.axes import Scale

_DASHES = {"dot": "2 4", "dash": "7 5"}
_SHADES = 25
"""Steps of colour in a matrix: its cells are drawn together step by step, which keeps a large one small."""

Attributes = Mapping[str, object]


def element(name: str, attributes: Attributes, text: str = "") -> str:
    """An element of SVG. Values and text are escaped; an attribute that is None is left out."""
    written = "".join(f' {key}="{escape(_short(value))}"' for key, value in attributes.items() if value is not None)
    return f"<{name}{written}>{escape(text)}</{name}>" if text else f"<{name}{written}/>"


def shape_marks(shapes: Sequence[Mapping[str, Any]], across: Scale, up: Scale) -> Iterator[str]:
    """Bands and rules; one that is laid on the domain of an axis goes from end to end of it."""
    for shape in shapes:
        x = [_reach(shape, "x", end, across) for end in (0, 1)]
        y = [_reach(shape, "y", end, up) for end in (0, 1)]
        if shape["type"] == "rect":
            place = {"x": min(x), "y": min(y), "width": abs(x[1] - x[0]), "height": abs(y[1] - y[0])}
            yield element("rect", place | {"fill": shape["fillcolor"]})
        else:
            line = {"stroke": shape["line"]["color"], "stroke-width": shape["line"]["width"]}
            yield element("line", {"x1": x[0], "y1": y[0], "x2": x[1], "y2": y[1]} | line)


def trace_marks(trace: Mapping[str, Any], across: Scale, up: Scale) -> Iterator[str]:
    """One of Plotly's traces: a matrix, or lines, error bars, points and words, in this order."""
    if trace["type"] == "heatmap":
        yield from _cells(trace, across, up)
        return
    mode, opacity = trace["mode"], trace.get("opacity")
    points = [
        None if x is None or y is None else (across.place(x), up.place(y))
        for x, y in zip(trace["x"], trace["y"], strict=True)
    ]
    if "lines" in mode:
        yield _line(trace, points, opacity)
    for name, scale in (("error_x", across), ("error_y", up)):
        yield from _error_bars(trace, name, points, scale)
    for index, point in enumerate(points):
        if point is None:
            continue
        if "markers" in mode:
            yield _point(trace.get("marker", {}), index, *point, opacity)
        if "text" in mode:
            words = {"x": point[0], "y": point[1] + 4, "text-anchor": "middle", "style": "fill:#fff"}
            yield element("text", words, str(trace["text"][index]))


def _reach(shape: Mapping[str, Any], axis: str, end: int, scale: Scale) -> float:
    if shape[f"{axis}ref"].endswith("domain"):
        return scale.end if end else scale.start
    return scale.place(shape[f"{axis}{end}"])


def _line(trace: Mapping[str, Any], points: Sequence[tuple[float, float] | None], opacity: float | None) -> str:
    """A path, lifted from the paper where a point is missing; in steps where the trace is."""
    line, steps, path = trace.get("line", {}), trace.get("line", {}).get("shape"), ""
    before: tuple[float, float] | None = None
    for point in points:
        if point is not None:
            x, y = (_short(value) for value in point)
            path += f"M{x} {y}" if before is None else {"hv": f"H{x}V{y}", "vh": f"V{y}H{x}"}.get(steps, f"L{x} {y}")
        before = point
    filled = trace.get("fill") == "toself"
    width = line.get("width", 2)
    attributes = {
        "d": path,
        "fill": trace["fillcolor"] if filled else "none",
        "stroke": line.get("color") if width else None,
        "stroke-width": width or None,
        "stroke-dasharray": _DASHES.get(line.get("dash")),
        "opacity": opacity,
    }
    return element("path", attributes)


def _error_bars(
    trace: Mapping[str, Any], name: str, points: Sequence[tuple[float, float] | None], scale: Scale
) -> Iterator[str]:
    bars = trace.get(name)
    if bars is None:
        return
    for index, point in enumerate(points):
        value = trace[name[-1]][index]
        if point is None or not (bars["array"][index] or bars["arrayminus"][index]):
            continue
        low, high = scale.place(value - bars["arrayminus"][index]), scale.place(value + bars["array"][index])
        (x1, x2), (y1, y2) = ((low, high), (point[1],) * 2) if name == "error_x" else ((point[0],) * 2, (low, high))
        line = {"stroke": bars["color"], "stroke-width": bars["thickness"]}
        yield element("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2} | line)


def _point(marker: Mapping[str, Any], index: int, x: float, y: float, opacity: float | None) -> str:
    """A point by its symbol: a stroke, a cross, an open or a filled circle."""
    size, colour, symbol = (_each(marker.get(name), index) for name in ("size", "color", "symbol"))
    radius, outline = (size or 6) / 2, marker.get("line", {})
    shade = {"opacity": marker.get("opacity", opacity)}
    match symbol:
        case "line-ns":
            stroke = {"stroke": _each(outline.get("color"), index), "stroke-width": outline.get("width")}
            return element("path", {"d": f"M{_short(x)} {_short(y - radius)}v{_short(2 * radius)}"} | stroke | shade)
        case "x-thin-open":
            arm, whole = 0.7 * radius, _short(1.4 * radius)
            path = f"M{_short(x - arm)} {_short(y - arm)}l{whole} {whole}m0 -{whole}l-{whole} {whole}"
            return element("path", {"d": path, "stroke": colour, "fill": "none"} | shade)
        case "circle-open":
            ring = {"fill": "none", "stroke": colour, "stroke-width": outline.get("width", 1)}
            return element("circle", {"cx": x, "cy": y, "r": radius} | ring | shade)
        case _:
            return element("circle", {"cx": x, "cy": y, "r": radius, "fill": colour} | shade)


def _cells(trace: Mapping[str, Any], across: Scale, up: Scale) -> Iterator[str]:
    """The cells of a matrix by shade, and their numbers where the trace shows them."""
    width, height = (abs(scale.place(1) - scale.place(0)) - 1 for scale in (across, up))
    paths: dict[int, str] = {}
    words = []
    for row, shares in enumerate(trace["z"]):
        for column, share in enumerate(shares):
            if share is None:
                continue
            x, y = across.place(column), up.place(row)
            corner = f"M{_short(x - width / 2)} {_short(y - height / 2)}"
            shade = round(share * _SHADES)
            paths[shade] = paths.get(shade, "") + f"{corner}h{_short(width)}v{_short(height)}h{_short(-width)}z"
            if trace.get("texttemplate"):
                place = {"x": x, "y": y + 4, "text-anchor": "middle"}
                words.append(element("text", place, str(trace["text"][row][column])))
    for shade, path in sorted(paths.items()):
        yield element("path", {"d": path, "fill": _shade(trace["colorscale"], shade / _SHADES)})
    yield from words


def _shade(stops: Sequence[tuple[float, str]], share: float) -> str:
    """The colour of a share of 0 to 1 on a scale of one colour that grows denser: the last stop's, thinned."""
    for (low, thin), (high, dense) in pairwise(stops):
        if share <= high:
            first, second = (float(re.findall(r"[\d.]+", colour)[3]) for colour in (thin, dense))
            density = first + (second - first) * (share - low) / (high - low)
            return re.sub(r"[\d.]+\)$", f"{density:.2f})", dense)
    return stops[-1][1]


def _each(value: Any, index: int) -> Any:
    """A setting that may be given once for all, or for each point."""
    return value[index] if isinstance(value, list) else value


def _short(value: object) -> object:
    """Pixels to a tenth: more digits nobody sees, and a page holds thousands of them."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value
