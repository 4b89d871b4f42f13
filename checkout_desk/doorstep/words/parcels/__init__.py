"""What the page of an order on its way says, in the languages that we write to customers."""

from __future__ import annotations

from collections.abc import Mapping

from checkout_desk.doorstep.words.parcels import de, en, es, fr, it, ja, nl, pt

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": en.WORDS, "de": de.WORDS, "fr": fr.WORDS, "es": es.WORDS, "pt": pt.WORDS, "it": it.WORDS, "nl": nl.WORDS,
    "ja": ja.WORDS,
}  # fmt: skip
