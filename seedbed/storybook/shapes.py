"""The objects of the Storybook world, each from a few primitives.

Every object is drawn into a unit square stretched over its extent: the coloured
body first (which carries the texture), then the fixed-colour details that make
the object what it is.
"""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw

Box = tuple[float, float, float, float]
Color = tuple[int, int, int]

BROWN: Color = (112, 72, 40)
LEAF: Color = (62, 140, 58)
DARK: Color = (40, 36, 44)
CREAM: Color = (250, 240, 214)
GLASS: Color = (176, 220, 240)
YELLOW: Color = (252, 216, 60)


class _Pen:
    """Primitives in unit coordinates of one object's extent, onto several layers at once."""

    def __init__(self, extent: Box, layers: list[tuple[Image.Image, bool]]):
        self.x0, self.y0, x1, y1 = extent
        self.w, self.h = x1 - self.x0, y1 - self.y0
        self.layers = [(ImageDraw.Draw(image), colored) for image, colored in layers]

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return self.x0 + x * self.w, self.y0 + y * self.h

    def _fill(self, colored: bool, fill: Color):
        return fill if colored else 255

    def ellipse(self, x0, y0, x1, y1, fill: Color) -> None:
        for draw, colored in self.layers:
            draw.ellipse((*self._at(x0, y0), *self._at(x1, y1)), fill=self._fill(colored, fill))

    def rect(self, x0, y0, x1, y1, fill: Color) -> None:
        for draw, colored in self.layers:
            draw.rectangle((*self._at(x0, y0), *self._at(x1, y1)), fill=self._fill(colored, fill))

    def polygon(self, points, fill: Color) -> None:
        for draw, colored in self.layers:
            draw.polygon([self._at(x, y) for x, y in points], fill=self._fill(colored, fill))

    def pie(self, x0, y0, x1, y1, start, end, fill: Color) -> None:
        for draw, colored in self.layers:
            box = (*self._at(x0, y0), *self._at(x1, y1))
            draw.pieslice(box, start, end, fill=self._fill(colored, fill))

    def arc(self, x0, y0, x1, y1, start, end, fill: Color, width: float) -> None:
        for draw, colored in self.layers:
            box = (*self._at(x0, y0), *self._at(x1, y1))
            pixels = max(1, round(width * self.h))
            draw.arc(box, start, end, fill=self._fill(colored, fill), width=pixels)

    def line(self, points, fill: Color, width: float) -> None:
        for draw, colored in self.layers:
            pixels = max(1, round(width * self.h))
            draw.line(
                [self._at(x, y) for x, y in points], fill=self._fill(colored, fill), width=pixels
            )


def _star_points(n: int, inner: float) -> list[tuple[float, float]]:
    points = []
    for i in range(2 * n):
        r = 0.5 if i % 2 == 0 else 0.5 * inner
        angle = math.pi * i / n - math.pi / 2
        points.append((0.5 + r * math.cos(angle), 0.5 + r * math.sin(angle)))
    return points


def _darker(c: Color, by: float = 0.72) -> Color:
    return tuple(int(v * by) for v in c)


def _apple(p, c):
    p.ellipse(0.02, 0.20, 0.62, 0.98, c)
    p.ellipse(0.38, 0.20, 0.98, 0.98, c)
    yield
    p.line([(0.5, 0.32), (0.52, 0.02)], BROWN, 0.07)
    p.ellipse(0.54, 0.02, 0.86, 0.18, LEAF)


def _balloon(p, c):
    p.ellipse(0.0, 0.0, 1.0, 0.66, c)
    p.polygon([(0.40, 0.72), (0.60, 0.72), (0.5, 0.62)], c)
    yield
    p.line([(0.5, 0.72), (0.42, 0.82), (0.56, 0.92), (0.5, 1.0)], DARK, 0.025)
    p.ellipse(0.20, 0.12, 0.38, 0.28, (255, 255, 255))


