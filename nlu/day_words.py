"""The words of days, in Finnish, Swedish and English, folded (without diacritics, in lower case).

All languages are read at once: people write "på fredag kl 15 Kalliossa" in any mixture, and few of these words mean
something else in another of the three.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

FROM_TODAY: Mapping[str, int] = {
    "tanaan": 0, "tanaa": 0, "tana paivana": 0, "tana iltana": 0, "huomenna": 1, "huomen illalla": 1, "huomiseksi": 1,
    "huomiselle": 1, "huomisen": 1, "ylihuomenna": 2, "ylihuomiseksi": 2, "eilen": -1, "eilisen": -1, "eilinen": -1,
    "toissapaivana": -2, "huomisaamuna": 1, "huomisaamuksi": 1, "huomenaamulla": 1, "huomenillalla": 1,
    "huomisiltana": 1, "huomisillaksi": 1, "huomisiltapaivana": 1, "huomisaamupaivana": 1, "eilisiltana": -1,
    "eilisaamuna": -1, "eilisaamu": -1, "eilisilta": -1, "tana aamuna": 0, "tana yona": 0, "viime yona": 0,
    "tanaamuna": 0, "toissailtana": -2,
    "idag": 0, "i dag": 0, "ikvall": 0, "i kvall": 0, "imorgon": 1, "i morgon": 1, "imorron": 1, "i morron": 1,
    "i morse": 0, "imorse": 0, "i natt": 0, "i eftermiddag": 0, "i formiddag": 0, "i forgar": -2,
    "i overmorgon": 2, "overmorgon": 2, "igar": -1, "i gar": -1, "i forrgar": -2, "forrgar": -2,
    "today": 0, "tonight": 0, "this evening": 0, "this morning": 0,
    "this afternoon": 0, "tomorrow": 1, "tomorow": 1, "tommorow": 1, "tmrw": 1,
    "day after tomorrow": 2, "yesterday": -1, "day before yesterday": -2,
}  # fmt: skip

WEEKDAYS: Mapping[str, int] = {
    "maanantai": 0, "tiistai": 1, "keskiviikko": 2, "keskiviiko": 2, "torstai": 3, "perjantai": 4,
    "lauantai": 5, "sunnuntai": 6,
    "mandag": 0, "tisdag": 1, "onsdag": 2, "torsdag": 3, "fredag": 4, "lordag": 5, "sondag": 6,
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip

SHORT_WEEKDAYS: Mapping[str, Mapping[str, int]] = {
    "fi": {"ma": 0, "ti": 1, "ke": 2, "to": 3, "pe": 4, "la": 5, "su": 6},
    "sv": {"tis": 1, "ons": 2, "tors": 3, "fre": 4, "lor": 5},
    "en": {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5},
}
"""Weekdays in short, which are days only with an ending, a clock or a word before them that says so.

