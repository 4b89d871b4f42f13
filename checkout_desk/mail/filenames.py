"""Names of attachments: safe to show, stable from parse to parse, unique within a letter (SECURITY A17)."""

from __future__ import annotations

import hashlib
import mimetypes
import re
import unicodedata

MAX_NAME = 120

_FORBIDDEN = re.compile(r'[<>:"|?*]')
_BLANKS = re.compile(r"\s+")
_EXTENSIONS = {
    "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "text/csv": ".csv",
    "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/tiff": ".tif",
    "application/pdf": ".pdf", "message/rfc822": ".eml", "message/delivery-status": ".txt",
    "text/rfc822-headers": ".txt", "message/disposition-notification": ".txt", "message/feedback-report": ".txt",
    "application/ms-tnef": ".dat", "application/pgp-signature": ".asc", "application/pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m", "application/octet-stream": ".bin",
}  # fmt: skip


def clean_filename(name: str) -> str:
    """A name without path, control, direction or zero-width characters, at most 120 characters; '' if nothing is left.

    The extension survives the cut, since it is what people judge a file by.
    """
    name = name[:4_000].replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(
        char for char in name if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    )
    name = _BLANKS.sub(" ", _FORBIDDEN.sub("_", name)).strip(" .")
    if len(name) > MAX_NAME:
        _, dot, extension = name.rpartition(".")
        keep = f"{dot}{extension}" if dot and len(extension) <= 12 else ""
        name = name[: MAX_NAME - len(keep)].rstrip(" .") + keep if keep else name[:MAX_NAME]
    return name


def name_by_content(data: bytes, content_type: str) -> str:
    """The name of an unnamed part: from its bytes, so that it is the same at each parse."""
    extension = _EXTENSIONS.get(content_type) or mimetypes.guess_extension(content_type) or ".bin"
    kind = content_type.partition("/")[0]
    stem = {"image": "image", "audio": "audio", "video": "video", "message": "message"}.get(kind, "part")
    return f"{stem}-{hashlib.sha256(data).hexdigest()[:12]}{extension}"


def unique(name: str, taken: dict[str, int]) -> str:
    """`name`, or `name (2)` and so on if a part of this letter has it already; upper and lower case are one.

    `taken` remembers the last number given to a name, so that a thousand equal names stay linear.
    """
    key = name.casefold()
    candidate = name
    while candidate.casefold() in taken:
        taken[key] = number = taken.get(key, 1) + 1
        stem, dot, extension = name.rpartition(".")
        mark = f" ({number})"
        candidate = (
            f"{stem[: MAX_NAME - 20]}{mark}{dot}{extension}" if stem else f"{name[: MAX_NAME - 8]}{mark}"
        )
    taken.setdefault(candidate.casefold(), 1)
    return candidate
