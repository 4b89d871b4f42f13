"""What an admin types about a mailbox. Ports and the like stay text, so that what was typed stays as it was typed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from wtforms import BooleanField, Field, PasswordField, StringField, TextAreaField
from wtforms.validators import StopValidation

from checkout_desk.accounts.forms import DeskForm
from checkout_desk.mail import hosts
from checkout_desk.mail.models import Mailbox
from checkout_desk.web import checks

SIDES = {"imap": "IMAP", "smtp": "SMTP"}
TLS = {"tls": "TLS from the start", "starttls": "STARTTLS", "none": "None, only on this machine"}
TYPE_AGAIN = "{} password: type it again. A page never holds a password, and this one was not saved because of another field."
MOST = 50
"""aliases, or folders, of one mailbox"""
LONGEST_PASSWORD = 1000


def lines(value: str | None) -> list[str]:
    """The entries of a field that holds one a line (or several with commas between)."""
    return [entry.strip() for entry in re.split(r"[\r\n,]+", value or "") if entry.strip()]


def _folders(value: str | None) -> list[str]:
    return [entry.strip() for entry in (value or "").splitlines() if entry.strip()]


def _aliases(form: DeskForm, field: Field) -> None:
    entries = lines(field.data)
    if len(entries) > MOST:
        raise StopValidation(f"Aliases holds {len(entries)} addresses; use at most {MOST}.")
    for entry in entries:
        if not checks.is_address(entry):
            raise StopValidation(
                f"Aliases: “{entry[: checks.SHOWN]}” is no e-mail address; type one a line, such as help@example.com."
            )


def _folder_names(form: DeskForm, field: Field) -> None:
    entries = _folders(field.data)
    if len(entries) > MOST:
        raise StopValidation(f"Folders holds {len(entries)} names; use at most {MOST}.")
    for entry in entries:
        if len(entry) > 254 or not entry.isprintable():
            raise StopValidation(
                f"Folders: “{entry[: checks.SHOWN]}” cannot be a folder; type one name a line, such as INBOX."
            )


def _tls(form: DeskForm, field: Field) -> None:
    if field.data not in TLS:
        raise StopValidation(
            f"Encryption cannot be “{(field.data or '')[: checks.SHOWN]}”; choose {', '.join(TLS.values())}."
        )


def _authority(form: DeskForm, field: Field) -> None:
    if field.data and not field.data.startswith("/"):
        raise StopValidation(
            f"Certificate file cannot be “{field.data[: checks.SHOWN]}”; type the whole path on the desk's machine, "
            "such as /etc/ssl/shop.pem, or nothing."
        )


def _line(label: str, longest: int) -> StringField:
    return StringField(filters=[checks.strip], validators=[checks.line(label, longest)])


def _host(label: str, example: str) -> StringField:
    return StringField(filters=[checks.strip], validators=[checks.host(label, example)])


def _port(label: str) -> StringField:
    return StringField(filters=[checks.strip], validators=[checks.whole_number(label, 1, 65535)])


def _certificate(label: str) -> StringField:
    return StringField(filters=[checks.strip], validators=[checks.line(label, 500), _authority])


class MailboxForm(DeskForm):
    """A mailbox. `kept` are the sides ('imap', 'smtp') whose password is stored and may be left empty."""

    address = StringField(filters=[checks.strip], validators=[checks.email("Address", needed=True)])
    display_name = _line("Sender name", 120)
    aliases = TextAreaField(validators=[_aliases])
    plus_addressing = BooleanField()
    enabled = BooleanField()
    imap_host = _host("IMAP host", "imap.example.com")
    imap_port = _port("IMAP port")
    imap_tls = StringField(validators=[_tls])
    imap_user = _line("IMAP user", 254)
    imap_password = PasswordField()
    imap_folders = TextAreaField(validators=[_folder_names])
    imap_ca_file = _certificate("IMAP certificate file")
    smtp_host = _host("SMTP host", "smtp.example.com")
    smtp_port = _port("SMTP port")
    smtp_tls = StringField(validators=[_tls])
    smtp_user = _line("SMTP user", 254)
    smtp_password = PasswordField()
    smtp_ca_file = _certificate("SMTP certificate file")

    def __init__(self, *args: Any, kept: Collection[str] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self.kept = kept
        self.across: dict[str, str] = {}

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Each field, and then what one field demands of another."""
        ok = bool(super().validate(extra_validators))
        for side in SIDES:
            self.across |= {
                field: sentence for field, sentence in self._side(side).items() if field not in self.errors
            }
        return ok and not self.across

    def _side(self, side: str) -> dict[str, str]:
        label = SIDES[side]
        host, user = self[f"{side}_host"].data, self[f"{side}_user"].data
        password = self[f"{side}_password"].data or ""
        found: dict[str, str] = {}
        if len(password) > LONGEST_PASSWORD:
            found[f"{side}_password"] = (
                f"{label} password has {len(password)} characters; use at most {LONGEST_PASSWORD}."
            )
        if not host:
            if password:
                found[f"{side}_host"] = (
                    f"{label} host is empty, but a password was typed; type the server, such as {side}.example.com, "
                    "or leave the password empty."
                )
            return found
        if self[f"{side}_tls"].data == "none" and not hosts.plain_permitted(host):
            found[f"{side}_tls"] = (
                f"{label} encryption cannot be “None” for {host[: checks.SHOWN]}; choose TLS or STARTTLS, else the "
                "password could be read on the way."
            )
        if side == "imap" and not user:
            found["imap_user"] = "IMAP user is empty; type the name that signs in, often the whole address."
        if not password and side not in self.kept and user:
            found[f"{side}_password"] = f"{label} password is empty; type the one that belongs to the user."
        if password and not user and side == "smtp":
            found["smtp_user"] = (
                "SMTP user is empty, but a password was typed; type the name that signs in, or no password."
            )
        return found

    @property
    def sentences(self) -> dict[str, str]:
        """The first error of each field, and of fields that depend on each other."""
        return {**super().sentences, **self.across}

    def again(self, errors: dict[str, str]) -> dict[str, str]:
        """`errors` and, for each password that was typed, that it has to be typed once more: nothing gives it back."""
        lost = {
            f"{side}_password": TYPE_AGAIN.format(label)
            for side, label in SIDES.items()
            if self[f"{side}_password"].data
        }
        return {**lost, **errors}

    @property
    def values(self) -> dict[str, Any]:
        """What the form says, as mail.mailboxes takes it. Only after it was found valid."""
        found = {field.name: field.data for field in self}
        found["aliases"] = lines(self.aliases.data)
        found["imap_folders"] = _folders(self.imap_folders.data)
        for side in SIDES:
            found[f"{side}_port"] = int(found[f"{side}_port"])
        return found


def stored(mailbox: Mailbox | None) -> dict[str, Any]:
    """The fields as `mailbox` has them, or as a new one starts. Never a secret."""
    if mailbox is None:
        return {
            "enabled": True, "plus_addressing": True, "imap_folders": "INBOX", "imap_port": "993", "smtp_port": "465",
            "imap_tls": "tls", "smtp_tls": "tls",
        }  # fmt: skip
    shown = {name: getattr(mailbox, name) for name in MailboxForm()._fields if not name.endswith("_password")}
    for name in ("aliases", "imap_folders"):
        shown[name] = "\n".join(shown[name] or ())
    return shown