def _boat(p, c):
    p.polygon([(0.0, 0.66), (1.0, 0.66), (0.80, 1.0), (0.20, 1.0)], c)
    p.polygon([(0.52, 0.04), (0.52, 0.56), (0.94, 0.56)], c)
    yield
    p.line([(0.48, 0.0), (0.48, 0.68)], BROWN, 0.05)
    p.polygon([(0.44, 0.12), (0.44, 0.56), (0.12, 0.56)], CREAM)


def _butterfly(p, c):
    p.ellipse(0.0, 0.02, 0.50, 0.58, c)
    p.ellipse(0.50, 0.02, 1.0, 0.58, c)
    p.ellipse(0.10, 0.48, 0.50, 0.98, c)
    p.ellipse(0.50, 0.48, 0.90, 0.98, c)
    yield
    p.ellipse(0.44, 0.12, 0.56, 0.92, DARK)
    p.line([(0.48, 0.16), (0.36, 0.0)], DARK, 0.03)
    p.line([(0.52, 0.16), (0.64, 0.0)], DARK, 0.03)


def _car(p, c):
    p.polygon([(0.20, 0.42), (0.32, 0.04), (0.70, 0.04), (0.84, 0.42)], c)
    p.rect(0.0, 0.40, 1.0, 0.78, c)
    yield
    p.polygon([(0.28, 0.40), (0.36, 0.13), (0.49, 0.13), (0.49, 0.40)], GLASS)
    p.polygon([(0.54, 0.40), (0.54, 0.13), (0.66, 0.13), (0.75, 0.40)], GLASS)
    p.ellipse(0.12, 0.58, 0.36, 1.0, DARK)
    p.ellipse(0.64, 0.58, 0.88, 1.0, DARK)


def _cup(p, c):
    p.arc(0.58, 0.22, 1.0, 0.72, -100, 100, c, 0.11)
    p.polygon([(0.0, 0.06), (0.78, 0.06), (0.68, 1.0), (0.10, 1.0)], c)
    yield
    p.ellipse(0.0, 0.0, 0.78, 0.16, BROWN)


def _fish(p, c):
    p.polygon([(0.66, 0.5), (1.0, 0.06), (1.0, 0.94)], c)
    p.ellipse(0.0, 0.06, 0.76, 0.94, c)
    yield
    p.ellipse(0.13, 0.28, 0.25, 0.48, (255, 255, 255))
    p.ellipse(0.16, 0.33, 0.22, 0.44, DARK)
    p.polygon([(0.40, 0.5), (0.54, 0.36), (0.54, 0.64)], _darker(c))


def _flower(p, c):
    p.rect(0.46, 0.5, 0.54, 1.0, LEAF)
    p.ellipse(0.54, 0.70, 0.92, 0.84, LEAF)
    for i in range(6):
        a = math.pi * i / 3
        x, y = 0.5 + 0.31 * math.cos(a), 0.32 + 0.20 * math.sin(a)
        p.ellipse(x - 0.19, y - 0.125, x + 0.19, y + 0.125, c)
    yield
    p.ellipse(0.34, 0.215, 0.66, 0.425, YELLOW if c != (250, 214, 36) else BROWN)


def _house(p, c):
    p.rect(0.10, 0.42, 0.90, 1.0, c)
    yield
    p.polygon([(0.0, 0.44), (0.5, 0.0), (1.0, 0.44)], (126, 62, 50))
    p.rect(0.42, 0.66, 0.60, 1.0, BROWN)
    p.rect(0.18, 0.54, 0.34, 0.72, GLASS)
    p.rect(0.68, 0.54, 0.84, 0.72, GLASS)


def _mushroom(p, c):
    p.polygon([(0.36, 0.48), (0.64, 0.48), (0.70, 1.0), (0.30, 1.0)], CREAM)
    p.pie(0.0, 0.0, 1.0, 1.14, 180, 360, c)
    yield
    for x, y, r in ((0.28, 0.36, 0.09), (0.55, 0.20, 0.09), (0.76, 0.42, 0.07)):
        p.ellipse(x - r, y - r, x + r, y + r, (255, 255, 255))


def _star(p, c):
    p.polygon(_star_points(5, 0.45), c)
    yield


