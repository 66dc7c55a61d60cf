"""Pages and tables as drafts: what an editor gets, and that nothing answers from it before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from aiohttp import web

from bot.gsm import foreign, units
from knowledge.drafts import NoTable, from_pages, from_table, shortened, write
from knowledge.faults import Fault
from knowledge.html_text import Page, plain
from knowledge.http import SourceRefused, SourceUnavailable
from knowledge.load import load_content
from knowledge.model import Topic
from knowledge.pages import Manners, Site
from knowledge.shape import shape
from knowledge.source import Document, read_yaml
from tests.unit.knowledge.stand import Stand, standing

TODAY = date(2026, 11, 26)
QUICK = Manners(pause=0, timeout=1, size=100_000)
PAGE = """<!doctype html><html lang="fi"><head><title>Sauna | Kylä</title>
<link rel="alternate" hreflang="sv" href="{base}/sv/bastu"><link rel="alternate" hreflang="fi" href="{base}/fi/sauna">
<style>p {{color: red}}</style><script>alert("<p>x</p>")</script></head>
<body><nav><ul><li>Etusivu</li></ul></nav><header>Valikko</header>
<main><h1>Sauna &amp; uinti</h1><p>Sauna on auki — joka päivä.<br>Tervetuloa!</p><ul><li>Liput 5&nbsp;€</ul>
<form><button>Lähetä</button></form></main><footer>© Kylä</footer></body></html>"""
SWEDISH = """<html lang="sv"><head><link rel="alternate" hreflang="fi" href="{base}/fi/sauna"></head>
<body><main><h1>Bastu</h1><p>Bastun är öppen.</p></main></body></html>"""


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with standing() as found:
        base = found.url
        listed = ("/fi/sauna", "/sv/bastu", "/fi/gone", "/fi/moved", "/private/x")
        inner = "".join(f"<url><loc>{base}{path}</loc></url>" for path in listed)
        other = "<url><loc>https://elsewhere.example/</loc></url>"
        found.body(
            "/sitemap.xml", f"<sitemapindex><sitemap><loc>{base}/pages.xml</loc></sitemap></sitemapindex>".encode()
        )
        found.body("/pages.xml", f"<?xml version='1.0'?><urlset>{inner}{other}</urlset>".encode())
        found.body("/robots.txt", b"User-agent: *\nDisallow: /private/")
        found.body("/fi/sauna", PAGE.format(base=base).encode())
        found.body("/sv/bastu", SWEDISH.format(base=base).encode("latin-1"))
        found.body("/fi/moved", b"", status=301, headers={"Location": "/sv/bastu"})
        found.body("/private/x", b"<p>secret</p>")
        yield found


async def read(address: str, manners: Manners = QUICK) -> list[tuple[str, Page | None]]:
    async with Site(address, manners) as site:
        return [page async for page in site.pages()]


def test_the_main_part_of_a_page_as_a_reader_sees_it() -> None:
    page = Page(PAGE.format(base=""))
    assert page.title == "Sauna & uinti"
    assert page.paragraphs == ["Sauna & uinti", "Sauna on auki — joka päivä.", "Tervetuloa!", "Liput 5 €"]
    assert page.language == "fi"


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "<",
        "<<<>>>",
        "<main>",
        "</main></p>",
        "<p" * 5000,
        "<div>" * 20_000 + "x",
        "<!--",
        "&#x110000;&#0;",
        "<script>x",
    ],
)
def test_broken_markup_is_read_as_far_as_it_goes(markup: str) -> None:
    assert isinstance(Page(markup).title, str)


def test_a_piece_of_markup_on_one_line() -> None:
    assert plain("<p>A &amp; <b>B</b></p><p>C</p>") == "A & B C"


async def test_a_site_by_its_sitemaps(stand: Stand) -> None:
    pages = await read(f"{stand.url}/sitemap.xml")
    assert [(address.removeprefix(stand.url), page is not None) for address, page in pages] == [
        ("/fi/sauna", True),
        ("/sv/bastu", True),
        ("/fi/gone", False),
        ("/fi/moved", True),
        ("/private/x", False),
    ]
    assert "/private/x" not in stand.asked
    assert len(await read(f"{stand.url}/sitemap.xml", Manners(pause=0, pages=2))) == 2


async def test_one_page_alone(stand: Stand) -> None:
    ((_, page),) = await read(f"{stand.url}/fi/sauna")
    assert page is not None
    assert page.title == "Sauna & uinti"


async def test_bad_sites(stand: Stand) -> None:
    stand.body("/far", b"", status=302, headers={"Location": "http://169.254.169.254/"})
    stand.body("/round", b"", status=302, headers={"Location": "/round"})
    stand.body("/large", b"x" * 200_000)
    stand.hang("/slow", b"<p>", drip=0.05)
    for path, error in (
        ("/far", SourceRefused),
        ("/round", SourceUnavailable),
        ("/large", SourceUnavailable),
        ("/slow", SourceUnavailable),
        ("/missing", SourceUnavailable),
    ):
        with pytest.raises(error):
            await read(f"{stand.url}{path}")


async def test_one_draft_for_a_page_in_its_languages(stand: Stand, tmp_path: Path) -> None:
    pages = [(address, page) for address, page in await read(f"{stand.url}/sitemap.xml") if page is not None]
    drafts = from_pages(pages, ("fi", "sv", "en"))
    assert [draft.intent for draft in drafts] == ["sauna"]
    assert drafts[0].titles == {"fi": "Sauna & uinti", "sv": "Bastu"}
    assert drafts[0].answers["sv"] == "Bastun är öppen."
    assert write(drafts, tmp_path, TODAY) == (1, 0)
    (tmp_path / "sauna.yaml").write_text("edited", encoding="utf-8")
    assert write(drafts, tmp_path, TODAY) == (0, 1)
    assert (tmp_path / "sauna.yaml").read_text(encoding="utf-8") == "edited"
    assert write(drafts, tmp_path, TODAY, force=True) == (1, 0)


TABLE = """id;question;answer;language;source
sauna;Milloin sauna on auki?;Sauna on auki joka päivä.;fi;https://kyla.example/sauna
sauna;Onko sauna auki?;;fi;
sauna;When is the sauna open?;Every day.;en;https://kyla.example/en/sauna
;Missä on uimaranta?;Lahden päässä.;fi;https://kyla.example/ranta
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_table_of_questions(encoding: str, delimiter: str) -> None:
    drafts = from_table(TABLE.replace(";", delimiter).encode(encoding), ("fi", "sv", "en"))
    assert [draft.intent for draft in drafts] == ["sauna", "missa_on_uimaranta"]
    assert drafts[0].answers == {"fi": "Sauna on auki joka päivä.", "en": "Every day."}
    assert drafts[0].questions["fi"] == ["Milloin sauna on auki?"]


