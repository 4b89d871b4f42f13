"""Barcodes as runs of black modules, for a page that draws each as a rectangle of whole dots."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Literal

Run = tuple[int, int]
"""(where it begins, how long it is), in modules"""


@lru_cache(maxsize=1024)
def code128(text: str) -> tuple[int, list[Run]]:
    """Width in modules and the bars of a Code 128 (ISO/IEC 15417) without its quiet zones."""
    rows = _rows(text, "Code128")
    return len(rows[0]), _runs(rows[0])


@lru_cache(maxsize=1024)
def qr(text: str) -> tuple[int, list[tuple[int, int, int]]]:
    """Width in modules and the (row, start, length) of a QR code of level M (ISO/IEC 18004) without its quiet zone."""
    rows = _rows(text, "QRCode", ec_level="M")
    return len(rows), [(y, start, length) for y, row in enumerate(rows) for start, length in _runs(row)]


def svg(runs: Sequence[tuple[int, int, int]], width: int, height: int) -> str:
    """One path of (row, start, length), a module a unit."""
    path = "".join(f"M{x} {y}h{n}v1h-{n}z" for y, x, n in runs)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'preserveAspectRatio="none" shape-rendering="crispEdges"><path d="{path}"/></svg>'
    )


def _rows(text: str, kind: Literal["Code128", "QRCode"], **how: str) -> list[bytes]:
    import zxingcpp  # 3 MB that a process does without until it prints

    picture = memoryview(
        zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind), **how).to_image(
            scale=1, add_quiet_zones=False
        )  # type: ignore[arg-type]
    )
    height, width = (picture.shape or (0, 0))[:2]
    whole = picture.tobytes()
    return [whole[at : at + width] for at in range(0, height * width, width)]


def _runs(row: bytes) -> list[Run]:
    found, at = [], 0
    for black, group in groupby(row, key=lambda value: value < 128):
        length = len(list(group))
        if black:
            found.append((at, length))
        at += length
    return found
