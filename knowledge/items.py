"""The items of a long JSON array, one by one as its bytes arrive: neither the bytes nor the items are ever all there.

Read with the standard library's scanner; ``ijson`` does the same, with a parser of its own beside it.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any

from knowledge.http import LENIENT

_SPACE = " \t\r\n"
_MEGABYTE = 1024 * 1024


class NotJSON(ValueError):
    """What arrived is no JSON, is cut off, or has an item of a size that no item has."""


class Items:
    """Feed it bytes. An array gives its items; an object gives itself, at the end: a page of a list."""

    def __init__(self, *, largest_item: int = _MEGABYTE, largest_page: int = 16 * _MEGABYTE) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors=LENIENT)
        self._scan = json.JSONDecoder().raw_decode
        self._largest = {"[": largest_item, "{": largest_page}
        self._text = ""
        self._page: list[str] = []
        self._length = 0
        self._kind = ""
        self._ended = False

    def feed(self, raw: bytes) -> Iterator[Any]:
        """The items that are complete now. Raises ``NotJSON``."""
        piece = self._decoder.decode(raw)
        if self._kind == "{":
            self._page.append(piece)  # joined once at its end: a page grows long
            self._length += len(piece)
        else:
            self._text += piece
            self._begin()
            self._length = len(self._text)
        if self._kind == "[":
            yield from self._items()
            self._length = len(self._text)
        if self._kind and self._length > self._largest[self._kind]:
            raise NotJSON("an item that is too large, or no JSON")

    def end(self) -> Iterator[Any]:
        """What was waiting for its end. Raises ``NotJSON`` where the end is missing."""
        self._text = "".join((self._text, *self._page, self._decoder.decode(b"", final=True)))
        self._begin()
        if self._kind == "{":
            page, end = self._scanned(0)
            self._text, self._ended = self._text[end:], True
            yield page
        elif self._kind:
            yield from self._items()
        if not self._ended or self._text.strip(_SPACE):
            raise NotJSON("an answer that is cut off, or no JSON")

    def _begin(self) -> None:
        if self._kind:
            return
        self._text = self._text.lstrip(_SPACE)
        if not self._text:
            return
        self._kind = self._text[0]
        if self._kind not in self._largest:
            raise NotJSON("no list")
        if self._kind == "[":
            self._text = self._text[1:]

    def _items(self) -> Iterator[Any]:
        place = 0
        try:
            while not self._ended and (place := self._next(place)) < len(self._text):
                if self._text[place] == "]":
                    self._ended = True
                    place += 1
                    break
                try:
                    item, place = self._scanned(place)
                except NotJSON:
                    break  # most likely its end is still to come; the limit and the end tell otherwise
                yield item
        finally:
            self._text = self._text[place:]

    def _next(self, place: int) -> int:
        while place < len(self._text) and self._text[place] in f"{_SPACE},":
            place += 1
        return place

    def _scanned(self, place: int) -> tuple[Any, int]:
        try:
            return self._scan(self._text, place)
        except (ValueError, RecursionError):
            raise NotJSON("an answer that is cut off, or no JSON") from None
