"""Whether one address imitates another: equal to the eye (0 for o, rn for m, Cyrillic for Latin), or one slip away."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rapidfuzz.distance import OSA

PUBLIC = frozenset(
    "gmail.com googlemail.com ymail.com yahoo.com email.com mail.com gmx.com gmx.de gmx.net gmx.at gmx.ch web.de aol.com "
    "hotmail.com outlook.com live.com icloud.com me.com mac.com msn.com proton.me pm.me mail.de mail.ru t-online.de "
    "yahoo.co.uk hotmail.co.uk btinternet.com orange.fr free.fr libero.it".split()
)
"""domains of everybody: one that is near another one imitates nobody"""
SHORTEST = 6
"""of shorter names too many are one letter apart"""
_EYE = str.maketrans(
    "аеорсухіјѕԁһӏкмтвнαοερνικτϲ0135|$",
    "aeopcyxijsdhlkmtbhaoepviktcolesls",
)


@lru_cache(maxsize=2_000)  # our own names are compared with those of every mail
def skeleton(text: str) -> str:
    """`text` as the eye reads it quickly: confusable letters become one."""
    for label in (text := text.casefold()).split("."):
        if label.startswith("xn--"):
            try:
                text = text.replace(label, label[4:].encode("ascii").decode("punycode"))
            except (UnicodeError, ValueError):
                continue
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign)).translate(_EYE)
    return plain.replace("rn", "m").replace("vv", "w").replace("cl", "d").replace("-", "").replace("i", "l")


def imitates(one: str, other: str) -> bool:
    """Whether the domain or address `one` is not `other` but looks like it."""
    one, other = one.casefold(), other.casefold()
    if not one or not other or one == other:
        return False
    read, meant = skeleton(one), skeleton(other)
    return read == meant or (
        min(len(one), len(other)) >= SHORTEST and OSA.distance(read, meant, score_cutoff=1) <= 1
    )


def imitated_domain(domain: str, known: frozenset[str]) -> bool:
    """Whether `domain` looks like one of `known` without being one of them, and is no provider that everybody uses."""
    plain = domain.casefold()
    return plain not in known and plain not in PUBLIC and any(imitates(plain, one) for one in known)
