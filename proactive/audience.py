"""An audience as a table: each line good, or with the reason why it is not.

Nothing of what a refused line holds is kept or told: a report names lines, columns of the template, and codes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO
from zoneinfo import ZoneInfo

from bot.messages import JSON
from proactive.audience_cells import CellFault, checked, language, number, value
from proactive.audience_file import Cells, FileRefused, Form, form_of, rows
from proactive.template import Template

MOST = 500_000
"""Lines of a file."""
PHONE, LANGUAGE = "phone", "language"
_NAMES: Mapping[str, Sequence[str]] = {
    PHONE: (
        *("phone", "phone number", "phonenumber", "mobile", "mobile phone", "mobile number", "mobile phone number"),
        *("cell phone", "number", "recipient", "msisdn", "gsm", "tel", "puh"),
        *("puhelin", "puhelinnumero", "puhelinnro", "puhelin nro", "matkapuhelin", "matkapuhelinnumero"),
        *("matkapuhelinnro", "kännykkä", "kännykkänumero", "gsm numero", "numero", "vastaanottaja"),
        *("telefon", "telefonnummer", "telefonnr", "mobil", "mobilnummer", "mobilnr", "mobiltelefon"),
        *("mobiltelefonnummer", "nummer", "mottagare"),
    ),
    LANGUAGE: (
        *("language", "lang", "language code", "preferred language", "contact language", "kieli", "kielikoodi"),
        *("asiointikieli", "viestikieli", "palvelukieli", "yhteydenottokieli", "äidinkieli"),
        *("språk", "språkkod", "kontaktspråk", "ärendespråk", "servicespråk", "modersmål"),
    ),
}
"""What the two columns are called that every template has; signs between and after words do not count."""
_SWALLOWING = frozenset(("broken", "line_break"))
"""Faults of a row that took more lines than its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """A line that can be used. ``number`` is E.164; ``digest`` stands for the number and the values."""

    line: int
    number: str
    abroad: bool
    language: str | None
    values: Mapping[str, JSON]
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A line that cannot: a code, and the column of the template that it is about, if it is about one."""

    line: int
    code: str
    column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a table is read for. ``common`` are values that are the same for all, and need no column.

    ``abroad``: numbers of other countries may be written to.
    """

    template: Template
    common: Mapping[str, JSON]
    languages: Sequence[str]
    zone: ZoneInfo
    abroad: bool = False

    def columns(self, heads: Sequence[str]) -> Mapping[int, str]:
        """The columns that are asked for, by their places."""
        named = ((at, self._name(head)) for at, head in enumerate(heads))
        return {at: name for at, name in named if name is not None}

    def _name(self, head: str) -> str | None:
        """The column that a head of the table means. The template's own names come first."""
        plain = " ".join(head.casefold().split())
        own = plain.replace(" ", "_").replace("-", "_")
        if own in self.template.values:
            return own
        said = " ".join(re.findall(r"\w+", plain.replace("_", " ")))
        return next((name for name, names in _NAMES.items() if said in names), None)


class Table:
    """A file, read for a template."""

    def __init__(self, file: BinaryIO, wishes: Wishes, lookup: Callable[[str], bytes]) -> None:
        """``lookup`` gives keyed hashes. Raises ``FileRefused``."""
        self._file = file
        self._wishes = wishes
        self._lookup = lookup
        self.form: Form = form_of(file, lambda heads: len(wishes.columns(heads)))
        heads = next(rows(file, self.form)).cells or ()
        found = wishes.columns(heads)
        self._width = len(heads)
        self._at = {name: at for at, name in found.items()}
        self.unused = sum(bool(head.strip()) for head in heads) - len(found)
        twice = [name for name, count in Counter(found.values()).items() if count > 1]
        if twice:
            raise FileRefused("column_twice", sorted(twice))
        missing = {PHONE, *wishes.template.values} - wishes.common.keys() - self._at.keys()
        if missing:
            raise FileRefused("column_missing", sorted(missing))

    def lines(self) -> Iterator[Good | Bad]:
        """Every line with something in it after the head. Raises ``FileRefused`` at one too many."""
        seen: set[bytes] = set()
        for place, cells in enumerate(rows(self._file, self.form)):
            if place > MOST:
                raise FileRefused("too_many_lines")
            if place == 0:
                continue
            found = self._line(cells)
            if isinstance(found, Good):
                if found.digest in seen:
                    found = Bad(line=found.line, code="duplicate")
                else:
                    seen.add(found.digest)
            yield found
            # A quote that never ends swallows what follows: each of these lines is told, none is lost unseen.
            if isinstance(found, Bad) and found.code in _SWALLOWING:
                yield from (Bad(line=line, code=found.code) for line in range(cells.line + 1, cells.last + 1))

    def _line(self, found: Cells) -> Good | Bad:
        cells, line = found.cells, found.line
        if cells is None:
            return Bad(line=line, code="broken")
        if any(cell.strip() for cell in cells[self._width :]):
            return Bad(line=line, code="columns")
        wishes, column = self._wishes, PHONE
        try:
            phone, abroad = number(self._cell(cells, PHONE), abroad=wishes.abroad)
            column = LANGUAGE
            spoken = language(self._cell(cells, LANGUAGE), wishes.languages)
            values: dict[str, JSON] = {}
            for column in wishes.template.values:
                cell = self._cell(cells, column)
                if cell or column not in wishes.common:
                    values[column] = value(cell, wishes.template.values[column], wishes.languages, wishes.zone)
        except CellFault as error:
            return Bad(line=line, code=error.code, column=column)
        digest = self._lookup(f"row {json.dumps([phone, values], sort_keys=True)}")
        return Good(line=line, number=phone, abroad=abroad, language=spoken, values=values, digest=digest)

    def _cell(self, cells: Sequence[str], column: str) -> str:
        """The cell of a column. Raises ``CellFault``."""
        at = self._at.get(column)
        return checked(cells[at]) if at is not None and at < len(cells) else ""