Swedish ``mån`` and ``sön`` are ``man`` and ``son`` without diacritics, and the English ``sun`` shines.
"""

MONTHS: Mapping[str, int] = {
    "tammikuu": 1, "helmikuu": 2, "maaliskuu": 3, "huhtikuu": 4, "toukokuu": 5, "kesakuu": 6, "heinakuu": 7,
    "elokuu": 8, "syyskuu": 9, "lokakuu": 10, "marraskuu": 11, "joulukuu": 12,
    "januari": 1, "februari": 2, "mars": 3, "april": 4, "maj": 5, "juni": 6, "juli": 7, "augusti": 8, "september": 9,
    "oktober": 10, "november": 11, "december": 12,
    "january": 1, "february": 2, "march": 3, "may": 5, "june": 6, "july": 7, "august": 8, "october": 10,
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "okt": 10,
    "nov": 11, "dec": 12,
}  # fmt: skip

WEEKENDS = ("viikonloppu", "viikonlopu", "helgen", "helg", "veckoslutet", "veckoslut", "veckoandan", "weekend")

COUNTS: Mapping[str, int] = {
    "yhden": 1, "kahden": 2, "parin": 2, "kolmen": 3, "neljan": 4, "viiden": 5, "kuuden": 6, "seitseman": 7,
    "en": 1, "ett": 1, "tva": 2, "tre": 3, "fyra": 4, "fem": 5, "sex": 6, "sju": 7, "a": 1, "one": 1, "two": 2,
    "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "kaksi": 2, "kolme": 3, "nelja": 4, "viisi": 5, "kuusi": 6,
}  # fmt: skip

CHRISTMAS_EVE, CHRISTMAS, SECOND_CHRISTMAS = "Christmas Eve", "Christmas Day", "Second Day of Christmas"
NEW_YEAR, EPIPHANY, GOOD_FRIDAY = "New Year's Day", "Epiphany", "Good Friday"
EASTER, EASTER_MONDAY, MAY_DAY, ASCENSION = "Easter Sunday", "Easter Monday", "May Day", "Ascension Day"
PENTECOST, MIDSUMMER_EVE, MIDSUMMER = "Pentecost", "Midsummer Eve", "Midsummer Day"
ALL_SAINTS, INDEPENDENCE = "All Saints' Day", "Independence Day"

MOTHERS, FATHERS, SHROVE_TUESDAY, ADVENT = "Mother's Day", "Father's Day", "Shrove Tuesday", "First Advent"

HOLIDAYS: Mapping[str, str] = {
    "aitienpaiva": MOTHERS, "isanpaiva": FATHERS, "laskiaistiistai": SHROVE_TUESDAY, "laskiai": SHROVE_TUESDAY,
    "uutenavuotena": NEW_YEAR, "uudeksi vuodeksi": NEW_YEAR, "ystavanpaiva": "02-14", "kalevalanpaiva": "02-28",
    "naistenpaiva": "03-08", "runeberginpaiva": "02-05", "lucianpaiva": "12-13", "ensimmainen adventti": ADVENT,
    "ensimmaisena adventtina": ADVENT,
    "mors dag": MOTHERS, "morsdag": MOTHERS, "fars dag": FATHERS, "farsdag": FATHERS, "fastlagstisdag": SHROVE_TUESDAY,
    "alla hjartans dag": "02-14", "vandagen": "02-14", "lucia": "12-13", "luciadagen": "12-13",
    "runebergsdagen": "02-05", "forsta advent": ADVENT, "svenska dagen": "11-06",
    "mother's day": MOTHERS, "mothers day": MOTHERS, "father's day": FATHERS, "fathers day": FATHERS,
    "shrove tuesday": SHROVE_TUESDAY, "valentine's day": "02-14", "valentines day": "02-14", "halloween": "10-31",
    "first advent": ADVENT,
    "joulu": CHRISTMAS, "joulupaiva": CHRISTMAS, "jouluaat": CHRISTMAS_EVE, "jouluaatto": CHRISTMAS_EVE,
    "tapaninpaiva": SECOND_CHRISTMAS, "uudenvuodenpaiva": NEW_YEAR, "uutena vuotena": NEW_YEAR,
    "uudenvuodenaatto": "12-31", "uudenvuodenaat": "12-31", "loppiai": EPIPHANY, "loppiais": EPIPHANY,
    "loppiaise": EPIPHANY, "loppiainen": EPIPHANY, "pitkaperjantai": GOOD_FRIDAY, "paasiai": EASTER,
    "paasiaise": EASTER, "paasiais": EASTER, "paasiainen": EASTER, "paasiaissunnuntai": EASTER,
    "paasiaismaanantai": EASTER_MONDAY, "vappu": MAY_DAY, "vapu": MAY_DAY, "vapunpaiva": MAY_DAY,
    "vapunaatto": "04-30", "vapunaat": "04-30", "vappuaatto": "04-30", "helatorstai": ASCENSION,
    "helluntai": PENTECOST, "juhannus": MIDSUMMER, "juhannukse": MIDSUMMER, "juhannuspaiva": MIDSUMMER,
    "juhannusaatto": MIDSUMMER_EVE, "juhannusaat": MIDSUMMER_EVE, "pyhainpaiva": ALL_SAINTS,
    "itsenaisyyspaiva": INDEPENDENCE,
    "jul": CHRISTMAS, "juldag": CHRISTMAS, "julafton": CHRISTMAS_EVE, "annandag jul": SECOND_CHRISTMAS,
    "nyar": NEW_YEAR, "nyarsdag": NEW_YEAR, "nyarsafton": "12-31", "trettondag": EPIPHANY,
    "langfredag": GOOD_FRIDAY, "pask": EASTER, "paskdag": EASTER, "annandag pask": EASTER_MONDAY,
    "forsta maj": MAY_DAY, "valborg": "04-30", "valborgsmassoafton": "04-30", "vappen": MAY_DAY,
    "kristi himmelsfardsdag": ASCENSION, "pingst": PENTECOST, "midsommar": MIDSUMMER, "midsommardag": MIDSUMMER,
    "midsommarafton": MIDSUMMER_EVE, "alla helgons dag": ALL_SAINTS, "sjalvstandighetsdag": INDEPENDENCE,
    "christmas": CHRISTMAS, "christmas day": CHRISTMAS, "xmas": CHRISTMAS, "christmas eve": CHRISTMAS_EVE,
    "boxing day": SECOND_CHRISTMAS, "new year's day": NEW_YEAR, "new years day": NEW_YEAR, "new year": NEW_YEAR,
    "new year's eve": "12-31", "new years eve": "12-31", "epiphany": EPIPHANY, "good friday": GOOD_FRIDAY,
    "easter": EASTER, "easter sunday": EASTER, "easter monday": EASTER_MONDAY, "may day": MAY_DAY,
    "ascension day": ASCENSION, "midsummer": MIDSUMMER, "midsummer day": MIDSUMMER,
    "midsummer eve": MIDSUMMER_EVE, "midsummer's eve": MIDSUMMER_EVE, "all saints day": ALL_SAINTS,
    "all saints' day": ALL_SAINTS, "independence day": INDEPENDENCE,
}  # fmt: skip
"""To a holiday's English name in the ``holidays`` package, or to a month and day that is none there."""

