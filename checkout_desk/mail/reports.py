"""The machine-readable part of a report and the headers of the mail it is about (RFC 3464, 8098, 5965)."""

from __future__ import annotations

from checkout_desk.mail.charsets import decode_words
from checkout_desk.mail.headers import read_headers
from checkout_desk.mail.letter import Recipient, Report
from checkout_desk.mail.mime import Node, clean_front

MAX_RECIPIENTS = 100
_MAX_MACHINE_PART = 256 * 1024
_KINDS = {
    "message/delivery-status": "delivery-status",
    "message/global-delivery-status": "delivery-status",
    "message/disposition-notification": "disposition-notification",
    "message/global-disposition-notification": "disposition-notification",
    "message/feedback-report": "feedback-report",
}
_ORIGINALS = frozenset(
    {
        "message/rfc822",
        "message/global",
        "text/rfc822-headers",
        "message/rfc822-headers",
        "message/global-headers",
    }
)


def read_report(root: Node) -> Report | None:
    """The report of a mail: from its machine part wherever it stands, else by the report-type alone, else None."""
    for node in root.walk():
        kind = _KINDS.get(node.type)
        if kind and not node.children:
            groups = _groups(node.data()[:_MAX_MACHINE_PART])
            return Report(kind, tuple(_recipients(kind, groups))[:MAX_RECIPIENTS])
    if root.type == "multipart/report":
        return Report(root.params.get("report-type", "").lower() or "unknown")
    return None


def read_embedded(root: Node) -> dict[str, str]:
    """The headers of the first attached or returned mail by lower-case name, words decoded; {} when there is none."""
    for node in root.walk():
        if node.type in _ORIGINALS and not node.children and node is not root:
            raw, start = clean_front(node.data()[:_MAX_MACHINE_PART])
            headers, _ = read_headers(raw, start, len(raw))
            embedded: dict[str, str] = {}
            for name, value in headers.fields:
                embedded.setdefault(name, decode_words(value))
            if embedded:
                return embedded
    return {}


def _groups(data: bytes) -> list[dict[str, str]]:
    """The blank-line separated groups of fields."""
    groups: list[dict[str, str]] = []
    data = data.replace(b"\r\n", b"\n").strip(b"\n")
    for block in data.split(b"\n\n"):
        headers, _ = read_headers(block + b"\n", 0, len(block) + 1)
        if headers.fields:
            groups.append(dict(reversed(headers.fields)))  # the first of equal names wins
        if len(groups) > MAX_RECIPIENTS:
            break
    return groups


def _recipients(kind: str, groups: list[dict[str, str]]) -> list[Recipient]:
    if kind == "feedback-report":
        merged = {name: value for group in reversed(groups) for name, value in group.items()}
        email = merged.get("original-rcpt-to") or merged.get("removal-recipient") or ""
        return [Recipient(_address(email), action=merged.get("feedback-type", "").lower())] if email else []
    found = []
    for group in groups:
        names = ("final-recipient", "original-recipient", "x-actual-recipient")
        email = next((group[name] for name in names if group.get(name)), "")
        if not email:
            continue
        action = group.get("action", "") if kind == "delivery-status" else group.get("disposition", "")
        found.append(
            Recipient(
                email=_address(email),
                action=action.rpartition(";")[2].split("(")[0].strip().lower(),
                status=group.get("status", "").split(" ")[0].strip(),
                diagnostic=decode_words(group.get("diagnostic-code", ""))[:2_000],
            )
        )
    return found


def _address(value: str) -> str:
    """The address of `rfc822; someone@example.com`, with or without angle brackets or type."""
    return value.rpartition(";")[2].split("(")[0].strip().strip("<>").strip()
