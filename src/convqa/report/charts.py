"""Small charts as SVG: bars, stacked bars, intervals and a line over time.

Each is drawn without style attributes, which the page's Content-Security-Policy forbids; colours
come from classes. Each is an image with a name for screen readers, and stands beside a table or
text with the same figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

from convqa.report.figures import Mean


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a stacked bar: its share in [0, 1], the class of its colour, its name."""

    share: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Point:
    """A mean on the axis of time with its interval, and the words for it."""

    label: str
    title: str
    mean: Mean


def histogram(counts: Sequence[int], titles: Sequence[str], name: str) -> Markup:
    """Return bars of equal width for counts over 0–100, with the scale below."""
    width, height, foot = 600, 150, 22
    svg = _svg(width, height + foot, "histogram", name)
    step = width / len(counts)
    top = max(*counts, 1)
    for value in (0, 25, 50, 75, 100):
        x = width * value / 100
        _add(svg, "line", "rule", x1=x, x2=x, y1=0, y2=height)
        anchor = "start" if value == 0 else "end" if value == 100 else "middle"
        _text(svg, str(value), "tick", x=x, y=height + 16, anchor=anchor)
    for index, n in enumerate(counts):
        bar = (height - 18) * n / top
        rect = _add(svg, "rect", "bar", x=index * step + 2, y=height - bar, width=step - 4,
                    height=bar, rx=2)  # fmt: skip
        SubElement(rect, "title").text = titles[index]
        if n:
            _text(svg, str(n), "count", x=index * step + step / 2, y=height - bar - 5)
    _add(svg, "line", "axis", x1=0, x2=width, y1=height, y2=height)
    return _markup(svg)


def stacked(bars: Sequence[Bar], name: str) -> Markup:
    """Return one horizontal bar whose parts add up to the whole width."""
    width, height = 300, 14
    svg = _svg(width, height, "stacked", name)
    svg.set("preserveAspectRatio", "none")
    x = 0.0
    for bar in bars:
        if bar.share > 0:
            rect = _add(svg, "rect", bar.kind, x=x, y=0, width=bar.share * width, height=height)
            SubElement(rect, "title").text = bar.title
            x += bar.share * width
    return _markup(svg)


def whisker(mean: Mean, name: str) -> Markup:
    """Return a mean as a dot and its interval as a line, on a scale of 0–100."""
    width, height = 200, 18
    svg = _svg(width, height, "whisker", name)
    middle = height / 2
    _add(svg, "line", "track", x1=4, x2=width - 4, y1=middle, y2=middle)

    def place(value: float) -> float:
        return 4 + (width - 8) * value / 100

    if mean.low is not None and mean.high is not None:
        _add(svg, "line", "interval", x1=place(mean.low), x2=place(mean.high), y1=middle, y2=middle)
    _add(svg, "circle", "dot", cx=place(mean.value), cy=middle, r=4.5)
    return _markup(svg)


def timeline(points: Sequence[Point], name: str) -> Markup:
    """Return means over time, joined by a line, each with its interval, on a scale of 0–100."""
    width, height, left, foot = 640, 170, 30, 24
    svg = _svg(width, height + foot, "timeline", name)

    def across(index: int) -> float:
        inner = width - left - 80
        return left + 20 + (inner * index / (len(points) - 1) if len(points) > 1 else inner / 2)

    def down(value: float) -> float:
        return height - (height - 12) * value / 100

    for value in (0, 25, 50, 75, 100):
        _add(svg, "line", "rule", x1=left, x2=width, y1=down(value), y2=down(value))
        _text(svg, str(value), "tick", x=left - 6, y=down(value) + 4, anchor="end")
    path = " ".join(f"{across(i):.1f},{down(p.mean.value):.1f}" for i, p in enumerate(points))
    _add(svg, "polyline", "trend", points=path)
    every = max(1, -(-len(points) // 4))  # four labels fit side by side on a phone
    for index, point in enumerate(points):
        x, mean = across(index), point.mean
        if mean.low is not None and mean.high is not None:
            _add(svg, "line", "interval", x1=x, x2=x, y1=down(mean.low), y2=down(mean.high))
        dot = _add(svg, "circle", "dot", cx=x, cy=down(mean.value), r=4)
        SubElement(dot, "title").text = point.title
        if index % every == 0:
            _text(svg, point.label, "tick", x=x, y=height + 18)
    return _markup(svg)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Points under one standard and model, each with its place on the axis of time."""

    points: Sequence[tuple[int, Point]]


def cut_timeline(
    labels: Sequence[str], stretches: Sequence[Stretch], cuts: Sequence[int], name: str
) -> Markup:
    """Return means over time as `timeline` does, the line interrupted at cuts.

    Args:
        labels: Of all periods, in order; a period without a point stays empty.
        stretches: Points to be joined; never across two of them.
        cuts: The places before which a numbered line is drawn, from 1.
        name: For screen readers.
    """
    width, height, left, foot = 640, 190, 30, 24
    svg = _svg(width, height + foot, "timeline", name)

    def across(place: float) -> float:
        inner = width - left - 80
        return left + 20 + (inner * place / (len(labels) - 1) if len(labels) > 1 else inner / 2)

    def down(value: float) -> float:
        return height - (height - 26) * value / 100

    for value in (0, 25, 50, 75, 100):
        _add(svg, "line", "rule", x1=left, x2=width, y1=down(value), y2=down(value))
        _text(svg, str(value), "tick", x=left - 6, y=down(value) + 4, anchor="end")
    for number, place in enumerate(cuts, 1):
        x = across(place - 0.5)
        _add(svg, "line", "cut", x1=x, x2=x, y1=18, y2=height)
        _text(svg, str(number), "cut-number", x=x, y=13)
    every = max(1, -(-len(labels) // 4))  # four labels fit side by side on a phone
    for place, label in enumerate(labels):
        if place % every == 0:
            _text(svg, label, "tick", x=across(place), y=height + 18)
    for stretch in stretches:
        path = " ".join(f"{across(i):.1f},{down(p.mean.value):.1f}" for i, p in stretch.points)
        _add(svg, "polyline", "trend", points=path)
        for place, point in stretch.points:
            x, mean = across(place), point.mean
            if mean.low is not None and mean.high is not None:
                _add(svg, "line", "interval", x1=x, x2=x, y1=down(mean.low), y2=down(mean.high))
            dot = _add(svg, "circle", "dot", cx=x, cy=down(mean.value), r=4)
            SubElement(dot, "title").text = point.title
    return _markup(svg)


def _svg(width: float, height: float, kind: str, name: str) -> Element:
    return Element("svg", {
        "class": f"chart {kind}", "viewBox": f"0 0 {width:g} {height:g}", "role": "img",
        "aria-label": name,
    })  # fmt: skip


def _add(parent: Element, tag: str, kind: str, **numbers: float | str) -> Element:
    attributes = {
        key: value if isinstance(value, str) else f"{value:.1f}" for key, value in numbers.items()
    }
    return SubElement(parent, tag, {"class": kind, **attributes})


def _text(
    parent: Element, text: str, kind: str, *, x: float, y: float, anchor: str = "middle"
) -> None:
    element = _add(parent, "text", kind, x=x, y=y)
    element.set("text-anchor", anchor)
    element.text = text


def _markup(svg: Element) -> Markup:
    return Markup(tostring(svg, encoding="unicode"))  # noqa: S704  ElementTree escapes all text
