"""Ways to pay: where customers' money goes. A provider's key is typed once and never shown again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from checkout_desk.accounts import confirming, sessions
from checkout_desk.extensions import begin_write, db
from checkout_desk.secrets import LostKey
from checkout_desk.settings import bank_changes, bank_views, choices, method_changes, methods, sorting
from checkout_desk.settings.models import BankChange, PaymentMethod
from checkout_desk.settings.money_page import answer, page
from checkout_desk.settings.typed import (
    Typed,
    bic,
    countries,
    currencies,
    iban,
    line,
    one_of,
    show_countries,
)
from checkout_desk.web.access import requires

blueprint = Blueprint("money_methods", __name__, url_prefix="/settings/money/methods")

_HERE = "money_methods.everything"
MODES = {"sandbox": "Sandbox, no real money", "live": "Live"}
LABELS = {
    "secret_key": "Secret key",
    "webhook_secret": "Webhook signing secret",
    "client_secret": "Client secret",
}
HINTS = {
    "stripe": "Cards, wallets and local ways to pay, on Stripe’s own page.",
    "paypal": "On PayPal’s own page.",
    "bank": "The customer sees your IBAN, a reference to name, and a code to scan.",
    "cash": "Paid when the parcel is fetched.",
    "account": "Trusted customers pay later; nobody else sees it.",
}
STARTS: dict[str, dict[str, tuple[str, ...]]] = {
    "secret_key": {"sandbox": ("sk_test_", "rk_test_"), "live": ("sk_live_", "rk_live_")},
    "webhook_secret": {"sandbox": ("whsec_",), "live": ("whsec_",)},
}
"""how Stripe's keys begin, by mode: a live key in the sandbox would take real money"""


@blueprint.get("")
@requires("settings.bank")
def everything() -> str:
    """Every way to pay, and what one still needs."""
    rows = methods.every()
    changes = [bank_views.shown(change) for change in bank_changes.waiting()]
    return page(
        "methods.html",
        _HERE,
        changes=changes,
        methods=[
            {"id": row.id, "name": row.name, "kind": methods.KINDS[row.kind], "active": row.active,
             "lacks": methods.lacks(row), "detail": _detail(row)}
            for row in rows
        ],
        kinds=[{"kind": kind, "label": label, "hint": HINTS[kind]} for kind, label in methods.KINDS.items()],
    )  # fmt: skip


@blueprint.get("/new/<kind>")
@requires("settings.bank")
def new(kind: str) -> str:
    """The form of a new way to pay."""
    _known(kind)
    return _page(kind, None, {"name": methods.KINDS[kind], "active": "1", "mode": "sandbox"}, {})


@blueprint.post("/new/<kind>")
@requires("settings.bank", writes=False)
def create(kind: str) -> ResponseReturnValue:
    """A new way to pay; the password is asked again."""
    _known(kind)
    return _save(kind, None)


@blueprint.get("/<int:method_id>")
@requires("settings.bank")
def method(method_id: int) -> str:
    """One way to pay."""
    found = _load(method_id)
    return _page(found.kind, found, _stored(found), {})


@blueprint.post("/<int:method_id>")
@requires("settings.bank", writes=False)
def change(method_id: int) -> ResponseReturnValue:
    """Change a way to pay from now on, after the password was typed again; quotes that were sent keep the bank details that
    they name."""
    return _save(_load(method_id).kind, method_id)


@blueprint.post("/<int:method_id>/up")
@requires("settings.bank")
def move_up(method_id: int) -> ResponseReturnValue:
    """Show it before the one above it."""
    found = _load(method_id)
    sorting.move_up(methods.every(), found)
    db.session.commit()
    return redirect(url_for(_HERE), 303)


def _save(kind: str, number: int | None) -> ResponseReturnValue:
    stranger = confirming.fault()
    begin_write()
    found = None if number is None else _load(number)
    typed = Typed(request.form)
    if stranger:
        typed.errors["password"] = stranger
    name = typed.take("name", line("Name", 80, needed=True))
    settings: dict[str, Any] = {
        "currencies": typed.take("currencies", currencies),
        "countries": typed.take("countries", countries),
    }
    for field, read in _fields(kind).items():
        settings[field] = typed.take(field, read)
    secrets = {
        key: typed.take(key, _secret(kind, key, settings.get("mode"), found))
        for key in methods.SECRETS.get(kind, ())
    }
    active = typed.ticked("active")
    asked = bank_changes.diverts(found, kind, settings, {key: value or "" for key, value in secrets.items()})
    by_id = sessions.who().id

    def act() -> PaymentMethod | BankChange:
        if asked:
            return bank_changes.propose(
                found, kind=kind, name=name, active=active, settings=settings, secrets=secrets, by_id=by_id
            )
        return method_changes.save(
            found, kind=kind, name=name, active=active, settings=settings, secrets=secrets
        )

    try:
        saved = typed.act(act)
    except LostKey:
        typed.errors["form"] = "The keys that are stored cannot be read any more; type all of them anew."
        saved = None

    def again() -> str:
        for key in secrets:
            if typed.raw.pop(key, "") and key not in typed.errors:
                typed.errors[key] = (
                    f"{LABELS[key]}: type it again. A page never holds a key, and this one was not saved."
                )
        return _page(kind, None if number is None else _load(number), typed.raw, typed.errors)

    said = f"{saved.name} is saved." if saved else ""
    if isinstance(saved, BankChange):
        said = f"{saved.name}: the new details wait for {'a day' if saved.takes_effect_at else 'a second person'}."
    return answer(typed, again, said=said, to=_HERE)


