"""What customers are told about returns: complete in all eight languages."""

from __future__ import annotations

from string import Formatter

import pytest

from checkout_desk.correspondence import rendering, templates
from checkout_desk.correspondence.kinds import KINDS, PLACEHOLDERS
from checkout_desk.correspondence.rendering import PLACEHOLDER
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.standard.returns import SENTENCES, TEMPLATES

KEYS = ("order_return_approved", "order_return_refused", "order_return_received", "order_return_settled")
VALUES = {name: f"<{name.lower()}>" for name in PLACEHOLDERS if name != "CUSTOMER_PAGE"}


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_language_has_every_text() -> None:
    assert set(TEMPLATES) == set(SENTENCES) == set(LANGUAGES)
    for code in LANGUAGES:
        assert set(TEMPLATES[code]) == set(KEYS)
        assert {key: fields(text) for key, text in SENTENCES[code].items()} == {
            key: fields(text) for key, text in SENTENCES["en"].items()
        }, code
        assert len({subject for subject, _ in TEMPLATES[code].values()}) == 4, code


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("key", KEYS)
def test_every_mail_holds_what_it_must_and_nothing_that_it_cannot_know(key: str, language: str) -> None:
    found, kind = templates.standard(key, language), KINDS[key]
    held = set(PLACEHOLDER.findall(found.subject + found.body))
    assert set(kind.required) <= held <= set(kind.known)
    assert held == set(PLACEHOLDER.findall("".join(TEMPLATES["en"][key])))
    assert found.language == language


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_what_has_not_to_be_sent_has_no_address(language: str) -> None:
    approved = templates.standard("order_return_approved", language)
    full = rendering.render(approved, VALUES).text
    bare = rendering.render(approved, VALUES | {"RETURN_ADDRESS": ""}).text
    assert "<return_address>" in full
    assert len(full.splitlines()) == len(bare.splitlines()) + 2, "its label goes with it"
    assert "\n\n\n" not in bare