@pytest.mark.parametrize("raw", [b"", b"a;b\n1;2", b"question\nx", b"\x00\x01\xff", b'question,answer\n"x', b"{}"])
def test_what_is_no_table(raw: bytes) -> None:
    try:
        assert from_table(raw, ("fi",)) == []
    except NoTable as error:
        assert "column" in str(error) or "table" in str(error)


def test_nothing_answers_from_a_draft_until_it_is_moved(village: Path) -> None:
    (draft,) = from_table("question,answer\nMissä uida?,Rannalla.\n".encode(), ("fi", "en"))
    draft.source = "https://kyla.example/ranta"
    write([draft], village / "drafts", TODAY)
    assert [topic.intent for topic in load_content(village, today=TODAY).topics] == ["sauna"]
    faults: list[Fault] = []
    document = read_yaml(village / "drafts" / "missa_uida.yaml", "drafts/missa_uida.yaml", faults)
    assert isinstance(document, Document)
    assert shape(Topic, document, faults) is None
    assert {fault.message.split(":")[0] for fault in faults} == {"draft", "owner"}  # what is left to the editor


@pytest.mark.parametrize("text", ["Lyhyt.", "Ensimmäinen lause. " * 40, "x" * 900, "“Ä” – … 😀 €" * 60, "字" * 400, ""])
def test_the_short_answer_fits_a_text_message(text: str) -> None:
    short = shortened(text)
    assert units(short) <= 300
    assert not foreign(short)


async def test_robots_that_cannot_be_read_forbid_nothing(stand: Stand) -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        return web.Response(status=500)

    stand.on("/robots.txt", broken)
    assert await read(f"{stand.url}/fi/sauna")
