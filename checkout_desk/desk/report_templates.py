"""How templates do: per version what was sent, bounced and asked again, how soon customers wrote, and how content they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from checkout_desk.correspondence.standard import LANGUAGES
from checkout_desk.correspondence.templates import KEYS
from checkout_desk.desk.report_feedback import bar, share
from checkout_desk.desk.report_frame import Asked, Looked, Shown, count, figure, stamped
from checkout_desk.desk.report_pages import Place, instant
from checkout_desk.reports import mailings, rollups, waits
from checkout_desk.reports.dayrows import total
from checkout_desk.reports.figures import lasting, percent
from checkout_desk.reports.remembered import Days
from checkout_desk.reports.tables import Bar, Cell, Section

CHARTED = 12
WHAT = ("sent", "bounced", "again")


def look(asked: Asked) -> Looked:
    """The days. One query where they are kept."""
    days = rollups.look(("mails", asked.period), ("mails", asked.against))
    return Looked(stamped(*days), days)


def load(asked: Asked, facts: Sequence[Days]) -> Shown:
    """The report."""
    now, then = (days.made(total) for days in facts)
    found, before = ({name: sum(data[name] for data in parts.values()) for name in ("mails", *WHAT)} for parts in (now, then))  # fmt: skip
    figures = [
        figure("Mails", str(found["mails"]), f"before {before['mails']}", _url(asked)),
        figure("Sent", percent(found["sent"], found["mails"]), f"{found['sent']} accepted, before {before['sent']}", _url(asked, what="sent")),
        figure("Bounced", percent(found["bounced"], found["mails"]), f"{found['bounced']} mails, before {before['bounced']}", _url(asked, what="bounced")),
        figure("Asked again", percent(found["again"], found["sent"]), f"after {found['again']} mails, before {percent(before['again'], before['sent'])}", _url(asked, what="again")),
    ]  # fmt: skip
    return Shown(
        "Mails made of templates in these days, by the version of their words",
        figures,
        [_versions(asked, now, then)],
    )


def _url(asked: Asked, **words: str) -> str:
    return asked.behind("templates", **words)


def _versions(asked: Asked, now: Mapping[str, Any], then: Mapping[str, Any]) -> Section:
    ranked = sorted(now.items(), key=lambda pair: (-_rate(pair[1]), -pair[1]["mails"], pair[0]))
    rows = [_version(asked, reference, data, then.get(reference)) for reference, data in ranked]
    bars = [
        Bar(
            reference, round(100 * _rate(data), 1), f"{title(reference)}: {percent(data['again'], data['sent'])}", bad=_rate(data) >= 0.2
        )
        for reference, data in ranked[:CHARTED]
        if data["again"]
    ]  # fmt: skip
    return Section(
        "versions", "By version",
        "A mail counts for the day on which it was queued, once for what it is about. Bounced: a server refused it, then or later. Asked again: the first "
        "thing that the customer wrote after it, before our next mail about the order, was a question. Next mail: the middle time until "
        "the customer wrote, where they did before our next mail. Score: what the customers of its orders said in the end. The worst first.",
        ("Template", "Mails", "Sent", "Bounced", "Asked again", "", "Share", "Share before", "Next mail", "Score", "Answers", "Mend it"),
        rows, bars=[Bar(short(one.label), one.value, f"{one.value:g} %", one.bad) for one in bars],
        chart=f"Share of mails that customers asked again after, for the {len(bars)} worst versions.", meta="red: one in five or more",
        wide=True, empty="No template was mailed in these days.",
    )  # fmt: skip


def _rate(data: Mapping[str, Any]) -> float:
    return data["again"] / data["sent"] if data["sent"] else 0.0


def _version(
    asked: Asked, reference: str, data: Mapping[str, Any], before: Mapping[str, Any] | None
) -> list[Cell]:
    median, _ = waits.middle([sorted(data["waited"])])
    scores = data["scores"]
    return [
        Cell(title(reference), _studio(reference)), count(data["mails"], _url(asked, template=reference)),
        *(count(data[what], _url(asked, template=reference, what=what)) for what in WHAT),
        Cell("", bar=bar(data["again"], data["sent"])), share(data["again"], data["sent"]),
        share(before["again"], before["sent"]) if before else Cell("–"), Cell(lasting(median), value=median),
        Cell(f"{sum(scores) / len(scores):.1f}", value=round(sum(scores) / len(scores), 1)) if scores else Cell("–"), Cell(str(len(scores))),
        Cell("Playbook", url_for("playbook.how", kind="finding", key="template")),
    ]  # fmt: skip


def title(reference: str) -> str:
    """'order_confirmed:en:1' as people call it: 'Order confirmed, English v1'."""
    key, language, number = _split(reference)
    name = LANGUAGES[language].name if language in LANGUAGES else language
    return f"{KEYS.get(key, key)}, {name} v{number}"


def short(reference: str) -> str:
    """As it stands under a column: 'Order confirmed en1'."""
    key, language, number = _split(reference)
    return f"{KEYS.get(key, key)[:18]} {language}{number}"


def _split(reference: str) -> tuple[str, str, str]:
    key, _, rest = reference.partition(":")
    language, _, number = rest.partition(":")
    return key, language, number


def _studio(reference: str) -> str:
    key, language, _ = _split(reference)
    return url_for("studio.show", key=key, language=language) if key in KEYS and language in LANGUAGES else ""


def behind(
    asked: Asked, words: Mapping[str, str]
) -> tuple[str, Sequence[str], list[tuple[Place, list[Any]]]]:
    """The mails that a figure counts, oldest first."""
    template, what = words.get("template", ""), words.get("what", "")
    chosen = [
        one
        for one in mailings.sent_in(asked.period)
        if (not template or one.template == template) and (what not in WHAT or _is(one, what))
    ]
    rows: list[tuple[Place, list[Any]]] = []
    for one in chosen:
        url = asked.order(one.order_number)
        if one.conversation_id and one.message_id:
            url = f"{url_for('workspace.show', conversation_id=one.conversation_id)}#m{one.message_id}"
        told = [name for name, said in (("bounced", one.bounced), ("asked again", one.asked_again), (f"score {one.score}", one.score)) if said]  # fmt: skip
        rows.append(((instant(one.at), one.id), [
            Cell(f"Order {one.order_number}", url), Cell(asked.face.short(one.at)), Cell(title(one.template)), Cell(lasting(one.waited)),
            Cell(", ".join(told)),
        ]))  # fmt: skip
    return (
        "Mails behind this figure",
        ("Order", "Queued", "Template", "Next mail after", "What came of it"),
        rows,
    )


def _is(one: mailings.Mailing, what: str) -> bool:
    return {"sent": one.sent, "bounced": one.bounced, "again": one.asked_again}[what]
