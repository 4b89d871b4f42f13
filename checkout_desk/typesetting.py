"""Pages set by typst: with the desk's own fonts alone, so that the same words are the same bytes on every machine.

Words go in as data and are read with `json(bytes(sys.inputs.data))`; a source holds none of them, so nothing that a
customer writes is ever markup. The fonts cover Latin, Greek, Cyrillic, Arabic, Hebrew, Thai, Japanese, Chinese and
Korean; `undrawable` names what they lack.
"""

from __future__ import annotations

import json
import re
import struct
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parent / "fonts"
_EVERYWHERE = ("Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Thai")
_HAN = {
    "ja": ("JP", "SC", "TC", "KR"),
    "zh": ("SC", "TC", "JP", "KR"),
    "zh-hant": ("TC", "SC", "JP", "KR"),
    "ko": ("KR", "JP", "SC", "TC"),
}
"""whose shapes of the characters that these languages share come first"""
_WRITTEN = {"JP": "ja", "KR": "ko", "KP": "ko", "TW": "zh-hant", "HK": "zh-hant", "MO": "zh-hant"}
_KANA = re.compile("[\u3041-\u30ff]")
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufe00-\ufe0f]"
)
"""what no page shows and what would turn its lines around"""
_INVISIBLE = frozenset("\u200c\u200d\n\t\u00ad")
_LARGE = 50_000
_REMEMBERED = 12
"""for how many documents the typesetter keeps what it has laid out"""
_setting = threading.Lock()


def families(words: str = "", *, language: str = "", country: str = "") -> list[str]:
    """The fonts for `words`, the first that has a character draws it.

    Kana is Japanese and Hangul is Korean wherever it stands; Chinese characters alone are drawn as the country (ISO
    3166) writes them, else as the language does.
    """
    if _KANA.search(words):
        han = "ja"
    elif _HANGUL.search(words):
        han = "ko"
    else:
        han = _WRITTEN.get(country) or (language if language in _HAN else "zh")
    return [*_EVERYWHERE, *(f"Noto Sans {name}" for name in _HAN[han])]


def clean(words: str) -> str:
    """Words as a page can hold them: composed (NFC), without controls and marks that turn the direction of a line."""
    return _CONTROLS.sub("", unicodedata.normalize("NFC", words).replace("\r\n", "\n")).strip()


def right_to_left(words: str) -> bool:
    """Whether the first letter that has a direction is an Arabic or Hebrew one (rule P2 of the bidi algorithm)."""
    for letter in words:
        kind = unicodedata.bidirectional(letter)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return False


def pdf(source: bytes, data: Mapping[str, Any], *, at: datetime | None = None, read: bool = True) -> bytes:
    """A PDF of `source` with `data`. `at` is the time that it bears; the same three give the same bytes.

    `read` False: only printed and never read on a screen, so that it needs no structure for a screen reader.
    """
    stamp = int(at.timestamp()) if at else 0
    return bytes(_set(source, data, format="pdf", timestamp=stamp, pdf_tags=read))


def pictures(source: bytes, data: Mapping[str, Any], *, dpi: float) -> list[bytes]:
    """The pages as PNG, `dpi` dots an inch: what a printer of that resolution makes of them."""
    pages = _set(source, data, format="png", ppi=dpi)
    return [bytes(page) for page in (pages if isinstance(pages, list) else [pages])]


def undrawable(words: str) -> list[str]:
    """The characters of `words` that no font here has, each once, as they would be set."""
    known = covered()
    return list(dict.fromkeys(c for c in clean(words) if ord(c) not in known and c not in _INVISIBLE))


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """Every code point that one of the fonts draws."""
    return frozenset(code for path in sorted(FONTS.glob("*.ttf")) for code in _codes(path.read_bytes()))


@lru_cache(maxsize=1)
def _compiler() -> Any:
    import typst  # a large library that only printing needs

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    return typst.Compiler(font_paths=fonts, ignore_system_fonts=True)


def _set(source: bytes, data: Mapping[str, Any], **how: Any) -> Any:
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    with (
        _setting
    ):  # one compiler keeps what it has read of fonts and layouts; it takes one document at a time
        made = _compiler().compile(input=source, sys_inputs=inputs, **how)
        if len(inputs["data"]) > _LARGE:
            for n in range(_REMEMBERED):  # else it would keep the layout of two hundred labels, 70 MB
                _compiler().compile(input=b"#sys.inputs.data", sys_inputs={"data": str(n)}, format="pdf")
    return made


def _codes(font: bytes) -> Iterator[int]:
    """The code points of a TrueType font's `cmap` (formats 4 and 12 of the OpenType specification)."""
    tables = {
        font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0]
        for at in range(12, 12 + 16 * struct.unpack_from(">H", font, 4)[0], 16)
    }
    cmap = tables[b"cmap"]
    for at in range(cmap + 4, cmap + 4 + 8 * struct.unpack_from(">H", font, cmap + 2)[0], 8):
        start = cmap + struct.unpack_from(">I", font, at + 4)[0]
        form = struct.unpack_from(">H", font, start)[0]
        if form == 4:
            yield from _format_4(font, start)
        elif form == 12:
            for group in range(struct.unpack_from(">I", font, start + 12)[0]):
                first, last, glyph = struct.unpack_from(">III", font, start + 16 + 12 * group)
                yield from range(first + (glyph == 0), last + 1)


def _format_4(font: bytes, start: int) -> Iterator[int]:
    count = struct.unpack_from(">H", font, start + 6)[0] // 2
    ends, begins, deltas, offsets = (
        struct.unpack_from(f">{count}H", font, start + at)
        for at in (14, 16 + 2 * count, 16 + 4 * count, 16 + 6 * count)
    )
    for index in range(count):
        for code in range(begins[index], min(ends[index], 0xFFFE) + 1):
            glyph = code
            if offsets[index]:
                place = start + 16 + 6 * count + 2 * index + offsets[index] + 2 * (code - begins[index])
                glyph = struct.unpack_from(">H", font, place)[0]
            if not offsets[index] or glyph:
                glyph = (glyph + deltas[index]) & 0xFFFF
            if glyph:
                yield code
