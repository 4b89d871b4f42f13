from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import Map, Rule

from checkout_desk.web.late_rules import LateRule

RULES = ("/", "/orders/<int:number>", "/orders/<int:number>/lines/<path:name>")


@pytest.mark.parametrize("rule", RULES)
def test_a_late_rule_writes_what_a_plain_one_writes(rule: str) -> None:
    """Both ways of asking, the first time and again."""
    values = {"number": 7, "name": "a b/ü", "more": "x&y"}
    found = []
    for kind in (Rule, LateRule):
        urls = Map([kind(rule, endpoint="it")]).bind("desk.example")
        asked = [urls.build("it", values, append_unknown=more) for more in (True, False, True, False)]
        found.append(asked)
    assert found[0] == found[1]
    assert found[1][:2] == found[1][2:]
    assert "more=" in found[1][0]


def test_a_value_called_like_ours_is_a_value() -> None:
    urls = Map([LateRule("/<self>", endpoint="it")]).bind("desk.example")
    assert urls.build("it", {"self": "a", "rule": "b"}) == "/a?rule=b"


def test_the_desk_compiles_what_is_asked_for(app: Flask) -> None:
    plain = {rule.endpoint for rule in app.url_map.iter_rules() if not isinstance(rule, LateRule)}
    assert plain == {"static"}  # Flask's own, from before we come
