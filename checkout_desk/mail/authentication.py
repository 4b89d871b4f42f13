"""What our own mail exchanger found out about the sender: SPF, DKIM and DMARC (RFC 8601).

Everybody can write an Authentication-Results header. Only the topmost one counts, only if it carries a configured
authserv-id, and only if it stands where our exchanger puts it; otherwise all is 'unknown'.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Result = Literal["pass", "fail", "none", "unknown"]

_COMMENT = re.compile(r"\([^()]{0,500}\)")
_METHOD = re.compile(r"(?:^|;)\s*(spf|dkim|dmarc)(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_WORDS: dict[str, Result] = {
    "pass": "pass",
    "none": "none",
    "fail": "fail",
    "softfail": "fail",
    "hardfail": "fail",
    "policy": "fail",
}


@dataclass(frozen=True, slots=True)
class Authentication:
    """The outcome of each check: 'pass', 'fail', 'none' (nothing to check) or 'unknown'."""

    spf: Result = "unknown"
    dkim: Result = "unknown"
    dmarc: Result = "unknown"


UNKNOWN = Authentication()


def authentication(headers: Mapping[str, tuple[str, ...]], *, trusted: frozenset[str]) -> Authentication:
    """Read the topmost Authentication-Results of `headers` if its authserv-id is one of `trusted` (lower case).

    Several dkim results count as pass if one passes. An exchanger removes forged headers with its own name, so the
    topmost one is its own; one further down came with the mail and is never read.
    """
    values = headers.get("authentication-results", ())
    if not values or not trusted:
        return UNKNOWN
    value = _COMMENT.sub(" ", values[0][:20_000])
    server, _, results = value.partition(";")
    if server.split(" ")[0].strip().rstrip(".").lower() not in trusted:
        return UNKNOWN
    found: dict[str, Result] = {}
    for method, word in _METHOD.findall(";" + results):
        name = method.lower()
        outcome = _WORDS.get(word.lower(), "unknown")
        if found.get(name) != "pass" and not (name != "dkim" and name in found):
            found[name] = outcome
    return Authentication(
        found.get("spf", "unknown"), found.get("dkim", "unknown"), found.get("dmarc", "unknown")
    )
