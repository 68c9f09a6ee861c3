"""Draws the table and the growth as one SVG, by hand."""

import math
from xml.sax.saxutils import escape

from growth import Point
from result import Row, cells

WIDTH, LEFT, LINE = 860, 330, 26
OK, OVER, GREY = "#2a7f4f", "#b3362b", "#888"


def text(x: float, y: float, words: str, anchor: str = "start", colour: str = "#222") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'


def stroke(x1: float, y1: float, x2: float, y2: float, colour: str = GREY) -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}"/>'


def bars(rows: list[Row], top: float) -> list[str]:
    """One bar a row: what was measured as a part of its limit; the line is the limit."""
    parts = [text(10, top, "measured, as a part of the limit (the line)")]
    limit_x, full = LEFT + 300, 300
    for i, row in enumerate(rows):
        y = top + 12 + i * LINE
        measured = row.ours if row.ratio is None else row.ratio
        width = min(measured / row.limit * full, WIDTH - LEFT - 130)
        colour = OVER if row.is_over else OK
        parts.append(text(LEFT - 10, y + 15, row.name, "end"))
        parts.append(
            f'<rect x="{LEFT}" y="{y + 3:.1f}" width="{width:.1f}" height="16" fill="{colour}"/>'
        )
        _, ours, _, ratio, _, limit, _ = cells(row)
        parts.append(text(WIDTH - 10, y + 15, f"{ratio or ours} of {limit}", "end"))
    bottom = top + 12 + len(rows) * LINE
    return parts + [stroke(limit_x, top + 8, limit_x, bottom)]


def curve(points: list[Point], name: str, unit: str, values: list[float], x: float, y: float) -> list[str]:
    """A line in a box, both axes logarithmic."""
    width, height = 170.0, 130.0
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    first, last = math.log10(points[0].count), math.log10(points[-1].count)

    def at(point: Point, value: float) -> tuple[float, float]:
        right = (math.log10(point.count) - first) / max(last - first, 1) * width
        up = (math.log10(value) - low) / max(high - low, 1) * height
        return x + right, y + height - up

    spots = [at(point, value) for point, value in zip(points, values)]
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in spots)
    parts = [text(x, y - 10, f"{name}, {unit}"), stroke(x, y, x, y + height)]
    parts.append(stroke(x, y + height, x + width, y + height))
    parts.append(f'<polyline points="{path}" fill="none" stroke="{OK}" stroke-width="2"/>')
    for (a, b), value in zip(spots, values):
        parts.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{OK}"/>')
        parts.append(text(a, b - 7, f"{value:.2g}" if value < 100 else f"{value:.0f}", "middle"))
    for (a, _), point in zip(spots, points):
        parts.append(text(a, y + height + 15, f"{point.count:.0e}".replace("e+0", "e"), "middle", GREY))
    return parts


def svg(rows: list[Row], growth: dict[str, list[Point]]) -> str:
    parts = bars(rows, 20)
    y = 20 + 12 + len(rows) * LINE + 50
    x = 30.0
    for name, points in growth.items():
        parts += curve(points, name, "s", [p.seconds for p in points], x, y)
        parts += curve(points, name, "MiB", [p.peak_mib for p in points], x + 210, y)
        x += 420
    height = y + 170
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}"'
    style = 'font-family="sans-serif" font-size="12">'
    ground = f'<rect width="{WIDTH}" height="{height:.0f}" fill="#fff"/>'
    return "\n".join([f"{head} {style}", ground, *parts, "</svg>", ""])
