"""The second duplicate key of a mail: its Message-ID together with its content (SPEC section 5)."""

from __future__ import annotations

import hashlib

from checkout_desk.mail.letter import Letter, Part


def canonical_key(letter: Letter) -> str | None:
    """Hex SHA-256 over Message-ID, From, Date, subject, bodies and attachments; None without a Message-ID.

    Relays add headers and change line ends, and the same mail comes by several paths: none of that changes the key.
    A reused Message-ID under another content gives another key, so different mails are never merged.
    """
    if not letter.message_id:
        return None
    digest = hashlib.sha256()
    for field in (
        letter.message_id,
        letter.sender.key,
        letter.date.isoformat() if letter.date else letter.header("date"),
        " ".join(letter.subject.split()),
        _normalised(letter.text),
        _normalised(letter.html),
        *(_fingerprint(part) for part in letter.parts),
    ):
        data = field.encode("utf-8", "replace")
        digest.update(f"{len(data)}:".encode("ascii"))  # lengths keep neighbouring fields apart
        digest.update(data)
    return digest.hexdigest()


def _normalised(text: str) -> str:
    """Body text without trailing blanks and without blank lines at its end."""
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip("\n")


def _fingerprint(part: Part) -> str:
    """The hash of one attachment. Text that travels unencoded gets other line ends on its way, files do not."""
    data = part.data
    if part.content_type.startswith(("text/", "message/")):
        data = b"\n".join(line.rstrip() for line in data.splitlines()).rstrip(b"\n")
    return hashlib.sha256(data).hexdigest()
