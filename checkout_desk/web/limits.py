"""A brake on floods, counted in Valkey and, while Valkey is silent, in this process.

It spares work; it is not what protects the sign-in: failed sign-ins are counted in the database.
"""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import RedisStorage

# One client is enough; it would load a second one (2 MB) only because that is installed.
RedisStorage.DEPENDENCIES = {"redis": RedisStorage.DEPENDENCIES["redis"]}

limiter = Limiter(
    key_func=get_remote_address,
    in_memory_fallback_enabled=True,
    swallow_errors=True,
    headers_enabled=False,
    key_prefix="desk",
    storage_options={"socket_connect_timeout": 1, "socket_timeout": 1},
)


def init_app(app: Flask) -> None:
    """Count in the Valkey of `app`."""
    url: str = app.config["REDIS_URL"]
    app.config.setdefault("RATELIMIT_STORAGE_URI", "redis+" + url if url.startswith("unix://") else url)
    app.config.setdefault("RATELIMIT_ENABLED", True)
    limiter.init_app(app)
    # Only the routes that say so have a limit, and ask for it themselves; its hook before all others costs and finds nothing.
    hooks = app.before_request_funcs[None]
    hooks[:] = [hook for hook in hooks if hook != limiter._check_request_limit]
