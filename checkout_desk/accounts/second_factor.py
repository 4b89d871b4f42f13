"""The second factor: codes of an app (TOTP, RFC 6238), each step once, and recovery codes for who lost the app.

Only the code of the present 30 seconds counts. Which step was used last is kept and moved by a conditional UPDATE, so a
code that was read over somebody's shoulder, or sent twenty times at once, opens one door. Nothing here commits.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b32encode
from typing import cast

import pyotp
from markupsafe import Markup
from sqlalchemy import CursorResult, delete, func, select, update

from checkout_desk import clock
from checkout_desk.accounts.models import DeskSession, Person, RecoveryCode, SecondFactor, SignInRule
from checkout_desk.events.recording import record
from checkout_desk.extensions import db
from checkout_desk.secrets import decrypt, encrypt

STEP = 30
"""seconds for which a code counts"""
CODES = 10
"""recovery codes a person gets"""


def reason_without() -> str:
    """Why this store asks for the password alone; '' where it asks everybody for a second factor, as it does by default."""
    return db.session.scalar(select(SignInRule.without_reason).where(SignInRule.id == 1)) or ""


def set_rule(reason: str, *, by_id: int | None) -> None:
    """Let the password alone be enough, for `reason`; '' asks everybody for a second factor from now on.

    Whoever has none is then led to set one up, in sessions that are open too.
    """
    rule, now = db.session.get(SignInRule, 1), clock.now()
    before = rule.without_reason if rule else ""
    if rule is None:
        rule = SignInRule(id=1)
        db.session.add(rule)
    rule.without_reason, rule.changed_at, rule.changed_by_id = reason, now, by_id
    live = update(DeskSession).where(DeskSession.ended_at.is_(None))
    if reason:
        db.session.execute(live.where(DeskSession.second == "due").values(second=""))
    else:
        bare = DeskSession.person_id.not_in(select(SecondFactor.person_id))
        db.session.execute(live.where(DeskSession.second == "", bare).values(second="due"))
    record("sign_in.rule_changed", about=("store", 1), before={"without": before}, after={"without": reason})


def of(person_id: int) -> SecondFactor | None:
    """The person's app, or None."""
    return db.session.get(SecondFactor, person_id)


def codes_left(person_id: int) -> int:
    """How many recovery codes the person has not used."""
    asked = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(asked.select_from(RecoveryCode)) or 0


def new_secret() -> str:
    """A secret for an app, not yet anybody's: 160 random bits."""
    return pyotp.random_base32()


def address_of(secret: str, email: str, store: str) -> str:
    """What the app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(
        name=email, issuer_name=store.replace(":", " ") or "Checkout Desk"
    )


def picture(address: str) -> Markup:
    """`address` as a QR code in SVG, dark on white in every theme."""
    import segno  # loaded by those who look at the page

    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(omitsize=True, border=4, dark="#000", light="#fff"))  # noqa: S704  # ours, without a word of anybody


def add(person: Person, secret: str, typed: str) -> list[str]:
    """Give the person this app, if `typed` is its present code. Returns their recovery codes; [] where the code is wrong."""
    step = _step_of(secret, typed)
    if step is None:
        return []
    db.session.merge(
        SecondFactor(person_id=person.id, secret=encrypt(secret), last_step=step, added_at=clock.now())
    )
    record("person.second_factor_added", about=person)
    return new_codes(person)


def new_codes(person: Person) -> list[str]:
    """Ten new recovery codes; those before are void. They are readable in this answer alone."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    codes = [b32encode(secrets.token_bytes(15)).decode().lower() for _ in range(CODES)]
    db.session.add_all(RecoveryCode(person_id=person.id, code_hash=_hash(code)) for code in codes)
    db.session.flush()
    record("person.recovery_codes_made", about=person, after={"count": CODES})
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def remove(person: Person) -> bool:
    """Take app and recovery codes away from the person. Returns whether there were any."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    gone = _count(delete(SecondFactor).where(SecondFactor.person_id == person.id))
    if gone:
        record("person.second_factor_removed", about=person)
    return bool(gone)


def use(person_id: int, typed: str) -> str:
    """Use up a code: 'code' for one of the app, 'recovery' for a recovery code, '' where it fits neither or was used."""
    plain = "".join(typed.split()).replace("-", "").lower()
    if len(plain) == 6 and plain.isascii() and plain.isdecimal():
        return "code" if _use_app(person_id, plain) else ""
    if not plain or len(plain) > 64:
        return ""
    used = _count(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_hash == _hash(plain),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )
    if used:
        record(
            "person.recovery_code_used", about=("person", person_id), after={"left": codes_left(person_id)}
        )
    return "recovery" if used else ""


def _use_app(person_id: int, typed: str) -> bool:
    found = of(person_id)
    step = _step_of(decrypt(found.secret), typed) if found else None
    if step is None:
        return False
    asked = update(SecondFactor).where(SecondFactor.person_id == person_id, SecondFactor.last_step < step)
    return _count(asked.values(last_step=step)) == 1


def _step_of(secret: str, typed: str) -> int | None:
    """The present step if `typed` is its code, else None."""
    step = int(clock.now().timestamp()) // STEP
    given = "".join(typed.split())
    fits = hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step).encode(), given.encode())
    return step if fits else None


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _count(statement: object) -> int:
    return cast("CursorResult[object]", db.session.execute(statement)).rowcount  # type: ignore[call-overload]
