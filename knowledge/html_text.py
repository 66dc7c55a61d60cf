"""HTML as plain text: what a reader sees of it, in paragraphs. By the standard library's parser, which takes anything.

Of a whole page the main part is taken (``main``, else ``article``, else ``body``), without menus, forms and scripts.
"""

from __future__ import annotations

from html.parser import HTMLParser

_NOT_SAID = frozenset(("script", "style", "template", "noscript", "svg", "select", "iframe", "head"))
_NOT_MAIN = frozenset(("nav", "header", "footer", "aside", "form", "button", "dialog"))
_SILENT = _NOT_SAID | _NOT_MAIN
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_BREAKS = _HEADINGS | frozenset(
    ("p", "div", "section", "article", "main", "li", "tr", "br", "ul", "ol", "hr", "table", "blockquote", "dt", "dd")
)
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_MAIN = ("main", "article", "body")
_LONGEST = 200_000
_DEEPEST = 500


class Page:
    """What a page says. ``title`` is its first heading, else its ``title``; ``language`` is that of the page.

    ``others`` are the addresses of the same page in other languages, as it gives them (``hreflang``).
    """

    def __init__(self, markup: str) -> None:
        reader = _Reader()
        reader.feed(markup[:_LONGEST])
        reader.close()
        best = next((reader.parts[name] for name in _MAIN if any(reader.parts[name])), reader.parts[""])
        self.paragraphs = [line for part in "".join(best).split("\n") if (line := " ".join(part.split()))]
        self.title = " ".join("".join(reader.heading or reader.title).split())
        self.description = " ".join(reader.description.split())
        self.language = reader.language[:2].lower()
        self.others = reader.others


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: dict[str, list[str]] = {name: [] for name in (*_MAIN, "")}
        self.title: list[str] = []
        self.heading: list[str] = []
        self.description = ""
        self.language = ""
        self.others: dict[str, str] = {}
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "html":
            self.language = values.get("lang") or ""
        if tag == "meta" and (values.get("name") or "").lower() == "description":
            self.description = values.get("content") or ""
        if tag == "link" and values.get("hreflang") and values.get("href"):
            self.others[(values["hreflang"] or "")[:2].lower()] = values["href"] or ""
        if tag in _BREAKS:
            self._add("\n")
        if tag not in _VOID and len(self._open) < _DEEPEST:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag in _BREAKS:
            self._add("\n")

    def handle_data(self, data: str) -> None:
        if "title" in self._open and "svg" not in self._open:
            self.title.append(data)
        elif "h1" in self._open and not self._ended_heading():
            self.heading.append(data)
        self._add(data)

    def _ended_heading(self) -> bool:
        return len("".join(self.heading)) > 300

    def _add(self, text: str) -> None:
        if _SILENT.isdisjoint(self._open):
            for name in _MAIN:
                if name in self._open:
                    self.parts[name].append(text)
            self.parts[""].append(text)


def plain(markup: str) -> str:
    """A piece of HTML on one line."""
    return " ".join(" ".join(Page(markup).paragraphs).split())
