"""What customers are told about returns, in eight languages: the mails (version 1), and the sentences put into them."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from checkout_desk.correspondence.standard.returns import de, en, es, fr, it, ja, nl, pt

_MODULES: dict[str, ModuleType] = {
    "en": en, "de": de, "fr": fr, "es": es, "pt": pt, "it": it, "nl": nl, "ja": ja,
}  # fmt: skip
TEMPLATES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    code: module.TEMPLATES for code, module in _MODULES.items()
}
"""language -> key -> (subject, body)"""
SENTENCES: Mapping[str, Mapping[str, str]] = {code: module.SENTENCES for code, module in _MODULES.items()}
"""language -> what is true of a return -> the sentence that says so"""
