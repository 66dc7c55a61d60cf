"""Texts as they are typed in a hurry: with slips, without diacritics, in colloquial Finnish.

For measuring (``neuvo bench intents --damage``) and for the copies that ``scripts/distil_sentences.py`` learns from.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from nlu.text import folded

_LETTERS = "abdefghijklmnoprstuvyäö"
_FORMS = (
    "minä=mä sinä=sä minun=mun sinun=sun minulla=mulla minulle=mulle sinulla=sulla minua=mua sinua=sua minut=mut "
    "tämä=tää tuo=toi nämä=nää onko=onks oletko=ootko olen=oon olet=oot ole=oo sitten=sit vielä=viel kyllä=kyl "
    "että=et mutta=mut voitko=voiks voisitko=voisiks haluan=haluun menen=meen tulen=tuun tarvitsen=tarviin "
    "tänään=tänää huomenna=huomen kaksi=kaks yksi=yks viisi=viis kuusi=kuus missä=mis milloin=millon täällä=tääl "
    "siellä=siel tällä=täl viimeinen=vika mene=mee tule=tuu meidän=meiän teidän=teiän heidän=niiden he=ne hän=se "
    "millainen=millane minkälainen=minkälaine"
)
_SPOKEN = dict(pair.split("=") for pair in _FORMS.split())
_CUTS = (
    "ssa=s ssä=s sta=st stä=st lla=l llä=l lta=lt ltä=lt nen=ne isi=is aan=aa ään=ää een=ee ea=ee eä=ee oa=oo "
    "ia=ii iä=ii uun=uu ksi=ks"
)
_ENDINGS = [tuple(pair.split("=")) for pair in _CUTS.split()]
_LONG = 5
"""Letters above which the question clitic is cut."""


def typo(text: str, number: int, chance: Random) -> str:
    """A text with so many letters lost, added, changed or swapped, anywhere but at its beginning."""
    letters = list(text)
    for _ in range(number):
        places = [place for place in range(1, len(letters)) if letters[place].isalpha()]
        if not places:
            break
        at, kind = chance.choice(places), chance.randrange(4)
        if kind == 0:
            del letters[at]
        elif kind == 1:
            letters.insert(at, chance.choice(_LETTERS))
        elif kind == 2:
            letters[at] = chance.choice(_LETTERS)
        elif at + 1 < len(letters):
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


def colloquial(text: str) -> str:
    """Finnish text in spoken forms, by a list of words and of endings."""
    return " ".join(map(_spoken, text.split()))


def _spoken(word: str) -> str:
    if word in _SPOKEN:
        return _SPOKEN[word]
    if word.endswith(("ko", "kö")) and len(word) > _LONG:
        return word[:-2] + "ks"
    for written, said in _ENDINGS:
        if word.endswith(written) and len(word) > len(written) + 2:
            return word[: -len(written)] + said
    return word


def _slips(number: int) -> Callable[[str, Random], str]:
    return lambda text, chance: typo(text, number, chance)


DAMAGES: dict[str, Callable[[str, Random], str]] = {
    "typo": _slips(1),
    "typos": _slips(2),
    "bare": lambda text, _: folded(text),
    "colloquial": lambda text, _: colloquial(text),
}
"""Kinds of damage by name: one slip, two, no diacritics, colloquial Finnish."""
