"""Templates: which version is taken, and what a value may do to one."""

from __future__ import annotations

import pytest

from checkout_desk import clock
from checkout_desk.correspondence import rendering, templates
from checkout_desk.correspondence.models import TemplateVersion
from checkout_desk.correspondence.rendering import PLACEHOLDER, PLACEHOLDERS, Unfilled
from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.templates import Template
from checkout_desk.extensions import db
from tests.builders import Shop

VALUES = {name: f"<{name.lower()}>" for name in PLACEHOLDERS if name != "CUSTOMER_PAGE"}


def template(body: str, subject: str = "Order [ORDER_NUMBER]") -> Template:
    return Template("missing_details", "en", 1, subject, body)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["missing_details", "missing_details_reminder"])
def test_every_standard_question_renders_and_holds_what_it_must(key: str, language: str) -> None:
    found = templates.standard(key, language)
    done = rendering.render(found, VALUES)
    assert set(PLACEHOLDER.findall(found.body)) >= {
        "GREETING",
        "MISSING_DETAILS",
        "CUSTOMER_PAGE",
        "CONTACT_INFO",
    }
    assert PLACEHOLDER.findall(done.text) == ["CUSTOMER_PAGE"]
    assert "<order_number>" in done.subject
    assert done.text.index("<missing_details>") < done.text.index(rendering.PAGE)


def test_an_unknown_placeholder_is_named() -> None:
    with pytest.raises(Unfilled, match=r"\[ORDER_NUMER\].*Missing details, English v1.*\[ORDER_NUMBER\]"):
        rendering.render(template("Your order [ORDER_NUMER]"), VALUES)


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_an_empty_placeholder_is_named(empty: str | None) -> None:
    values = VALUES | ({} if empty is None else {"CUSTOMER_NAME": empty})
    if empty is None:
        del values["CUSTOMER_NAME"]
    with pytest.raises(Unfilled, match=r"\[CUSTOMER_NAME\].*would stay empty"):
        rendering.render(template("Dear [CUSTOMER_NAME]"), values)


def test_a_value_is_never_looked_through_again() -> None:
    done = rendering.render(
        template("Dear [CUSTOMER_NAME], {words} {{ config }}"),
        VALUES | {"CUSTOMER_NAME": "[STORE_NAME][CUSTOMER_PAGE]{words}"},
    )
    assert PLACEHOLDER.findall(done.text) == []
    assert rendering.aloud(done.text) == "Dear [STORE_NAME][CUSTOMER_PAGE]{words}, {words} {{ config }}\n"


def test_a_value_cannot_bring_its_own_hidden_marks() -> None:
    assert rendering.aloud(rendering.quiet("[\u2060STORE_NAME]")) == "[STORE_NAME]"
    assert PLACEHOLDER.findall(rendering.quiet("[\u2060STORE_NAME]")) == []


def test_a_subject_stays_one_line() -> None:
    done = rendering.render(
        template("x", "Order\n[CUSTOMER_NAME]"), VALUES | {"CUSTOMER_NAME": "A\r\nBcc: eve"}
    )
    assert done.subject == "Order A Bcc: eve"


def test_the_stores_own_version_comes_first_and_languages_fall_back(shop: Shop) -> None:
    with shop.writing():
        assert templates.newest("missing_details", "de").reference == "missing_details:de:1"
        for number, language, subject in (
            (2, "de", "Zwei"),
            (3, "de", "Drei"),
            (2, "fr", "Deux"),
        ):
            db.session.add(
                TemplateVersion(
                    key="missing_details", language=language, number=number, subject=subject, body="x",
                    created_at=clock.now(),
                )
            )  # fmt: skip
    with shop.reading():
        assert templates.newest("missing_details", "de").subject == "Drei"
        assert templates.newest("missing_details", "sv").language == "en"
        with pytest.raises(KeyError):
            templates.newest("no_such", "de")
        subjects = {t.language: (t.number, t.subject) for t in templates.choices("missing_details")}
        assert subjects["de"] == (3, "Drei")
        assert subjects["fr"] == (2, "Deux")
        assert subjects["ja"][0] == 1
    shop.set_store(language="fr")
    with shop.reading():
        assert templates.newest("missing_details", "sv").subject == "Deux"
        assert templates.newest("missing_details", "en").language == "en"
