"""The application factory: binds extensions, packages and settings. Nothing else lives here."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from htmx_flask import Htmx

from checkout_desk import config, faults, masking
from checkout_desk import secrets as keys_of_the_desk
from checkout_desk.buckets import open_blobs
from checkout_desk.extensions import compare_as_kept, csrf, db, login, mail
from checkout_desk.storage import NoSpace
from checkout_desk.web.compiled import CompiledTemplates

ROOT = Path(__file__).resolve().parent.parent


def create_app(
    overrides: Mapping[str, Any] | None = None, *, environment: Mapping[str, str] | None = None
) -> Flask:
    """The desk as a WSGI application.

    `environment` replaces the process's own environment; `overrides` are put over the values read from it (tests).
    Raises ConfigError for a setting that cannot be used.
    """
    values = config.read(environment)
    values.update(overrides or {})
    home: Path = values["DESK_HOME"]
    config.ensure_home(home)
    faults.allow(os.environ if environment is None else environment, sandbox=values["DESK_SANDBOX"])
    app = Flask("checkout_desk", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(values)
    compiled = CompiledTemplates(ROOT / "templates" / "__pycache__")
    app.jinja_options = {"bytecode_cache": compiled, **app.jinja_options}  # tests bring their own
    https = values["DESK_URL"].startswith("https:")
    app.config.update(
        SECRET_KEY=values["DESK_SECRET_KEY"] or _key(home, "secret")[0],
        CRYPT_KEYS=_split(values["DESK_CRYPT_KEYS"]) if values["DESK_CRYPT_KEYS"] else _key(home, "crypt"),
        SQLALCHEMY_DATABASE_URI=values["DATABASE_URL"],
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(values["DATABASE_URL"]),
        SESSION_COOKIE_NAME="__Host-desk" if https else "desk",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=https,
        MAX_CONTENT_LENGTH=values["DESK_MAX_UPLOAD"],
        MAX_FORM_MEMORY_SIZE=2 * 2**20,
        PREFERRED_URL_SCHEME="https" if https else "http",
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.extensions["desk_blobs"] = open_blobs(
        values["BLOB_URL"], keys=app.config["CRYPT_KEYS"], reserve=values["DESK_DISK_RESERVE"]
    )
    app.extensions["desk_blobs"].before_use = partial(keys_of_the_desk.refresh, app)
    keys_of_the_desk.init_app(app)
    _logging(values["DESK_LOG"])
    db.init_app(app)
    with app.app_context():
        compare_as_kept(db.engine)
    login.init_app(app)
    csrf.init_app(app)
    mail.init_app(app)
    Htmx(app)
    _packages(app)
    return app


def _key(home: Path, name: str) -> list[str]:
    return _split(config.key_file(home, name, keys_of_the_desk.new_key))


def _split(text: str) -> list[str]:
    return [key.strip() for key in text.replace("\n", ",").split(",") if key.strip()]


def _engine_options(url: str) -> dict[str, Any]:
    # Without hide_parameters a failed statement would carry the mail's text and everybody's words into the log.
    if url.startswith("sqlite"):
        # SQLite keeps JSON as the text that we write, and searches in it: ü must stand there as ü.
        return {
            "connect_args": {"check_same_thread": False, "timeout": 10},
            "hide_parameters": True,
            "json_serializer": partial(json.dumps, ensure_ascii=False, separators=(",", ":")),
            "json_deserializer": _from_json,
        }
    return {"pool_pre_ping": True, "pool_size": 8, "max_overflow": 16, "hide_parameters": True}


def _from_json(text: str) -> Any:
    """Most lists are empty (tags of fifty rows of the queue), and asking the parser costs more than looking."""
    return [] if text == "[]" else json.loads(text)


def _packages(app: Flask) -> None:
    from checkout_desk import accounts, desk, doorstep, settings, web
    from checkout_desk.catalogue import pages as catalogue
    from checkout_desk.desk import metrics
    from checkout_desk.mail import hook, readiness, to_people
    from checkout_desk.payments import hook as payment_hook
    from checkout_desk.shipping import hook as carrier_hook

    for package in (web, accounts, settings, readiness, to_people, catalogue, desk, doorstep):
        package.init_app(app)
    app.register_blueprint(metrics.blueprint)
    app.register_blueprint(hook.blueprint)
    app.register_blueprint(payment_hook.blueprint)
    app.register_blueprint(carrier_hook.blueprint)
    app.register_error_handler(NoSpace, web.pages.disk_full)


def _logging(level: str) -> None:
    logging.getLogger("mailparser").setLevel(logging.CRITICAL)
    masking.other_loggers()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            masking.processor,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=_StandardError()),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )


class _StandardError:
    """Where log lines go: what stderr is at that moment. Standard output belongs to commands that print answers."""

    def write(self, text: str) -> None:
        sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()
