"""No line of the log carries personal data, whoever writes it."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest

from checkout_desk import masking
from checkout_desk.masking import mask
from tests.signing import open_desk

PERSONAL = (
    "jane.doe+shop@post.example",
    "+44 1134 960231",
    "+441134960231",
    "GB29 NWBK 6016 1331 9268 19",
    "4242 4242 4242 4242",
)
HARMLESS = (
    "2026-11-22T08:14:19.123456Z", "127.0.0.1:8123", "checkout_desk.mail.reader:read", "order 100042", "1763800000.123",
    "a3f1c2d49988aa7766554433221100ffeeddccbb", "GB", "IntegrityError: UNIQUE constraint failed: raw_mail.sha256",
)  # fmt: skip


@pytest.mark.parametrize("one", PERSONAL)
def test_what_names_a_person_is_masked(one: str) -> None:
    assert one not in mask(f"could not reach {one}, giving up")
    assert "could not reach ‹" in mask(f"could not reach {one}, giving up")
    assert one not in str(masking.processor(None, "info", {"event": "x", "deep": {"to": [one, {"b": one}]}}))


@pytest.mark.parametrize("one", HARMLESS)
def test_what_helps_to_find_a_fault_stays(one: str) -> None:
    assert mask(one) == one


def test_lines_of_libraries_are_masked_with_their_tracebacks(tmp_path: Path) -> None:
    open_desk(tmp_path)
    out = io.StringIO()
    logger = logging.getLogger("somebody.elses")
    handler = logging.StreamHandler(out)
    logger.addHandler(handler)
    try:
        logger.warning("to %s", PERSONAL[0])
        try:
            raise ValueError(f"no such person: {PERSONAL[0]}")
        except ValueError:
            logger.exception("it broke")
    finally:
        logger.removeHandler(handler)
    assert out.getvalue().count("‹address›") == 2
    assert "ValueError: no such person" in out.getvalue()
    assert PERSONAL[0] not in out.getvalue()
