"""Tables as people export them: however one is written, the same lines come out, and nothing refused is told."""

from __future__ import annotations

import csv
import hashlib
import io
import tracemalloc
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive.audience import Bad, Good, Table, Wishes
from proactive.audience_file import FileRefused
from proactive.placeholder import Placeholder
from proactive.template import Template

LANGUAGES = ("fi", "sv", "en")
ZONE = ZoneInfo("Europe/Helsinki")
LINE_ENDS = ("\n", "\r\n", "\r")


def template(**values: Placeholder) -> Template:
    words = dict.fromkeys(LANGUAGES, "x")
    return Template(
        id="preschool_place",
        version=1,
        purpose="preschool",
        urgency="routine",
        values=values,
        text=words,
        title=words,
        expires_after=timedelta(days=3),
    )


NAME = template(name=Placeholder(kind="text", example="Aino", max=40))


def lookup(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def read(
    data: bytes, wanted: Template = NAME, *, abroad: bool = False, **common: str
) -> tuple[Table, list[Good | Bad]]:
    wishes = Wishes(template=wanted, common=common, languages=LANGUAGES, zone=ZONE, abroad=abroad)
    table = Table(io.BytesIO(data), wishes, lookup)
    return table, list(table.lines())


def written(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, delimiter: str, end: str, encoding: str, quoting: int
) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([heads, *rows])
    return text.getvalue().encode(encoding)


NAMES = st.text("ABCÅÄÖabcåäöéü ',;-\"", min_size=1, max_size=30).map(str.strip).filter(bool)
SAFE = NAMES.filter(lambda name: name[0] not in "=@+-")


@given(
    names=st.lists(SAFE, min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(LINE_ENDS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    heads=st.permutations(["Puhelin", "NAME", "kieli", "muuta"]),
)
def test_however_a_table_is_written_the_same_lines_come_out(
    names: list[str], delimiter: str, end: str, encoding: str, quoting: int, heads: list[str]
) -> None:
    said = [f"040 12345{place:02}" for place in range(len(names))]
    by_head = [
        {"Puhelin": phone, "NAME": name, "kieli": "sv", "muuta": "x"} for phone, name in zip(said, names, strict=True)
    ]
    rows = [[row[head] for head in heads] for row in by_head]
    data = written(heads, rows, delimiter=delimiter, end=end, encoding=encoding, quoting=quoting)
    table, found = read(data)
    assert [(one.number, one.values["name"], one.language, one.line) for one in found if isinstance(one, Good)] == [
        (f"+3584012345{place:02}", name, "sv", place + 2) for place, name in enumerate(names)
    ]
    assert table.unused == 1
    assert table.form.delimiter == delimiter


PHONES = {
    "0401234567": "+358401234567",
    "401234567": "+358401234567",  # a spreadsheet took the zero away
    "358401234567": "+358401234567",
    "00358 40 123 4567": "+358401234567",
    "+358 (0)40-123 4567": "+358401234567",
    "0457 342 1234": "+3584573421234",  # of Åland
    "09 310 1691": "landline",
    "0600 123 123": "no_mobile",
    "4.01E+08": "no_number",
    "112": "no_number",
    "040 123": "no_number",
    "040 123 4567, 050 123 4567": "no_number",
    "Aino": "no_number",
    "+46 70 123 45 67": "abroad",
    "+372 5123 4567": "abroad",
    "": "missing",
    "401234567.0": "no_number",  # a program took it for a sum
    "0401234567;0501234567": "no_number",
    "=1+1": "formula",
    "+cmd|'/C calc'!A0": "formula",
}


@pytest.mark.parametrize(("cell", "expected"), PHONES.items())
def test_numbers(cell: str, expected: str) -> None:
    _, (found,) = read(f'phone;name\n"{cell}";Aino\n'.encode())
    assert (found.number if isinstance(found, Good) else found.code) == expected
    if isinstance(found, Bad):
        assert found.column == "phone"


def test_numbers_of_other_countries_are_told_apart_where_they_are_allowed() -> None:
    _, found = read(b"phone;name\n+46701234567;Ulla\n0401234567;Aino\n", abroad=True)
    assert [(one.number, one.abroad) for one in found if isinstance(one, Good)] == [
        ("+46701234567", True),
        ("+358401234567", False),
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "=cmd|' /C calc'!A0",
        "@SUM(A1)",
        "+cmd",
        "-cmd()",
        " =1+1",
        "\t=1",
        "＝HYPERLINK(1)",
        '=HYPERLINK("x")',
        "\u3000=1",
        "-2+3+cmd|' /C calc'!A0",
        "+1*SUM(A1)",
    ],
)
def test_a_formula_is_refused_and_kept_nowhere(cell: str) -> None:
    data = written(
        ["phone", "name"], [["0401234567", cell]], delimiter=";", end="\n", encoding="utf-8", quoting=csv.QUOTE_ALL
    )
    _, found = read(data)
    assert found == [Bad(line=2, code="formula", column="name")]
    assert cell.strip() not in repr(found)


@pytest.mark.parametrize("cell", ["-5", "+5 asteen", "3-4", "a=b", "-2,50 e"])
def test_a_sign_before_a_number_is_no_formula(cell: str) -> None:
    _, (found,) = read(f"phone\tname\n0401234567\t{cell}\n".encode())
    assert isinstance(found, Good)
    assert found.values == {"name": cell}


def test_blank_and_broken_lines_and_their_numbers() -> None:
    data = (
        "\n;;\nphone;name\n\n"
        "0401234567;Aino\n"  # line 5
        ";;\n"
        '0401234568;"two\nlines"\n'  # 7 and 8
        "0401234569\n"  # 9
        "0401234560;Eino;more\n"  # 10
        "0401234561;Eino;;\n"  # 11: empty cells are no cells
        f"0401234562;{'x' * 41}\n"
    )
    _, found = read(data.encode())
    assert [(one.line, one.code if isinstance(one, Bad) else "good") for one in found] == [
        (5, "good"),
        (7, "line_break"),
        (8, "line_break"),
        (9, "missing"),
        (10, "columns"),
        (11, "good"),
        (12, "too_long"),
    ]


def test_a_quote_that_never_ends_costs_its_own_line_and_is_told() -> None:
    data = b'phone;name\n0401234567;"Aino\n' + b"0401234568;Eino\n" * 20_000
    _, found = read(data)
    assert isinstance(found[0], Bad)
    assert len([one for one in found if isinstance(one, Good)]) <= 1
    assert [one.line for one in found] == list(range(2, 20_003)), "what it swallows is told, line by line"


@pytest.mark.parametrize(
    "head",
    [
        *("phone_number", "Phone-Number", "GSM", "Puh.", "Puhelin:", "Puhelinnro", "Matkapuhelinnumero", "Kännykkä"),
        *("Mobilnummer", "Mobiltelefon", "Telefonnr.", "Mobile phone", "Tel."),
    ],
)
@pytest.mark.parametrize(
    "spoken", ["Asiointikieli", "Äidinkieli", "Kontaktspråk", "Modersmål", "preferred_language", "Kieli*"]
)
def test_heads_are_known_as_people_write_them(head: str, spoken: str) -> None:
    _, (found,) = read(f"{head};name;{spoken}\n0401234567;Åsa;ruotsi\n".encode("cp1252"))
    assert isinstance(found, Good)
    assert (found.number, found.language) == ("+358401234567", "sv")


def test_the_same_twice_is_sent_once_and_a_second_message_to_one_number_is_not_lost() -> None:
    _, found = read(b"phone;name\n0401234567;Aino\n+358 40 1234567;Aino\n0401234567;Eino\n")
    assert [one.code if isinstance(one, Bad) else one.values["name"] for one in found] == ["Aino", "duplicate", "Eino"]


@pytest.mark.parametrize(
    ("data", "code", "columns"),
    [
        (b"", "empty", ()),
        (b"\n;;\n", "empty", ()),
        (b"PK\x03\x04...", "no_table", ()),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "no_table", ()),
        (b"0401234567;Aino\n0401234568;Eino\n", "column_missing", ("name", "phone")),
        (b"phone\n0401234567\n", "column_missing", ("name",)),
        (b"phone;puhelin;name\n", "column_twice", ("phone",)),
        (b"phone;name\n\x81\x8d\xff\n", "encoding", ()),
        (b"phone;name\n0401234567;A\x00B\n", "encoding", ()),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_whole(data: bytes, code: str, columns: tuple[str, ...]) -> None:
    with pytest.raises(FileRefused) as refused:
        read(data)
    assert (refused.value.code, refused.value.columns) == (code, columns)


def test_the_line_that_names_the_delimiter_is_none() -> None:
    _, found = read(b"sep=;\r\nphone;name\r\n0401234567;Aino\r\n")
    assert [one.line for one in found] == [3]


def test_what_is_the_same_for_all_needs_no_column_and_a_cell_comes_before_it() -> None:
    _, found = read(b"phone\n0401234567\n", name="Aino")
    assert [one.values for one in found if isinstance(one, Good)] == [{}]
    _, found = read(b"phone;name\n0401234567;\n0401234568;Eino\n", name="Aino")
    assert [one.values for one in found if isinstance(one, Good)] == [{}, {"name": "Eino"}]


KINDS = {
    ("date", "3.8.2027"): "2027-08-03",
    ("date", "2027-08-03"): "2027-08-03",
    ("date", "03/08/2027"): "2027-08-03",
    ("date", "30.2.2027"): None,
    ("time", "14.30"): "14:30",
    ("time", "klo 9:05"): "09:05",
    ("time", "25.00"): None,
    ("moment", "3.8.2027 14.30"): "2027-08-03T14:30:00+03:00",
    ("moment", "3.8.2027 klo 14.30"): "2027-08-03T14:30:00+03:00",
    ("moment", "3.8.2027 kl. 14:30"): "2027-08-03T14:30:00+03:00",
    ("moment", "2027-12-03 14:30:00"): "2027-12-03T14:30:00+02:00",
    ("moment", "2027-08-03T14:30:00+03:00"): "2027-08-03T14:30:00+03:00",
    ("moment", "1.1.0001 00.00"): None,
    ("moment", "31.12.9999 23.59"): None,
    ("moment", "28.3.2027 3.30"): None,  # the clocks go from 3 to 4
    ("moment", "31.10.2027 3.30"): "2027-10-31T03:30:00+03:00",  # there are two: the first
    ("number", "1 234,5"): "1234.5",
    ("number", "many"): None,
    ("money", "12,50 €"): "12.50 EUR",
    ("money", "12.5"): "12.50 EUR",
    ("money", "12 eur"): "12 EUR",
    ("money", "free"): None,
    ("money", "12.345"): None,  # a thousand times more, or less than a cent too much
    ("money", "1.234,50"): None,
    ("money", "1_0"): None,
    ("money", "-3,00"): "-3.00 EUR",
    ("phone", "09 310 1691"): "+35893101691",
    ("phone", "none"): None,
    ("code", "ABCD-EFGH-2345"): "ABCD-EFGH-2345",
    ("code", "a b"): None,
    ("link", "https://www.hel.fi/x"): "https://www.hel.fi/x",
    ("link", "http://www.hel.fi"): None,
}


@pytest.mark.parametrize(("given", "expected"), KINDS.items())
def test_cells_are_read_as_spreadsheets_write_them(given: tuple[str, str], expected: str | None) -> None:
    kind, cell = given
    wanted = template(it=Placeholder(kind=kind, example="x"))  # type: ignore[arg-type]
    _, (found,) = read(f"phone;it\n0401234567;{cell}\n".encode(), wanted)
    if expected is None:
        assert found == Bad(line=2, code=kind, column="it")
    else:
        assert isinstance(found, Good)
        assert found.values == {"it": expected}


@pytest.mark.parametrize(
    ("cell", "expected"), [("fi", "fi"), ("Ruotsi", "sv"), ("svenska", "sv"), ("en-GB", "en"), ("", None), ("ru", "?")]
)
def test_languages(cell: str, expected: str | None) -> None:
    _, (found,) = read(f"phone,name,Språk\n0401234567,Aino,{cell}\n".encode("cp1252"))
    if expected == "?":
        assert found == Bad(line=2, code="language", column="language")
    else:
        assert isinstance(found, Good)
        assert found.language == expected


def test_a_long_table_is_never_all_in_memory() -> None:
    data = b"phone;name\n" + b"".join(b"040%07d;Aino %d\n" % (place, place) for place in range(20_000))
    wishes = Wishes(template=NAME, common={}, languages=LANGUAGES, zone=ZONE)
    table = Table(io.BytesIO(data), wishes, lookup)
    tracemalloc.start()
    count = sum(isinstance(one, Good) for one in table.lines())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count > 19_000
    assert peak < 12_000_000, "the digests of the lines, and no more"
