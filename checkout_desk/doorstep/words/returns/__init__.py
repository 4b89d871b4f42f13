"""What the page says on which a customer sends something back, in eight languages."""

from __future__ import annotations

from collections.abc import Mapping

from checkout_desk.doorstep.words.returns import de, en, es, fr, it, ja, nl, pt

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": en.WORDS, "de": de.WORDS, "fr": fr.WORDS, "es": es.WORDS, "pt": pt.WORDS, "it": it.WORDS, "nl": nl.WORDS,
    "ja": ja.WORDS,
}  # fmt: skip
