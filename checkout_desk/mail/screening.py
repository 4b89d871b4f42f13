"""What kind of mail a letter is: from a person, a bounce, an automatic answer, a list, or our own coming back.

Pure: a Letter in, a Verdict out. The rules weigh several signs, since each alone also occurs in ordinary mail:
ordinary people write "undeliverable" in a subject, and Exchange puts auto-response headers on everything.
RFC 3464 (bounces), RFC 3834 (automatic answers), RFC 2919 (lists), RFC 8601 (authentication results).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from email.message import Message
from typing import Literal

from flufl.bounce import all_failures

from checkout_desk.mail import screenwords as words
from checkout_desk.mail.authentication import UNKNOWN, Authentication, authentication
from checkout_desk.mail.letter import Letter

Kind = Literal["letter", "bounce", "auto_reply", "list", "own"]
MAX_HOPS = 50
OWN_LOOP_HEADER = "x-checkout-desk-loop"
_HEAD = 6_000
_ADDRESS = re.compile(r"[^\s<>@\"'(),;:]{1,64}@[^\s<>@\"'(),;:]{1,255}\.[^\s<>@\"'(),;:.]{2,63}")


@dataclass(frozen=True, slots=True)
class Bounced:
    """One recipient that a bounce names. `permanent` is False for a delay or a full mailbox that may empty."""

    email: str
    permanent: bool
    status: str = ""
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `screen` found, with one plain sentence `why`.

    `answerable` says whether a machine may answer at all (RFC 3834); a person always may.
    `loop` is our own mail coming back or going round. `bounced` and `original_message_id` belong to bounces.
    `flags` are words for the screen: 'reply_to_differs', 'name_is_another_address', 'own_address', 'lookalike'.
    """

    kind: Kind
    why: str
    answerable: bool
    loop: bool = False
    bounced: tuple[Bounced, ...] = ()
    original_message_id: str = ""
    authentication: Authentication = UNKNOWN
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    letter: Letter
    own: frozenset[str]
    sent_by_us: Callable[[Collection[str]], bool] | None
    relays: frozenset[str]
    own_mark: Callable[[str, str], bool] | None = None

    @property
    def machine_sender(self) -> bool:
        """A From that only mail systems use, or a null return path (RFC 5321, 4.5.5)."""
        name = self.letter.sender.email.partition("@")[0]
        return bool(words.DAEMON.search(f"{name} {self.letter.sender.name}"))

    @property
    def null_return_path(self) -> bool:
        return any(value.strip() in ("<>", "< >") for value in self.letter.headers.get("return-path", ()))

    @property
    def head(self) -> str:
        return self.letter.text[:_HEAD] or self.letter.html[:_HEAD]

    @property
    def replies_to_us(self) -> bool:
        ids = [*self.letter.in_reply_to, *self.letter.references]
        return bool(ids) and self.sent_by_us is not None and self.sent_by_us(ids)

    @property
    def from_relay(self) -> bool:
        key = self.letter.sender.key
        return key in self.relays or key.partition("@")[2] in self.relays

    @property
    def is_list(self) -> bool:
        headers = self.letter.headers
        return any(name in headers for name in ("list-id", "list-post", "list-unsubscribe", "list-help"))


def _bounce_reason(case: _Case) -> str:
    """Why this is a bounce, or ''."""
    letter = case.letter
    report = letter.report
    if report and report.kind in ("delivery-status", "feedback-report"):
        actions = {recipient.action.lower() for recipient in report.recipients}
        if actions and actions <= {"delivered", "relayed", "expanded"}:
            return ""
        return (
            "A mail system reports on the delivery of a mail."
            if report.kind == "delivery-status"
            else "A provider reports a complaint about a mail."
        )
    if letter.header("x-failed-recipients"):
        return "A mail system names recipients that it could not reach."
    subject = words.BOUNCE_SUBJECT.search(letter.subject) is not None
    returned = bool(letter.embedded)
    if case.is_list and not case.machine_sender:
        return ""
    if not (subject or case.machine_sender or case.null_return_path or returned):
        return ""
    body = words.BOUNCE_BODY.search(case.head) is not None
    returned = returned or words.RETURNED.search(case.head) is not None
    if case.machine_sender and (subject or body or returned):
        return "A mail system writes that a mail could not be delivered."
    if case.null_return_path and ((subject and (body or returned)) or (body and returned)):
        return "It has no return path and says that a mail could not be delivered."
    if subject and body and returned:
        return "It says that a mail could not be delivered and returns that mail."
    return ""


