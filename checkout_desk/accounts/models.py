"""Tables of people, what they may do, and where they are signed in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from checkout_desk.accounts.permissions import ROLES, allowed
from checkout_desk.extensions import Key, Model


def initials(name: str) -> str:
    """Up to two letters that stand for a person's name in small places."""
    words = name.split()
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else words[0][1:2])).upper() if words else "?"


def is_away(away_from: datetime | None, away_until: datetime | None, at: datetime) -> bool:
    """Whether `at` lies in a person's holidays; without an end they go on."""
    return away_from is not None and away_from <= at and (away_until is None or at < away_until)


class Person(Model):
    """Somebody who signs in. Never deleted: a person who left is disabled, so that the record keeps its names."""

    __tablename__ = "person"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """casefolded"""
    password_hash: Mapped[str] = mapped_column(String(200))
    signature: Mapped[str] = mapped_column(String(2000), default="")
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    away_from: Mapped[datetime | None]
    """from when until when nothing is handed to them: holidays, illness"""
    away_until: Mapped[datetime | None]
    last_given_at: Mapped[datetime | None]
    """when work was last handed to them by turns"""
    digest: Mapped[bool] = mapped_column(default=True, server_default=true())
    """whether they want the daily mail"""
    digest_on: Mapped[date | None] = mapped_column(Date)
    """the store's day whose mail they got, or had no need of, last"""

    to_read: Mapped[int] = mapped_column(default=0, server_default="0")
    """how many pages of the playbook they are asked to read"""

    role_rows: Mapped[list[PersonRole]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    @property
    def roles(self) -> frozenset[str]:
        """The names of the person's roles."""
        return frozenset(row.role for row in self.role_rows)

    def may(self, permission: str) -> bool:
        """Whether any of the person's roles carries `permission`."""
        return allowed(self.roles, permission)

    def away(self, at: datetime) -> bool:
        """Whether nothing is handed to the person at that instant."""
        return is_away(self.away_from, self.away_until, at)

    @property
    def initials(self) -> str:
        """Up to two letters that stand for the person in small places."""
        return initials(self.name)


class PersonRole(Model):
    """One role of one person."""

    __tablename__ = "person_role"

    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


class DeskSession(Model):
    """One sign-in on one browser. The cookie holds 256 random bits; only their SHA-256 is kept here."""

    __tablename__ = "desk_session"
    __table_args__ = (Index("ix_desk_session_person", "person_id", "ended_at"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(64), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")
    second: Mapped[str] = mapped_column(String(8), default="", server_default="")
    """what was asked besides the password: '' nothing, 'code', 'recovery'; 'due': the person has to set it up first"""
    confirmed_at: Mapped[datetime | None]
    """when the person last showed, on this browser, that it is still them"""


class SecondFactor(Model):
    """The app in which a person finds their codes (RFC 6238)."""

    __tablename__ = "second_factor"

    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(300))
    """sealed with the desk's keys"""
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    """the newest step of 30 seconds whose code was used: none counts twice"""
    added_at: Mapped[datetime]


class RecoveryCode(Model):
    """A code that lets a person in once without their app. 120 random bits, of which only the SHA-256 is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("person_id", "code_hash"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class SignInRule(Model):
    """What the store decided about signing in: one row, or none as long as everybody needs a second factor."""

    __tablename__ = "sign_in_rule"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    without_reason: Mapped[str] = mapped_column(String(300), default="")
    """why the password alone is enough here; '' while it is not"""
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))


class SignInThrottle(Model):
    """Failed sign-ins of one account or one address; in the database, so that a lost Valkey does not open the door."""

    __tablename__ = "sign_in_throttle"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(String(300))
    """'email:<casefolded>' or 'address:<ip>'"""
    failures: Mapped[int] = mapped_column(Integer, default=0)
    first_at: Mapped[datetime]
    paused_until: Mapped[datetime | None]


__all__ = [
    "ROLES",
    "DeskSession",
    "Person",
    "PersonRole",
    "RecoveryCode",
    "SecondFactor",
    "SignInRule",
    "SignInThrottle",
]
