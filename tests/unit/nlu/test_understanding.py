"""The model of this repository's content on the field cases of Finnish, Swedish and telling languages."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from bot.messages import Match, Session
from nlu import store
from nlu.data import OUT_OF_SCOPE
from nlu.pipeline import load
from nlu.text import folded

if TYPE_CHECKING:
    from bot.city import City
    from knowledge.model import PhraseSet, Topic

NOW = datetime(2026, 11, 26, 12)  # noqa: DTZ001  understanding is told local time
HELD_OUT = 0.60
"""Share of the phrases that no model was trained on, in each language, that are understood at the first try."""


def understand(city: City, text: str, language: str | None = None) -> Match:
    return city.understand(text, Session(now=NOW, language=language))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("tarvin pysäköintilupaa", "parking_permit"),
        ("sakon maksaminen", "parking_fine"),
        ("haluisin ajan", "health_booking"),
        ("ajan autolla keskustaan, mihin saan sen parkkiin", "parking_info"),
        ("haluaisin ajan hammaslääkärille", "dental_care"),
        ("PYSÄKÖINTILUPA", "parking_permit"),
        ("pysakointitunnus kantakaupunkiin", "parking_permit"),
        ("paivakotihakemus", "daycare_application"),
        ("hei", "greeting"),
        ("haluan perua ajan", "health_booking_cancel"),
        ("mä en haluu varata aikaa vaan perua sen", "health_booking_cancel"),
        ("haluan varata ajan", "health_booking"),
        ("Montako kirjastokorttia lapsella voi olla?", "library_card"),
        ("Mitä meillä on tänään aamupalaksi?", OUT_OF_SCOPE),
        ("Mikä on pääministerin suosikkiruoka", OUT_OF_SCOPE),
        ("Vilket elevupptagningsområde bor vi i.", "school_enrolment"),
        ("FPA:s stöd", "refer_kela"),
        ("HRT:s biljett", "refer_hsl"),
        ("boende parkerings tillstånd", "parking_permit"),
        ("fel parkerings avgift", "parking_fine"),
        ("dagis plats", "daycare_application"),
        ("gatan är hal vid Tavastvägen", "snow_ploughing"),
        ("hål i gatan på Tavastvägen", "feedback_report"),
        ("p-bot", "parking_fine"),
        ("moi, I need a library card", "library_card"),
    ],
)
def test_intents_of_the_field_cases(city: City, text: str, intent: str) -> None:
    assert understand(city, text).intent == intent


@pytest.mark.parametrize("text", ["i", "310 11112", "040 1234567", "131052-308T", "24.12.", "", " ", "\u200b"])
def test_too_little_to_act_on(city: City, text: str) -> None:
    match = understand(city, text)
    assert match.safety is None
    assert match.intent == OUT_OF_SCOPE or match.suggestions


def test_a_short_word_is_no_slip_of_another(city: City) -> None:
    assert understand(city, "tuki").intent != "opening_hours"


def test_a_number_given_is_no_question_about_one(city: City) -> None:
    assert understand(city, "040 1234567").intent == OUT_OF_SCOPE
    assert understand(city, "116117").intent == "nurse_line"


@pytest.mark.parametrize("ending", ["", ".", "?", "!!"])
def test_punctuation_changes_nothing(city: City, ending: str) -> None:
    plain = understand(city, "Vilket elevupptagningsområde bor vi i")
    assert understand(city, f"Vilket elevupptagningsområde bor vi i{ending}").alternatives == plain.alternatives


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("auki?", "fi"),
        ("moi", "fi"),
        ("library", "en"),
        ("I", "en"),
        ("set", "en"),
        ("ta", "sv"),
        ("läs", "sv"),
        ("hjälp", "sv"),
        ("still no heating", "en"),
        ("can we talk somewhere else", "en"),
        ("What does it cost to swim in Itäkeskus?", "en"),
        ("how much does päiväkoti cost per month", "en"),
        ("fenced place for small dogs in Munkkiniemi", "en"),
    ],
)
def test_language_of_a_first_message(city: City, text: str, language: str) -> None:
    assert {understand(city, text).language for _ in range(3)} == {language}


@pytest.mark.parametrize("text", ["STOP", "112", "👍", "12345", "ABC-123", "ok", "no"])
@pytest.mark.parametrize("session", ["fi", "sv", "en"])
def test_what_has_no_language_keeps_the_session_s(city: City, text: str, session: str) -> None:
    assert understand(city, text, session).language == session


@pytest.mark.parametrize(
    "text", ["Malmilla", "Vuosaaresta", "Lauttasaareen", "Käpylässä", "Itäkeskuksessa", "Töölön", "Munkkiniemestä"]
)
def test_districts_in_any_form_and_without_diacritics(city: City, text: str) -> None:
    name = {entity.value for entity in understand(city, text).entities if entity.kind == "district"}
    bare = {entity.value for entity in understand(city, folded(text)).entities if entity.kind == "district"}
    assert name
    assert bare == name


def test_a_pool_is_found_without_diacritics(city: City) -> None:
    kinds = [entity.kind for entity in understand(city, "uimahalli Makelanrinne").entities]
    assert "unit" in kinds


@pytest.mark.parametrize("text", ["x" * 100_000, "kirjasto " * 12_000, "\ud800" * 50, "👍", "\x00"])
def test_any_text_is_borne(city: City, text: str) -> None:
    assert 0 <= understand(city, text).confidence <= 1


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_held_out_phrases_are_understood(city: City, language: str) -> None:
    sets: tuple[Topic | PhraseSet, ...] = (*city.content.topics, *city.content.phrases)
    held = [(item.intent, text) for item in sets for text in item.held_out.get(language, ())]
    right = sum(understand(city, text).intent == intent for intent, text in held)
    assert right / len(held) >= HELD_OUT


LOGIN = {
    "fi": ("tunnistaudu", "kirjaudu sisään", "haluaisin tunnistautua", "miten täällä kirjaudutaan"),
    "sv": ("logga in", "identifiera mig", "jag skulle vilja logga in", "hur loggar jag in här"),
    "en": ("log in", "sign in", "I would like to log in", "how can I identify myself"),
}
NO_LOGIN = (
    "kirjautuminen ei onnistu", "jag kan inte logga in", "login does not work", "Suomi.fi-tunnistus ei toimi",
    "min inloggning fungerar inte", "I am not able to log in with my bank codes",
)  # fmt: skip
DOGS = {
    "fi": ("saako uimarannalle ottaa koiran", "voiko koiran viedä uimarannalle"),
    "sv": ("kan man ta hunden till badstranden", "är det tillåtet med hundar på badstranden"),
    "en": ("can I bring my dog to the beach", "is it allowed to take dogs to a beach"),
}


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, texts in LOGIN.items() for text in texts])
def test_who_wants_to_log_in_is_let_in(city: City, language: str, text: str) -> None:
    match = understand(city, text)
    assert (match.intent, match.suggestions, match.language) == ("strong_login", (), language)


@pytest.mark.parametrize("text", NO_LOGIN)
def test_trouble_with_logging_in_is_no_wish_to(city: City, text: str) -> None:
    assert understand(city, text).intent == "digital_support"


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, texts in DOGS.items() for text in texts])
def test_a_dog_at_the_beach_is_asked_of_the_beach(city: City, language: str, text: str) -> None:
    assert understand(city, text, language).intent == "swimming_beach"


def test_a_message_is_read_once_for_its_language_and_its_intent(city: City) -> None:
    assert "language/model.json" not in store.read(city.model)
    understander = load(city.model)
    for item in city.content.topics:
        for text in (text for texts in item.held_out.values() for text in texts[:2]):
            read = understander._guesser.model.features.read(text)
            assert understander.language(text, (), None, read) == understander.language(text, (), None), text