def _fields(kind: str) -> dict[str, Callable[[str], Any]]:
    """The fields of a kind besides its keys."""
    mode = one_of("Mode", MODES)
    found: dict[str, dict[str, Callable[[str], Any]]] = {
        "stripe": {"mode": mode, "account": line("Account", 60)},
        "paypal": {
            "mode": mode,
            "client_id": line("Client id", 120, needed=True),
            "webhook_id": line("Webhook id", 60),
            "merchant_id": line("Merchant id", 60),
        },
        "bank": {
            "holder": line("Account holder", 70, needed=True),
            "iban": iban,
            "bic": bic,
            "bank": line("Bank", 80),
        },
    }
    rest: dict[str, Callable[[str], Any]] = {"note": line("Note", 200)}
    return found.get(kind, rest)


def _secret(kind: str, key: str, mode: str | None, found: PaymentMethod | None) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not text:
            if found is not None and found.secret:
                if kind == "stripe" and key == "secret_key" and mode != found.settings.get("mode", mode):
                    raise ValueError(
                        f"Secret key is empty, but the mode changed; type the key of “{MODES.get(mode or '', '')}”."
                    )
                return ""
            if key == "webhook_secret":
                return ""  # a payment is then found by asking now and then
            raise ValueError(f"{LABELS[key]} is empty; type the one that {methods.KINDS[kind]} shows you.")
        if len(text) > 400 or not text.isprintable() or " " in text:
            raise ValueError(f"{LABELS[key]} cannot be that; paste it without spaces, at most 400 signs.")
        starts = STARTS.get(key, {}).get(mode or "")
        if kind == "stripe" and starts and not text.startswith(starts):
            # Never the value itself: this sentence reaches pages and logs.
            raise ValueError(
                f"{LABELS[key]} is not one for “{MODES[mode or '']}”; it begins with {' or '.join(starts)}."
            )
        return text

    return read


def _stored(found: PaymentMethod) -> dict[str, Any]:
    form = {"name": found.name, "active": found.active, **found.settings}
    form["currencies"] = ", ".join(found.settings.get("currencies") or ())
    form["countries"] = show_countries(found.settings.get("countries") or [])
    if form.get("iban"):
        form["iban"] = in_fours(str(form["iban"]))
    return form


def in_fours(text: str) -> str:
    """An IBAN as people read it, in groups of four."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _detail(row: PaymentMethod) -> str:
    """What tells this one from others of its kind."""
    parts = [in_fours(row.settings["iban"])] if row.settings.get("iban") else []
    parts += [MODES[row.settings["mode"]]] if row.settings.get("mode") in MODES else []
    parts += [", ".join(row.settings["currencies"])] if row.settings.get("currencies") else []
    names = choices.countries()
    parts += (
        [", ".join(names.get(code, code) for code in row.settings["countries"])]
        if row.settings.get("countries")
        else []
    )
    return "; ".join(parts)


def _known(kind: str) -> None:
    if kind not in methods.KINDS:
        abort(404, "There is no such way to pay.")


def _load(method_id: int) -> PaymentMethod:
    found = db.session.get(PaymentMethod, method_id)
    if found is None:
        abort(404, "There is no such way to pay.")
    return found


def _page(kind: str, found: PaymentMethod | None, form: dict[str, Any], errors: dict[str, str]) -> str:
    return page(
        "method.html",
        _HERE,
        kind=kind,
        label=methods.KINDS[kind],
        hint=HINTS[kind],
        method_id=found.id if found else None,
        kept=bool(found and found.secret),
        secrets=[(key, LABELS[key]) for key in methods.SECRETS.get(kind, ())],
        modes=list(MODES.items()),
        form=form,
        errors=errors,
    )
