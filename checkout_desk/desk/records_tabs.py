"""The tabs over the pages of the records: those that this person may open."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for

from checkout_desk.desk.frame import frame

TABS = (
    ("events_page.show", "What happened", "events.read"),
    ("people_records.everybody", "People", "records.read"),
    ("people_records.retention_rules", "Retention", "records.keep"),
    ("people_records.holds", "Legal holds", "records.keep"),
)


def tabs() -> list[dict[str, Any]]:
    """Label, address and whether it is the page that is shown."""
    return [
        {"label": label, "url": url_for(endpoint), "current": request.endpoint == endpoint}
        for endpoint, label, permission in TABS
        if endpoint in current_app.view_functions and frame().person.may(permission)
    ]
