"""Personal data in a text replaced by what it is, before anything is stored that need not hold it.

``mask`` is a pure function of the text: identity codes, e-mail addresses, phone numbers, plates, street addresses with
a house number, and names after "my name is". It errs on the side of masking: a code whose check character is wrong was
most likely a real one typed wrong. Masked text stays the same when it is masked again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from nlu.amounts import plates
from nlu.contacts import phones
from nlu.text import folded, understood

IDENTITY_CODE, EMAIL, PHONE, PLATE, ADDRESS, NAME, ACCOUNT = (
    f"‹{kind}›" for kind in ("identity code", "e-mail", "phone", "plate", "address", "name", "account")
)

_CODE = re.compile(r"(?<![^\W_])(\d\d)(\d\d)\d\d[ ]?[-+–−A-FU-Y][ ]?\d{3}[ ]?[0-9A-FHJ-NPR-Y](?![^\W_])", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s<>(),;:\"‹›]{1,64}(?:@|\s?\(at\)\s?)[^\s<>(),;:\"‹›@]{1,190}\.[^\W\d_]{2,24}")
_ACCOUNT = re.compile(r"(?<![^\W_])FI\d\d(?:\s?\d{4}){3}\s?\d\d(?![^\W_])", re.IGNORECASE)
_BUSINESS = re.compile(r"\d{7}-\d")
"""A business id, which is public."""

_ROADS = (
    "katu|kadu|tie|kuja|polku|polu|kaari|kaare|raitti|raiti|rinne|rintee|tori|aukio|vayla|penger|penkere|laituri"
    "|puistikko|puistiko|portti|porti|silta|silla|ranta|ranna|mak[ie]|mae|porras|portaa"
)
_VAGAR = "gatan|vagen|granden|stigen|bagen|torget|platsen|stranden|kajen|allen|straket|esplanaden|brinken|backen"
_NUMBER = (
    r"\d{1,3}(?!\d)(?![.:]\d)(?:\s?-\s?\d{1,3}(?!\d))?(?:\s?[a-h](?![^\W_]))?"
    r"(?:\s+(?:as\.?\s?|bst\.?\s?|asunto\s)?\d{1,3}(?![\d.:]))?"
    r"(?!\s+(?:metri|meter|m\b|km\b|cm\b|kuopp|grop|auto|bil|kertaa|gang|euro|minuut|minut|paiva|dag|tunti|timm|kpl|st\b))"
)
_ADDRESS = re.compile(
    rf"\b(?:[a-z-]{{2,40}}(?:{_ROADS})[a-z]{{0,6}}|[a-z-]{{2,40}}(?:{_VAGAR})s?"
    rf"|(?P<apart>[a-z.-]{{2,24}}\s+(?:[a-z.-]{{2,24}}\s+)?)(?:tie|katu|kuja|polku|vag|gata|grand|stig)(?:n|lla|lta|lle)?"
    rf"|(?:[1-5]\.?|ensimmai\w{{3,4}}|toi\w{{2,4}}|kolma\w{{1,4}}|nelja\w{{1,4}}|viide\w{{1,4}})\s+linja(?:lla|lta|lle|n)?|(?:forsta|andra|tredje|fjarde|femte)\s+linjen)\s+{_NUMBER}(?![^\W_])"
)
_NO_ADDRESS = re.compile(
    r"(?:uima|hiekka)?(?:ranta|ranna)|(?:kanta|valta|moottori|seutu|yhdys|pyora|maan|keha|ensi|tiedo|rauta|ava|jalka)"
    r"ti[ea]|bussi|linja|laituri\s|kauppatori|metro|(?:asema|satama|lahto)?laituri"
)
_ENGLISH_ADDRESS = re.compile(
    r"\b\d{1,3}[a-h]?\s+(?:[a-z-]{2,24}\s+){1,2}(?:street|road|lane|avenue)\b"
    r"|\b(?:[a-z-]{2,24}\s+){1,2}(?:street|road|lane|avenue)\s+\d{1,3}\b"
)

_LEADS = re.compile(
    r"\b(?:nimeni\s+on|(?:mun|minun|koko|omistajan|lapsen|lapseni|tyttareni|poikani|puolisoni|mieheni|vaimoni)\s+"
    r"nimi\s+on|(?:etu|suku|koko)?nimi\s*:|jag\s+heter|(?:dottern|dotter|sonen|son|barnet|barn|mannen|frun)\s+heter"
    r"|mitt\s+namn\s+(?:ar|e)|namn\s*:|my\s+(?:full\s+)?name\s+is|my\s+name['’]?s|(?:full\s+)?name\s*:"
    r"|(?:son|daughter|child|kid|husband|wife)(?:['’]?s\s+name)?\s+is\s+(?:called|named)|i\s+am\s+called"
    r"|(?:ystavallisin\s+)?terveisin|med\s+vanlig\s+halsning|(?:best|kind)\s+regards),?\s+"
)
_NAMED = re.compile(r" ?([^\W\d_]+(?:['’-][^\W\d_]+)*)")
_PARTICLES = frozenset({"von", "af", "de", "van", "der", "da", "al", "bin"})
_NO_NAMES = frozenset({
    "ja", "mutta", "olen", "oon", "asun", "haluan", "haluaisin", "haluun", "tarvitsen", "en", "ei", "on", "vaarin",
    "vaara", "kirjoitettu", "muuttunut", "vaihtunut", "vaihdettu", "oikein", "puuttuu", "salainen", "sama", "eri",
    "och", "men", "bor", "vill", "inte", "int", "fel", "felstavat", "andrat", "jag", "samma", "som", "pa", "min",
    "and", "but", "i", "im", "the", "a", "not", "is", "wrong", "misspelled", "misspelt", "spelled", "changed", "my",
    "missing", "different", "incorrect", "from", "in", "please", "can", "how", "registered", "already", "still",
    "kuin", "vaan", "vain", "sitten", "nyt", "minun", "mun", "joka", "etta", "syntynyt", "han", "av", "vad", "hur",
})  # fmt: skip


class _Span(NamedTuple):
    start: int
    end: int
    tag: str


def mask(text: str, kinds: Collection[str] | None = None) -> str:
    """The text in NFC with personal data as ``‹phone›`` and the like. Takes any text and never raises.

    ``kinds`` are the marks of what is masked, such as ``PHONE``; everything where it is ``None``.
    """
    whole = understood(text)
    plain = folded(whole)
    taken, spans = bytearray(len(whole)), []
    for span in _spans(whole, plain):
        if (kinds is None or span.tag in kinds) and not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            spans.append(span)
    pieces, end = [], 0
    for start, after, tag in sorted(spans):
        pieces += [whole[end:start], tag]
        end = after
    return "".join((*pieces, whole[end:]))


def _spans(text: str, plain: str) -> Iterator[_Span]:
    for match in _CODE.finditer(text):
        if _is_day(int(match[1]), int(match[2])):
            yield _Span(match.start(), match.end(), IDENTITY_CODE)
    for match in _ACCOUNT.finditer(text):
        yield _Span(match.start(), match.end(), ACCOUNT)
    for match in _EMAIL.finditer(text):
        yield _Span(match.start(), match.end(), EMAIL)
    for found in phones(text):
        if _BUSINESS.fullmatch(found.text) is None:
            yield _Span(found.start, found.end, PHONE)
    for found in plates(text):
        yield _Span(found.start, found.end, PLATE)
    yield from _addresses(text, plain)
    yield from _names(text, plain)


def _is_day(day: int, month: int) -> bool:
    """Whether some year has the day."""
    try:
        date(2000, month, day)
    except ValueError:
        return False
    return True


def _addresses(text: str, plain: str) -> Iterator[_Span]:
    for match in _ADDRESS.finditer(plain):
        named = match["apart"] is None or text[match.start()].isupper()
        if named and _NO_ADDRESS.match(match.group()) is None:
            yield _Span(match.start(), match.end(), ADDRESS)
    for match in _ENGLISH_ADDRESS.finditer(plain):
        yield _Span(match.start(), match.end(), ADDRESS)


def _names(text: str, plain: str) -> Iterator[_Span]:
    """Up to three words after a lead, all with capitals; or two in small letters, and none that a name is not."""
    for lead in _LEADS.finditer(plain):
        start = end = lead.end()
        capitals = text[start : start + 1].isupper()
        left = 3 if capitals else 2
        while left and (word := _NAMED.match(text, end)) is not None:
            written, plainly = word[1], folded(word[1])
            particle = capitals and plainly in _PARTICLES
            if plainly in _NO_NAMES or (capitals and not particle and not written[0].isupper()):
                break
            end = word.end()
            left -= not particle
        if end > start:
            yield _Span(start, end, NAME)
