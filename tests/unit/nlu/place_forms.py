"""Names of streets and places of service in the forms in which they stand in sentences, from tables of last words.

The tables are written by hand and know nothing of the rules that they test. A name whose last word is in no table and
does not end as a plain word does has no forms here.
"""

from __future__ import annotations

from collections.abc import Iterator

_LAST = {
    # The end of a name: its genitive's stem, the strong stem, the partitive, the illative.
    "katu": ("kadu", "katu", "katua", "katuun"),
    "tie": ("tie", "tie", "tietä", "tiehen"),
    "kuja": ("kuja", "kuja", "kujaa", "kujaan"),
    "polku": ("polu", "polku", "polkua", "polkuun"),
    "puisto": ("puisto", "puisto", "puistoa", "puistoon"),
    "aukio": ("aukio", "aukio", "aukiota", "aukioon"),
    "silta": ("silla", "silta", "siltaa", "siltaan"),
    "raitti": ("raiti", "raitti", "raittia", "raittiin"),
    "rinne": ("rintee", "rintee", "rinnettä", "rinteeseen"),
    "tori": ("tori", "tori", "toria", "toriin"),
    "puistikko": ("puistiko", "puistikko", "puistikkoa", "puistikkoon"),
    "asema": ("asema", "asema", "asemaa", "asemaan"),
    "kaari": ("kaare", "kaare", "kaarta", "kaareen"),
    "saari": ("saare", "saare", "saarta", "saareen"),
    "linja": ("linja", "linja", "linjaa", "linjaan"),
    "kenttä": ("kentä", "kenttä", "kenttää", "kenttään"),
    "lehto": ("lehdo", "lehto", "lehtoa", "lehtoon"),
    "ranta": ("ranna", "ranta", "rantaa", "rantaan"),
    "väylä": ("väylä", "väylä", "väylää", "väylään"),
    "portti": ("porti", "portti", "porttia", "porttiin"),
    "porras": ("portaa", "portaa", "porrasta", "portaaseen"),
    "penger": ("penkeree", "penkeree", "pengertä", "penkereeseen"),
    "mäki": ("mäe", "mäke", "mäkeä", "mäkeen"),
    "koulu": ("koulu", "koulu", "koulua", "kouluun"),
    "kirjasto": ("kirjasto", "kirjasto", "kirjastoa", "kirjastoon"),
    "talo": ("talo", "talo", "taloa", "taloon"),
    "hoitola": ("hoitola", "hoitola", "hoitolaa", "hoitolaan"),
    "paikka": ("paika", "paikka", "paikkaa", "paikkaan"),
    "keskus": ("keskukse", "keskukse", "keskusta", "keskukseen"),
    "halli": ("halli", "halli", "hallia", "halliin"),
    "kallio": ("kallio", "kallio", "kalliota", "kallioon"),
    "vuori": ("vuore", "vuore", "vuorta", "vuoreen"),
    "lahti": ("lahde", "lahte", "lahtea", "lahteen"),
    "niitty": ("niity", "niitty", "niittyä", "niittyyn"),
    "niemi": ("nieme", "nieme", "niemeä", "niemeen"),
    "aitaus": ("aitaukse", "aitaukse", "aitausta", "aitaukseen"),
    "kylä": ("kylä", "kylä", "kylää", "kylään"),
    "museo": ("museo", "museo", "museota", "museoon"),
    "kylpylä": ("kylpylä", "kylpylä", "kylpylää", "kylpylään"),
    "koti": ("kodi", "koti", "kotia", "kotiin"),
    "pelto": ("pello", "pelto", "peltoa", "peltoon"),
    "metsä": ("metsä", "metsä", "metsää", "metsään"),
    "puro": ("puro", "puro", "puroa", "puroon"),
    "tarha": ("tarha", "tarha", "tarhaa", "tarhaan"),
    "maja": ("maja", "maja", "majaa", "majaan"),
}
_SWEDISH = {
    # The end of a name in the register: its definite form, where the register's form is not definite already.
    "park": "parken",
    "bibliotek": "biblioteket",
    "simhall": "simhallen",
    "daghem": "daghemmet",
    "skola": "skolan",
    "badstrand": "badstranden",
    "lekplats": "lekplatsen",
    "hälsostation": "hälsostationen",
}


def finnish(name: str) -> Iterator[str]:
    """All singular cases that a place's name has in speech, and three with a clitic; nothing for an unknown ending."""
    lower = name.lower()
    last = next((each for each in sorted(_LAST, key=len, reverse=True) if lower.endswith(each)), None)
    if last is None:
        return
    start = name[: len(name) - len(last)]
    own = name[len(start) :]
    weak, strong, partitive, illative = (
        start + (form.capitalize() if own[0].isupper() else form) for form in _LAST[last]
    )
    a = "a" if set("aou") & set(_LAST[last][0]) else "ä"
    o = "o" if a == "a" else "ö"
    yield from (name, f"{weak}n", partitive, illative, f"{strong}n{a}", f"{weak}ksi", f"{weak}tt{a}")
    inner = [f"{weak}{case}" for case in (f"ss{a}", f"st{a}", f"ll{a}", f"lt{a}", "lle")]
    yield from inner
    yield from (f"{inner[0]}k{o}", f"{inner[2]}kin", f"{inner[0]}k{a}{a}n", f"{inner[2]}h{a}n", f"{illative}k{o}")


def swedish(name: str) -> Iterator[str]:
    """The name, its genitive, and its definite form with the genitive, where it has another."""
    yield name
    yield name if name.endswith("s") else f"{name}s"
    for last, definite in _SWEDISH.items():
        if name.lower().endswith(last):
            whole = name[: len(name) - len(last)] + definite
            yield from (whole, f"{whole}s")


def slips(name: str) -> Iterator[str]:
    """One slip of the finger in the middle of a name: left out, struck twice, the other way round, the next key."""
    middle = len(name) // 2
    start, letter, rest = name[:middle], name[middle], name[middle + 1 :]
    yield start + rest
    yield start + letter * 2 + rest
    if rest[0] != letter:
        yield start + rest[0] + letter + rest[1:]
    yield start + ("k" if letter != "k" else "l") + rest
