"""Light Markdown as Telegram's HTML, in parts that Telegram takes.

A text is read into runs of one style each. A part is rendered from its own runs, so that its tags are always whole.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from channels.render import safe_url
from channels.split import split

LONGEST_TEXT = 4096
"""UTF-16 units of a message. Telegram counts them without tags; we count them with tags, which is never too little."""
_LONGEST_URL = 1000

_TOKEN = re.compile(
    r"""
      \\(?P<escaped>[!-/:-@\[-`{-~])
    | \*\*(?=\S)(?P<bold>(?:\\.|[^\\\n])+?)(?<=\S)\*\*
    | !?\[(?P<label>(?:\\.|[^\[\]\\\n])*)\]\(\s*<?(?P<url>[^()\s<>]*(?:\([^()\s<>]*\)[^()\s<>]*)*)>?(?:\s[^()\n]*)?\)
    """,
    re.VERBOSE,
)
_BULLET = re.compile(r"^([ \t]*)[-*+] (?=\S)", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6} +(.+?)(?: +#+)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one style."""

    text: str
    bold: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One message's text: as HTML, and as plain text for when Telegram does not take our HTML."""

    html: str
    plain: str


def units(text: str) -> int:
    """The length as Telegram counts it: in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def parts(markdown: str) -> list[Part]:
    """A text as messages of at most ``LONGEST_TEXT`` units each, in their order; none for a blank text."""
    runs = list(read(markdown))
    text = "".join(run.text for run in runs)
    limit = LONGEST_TEXT
    while True:
        found = [_part(piece) for piece in _pieces(runs, text, limit)]
        if limit <= 1 or all(units(part.html) <= LONGEST_TEXT for part in found):
            return found
        limit //= 2  # its tags are long: shorter pieces hold fewer of them


def read(markdown: str) -> Iterator[Run]:
    """The runs of a text."""
    text = markdown.replace("\r\n", "\n").replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    text = _HEADING.sub(lambda found: f"**{found[1].strip('*')}**", _BULLET.sub(r"\1• ", text))
    yield from _inline(text, Run(""))


def _inline(text: str, style: Run) -> Iterator[Run]:
    place = 0
    for found in _TOKEN.finditer(text):
        if found.start() > place:
            yield replace(style, text=text[place : found.start()])
        place = found.end()
        yield from _styled(found, style)
    if place < len(text):
        yield replace(style, text=text[place:])


def _styled(found: re.Match[str], style: Run) -> Iterator[Run]:
    if found["escaped"] is not None:
        yield replace(style, text=found["escaped"])
    elif found["bold"] is not None:
        yield from _inline(found["bold"], replace(style, bold=True))
    else:
        yield from _link(found["label"], found["url"], style)


def _link(label: str, url: str, style: Run) -> Iterator[Run]:
    """A link on the web as one; a number or mail address in words, where Telegram makes a link of it by itself."""
    scheme, _, rest = url.partition(":")
    if not safe_url(url) or len(url) > _LONGEST_URL:
        yield from _inline(label, style)
    elif scheme.lower() in ("http", "https"):
        yield from _inline(label or url, replace(style, url=url))
    else:
        yield from _inline(label, style)
        if rest not in label:
            yield replace(style, text=f" ({rest})" if label else rest)


def _pieces(runs: Sequence[Run], text: str, limit: int) -> Iterator[list[Run]]:
    """The runs of each piece of the text."""
    place = 0
    for piece in split(text, limit, _escaped_units):
        start = text.index(piece, place)
        place = start + len(piece)
        yield list(_between(runs, start, place))


def _between(runs: Sequence[Run], start: int, end: int) -> Iterator[Run]:
    place = 0
    for run in runs:
        cut = run.text[max(0, start - place) : max(0, end - place)]
        if cut:
            yield replace(run, text=cut)
        place += len(run.text)


def _escaped_units(text: str) -> int:
    return units(html.escape(text, quote=False))


def _part(runs: Sequence[Run]) -> Part:
    return Part("".join(map(_tagged, runs)), "".join(_spelt(runs)))


def _tagged(run: Run) -> str:
    text = html.escape(run.text, quote=False)
    if run.bold:
        text = f"<b>{text}</b>"
    return text if run.url is None else f'<a href="{html.escape(run.url)}">{text}</a>'


def _spelt(runs: Sequence[Run]) -> Iterator[str]:
    """The words, with the address of a link after its last run."""
    for place, run in enumerate(runs):
        yield run.text
        ended = place + 1 == len(runs) or runs[place + 1].url != run.url
        if run.url is not None and ended and run.url not in run.text:
            yield f" ({run.url})"
