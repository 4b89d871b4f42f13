"""The foot of a message on the screen: who the sender is, what was kept back, and how far our own mail has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checkout_desk.desk.frame import Frame
from checkout_desk.desk.paths import path

FLAGS = {
    "new_person": ("user-plus", "New person in this conversation", "soon"),
    "reply_to_differs": ("triangle-alert", "Asks for answers at another address", "soon"),
    "name_is_another_address": ("triangle-alert", "Its name looks like another address", "bad"),
    "own_address": ("triangle-alert", "Claims to come from our own address", "bad"),
    "lookalike": ("triangle-alert", "Its address imitates another alphabet", "bad"),
    "near_own": ("triangle-alert", "Its domain looks like ours and is not", "bad"),
    "near_customer": ("triangle-alert", "Its address looks like that of somebody here and is not", "bad"),
    "known_name": ("user-x", "Another customer has this name, at another address", "soon"),
    "address_after_payment": (
        "octagon-x",
        "Wants a paid parcel sent elsewhere: ask the address on file, not this mail",
        "bad",
    ),
}
KINDS = {
    "bounce": ("mail-warning", "Bounce", "bad"),
    "auto_reply": ("history", "Automatic reply", ""),
    "list": ("list", "Mailing list", ""),
    "own": ("history", "Our own mail came back", ""),
    "automatic": ("history", "Sent by the desk itself", ""),
    "forward": ("forward", "Forwarded", ""),
}


def foot(m: Any, *, trouble: bool) -> list[dict[str, Any]]:
    """What the desk says of the message `m` (a row of `thread_rows`) below its text; with `trouble` what went wrong as well."""
    facts = m.facts or {}
    said: list[dict[str, Any]] = []
    if trouble and m.direction == "in":
        said.append({"icon": "circle-alert", "text": m.trouble, "tone": "bad"})
    if m.kind in KINDS:
        icon, text, tone = KINDS[m.kind]
        said.append(
            {"icon": icon, "text": text + (f": {facts['why']}" if facts.get("why") else ""), "tone": tone}
        )
    if m.reason:
        said.append({"icon": "link", "text": m.reason})
    for flag in facts.get("flags", []):
        if flag in FLAGS:
            icon, text, tone = FLAGS[flag]
            said.append({"icon": icon, "text": text, "tone": tone})
    verdicts = facts.get("authentication")
    if verdicts:
        said.append(_authentication(verdicts))
    elif m.direction == "in" and m.kind == "letter" and m.facts:
        text = "Sender not verified: no mail server that the desk trusts has checked it"
        said.append({"icon": "shield-alert", "text": text})
    if facts.get("card"):
        said.append(
            {"icon": "shield-alert", "text": "A card number was masked; the original is kept encrypted"}
        )
    if m.blocked_images:
        many = "1 remote image" if m.blocked_images == 1 else f"{m.blocked_images} remote images"
        said.append({"icon": "image-off", "text": f"{many} blocked", "link": "Show",
                     "url": path("messages.show", message_id=m.id, view="html", images=1)})  # fmt: skip
    return said


def _authentication(verdicts: dict[str, str]) -> dict[str, Any]:
    passed = [name.upper() for name, value in verdicts.items() if value == "pass"]
    failed = [name.upper() for name, value in verdicts.items() if value == "fail"]
    if verdicts.get("dmarc") == "fail":
        also = f" ({_list(failed)} failed)"
        return {"icon": "shield-alert", "text": f"Sender not genuine: our mail server says that its domain did not send this{also}",
                "tone": "bad"}  # fmt: skip
    if failed:
        how = f"{_list(failed)} failed" + (f", {_list(passed)} pass" if passed else "")
        return {"icon": "shield-alert", "text": f"Sender doubtful: {how}", "tone": "bad"}
    if passed:
        return {"icon": "shield-check", "text": f"Sender checked by our mail server: {_list(passed)} pass"}
    return {"icon": "shield-alert", "text": "Sender not verified: its domain gives nothing to check by"}


def _list(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def delivery(m: Any, frame: Frame) -> dict[str, Any] | None:
    """How far our mail `m` has come: queued, leaving, accepted, failed or unknown; None for what was never to be sent."""
    state, repair = m.out_state, frame.person.may("errors.repair")
    if state is None:
        return None
    left = int((m.due_at - frame.face.now).total_seconds())
    if state == "queued" and left > 0 and m.attempts == 0:
        return {"state": "queued", "tone": "", "icon": "clock", "text": f"Leaves in {left} s", "seconds_left": left,
                "undo_url": path("acts.undo_send", outbound_id=m.outbound_id) if m.author_id == frame.person.id else None}  # fmt: skip
    if state == "queued":
        words = f"Trying again {frame.face.short(m.due_at)}" if m.attempts and left > 0 else "Leaving"
        if m.trouble and not m.resolved_at:  # an unknown outcome is said as long as nobody knows better
            return {
                "state": "unknown",
                "tone": "soon",
                "icon": "circle-help",
                "text": m.trouble,
                "detail": words,
            }
        return {
            "state": "queued",
            "tone": "soon" if m.attempts else "",
            "icon": "clock",
            "text": words,
            "detail": m.response if m.attempts else None,
        }
    if state == "sending":
        return {"state": "sending", "tone": "", "icon": "clock", "text": "Leaving now"}
    if m.trouble and not m.resolved_at:
        return {
            "state": "failed" if state != "unknown" else "unknown",
            "tone": "bad" if state != "unknown" else "soon",
            "icon": "circle-alert",
            "text": m.trouble,
            "retry_url": path("messages.send_again", message_id=m.id)
            if state in ("failed", "unknown") and repair
            else None,
            "fix_url": path("messages.fix", message_id=m.id) if repair else None,
        }
    if state == "sent":
        return {
            "state": "sent",
            "tone": "good",
            "icon": "check-check",
            "text": f"Accepted {frame.face.short(m.out_at)}",
        }
    return {"state": state, "tone": "soon", "icon": "circle-help", "text": "Outcome unknown"}
