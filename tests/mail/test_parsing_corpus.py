"""The mails that CPython tests its own parser with: none may raise, and no word of any of them may be lost."""

from __future__ import annotations

import email
import importlib.util
import re
from pathlib import Path

import pytest

from checkout_desk.mail.letter import Letter
from checkout_desk.mail.parsing import canonical_key, parse

_WORD = re.compile(rb"[A-Za-z0-9]{3,}")


def _corpus() -> list[Path]:
    spec = importlib.util.find_spec("test.test_email")
    if spec is None or spec.origin is None:
        return []
    return sorted((Path(spec.origin).parent / "data").glob("*.txt"))


def _shown(letter: Letter) -> bytes:
    texts = (letter.text, letter.html, *(part.filename for part in letter.parts))
    return "\n".join(texts).encode() + b"".join(part.data for part in letter.parts)


@pytest.mark.skipif(not _corpus(), reason="this Python comes without its own tests")
@pytest.mark.parametrize("path", _corpus(), ids=lambda path: path.name)
def test_no_word_of_a_known_mail_is_lost(path: Path) -> None:
    raw = path.read_bytes()
    letter = parse(raw)
    canonical_key(letter)

    shown = _shown(letter)
    expected = email.message_from_bytes(raw)
    for part in expected.walk():
        if part.is_multipart():
            continue
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        if part.get_content_maintype() != "text":
            continue
        missing = set(_WORD.findall(payload)) - set(_WORD.findall(shown))
        assert not missing, missing


@pytest.mark.skipif(not _corpus(), reason="this Python comes without its own tests")
@pytest.mark.parametrize("path", _corpus(), ids=lambda path: path.name)
def test_a_known_mail_reads_the_same_with_other_line_ends(path: Path) -> None:
    raw = path.read_bytes().replace(b"\r\n", b"\n")
    letter = parse(raw)
    windows = parse(raw.replace(b"\n", b"\r\n"))

    assert (windows.text, windows.html, windows.subject, windows.sender, windows.date) == (
        letter.text,
        letter.html,
        letter.subject,
        letter.sender,
        letter.date,
    )
    assert len(windows.parts) == len(letter.parts)
