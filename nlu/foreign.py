"""Languages that are none of the city's: told by their letters, or by small words that none of ours has.

It need not say which language it is. A single foreign word is no language: it may be a name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from nlu.text import exact, words

SMALL_WORDS = {
    "et": "kuidas kas mina tahan sooviksin palju maksab palun tere aitäh räägite eesti keelt kust kuhu lapsele vajan "
    "saaksin oleks sinu teie mulle mul vaja kohta",
    "so": "waxaan rabaa iyo halkee sidee mahadsanid fadlan caawimaad ilmaha carruurta waa maxaa ayaa inaan waxa kuu "
    "dugsiga guri lacag miyaa igu leh",
    "de": "ich nicht wie wo bitte möchte einen eine einem meine mein kann können gibt wann wird und der das ist haben "
    "brauche sprechen für mit auf wir kostet kinder",
    "fr": "je vous est une pour où comment les bonjour merci voudrais mon quand combien avec dans pas des mes suis "
    "avez besoin puis enfants coûte",
    "es": "hola quiero dónde cómo para gracias una necesito está cuánto cuesta mi por favor puedo los las niños cuando "
    "tengo hay donde como",
    "pl": "jak gdzie chcę proszę dziękuję dzień dobry mogę ile kosztuje jest dla dziecka mam potrzebuję czy się nie",
    "tr": "nasıl nerede istiyorum lütfen merhaba teşekkürler ne kadar için bir çocuk var mı ihtiyacım çocuğum",
    "vi": "tôi muốn làm ở đâu cảm ơn xin chào bao nhiêu cho con của không",
}
"""The most usual words of languages that are spoken in Finland and written with Latin letters."""
_SHARE = 0.4
"""Of the words of a text that must be such words."""
_LEAST = 2
_BY_LANGUAGE = tuple(frozenset(said.split()) for said in SMALL_WORDS.values())


def foreign(text: str) -> bool:
    """Whether a text is clearly in a language that is none of the city's."""
    said = [word for word in words(exact(text)) if word.isalpha()]
    letters = "".join(said)
    if not letters:
        return False
    return _other_letters(letters) > len(letters) / 2 or _small_words(said)


def _other_letters(letters: str) -> int:
    """How many letters are not Latin."""
    return sum(letter > "\u024f" and "LATIN" not in unicodedata.name(letter, "") for letter in letters[:400])


def _small_words(said: Sequence[str]) -> bool:
    found = max(sum(word in known for word in said) for known in _BY_LANGUAGE)
    return found >= _LEAST and found >= _SHARE * len(said)
