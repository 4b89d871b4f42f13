"""Mails that ask to cancel a whole order, in eight languages, and mails that do not."""

from __future__ import annotations

import pytest

from checkout_desk.reading.ending import cancels, numbers


@pytest.mark.parametrize(
    "text",
    [
        "Please cancel my order 1042.",
        "I'd like to cancel order #1042 please",
        "Please cancel it.",
        "We have to cancel our order, sorry",
        "I want my order cancelled, please",
        "Bitte stornieren Sie meine Bestellung 1042.",
        "Ich möchte meine Bestellung gerne stornieren",
        "Je souhaite annuler ma commande",
        "Quiero cancelar mi pedido 1042",
        "Gostaria de cancelar a minha encomenda",
        "Vorrei annullare il mio ordine",
        "Ik wil mijn bestelling annuleren",
        "注文をキャンセルしたいです",
    ],
)
def test_who_wants_to_cancel_is_understood(text: str) -> None:
    assert cancels(text)


@pytest.mark.parametrize(
    "text",
    [
        "Please cancel the mugs",
        "cancel the teapot from my order please, keep the rest",
        "Don't cancel my order",
        "I do not want to cancel my order",
        "What is your cancellation policy?",
        "My flight was cancelled. Please send two mugs",
        "Where is my order?",
        "Bitte nicht stornieren, ich zahle meine Bestellung morgen",
    ],
)
def test_other_words_cancel_nothing(text: str) -> None:
    assert not cancels(text)


def test_numbers_of_orders_are_named() -> None:
    assert numbers("cancel order #1042, not 1043", "Order 1042") == [1042, 1043]
