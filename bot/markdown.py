"""Light Markdown, as ``Reply.text`` is written in."""

from __future__ import annotations

import re

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+|~!&])")


def escape(text: str) -> str:
    """Plain words as Markdown: every character that could be markup is escaped."""
    return _MARKUP.sub(r"\\\1", text)
