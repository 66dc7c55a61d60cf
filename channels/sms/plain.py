"""Light Markdown as plain words: what a reader of a text message sees."""

from __future__ import annotations

import html
import re

from yarl import URL

from bot.messages import Link
from channels.render import safe_url

_LINE = re.compile(
    r"""
      ^\ {0,3}\#{1,6}\ +                   # a heading
    | ^\ {0,3}(?:>\ ?)+                    # a quotation
    | ^\ {0,3}(?:[-*_]\ ?){3,}$            # a line across the page
    | (?:\ {2,}|\\)$                       # a line that is broken by hand
    """,
    re.VERBOSE | re.MULTILINE,
)
_BULLET = re.compile(r"^[ \t]*[*+-][ \t]+", re.MULTILINE)
_BLANK = re.compile(r"\s*\n\s*")
_INLINE = re.compile(
    r"""
      \\(?P<escaped>[!-/:-@\[-`{-~])
    | (?P<bare>https?://[^\s<>()\[\]]+(?:\([^\s<>()]*\)[^\s<>()\[\]]*)*)
    | !?\[(?P<label>(?:[^\[\]\\]|\\.)*)\]\(\s*<?(?P<url>[^()\s<>]*(?:\([^()\s<>]*\)[^()\s<>]*)*)>?(?:\s+[^()]*)?\)
    | <(?P<marked>(?:https?://|mailto:|tel:)[^\s<>]+)>
    | `(?P<code>[^`\n]+)`
    | \*\*(?P<bold>\S(?:[^\n]*?\S)?)\*\*
    | (?<!\w)__(?P<strong>\S(?:[^\n]*?\S)?)__(?!\w)
    | (?<![\w*])\*(?P<stressed>[^\s*](?:[^\n*]*[^\s*])?)\*(?![\w*])
    | (?<![\w_])_(?P<slanted>[^\s_](?:[^\n_]*[^\s_])?)_(?![\w_])
    | (?P<named>&(?:amp|lt|gt|quot|nbsp|\#\d{1,7}|\#x[0-9A-Fa-f]{1,6});)
    """,
    re.VERBOSE,
)


def plain(markdown: str) -> str:
    """The words alone, a line for each paragraph and item; a link as ``label: address``."""
    lines = _BULLET.sub("- ", _LINE.sub("", markdown.replace("\r\n", "\n")))
    return _BLANK.sub("\n", _inline(lines)).strip()


def link_words(link: Link) -> str:
    """A link as ``label: address``; the label alone where the address adds nothing or is not safe to press."""
    label = link.label.strip()
    if not safe_url(link.url):
        return label
    shown = _address(link.url)
    if not label or _bare(label) == _bare(shown):
        return shown
    if link.url.startswith("tel:") and re.sub(r"\D", "", shown) in re.sub(r"\D", "", label):
        return label
    return f"{label}: {shown}"


def _inline(text: str) -> str:
    return _INLINE.sub(_words, text)


def _words(found: re.Match[str]) -> str:
    kind = found.lastgroup or ""
    if kind == "url":
        return link_words(Link(_inline(found["label"]), found["url"]))
    if kind in ("bold", "strong", "stressed", "slanted"):
        return _inline(found[kind])
    if kind in ("bare", "marked"):
        return _address(found[kind])
    return html.unescape(found[kind]) if kind == "named" else found[kind]


def _address(url: str) -> str:
    """An address as people type it: letters that would be changed on the way are escaped."""
    if url.startswith(("tel:", "mailto:")):
        return url.partition(":")[2]
    if url.isascii():
        return url
    try:
        return str(URL(url))
    except ValueError:
        return url


def _bare(address: str) -> str:
    return re.sub(r"^https?://(www\.)?|/$", "", address.lower())
