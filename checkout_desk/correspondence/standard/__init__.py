"""The standard templates and sentences: version 1 of everything that the desk mails, in eight languages."""

from __future__ import annotations

from dataclasses import replace

from checkout_desk.correspondence.standard import (
    de,
    en,
    es,
    feedback,
    fr,
    invoice,
    it,
    ja,
    nl,
    parcels,
    pt,
    returns,
)
from checkout_desk.correspondence.standard.model import Standard

__all__ = ["LANGUAGES", "Standard"]

LANGUAGES: dict[str, Standard] = {
    one.code: replace(
        one,
        templates={
            **one.templates,
            **parcels.TEMPLATES[one.code],
            **feedback.TEMPLATES[one.code],
            **returns.TEMPLATES[one.code],
            **invoice.TEMPLATES[one.code],
        },
    )
    for one in (module.LANGUAGE for module in (en, de, fr, es, pt, it, nl, ja))
}
"""by code, in the order in which people choose among them"""
