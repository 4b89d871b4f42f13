"""The store's colour where text has to be read on it or in it (WCAG 2, contrast of 4.5 to 1)."""

from __future__ import annotations

import colorsys
import re
from functools import lru_cache

READABLE = 4.5
DEFAULT = "#0b5a6b"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def safe(colour: str) -> str:
    """`colour` if it is six hexadecimal digits after a #, else the desk's own: nothing else gets into a stylesheet."""
    return colour.lower() if _HEX.fullmatch(colour) else DEFAULT


def contrast(one: str, other: str) -> float:
    """How well two colours are told apart, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(64)
def ink_on(colour: str) -> str:
    """White or nearly black, whichever is read better on `colour`."""
    return max(("#ffffff", "#14110d"), key=lambda ink: contrast(ink, safe(colour)))


@lru_cache(64)
def readable(colour: str, ground: str) -> str:
    """`colour`, made lighter or darker until words in it can be read on `ground`."""
    hue, light, saturation = colorsys.rgb_to_hls(*_parts(safe(colour)))
    step = 0.02 if _luminance(ground) < 0.18 else -0.02
    while contrast(_hex(hue, light, saturation), ground) < READABLE and 0 < light + step < 1:
        light += step
    found = _hex(hue, light, saturation)
    return found if contrast(found, ground) >= READABLE else ink_on(ground)


def _hex(hue: float, light: float, saturation: float) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, light, saturation))


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