_PARTS_FI = (
    "aamu(?:na|ksi)?|aamupaiva(?:na|lla|lle|ksi)?|iltapaiva(?:na|lla|lle|ksi)?|ilta(?:na)?|illaksi|illalla|illalle"
    "|aamulla|aamulle|yona|yoksi"
)
_PARTS_SV = "s?(?:kvall|morgon|eftermiddag|formiddag|natt)(?:en)?"

ENDINGS = (
    rf"(?:-?(?:{_PARTS_FI})|{_PARTS_SV}|ina|na|iksi|ksi|ks|ille|lle|ll?|hin|on|sta|lta|lla|ssa|sin|n|ta|a|en|ens|ar"
    "|arna|s|et)?"
    "(?:ko|kin)?"
)
"""What follows a stem of a day: Finnish cases, Swedish and English definite forms and plurals."""

SHORT_ENDINGS = rf"(?::(?:na|ksi|ks|lle|sta|lta|n|ta|hin)|-(?:{_PARTS_FI}))"
"""What follows a Finnish weekday in short: a case after a colon, or a part of the day."""


def _ordinals() -> dict[str, int]:
    tens = {"twenty": 20, "thirty": 30}
    english = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
               "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
               "nineteenth", "twentieth"]  # fmt: skip
    swedish = ["forsta", "andra", "tredje", "fjarde", "femte", "sjatte", "sjunde", "attonde", "nionde", "tionde",
               "elfte", "tolfte", "trettonde", "fjortonde", "femtonde", "sextonde", "sjuttonde", "artonde", "nittonde",
               "tjugonde"]  # fmt: skip
    finnish = {
        "ensimmai(?:nen|sta|sena)": 1, "toi(?:nen|sta|sena)": 2, "kolma(?:s|tta|ntena)": 3, "nelja(?:s|tta|ntena)": 4,
        "viide(?:s|tta|ntena)": 5, "kuude(?:s|tta|ntena)": 6, "seitsema(?:s|tta|ntena)": 7,
        "kahdeksa(?:s|tta|ntena)": 8, "yhdeksa(?:s|tta|ntena)": 9, "kymmene(?:s|tta|ntena)": 10,
    }  # fmt: skip
    found = dict(finnish)
    for words in (english, swedish):
        found |= {word: number for number, word in enumerate(words, 1)}
    for ten, value in tens.items():
        found |= {
            f"{ten}[ -]{word}": value + number for number, word in enumerate(english[:9], 1) if value + number < 32
        }
    found |= {f"tjugo{word}": 20 + number for number, word in enumerate(swedish[:9], 1)}
    return {**found, "thirtieth": 30, "trettionde": 30, "trettioforsta": 31}


ORDINALS: Mapping[str, int] = _ordinals()
"""Patterns of ordinal numbers in words; in English they name a day only before ``of``."""


def any_of(words: Iterable[str]) -> str:
    """A pattern of one of several words or groups of words, the longest first."""
    return "|".join(word.replace(" ", r"\s+") for word in sorted(words, key=lambda word: (-len(word), word)))
