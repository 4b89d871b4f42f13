"""Number words that are built from others, such as "fünfundzwanzig" or "vingt-quatre"."""

from __future__ import annotations

import re
from functools import lru_cache

_LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl")
_LIKELY = re.compile(
    r"\w{0,14}(?:zig|ssig|hundert|hunderd|tig|vent(?:i|uno|otto)|trent|quarant|cinquant|sessant|settant|ottant|novant|veinti|vinti|treinta|vingt|cento|cientos)\w{0,14}"
)


@lru_cache(maxsize=5_000)
def compound_number(word: str) -> int | None:
    """What one folded word such as 'funfundzwanzig' counts; None when it is no number."""
    if len(word) < 6 or len(word) > 30 or not _LIKELY.fullmatch(word):
        return None
    from text_to_num import text2num  # rarely needed

    for spelt in dict.fromkeys((word, word.replace("funf", "fünf").replace("zwolf", "zwölf"))):
        for language in _LANGUAGES:
            try:
                value = text2num(spelt, language)
            except (ValueError, KeyError, AttributeError, IndexError):
                continue
            if 0 < value < 10_000:
                return int(value)
    return None
