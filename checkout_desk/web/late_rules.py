"""Rules of the URL map that learn to write their addresses when somebody asks for one.

Werkzeug compiles two functions a rule as the map is made: a tenth of a second and 2 MB for hundreds of rules, of which a
process that shows the queue uses thirty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LateRule(Rule):
    """A rule whose `_build` and `_build_unknown` compile themselves at their first call."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder

        def build(rule: Any, /, **values: Any) -> tuple[str, str]:
            made: Callable[..., tuple[str, str]] = compile_now(append_unknown).__get__(rule, None)
            setattr(rule, "_build_unknown" if append_unknown else "_build", made)
            return made(**values)

        return build
