"""A table as people export it: its encoding and its delimiter are found out, and its lines are read one by one."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

DELIMITERS = ";,\t"
_OTHER_FILES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PIECE = 1 << 20


class FileRefused(ValueError):
    """The file as a whole cannot be used: a code, and the columns of the template that it is about."""

    def __init__(self, code: str, columns: Sequence[str] = ()) -> None:
        super().__init__(f"{code}: {', '.join(columns)}" if columns else code)
        self.code = code
        self.columns = tuple(columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a file is written."""

    encoding: str
    delimiter: str


@dataclass(frozen=True, slots=True)
class Cells:
    """A line with something in it, by the numbers of its first and last line in the file; ``None`` if it is broken."""

    line: int
    cells: Sequence[str] | None
    last: int


def form_of(file: BinaryIO, known: Callable[[Sequence[str]], int]) -> Form:
    """How a file is written; ``known`` counts the heads that mean something. Raises ``FileRefused``."""
    encoding = _encoding(file)
    with _text(file, encoding) as text:
        head = next((line for line in text if line.strip(f"{DELIMITERS} \"'\r\n") and not _hint(line)), "")
    if not head:
        raise FileRefused("empty")
    # The sniffer of the csv module guesses from punctuation; what the heads must be is known.
    delimiter = max(DELIMITERS, key=lambda sign: known(_parted(head, sign)))
    return Form(encoding=encoding, delimiter=delimiter)


def rows(file: BinaryIO, form: Form) -> Iterator[Cells]:
    """The head, and each line after it."""
    with _text(file, form.encoding) as text:
        reader = csv.reader(text, delimiter=form.delimiter)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield Cells(line, None, reader.line_num)
                continue
            if any(cell.strip() for cell in cells) and not (line == 1 and _hint(cells[0])):
                yield Cells(line, cells, reader.line_num)


def _hint(text: str) -> bool:
    """Whether it is the line with which some programs name the delimiter."""
    return text.casefold().startswith("sep=")


def _parted(line: str, delimiter: str) -> Sequence[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _encoding(file: BinaryIO) -> str:
    """UTF-8 where all of it is, else Windows-1252, of which Latin-1 is a part for every letter there is.

    No guess from how often letters come: what is valid UTF-8 with letters beyond ASCII is hardly ever anything else.
    """
    file.seek(0)
    start = file.read(4)
    if start.startswith(_OTHER_FILES):
        raise FileRefused("no_table")
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name if _decodes(file, name) else _refused()
    return next((name for name in ("utf-8", "cp1252") if _decodes(file, name)), None) or _refused()


def _refused() -> str:
    raise FileRefused("encoding")


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while piece := file.read(_PIECE):
            if "\0" in decoder.decode(piece):
                return False
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


@contextmanager
def _text(file: BinaryIO, encoding: str) -> Iterator[io.TextIOWrapper]:
    """The file as text, from its beginning; it stays open."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        yield text
    finally:
        text.detach()
