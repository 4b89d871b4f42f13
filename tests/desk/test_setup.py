"""The set-up: each step says itself whether it works, takes no bad input, and is remembered when it is left."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from checkout_desk import clock
from checkout_desk.accounts.models import Person
from checkout_desk.accounts.permissions import ROLES
from checkout_desk.catalogue import products
from checkout_desk.conversations.models import Conversation
from checkout_desk.desk import setup_mailbox, setup_steps
from checkout_desk.extensions import begin_write, db
from checkout_desk.intake.taking_in import take_in
from checkout_desk.mail import receiving
from checkout_desk.mail.mailboxes import change_mailbox, create_mailbox
from checkout_desk.mail.models import Mailbox, OutboundMail
from checkout_desk.settings import methods, starting
from checkout_desk.settings.effective import today
from checkout_desk.settings.models import Calendar, PaymentMethod, SetupStep, Store, TaxZone
from tests.databases import rows_on_sqlite
from tests.parts.dovecot import Dovecot
from tests.parts.localstripe import LocalStripe
from tests.parts.relay import Relay
from tests.parts.smtp import SmtpSink
from tests.signing import PASSWORD, post, signed_in

ADDRESS = "orders@harbour.example"
STORE = {
    "name": "Harbour Books", "contact": "", "sender_address": "1 Quay Street\r\nBristol BS1 1AA", "country": "GB",
    "currency": "GBP", "time_zone": "Europe/London", "language": "en",
}  # fmt: skip
PROMISE = {"promise_hours": "24", "clock": "office", **{f"day{n}": "09:00–17:00" for n in range(5)}}


@pytest.fixture
def admin(desk: Flask, staffed: dict[str, int]) -> FlaskClient:
    return signed_in(desk, staffed["admin"])


def states(app: Flask) -> dict[str, str]:
    """Step -> its state, as the checklist has it."""
    with app.test_request_context():
        return {one.step.key: one.state for one in setup_steps.all_standings()}


def said(page: str) -> str:
    """What a page says, in one line of words."""
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", page)).split())


def error(page: str, field: str) -> str:
    found = re.search(rf'id="f-{field}-error">.*?<span>(.*?)</span>', page, re.S)
    return html.unescape(found[1]) if found else ""


def server(dovecot: Dovecot, sink: SmtpSink, user: str) -> dict[str, str]:
    """The form of a mailbox in these servers."""
    return {
        "address": ADDRESS, "display_name": "Harbour Books", "imap_user": user, "imap_password": dovecot.users[user],
        "imap_host": dovecot.host, "imap_port": str(dovecot.imaps_port), "imap_tls": "tls",
        "imap_ca_file": str(dovecot.ca_file), "smtp_host": sink.host, "smtp_port": str(sink.port), "smtp_tls": "none",
        "plus_addressing": "1", "confirm": PASSWORD,
    }  # fmt: skip


@pytest.mark.parametrize("role", [*ROLES, "nothing"])
def test_only_admins_set_a_desk_up(desk: Flask, staffed: dict[str, int], role: str) -> None:
    client, may = signed_in(desk, staffed[role]), role == "admin"
    for path in ("/setup", "/setup/store", "/setup/ready"):
        assert client.get(path).status_code == (200 if may else 403), path
    for path in (
        "/setup/store",
        "/setup/mailbox",
        "/setup/payment",
        "/setup/templates",
        "/setup/tax/later",
        "/setup/tax/fine",
    ):
        assert post(desk, client, path, {}).status_code in ((303, 409, 422) if may else (403,)), path
    empty = client.get("/queue/answer").text if role != "nothing" else ""
    assert ('href="/setup"' in empty) is may


def test_an_empty_desk_is_not_ready_and_says_what_it_lacks(desk: Flask, admin: FlaskClient) -> None:
    assert states(desk)["mailbox"] == states(desk)["catalogue"] == states(desk)["payment"] == "open"
    page = said(admin.get("/setup/ready").text)
    assert "Your desk is not ready yet" in page
    for words in (
        "No mailbox yet",
        "No product yet",
        "Customers cannot be told how to pay",
        "Valkey does not answer",
    ):
        assert words in page
    assert "1 of 9 steps are done" in said(admin.get("/setup").text)


def test_a_step_is_left_for_later_and_settled_and_that_is_remembered(desk: Flask, admin: FlaskClient) -> None:
    assert post(desk, admin, "/setup/tax/later").headers["Location"] == "/setup/shipping"
    assert states(desk)["tax"] == "later"
    assert "left for later" in admin.get("/setup").text
    assert post(desk, admin, "/setup/tax/fine").status_code == 303
    assert states(desk)["tax"] == "done"
    refused = post(desk, admin, "/setup/mailbox/fine")
    assert refused.status_code == 409
    assert "without which the desk cannot work" in refused.text
    assert post(desk, admin, "/setup/templates/later").headers["Location"] == "/setup/ready"
    assert admin.get("/setup/nothing").status_code == 404


def test_the_way_back_stands_only_where_a_step_led_to(desk: Flask, admin: FlaskClient) -> None:
    assert "Back to the set-up" not in admin.get("/settings/money/tax").text
    admin.get("/setup/tax")
    assert "Back to the set-up" in admin.get("/settings/money/tax").text
    assert "Back to the set-up" not in admin.get("/settings/store").text
    admin.get("/setup")
    assert "Back to the set-up" not in admin.get("/settings/money/tax").text


def test_the_store_step_sets_all_of_it(desk: Flask, admin: FlaskClient) -> None:
    png = b"\x89PNG\r\n\x1a\n" + bytes(40)
    answer = post(desk, admin, "/setup/store", {**STORE, "logo": (BytesIO(png), "logo.png")})
    assert (answer.status_code, states(desk)["store"]) == (303, "done")
    page = said(admin.get("/setup/store").text)
    assert "Parcels come from 1 Quay Street, Bristol BS1 1AA" in page
    assert "By the time zone Europe/London it is now" in page
    assert "The logo is there" in page
    with desk.app_context():
        row = db.session.get_one(Store, 1)
        assert (row.name, row.time_zone, row.promise_hours) == ("Harbour Books", "Europe/London", 24)


@rows_on_sqlite(
    ("field", "typed", "sentence"),
    [
        ("name", "", "Store name is empty"),
        ("contact", "nobody", "“nobody”"),
        ("sender_address", "x" * 501, "501 characters; use at most 500"),
        ("country", "XX", "Country cannot be “XX”"),
        ("currency", "BTC", "Currency cannot be “BTC”"),
        ("time_zone", "Mars/Base", "Time zone cannot be “Mars/Base”"),
        ("language", "tlh", "Language cannot be “tlh”"),
    ],
)
def test_the_store_step_takes_nothing_bad(
    desk: Flask, admin: FlaskClient, field: str, typed: str, sentence: str
) -> None:
    answer = post(
        desk, admin, "/setup/store", {**STORE, field: typed, "name": "Other" if field != "name" else ""}
    )
    assert answer.status_code == 422
    assert sentence in error(answer.text, field)
    assert "Bristol BS1 1AA" in answer.text or field == "sender_address"
    with desk.app_context():
        assert db.session.get_one(Store, 1).name == "Fern and Kiln"


def test_the_store_step_takes_no_picture_that_is_none(desk: Flask, admin: FlaskClient) -> None:
    files = {"logo": (BytesIO(b"GIF89a"), "logo.gif")}
    answer = post(desk, admin, "/setup/store", {**STORE, **files})
    assert answer.status_code == 422
    assert "logo.gif" in error(answer.text, "logo")
    with desk.app_context():
        assert db.session.get_one(Store, 1).sender_address == ""


@rows_on_sqlite(
    ("field", "typed", "sentence"),
    [
        ("address", "orders", "“orders”"),
        ("imap_user", "", "IMAP user is empty"),
        ("imap_password", "", "IMAP password is empty"),
        ("imap_host", "a b", "IMAP host cannot be “a b”"),
        ("imap_port", "70000", "IMAP port cannot be “70000”"),
        ("imap_tls", "ssl3", "Encryption cannot be “ssl3”"),
        ("smtp_port", "smtp", "SMTP port cannot be “smtp”"),
        ("smtp_tls", "none", "else the password could be read on the way"),
    ],
)
def test_the_mailbox_step_takes_nothing_bad(
    desk: Flask, admin: FlaskClient, field: str, typed: str, sentence: str
) -> None:
    form = {
        "address": ADDRESS, "display_name": "", "imap_user": "orders", "imap_password": "open sesame", "imap_host":
        "imap.harbour.example", "imap_port": "993", "imap_tls": "tls", "smtp_host": "smtp.harbour.example",
        "smtp_port": "465", "smtp_tls": "tls", "same": "1", field: typed,
    }  # fmt: skip
    answer = post(desk, admin, "/setup/mailbox", form)
    assert answer.status_code == 422
    assert sentence in error(answer.text, field)
    assert "open sesame" not in answer.text
    assert "harbour.example" in answer.text
    with desk.app_context():
        assert db.session.query(Mailbox).count() == 0


def test_a_mail_goes_out_and_comes_back(
    desk: Flask, admin: FlaskClient, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    user = dovecot.new_user()
    with Relay(smtp_sink, dovecot, user, ADDRESS):
        assert post(desk, admin, "/setup/mailbox", server(dovecot, smtp_sink, user)).status_code == 303
        smtp_sink.wait_for(1)
    page = said(admin.get("/setup/mailbox").text)
    assert "signed in and sees" in page
    assert f"the server took a test mail to {ADDRESS}" in page
    assert "The test mail came back" in page
    assert "The mailbox process reads it next" in page
    assert states(desk)["mailbox"] == "open"

    raw = dovecot.messages(user)[-1]
    with desk.app_context():
        number = db.session.scalars(select(Mailbox.id)).one()
        take_in(receiving.receive(raw, door="imap", mailbox_id=number, wake=False).raw_id)
    assert post(desk, admin, "/setup/mailbox/look").status_code == 303
    assert "The desk took it in" in said(admin.get("/setup/mailbox").text)
    assert states(desk)["mailbox"] == "done"
    with desk.app_context():
        assert db.session.scalars(select(Conversation.state)).all() == ["closed"]

        box = db.session.scalars(select(Mailbox)).one()
        begin_write()
        box.imap_port += 1
        db.session.commit()
    assert "was changed since its test" in said(admin.get("/setup/mailbox").text)


def test_a_wrong_password_and_a_server_that_sends_nothing_are_told_apart(
    desk: Flask, admin: FlaskClient, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    user = dovecot.new_user()
    form = server(dovecot, smtp_sink, user)
    assert post(desk, admin, "/setup/mailbox", {**form, "imap_password": "not this one"}).status_code == 303
    assert states(desk)["mailbox"] == "failed"
    page = said(admin.get("/setup/mailbox").text)
    assert "Reading: refused" in page
    assert "Sending" not in page.partition("Reading: refused")[2].partition("The test signs in")[0]
    assert not smtp_sink.accepted

    with desk.app_context():
        begin_write()
        box = db.session.scalars(select(Mailbox)).one()
        change_mailbox(box, {"imap_password": dovecot.users[user]})
        db.session.commit()
    smtp_sink.refuse("rcpt", 550, times=None)
    assert post(desk, admin, "/setup/mailbox").status_code == 303
    page = said(admin.get("/setup/mailbox").text)
    assert "signed in and sees" in page
    assert "Sending: refused" in page


def test_a_test_mail_among_the_spam_and_one_that_never_comes(
    desk: Flask, admin: FlaskClient, dovecot: Dovecot, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = dovecot.new_user()
    monkeypatch.setattr(setup_mailbox, "AT_ONCE", 0.0)
    assert post(desk, admin, "/setup/mailbox", server(dovecot, smtp_sink, user)).status_code == 303
    assert "on its way" in said(admin.get("/setup/mailbox").text)
    with desk.app_context():
        begin_write()
        db.session.get_one(SetupStep, "mailbox").tested_at = clock.now() - timedelta(minutes=11)
        db.session.commit()
    assert states(desk)["mailbox"] == "failed"
    assert "has not come back within ten minutes" in said(admin.get("/setup/mailbox").text)

    assert post(desk, admin, "/setup/mailbox").status_code == 303
    with dovecot.client(user) as client:
        junk = [name for flags, _, name in client.list_folders() if b"\\Junk" in flags]
    if not junk:
        pytest.skip("this Dovecot has no folder for spam")
    dovecot.deliver(user, smtp_sink.accepted[-1].content, junk[0])
    post(desk, admin, "/setup/mailbox/look")
    assert "into the server’s folder for spam" in said(admin.get("/setup/mailbox").text)


def test_the_catalogue_step_reads_a_mail(desk: Flask, admin: FlaskClient) -> None:
    with desk.app_context():
        begin_write()
        products.create(sku="TEA-1", name="Harbour tea", price_minor=900, currency="GBP", weight_grams=120)
        db.session.commit()
    assert states(desk)["catalogue"] == "done"
    assert "“2 x Harbour tea” is read as an order of 2 × TEA-1" in said(admin.get("/setup/catalogue").text)
    with desk.app_context():
        begin_write()
        products.create(sku="CUP-1", name="Harbour cup", price_minor=900, currency="EUR")
        db.session.commit()
    page = said(admin.get("/setup/catalogue").text)
    assert "1 product has no weight" in page
    assert "1 product is not priced in GBP" in page
    assert states(desk)["catalogue"] == "open"


def test_tax_and_shipping_say_what_an_order_at_home_costs(desk: Flask, admin: FlaskClient) -> None:
    assert "no zone has United Kingdom" in said(admin.get("/setup/tax").text)
    with desk.app_context():
        begin_write()
        starting.open_rules("GB", "GBP", on=today())
        db.session.commit()
    assert "United Kingdom: VAT 20 %" in said(admin.get("/setup/tax").text)
    assert "1 kg within United Kingdom: Tracked 48, £3.95" in said(admin.get("/setup/shipping").text)
    assert states(desk)["shipping"] == "done"
    with desk.app_context():
        begin_write()
        store = db.session.get_one(Store, 1)
        store.currency, store.vat_id = "USD", "GB123"
        db.session.add(TaxZone(name="Mars", countries=["MQ"], treatment="taxed", position=9))
        db.session.commit()
    assert states(desk)["shipping"] == "failed"
    assert "No shipping service to United Kingdom has prices in USD" in said(
        admin.get("/setup/shipping").text
    )
    assert states(desk)["tax"] == "failed"
    assert "wrong digit or length" in said(admin.get("/setup/tax").text)


def test_bank_details_are_proven_by_their_check_digits(desk: Flask, admin: FlaskClient) -> None:
    def bank(iban: str) -> None:
        with desk.app_context():
            begin_write()
            db.session.query(PaymentMethod).delete()
            db.session.add(
                PaymentMethod(kind="bank", name="Bank", settings={"iban": iban, "holder": "Harbour"})
            )
            db.session.commit()

    bank("GB33BUKB20201555555555")
    assert states(desk)["payment"] == "done"
    assert "check digits of GB…5555 are right" in said(admin.get("/setup/payment").text)
    bank("GB34BUKB20201555555555")
    assert states(desk)["payment"] == "failed"


def test_keys_of_a_provider_are_tried_by_asking_it(
    desk: Flask, admin: FlaskClient, stripe: LocalStripe
) -> None:
    def card(key: str) -> None:
        with desk.app_context():
            begin_write()
            db.session.query(PaymentMethod).delete()
            sealed = methods.seal({"secret_key": key})
            settings = {"mode": "sandbox", "api_base": stripe.url}
            db.session.add(PaymentMethod(kind="stripe", name="Card", settings=settings, secret=sealed))
            db.session.commit()

    card("sk_test_12345")
    assert "its keys were not tried yet" in said(admin.get("/setup/payment").text)
    assert post(desk, admin, "/setup/payment").status_code == 303
    assert "the provider knows the keys (sandbox: no real money)" in said(admin.get("/setup/payment").text)
    assert states(desk)["payment"] == "done"
    card("wrong_key_9876")
    assert "not tried yet" in said(admin.get("/setup/payment").text)
    post(desk, admin, "/setup/payment")
    page = admin.get("/setup/payment").text
    assert states(desk)["payment"] == "failed"
    assert "wrong_key_9876" not in page


def test_people_are_counted_by_role(desk: Flask, admin: FlaskClient, staffed: dict[str, int]) -> None:
    assert states(desk)["people"] == "done"
    with desk.app_context():
        begin_write()
        for person in db.session.scalars(select(Person).where(Person.id != staffed["admin"])):
            person.disabled_at = clock.now()
        db.session.commit()
    assert states(desk)["people"] == "open"
    assert "You are alone here" in said(admin.get("/setup/people").text)
    assert post(desk, admin, "/setup/people/fine").status_code == 303
    assert states(desk)["people"] == "done"


def test_the_promise_step_makes_business_hours_and_says_when_a_mail_is_due(
    desk: Flask, admin: FlaskClient
) -> None:
    assert states(desk)["promise"] == "open"
    assert post(desk, admin, "/setup/promise", {**PROMISE, "promise_hours": "8"}).status_code == 303
    assert states(desk)["promise"] == "done"
    page = said(admin.get("/setup/promise").text)
    assert "An answer within 8 hours in the hours of “Office hours”: a mail that comes now is due" in page
    assert post(desk, admin, "/setup/promise", {**PROMISE, "day5": "10:00-14:00"}).status_code == 303
    with desk.app_context():
        row = db.session.scalars(select(Calendar)).one()
        assert row.hours[5] == [["10:00", "14:00"]]
    assert post(desk, admin, "/setup/promise", {"promise_hours": "24", "clock": "wall"}).status_code == 303
    assert "by the wall clock" in said(admin.get("/setup/promise").text)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("promise_hours", "soon", "Promise cannot be “soon”; type a whole number from 1 to 720"),
        ("clock", "moon", "Counts in cannot be “moon”"),
        ("day0", "nine to five", "Monday cannot be “nine to five”"),
        ("day4", "17:00-09:00", "Friday cannot be “17:00-09:00”"),
    ],
)
def test_the_promise_step_takes_nothing_bad(
    desk: Flask, admin: FlaskClient, field: str, typed: str, sentence: str
) -> None:
    answer = post(desk, admin, "/setup/promise", {**PROMISE, "promise_hours": "8", field: typed})
    assert answer.status_code == 422
    assert sentence in error(answer.text, field)
    assert typed in answer.text or field == "clock"
    with desk.app_context():
        assert db.session.get_one(Store, 1).promise_hours == 24
        assert db.session.query(Calendar).count() == 0


def test_a_test_mail_is_sent_once_for_a_page(desk: Flask, admin: FlaskClient) -> None:
    assert post(desk, admin, "/setup/templates", {"token": "a"}).status_code == 409
    assert "an administrator has to set one up" in post(desk, admin, "/setup/templates", {"token": "a"}).text
    with desk.app_context():
        begin_write()
        create_mailbox({"address": ADDRESS})
        db.session.commit()
    for _ in range(2):
        assert post(desk, admin, "/setup/templates", {"token": "a"}).status_code == 303
    with desk.app_context():
        mail = db.session.scalars(select(OutboundMail)).one()
        assert mail.recipients == ["admin@fern.example"]
        begin_write()
        mail.state, mail.sent_at = "sent", clock.now()
        db.session.commit()
    assert "The test mail to admin@fern.example was sent" in said(admin.get("/setup/templates").text)
