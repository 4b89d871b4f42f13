"""What stands in for a mail that cannot be taken in whole, so that it still becomes a conversation."""

from __future__ import annotations

import re

MARK = "X-Checkout-Desk-Quarantined"
HEADER_LIMIT = 256 * 1024
"""bytes of a header block that are kept; more is an attack or an accident"""

# The original's own structure must not be applied to the note that replaces its body.
_DROPPED = re.compile(
    rb"^(?:content-[a-z-]+|mime-version|" + MARK.lower().encode() + rb")[ \t]*:", re.IGNORECASE
)
_FIELD = re.compile(rb"^[!-9;-~]+[ \t]*:")


def header_block(data: bytes) -> bytes:
    """The header of a mail: everything up to the first empty line, at most HEADER_LIMIT bytes, whole lines only."""
    start = data[: HEADER_LIMIT + 1]
    end = re.search(rb"(?:\r\n|\n)(?:\r\n|\n)", start)
    if end:
        return start[: end.start()] + b"\r\n"
    return start if len(data) <= HEADER_LIMIT else start[: start.rfind(b"\n") + 1]


def substitute(header: bytes, *, reason: str, note: str) -> bytes:
    """A mail with the fields of `header` (so that sender, subject and thread are known) and `note` as its text.

    `reason` is a few ASCII words for the mark that it carries. The result depends on nothing but the arguments: the
    same mail found again makes the same bytes, which are known by their hash.
    """
    kept: list[bytes] = []
    keep = False
    for line in header.splitlines():
        if line[:1] in (b" ", b"\t"):
            if keep:
                kept.append(line)
            continue
        keep = bool(_FIELD.match(line)) and not _DROPPED.match(line)
        if keep:
            kept.append(line)
    fields = [
        f"{MARK}: {reason}".encode("ascii", "replace"),
        *kept,
        b"MIME-Version: 1.0",
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Transfer-Encoding: 8bit",
    ]
    return b"\r\n".join([*fields, b"", *note.encode().splitlines(), b""])


def megabytes(size: int) -> str:
    """A size as people read it."""
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(1, size // 1024)} kB"


def too_large(header: bytes, *, size: str, limit: int, where: str) -> bytes:
    """The substitute for a mail above DESK_MAX_MAIL: `size` in words, `where` the original still lies."""
    note = (
        f"This mail is too large for the desk: {size}, and at most {megabytes(limit)} are taken in.\n"
        f"Only its header was kept. {where}\n"
    )
    return substitute(header, reason=f"too large ({size})", note=note)