def _sun(p, c):
    for i in range(10):
        a = 2 * math.pi * i / 10
        for_left, for_right = a - 0.16, a + 0.16
        p.polygon(
            [
                (0.5 + 0.5 * math.cos(a), 0.5 + 0.5 * math.sin(a)),
                (0.5 + 0.30 * math.cos(for_left), 0.5 + 0.30 * math.sin(for_left)),
                (0.5 + 0.30 * math.cos(for_right), 0.5 + 0.30 * math.sin(for_right)),
            ],
            c,
        )
    p.ellipse(0.20, 0.20, 0.80, 0.80, c)
    yield
    p.ellipse(0.36, 0.38, 0.44, 0.48, DARK)
    p.ellipse(0.56, 0.38, 0.64, 0.48, DARK)
    p.arc(0.34, 0.38, 0.66, 0.68, 25, 155, DARK, 0.04)


def _tree(p, c):
    p.rect(0.40, 0.60, 0.60, 1.0, BROWN)
    p.polygon([(0.5, 0.0), (0.84, 0.36), (0.16, 0.36)], c)
    p.polygon([(0.5, 0.16), (0.94, 0.56), (0.06, 0.56)], c)
    p.polygon([(0.5, 0.36), (1.0, 0.78), (0.0, 0.78)], c)
    yield


def _umbrella(p, c):
    p.pie(0.0, 0.04, 1.0, 1.0, 180, 360, c)
    yield
    p.line([(0.5, 0.52), (0.5, 0.92)], DARK, 0.05)
    p.arc(0.5, 0.82, 0.70, 1.0, 0, 180, DARK, 0.05)
    p.line([(0.5, 0.0), (0.5, 0.08)], DARK, 0.05)
    for x0, x1 in ((0.0, 0.34), (0.33, 0.67), (0.66, 1.0)):
        p.pie(x0, 0.44, x1, 0.62, 180, 360, _darker(c))


_DRAWERS = {
    "apple": _apple,
    "balloon": _balloon,
    "boat": _boat,
    "butterfly": _butterfly,
    "car": _car,
    "cup": _cup,
    "fish": _fish,
    "flower": _flower,
    "house": _house,
    "mushroom": _mushroom,
    "star": _star,
    "sun": _sun,
    "tree": _tree,
    "umbrella": _umbrella,
}


def _texture(
    image: Image.Image, body: Image.Image, extent: Box, color: Color, texture: str
) -> None:
    """Paint stripes or spots over the body only."""
    marks = Image.new("L", image.size, 0)
    pen = _Pen(extent, [(marks, False)])
    if texture == "striped":
        for i in range(5):
            pen.rect(0.06 + 0.2 * i, 0.0, 0.14 + 0.2 * i, 1.0, color)
    elif texture == "spotted":
        for row in range(4):
            for col in range(4):
                x = 0.14 + 0.25 * col + (0.12 if row % 2 else 0.0)
                y = 0.12 + 0.25 * row
                pen.ellipse(x - 0.06, y - 0.06, x + 0.06, y + 0.06, color)
    else:
        raise ValueError(f"unknown texture {texture!r}: use one of striped, spotted")
    lighter = tuple(int(255 - (255 - v) * 0.35) for v in color)
    mark_color = _darker(color, 0.5) if sum(color) > 330 else lighter
    image.paste(mark_color, mask=ImageChops.multiply(marks, body))


def draw_object(
    image: Image.Image,
    silhouette: Image.Image,
    kind: str,
    extent: Box,
    color: Color,
    texture: str | None,
) -> None:
    """Draw one object in place.

    Args:
        image: RGB canvas to draw on.
        silhouette: L canvas of the same size; 255 is painted where the object is.
        kind: a key of ``vocabulary.OBJECTS``.
        extent: (x0, y0, x1, y1) on the canvas, pixels.
        color: RGB of the body.
        texture: ``None``, ``"striped"`` or ``"spotted"``.
    """
    pen = _Pen(extent, [(image, True), (silhouette, False)])
    steps = _DRAWERS[kind](pen, color)
    next(steps)
    if texture is not None:
        _texture(image, silhouette, extent, color, texture)
    next(steps, None)
