"""Two addresses for whoever watches the desk: /healthz (this process answers) and /readyz (what it needs is there)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, Response, current_app, jsonify
from sqlalchemy import text

from checkout_desk.extensions import db
from checkout_desk.web.access import PUBLIC, requires

blueprint = Blueprint("health", __name__)

Probe = Callable[[], str | None]
"""Looks at one part: None when it is well, else a few words without names, for /readyz is public."""


def init_app(app: Flask) -> None:
    """Register both addresses and the probe of the database."""
    app.extensions["desk_probes"] = {}
    add_probe(app, "database", _database, vital=True)
    app.register_blueprint(blueprint)


def add_probe(app: Flask, name: str, probe: Probe, *, vital: bool = False) -> None:
    """Ask `probe` at each /readyz. Without a vital part the desk is not ready (503); other faults are only told."""
    app.extensions["desk_probes"][name] = (probe, vital)


@blueprint.get("/healthz")
@requires(PUBLIC)
def healthz() -> Response:
    """The process answers; nothing is read or written."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@requires(PUBLIC)
def readyz() -> tuple[Response, int]:
    """Every part and how it is, 503 while a vital one is missing."""
    said: dict[str, str] = {}
    ready = True
    for name, (probe, vital) in current_app.extensions["desk_probes"].items():
        try:
            fault = probe()
        except Exception as error:  # a probe that fails is a part that fails; a class name is not private
            db.session.rollback()
            fault = f"no answer ({type(error).__name__})"
        said[name] = fault or "ok"
        ready = ready and (fault is None or not vital)
    return jsonify(ready=ready, parts=said), 200 if ready else 503


def _database() -> str | None:
    db.session.execute(text("SELECT 1"))
    return None