def _auto_reason(case: _Case) -> str:
    """Why this was written by a machine, or ''."""
    letter = case.letter
    automatic = letter.header("auto-submitted").partition(";")[0].strip().lower()
    if automatic and automatic != "no" and not case.from_relay:
        return "Its sender marks it as automatic."
    if any(
        name in letter.headers
        for name in ("x-autoreply", "x-autorespond", "x-auto-reply", "x-autoreply-from", "x-mail-autoreply")
    ):
        values = [
            v.strip().lower()
            for n in ("x-autoreply", "x-autorespond", "x-auto-reply")
            for v in letter.headers.get(n, ())
        ]
        if not values or any(value not in ("no", "false") for value in values):
            return "Its sender marks it as an automatic reply."
    precedence = letter.header("precedence").strip().lower()
    if precedence in ("auto_reply", "auto-reply", "junk") and not case.from_relay:
        return "Its sender marks it as automatic."
    if letter.report and letter.report.kind == "disposition-notification":
        return "It is a receipt that a mail was read."
    subject = words.AUTO_SUBJECT.match(letter.subject) is not None
    if letter.header("x-auto-response-suppress") and (subject or (case.replies_to_us and _says_away(case))):
        return "It answers by itself, as its subject or the mail that it answers shows."
    if subject and not case.from_relay:
        return "Its subject is that of an automatic reply."
    return ""


def _says_away(case: _Case) -> bool:
    suppressed = {word.strip().lower() for word in case.letter.header("x-auto-response-suppress").split(",")}
    return bool(suppressed & {"all", "oof", "autoreply", "dr", "rn", "nrn"})


def _own_reason(case: _Case) -> tuple[str, bool]:
    """Why this is our own mail, and whether it goes round."""
    letter = case.letter
    if case.own_mark and any(
        case.own_mark(v.strip(), letter.message_id) for v in letter.headers.get(OWN_LOOP_HEADER, ())
    ):
        return "It carries the mark of our own outgoing mail.", True
    if any(value.strip().strip("<>").casefold() in case.own for value in letter.headers.get("x-loop", ())):
        return "Its X-Loop header names one of our addresses.", True
    if (
        letter.message_id
        and case.sent_by_us
        and letter.sender.key in case.own
        and case.sent_by_us([letter.message_id])
    ):
        return "We sent this mail ourselves.", True
    if letter.sender.key and letter.sender.key in case.own:
        return "It comes from one of our own addresses.", False
    return "", False


def _from_text(letter: Letter) -> list[Bounced]:
    """Recipients of a bounce without a machine part, as the many non-standard mail systems write them."""
    message = Message()
    message["From"], message["Subject"] = (
        letter.sender.email,
        letter.subject.encode("ascii", "replace").decode(),
    )
    message["Content-Type"] = "text/plain"
    message.set_payload(letter.text[:_HEAD].encode("ascii", "replace").decode())
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # detectors trip over odd text in their own ways; it is a hint only
        temporary, permanent = frozenset(), frozenset()
    found = [(address, False) for address in sorted(temporary)] + [(a, True) for a in sorted(permanent)]
    status = words.STATUS.search(letter.text[:_HEAD])
    code = (status[1] or "") if status else ""
    return [Bounced(a.decode("ascii", "replace"), p and not code.startswith("4"), code) for a, p in found]


def _bounced(case: _Case) -> tuple[Bounced, ...]:
    letter = case.letter
    if letter.report and letter.report.recipients:
        return tuple(
            Bounced(r.email, _is_permanent(r.action, r.status), r.status, r.diagnostic)
            for r in letter.report.recipients
            if r.action.lower() not in ("delivered", "relayed", "expanded")
        )
    failed = _ADDRESS.findall(letter.header("x-failed-recipients")[:2_000])
    found = [Bounced(email, True) for email in dict.fromkeys(failed)] or _from_text(letter)
    if not found:
        text = letter.text[:_HEAD]
        match = words.RETURNED.search(text)
        near = _ADDRESS.findall(text[: match.start()] if match else text)
        skip = {letter.sender.key, *case.own}
        found = [
            Bounced(a, True)
            for a in dict.fromkeys(near)
            if a.casefold() not in skip and "daemon" not in a.lower()
        ][:5]
    return tuple(found)


