"""What the customer page says, in the languages that we write to customers."""

from __future__ import annotations

from collections.abc import Mapping

from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.doorstep.words import (
    cancelling,
    de,
    en,
    es,
    feedback,
    fr,
    it,
    ja,
    money_back,
    nl,
    parcels,
    pt,
    returns,
)
from checkout_desk.doorstep.words.quotes import de as q_de
from checkout_desk.doorstep.words.quotes import en as q_en
from checkout_desk.doorstep.words.quotes import es as q_es
from checkout_desk.doorstep.words.quotes import fr as q_fr
from checkout_desk.doorstep.words.quotes import it as q_it
from checkout_desk.doorstep.words.quotes import ja as q_ja
from checkout_desk.doorstep.words.quotes import nl as q_nl
from checkout_desk.doorstep.words.quotes import pt as q_pt

_WORDS: dict[str, Mapping[str, str]] = {
    "en": en.WORDS | q_en.WORDS, "de": de.WORDS | q_de.WORDS, "fr": fr.WORDS | q_fr.WORDS, "es": es.WORDS | q_es.WORDS,
    "pt": pt.WORDS | q_pt.WORDS, "it": it.WORDS | q_it.WORDS, "nl": nl.WORDS | q_nl.WORDS, "ja": ja.WORDS | q_ja.WORDS,
}  # fmt: skip
_WORDS = {
    code: {
        **words,
        **parcels.WORDS[code],
        **feedback.WORDS[code],
        **returns.WORDS[code],
        **cancelling.WORDS[code],
        **money_back.WORDS[code],
    }
    for code, words in _WORDS.items()
}


class Words:
    """The words of one language; called with a key and what is to be put in."""

    def __init__(self, language: str) -> None:
        """`language` is one of `correspondence.standard.LANGUAGES`; any other is English."""
        self.language = language if language in _WORDS else "en"
        self._words = _WORDS[self.language]
        self._quotes = LANGUAGES[self.language].quotes

    def __call__(self, key: str, **values: object) -> str:
        """The words of `key`. What is put in is never looked through again. Raises KeyError for an unknown key."""
        return self._words[key].format(**values)

    def quoted(self, text: str, longest: int = 80) -> str:
        """The customer's own words as this language quotes them."""
        shown = " ".join(text.split())
        shown = shown if len(shown) <= longest else shown[: longest - 1].rstrip() + "…"
        return f"{self._quotes[0]}{shown}{self._quotes[1]}"

    def counted(self, key: str, n: int, **values: object) -> str:
        """`key`_one or `key`_many."""
        suffix = "_one" if n == 1 else "_many"
        head, _, rest = key.partition("+")
        return self(f"{head}{suffix}{'_' + rest if rest else ''}", n=n, **values)