def _is_permanent(action: str, status: str) -> bool:
    if status[:1] in ("4", "5"):
        return status[0] == "5" and action.lower() != "delayed"
    return action.lower() == "failed"


def _original(letter: Letter) -> str:
    """The Message-ID of the mail that bounced: from the returned headers, else from what the bounce answers."""
    given = letter.embedded.get("message-id", "").strip().strip("<>")
    if given:
        return given
    found = words.RETURNED_ID.search(letter.text[-60_000:])
    return found[1] if found else next(iter(letter.in_reply_to), "")


def _flags(letter: Letter, own: frozenset[str]) -> tuple[str, ...]:
    found = []
    sender = letter.sender
    domain = sender.key.rpartition("@")[2]
    if letter.reply_to and all(address.key.rpartition("@")[2] != domain for address in letter.reply_to):
        found.append("reply_to_differs")
    named = _ADDRESS.search(sender.name[:400])
    if named and named.group().casefold() != sender.key:
        found.append("name_is_another_address")
    if sender.key in own:
        found.append("own_address")
    if _is_lookalike(domain):
        found.append("lookalike")
    return tuple(found)


def _is_lookalike(domain: str) -> bool:
    """Whether a label of the domain mixes Latin with Cyrillic or Greek letters, or is all such look-alikes."""
    for label in domain[:255].split("."):
        if label.startswith("xn--"):
            try:
                label = label[4:].encode("ascii").decode("punycode")
            except (UnicodeError, ValueError):
                return True
        if label.isascii():
            continue
        foreign = words.CYRILLIC_GREEK.search(label) is not None
        if foreign and (re.search("[a-z]", label) or not words.NOT_LATIN_LIKE.search(label)):
            return True
    return False


def _recognise(case: _Case) -> tuple[Kind, str, bool]:
    letter = case.letter
    own, loop = _own_reason(case)
    if loop:
        return "own", own, True
    if len(letter.headers.get("received", ())) > MAX_HOPS:
        return "own" if own else "auto_reply", "It passed more than fifty mail systems: it goes round.", True
    if bounce := _bounce_reason(case):
        return "bounce", bounce, False
    if own and not case.from_relay:
        return "own", own, False
    if automatic := _auto_reason(case):
        return "auto_reply", automatic, False
    if case.is_list:
        return "list", "It came over a mailing list or a newsletter.", False
    return "letter", "A person wrote it, as far as its headers tell.", False


def screen(
    letter: Letter,
    *,
    own_addresses: frozenset[str] = frozenset(),
    own_message_ids: Callable[[Collection[str]], bool] | None = None,
    trusted_authserv: frozenset[str] = frozenset(),
    trusted_relays: frozenset[str] = frozenset(),
    own_mark: Callable[[str, str], bool] | None = None,
) -> Verdict:
    """Say what kind of mail `letter` is and whether a machine may answer it.

    `own_addresses` are the casefolded addresses of our mailboxes; `own_message_ids` tells whether one of the given
    Message-IDs is of a mail that we sent; `trusted_authserv` are the authserv-ids of our own mail exchangers.
    `trusted_relays` are casefolded addresses or domains of contact forms, whose automatic mail holds real orders.
    `own_mark` tells whether a loop mark (its value, the mail's Message-ID) was made by this very desk.
    """
    case = _Case(letter, own_addresses, own_message_ids, trusted_relays, own_mark)
    kind, why, loop = _recognise(case)
    bulk = letter.header("precedence").strip().lower() in ("bulk", "list", "junk") or case.is_list
    target = {address.key for address in letter.reply_to} or {letter.sender.key}
    answerable = (
        kind == "letter"
        and not bulk
        and not case.null_return_path
        and not words.NO_REPLY.match(letter.sender.email)
        and not target & own_addresses
        and "" not in target
    )
    return Verdict(
        kind,
        why,
        answerable,
        loop,
        _bounced(case) if kind == "bounce" else (),
        _original(letter) if kind == "bounce" else "",
        authentication(letter.headers, trusted=trusted_authserv),
        _flags(letter, own_addresses),
    )
