"""Faults that people reported of systems such as this one, tried on the content and the model of this repository.

Each test begins with the number of its case. More of the cases are held by ``test_understanding``, ``test_safety`` and
``test_entities``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from bot.city import City
from bot.messages import Match, Safety, Session
from knowledge.places import names
from nlu import store
from nlu.data import Name
from nlu.gazetteer import Gazetteer
from nlu.pipeline import Understander, load
from nlu.text import folded
from tests.unit.nlu.finnish_forms import cases

if TYPE_CHECKING:
    from pathlib import Path

    from knowledge.model import PhraseSet, Topic

NOW = datetime(2026, 11, 26, 12)  # noqa: DTZ001  understanding is told local time
LANGUAGES = ("fi", "sv", "en")
SHORTEST = 4
"""Letters of the shortest name that is found without its diacritics: ``as`` is not ``Ås``."""


def understand(city: City, text: str, language: str | None = None) -> Match:
    return city.understand(text, Session(now=NOW, language=language))


def values(match: Match, kind: str) -> set[str]:
    return {entity.value for entity in match.entities if entity.kind == kind}


def held_out(city: City) -> list[tuple[str, str]]:
    """Phrases that no model was trained on, each with its language."""
    sets: tuple[Topic | PhraseSet, ...] = (*city.content.topics, *city.content.phrases)
    return [(language, text) for item in sets for language, texts in item.held_out.items() for text in texts]


@pytest.fixture(scope="module")
def gazetteer(city: City) -> Gazetteer:
    return Gazetteer(
        Name(kind=name.kind, id=name.id, language=name.language, text=name.text) for name in names(city.content.places)
    )


# FI-01: names of places in their cases


def test_fi01_every_district_in_its_cases(city: City, gazetteer: Gazetteer) -> None:
    missed, tried = [], 0
    for district in city.content.places.districts:
        forms = set(cases(district.names["fi"]))
        assert len(forms) >= 10
        for form in forms:
            for written in (form, form.upper(), folded(form)):
                found = gazetteer.find(f"Onko {written} koirapuistoa?")
                tried += 1
                if ("district", district.id) not in {(entity.kind, entity.value) for entity in found}:
                    missed.append(written)
    assert tried > 5_000
    assert missed == []


@pytest.mark.parametrize(
    ("district", "forms"),
    [
        ("malmi", "Malmi Malmilla Malmilta Malmille Malmin Malmia Malmilta Malmillako Malmil"),
        ("vuosaari", "Vuosaari Vuosaaressa Vuosaaresta Vuosaareen Vuosaaren Vuosaarta Vuosaaressakin Vuosaares"),
        ("lauttasaari", "Lauttasaari Lauttasaaressa Lauttasaaresta Lauttasaareen Lauttasaaren Lauttasaarta"),
        ("kapyla", "Käpylä Käpylässä Käpylästä Käpylään Käpylän Käpylää Käpylässäkö Käpyläs"),
        ("itakeskus", "Itäkeskus Itäkeskuksessa Itäkeskuksesta Itäkeskukseen Itäkeskuksen Itäkeskusta Itäkeskukses"),
        ("toolo", "Töölö Töölössä Töölöstä Töölöön Töölön Töölöä Töölössäkään Töölös"),
        ("munkkiniemi", "Munkkiniemi Munkkiniemessä Munkkiniemestä Munkkiniemeen Munkkiniemen Munkkiniemeä"),
        ("jollas", "Jollas Jollaksessa Jollaksesta Jollakseen Jollaksen Jollasta"),
        ("linjat", "Linjat Linjoilla Linjoilta Linjoille Linjojen Linjoja"),
        ("hakaniemi", "Hakis Hakiksessa Hakiksesta Hakikseen Hakiksen Hakiksel"),
        ("lauttasaari", "Lauttis Lauttiksessa Lauttiksesta Lauttikseen Lauttiksen Lauttikses"),
        ("sornainen", "Sörkka Sörkassa Sörkasta Sörkkaan Sörkan Sörkkaa"),
    ],
)
def test_fi01_the_whole_of_understanding_finds_them(city: City, district: str, forms: str) -> None:
    for form in forms.split():
        for written in (form, folded(form)):
            assert values(understand(city, f"onko {written} koirapuistoa"), "district") == {district}, written


def test_fi01_and_fi07_every_name_is_found_without_diacritics(city: City, gazetteer: Gazetteer) -> None:
    owners: dict[str, set[tuple[str, str]]] = {}
    every = list(names(city.content.places))
    for name in every:
        owners.setdefault(folded(name.text), set()).add((name.kind, name.id))
    missed = [
        bare
        for bare, owner in owners.items()
        if len(bare) >= SHORTEST and not owner & {(entity.kind, entity.value) for entity in gazetteer.find(bare)}
    ]
    assert len(owners) > 1_000
    assert missed == []


# FI-03: lemmas that are wrong

SURVIVING = [
    ("tarvin pysäköintilupaa", "parking_permit"),
    ("sakon maksaminen", "parking_fine"),
    ("haluisin ajan", "health_booking"),
    ("haluan varata ajan", "health_booking"),
    ("haluan perua ajan", "health_booking_cancel"),
    ("haluaisin ajan hammaslääkärille", "dental_care"),
    ("Onko Malmilla koirapuistoa?", "dog_park"),
]


def _none(_: Mapping[str, str]) -> dict[str, str]:
    return {}


def _one_for_all(lemmas: Mapping[str, str]) -> dict[str, str]:
    return dict.fromkeys(lemmas, "haluinen")


def _another_s(lemmas: Mapping[str, str]) -> dict[str, str]:
    """Each form has the lemma of a form far away in the alphabet."""
    forms = sorted(lemmas)
    return {form: lemmas[forms[(place + len(forms) // 2) % len(forms)]] for place, form in enumerate(forms)}


@pytest.fixture(scope="module", params=[_none, _one_for_all, _another_s])
def broken(request: pytest.FixtureRequest, city: City, tmp_path_factory: pytest.TempPathFactory) -> Understander:
    """The city's model with a lemmatiser that is wrong about every word, those of the cases among them."""
    spoil: Callable[[Mapping[str, str]], dict[str, str]] = request.param
    parts = store.read(city.model)
    model = json.loads(parts["intents/model.json"])
    said = [form for text, _ in SURVIVING for form in text.lower().strip("?").split()]
    model["lemmas"] = spoil({**dict.fromkeys(said, "pysäköinti"), **model["lemmas"]})
    path: Path = tmp_path_factory.mktemp("broken") / "model.zip"
    store.save(path, {**parts, "intents/model.json": store.dump_json(model)})
    return load(path)


@pytest.mark.parametrize(("text", "intent"), SURVIVING)
def test_fi03_an_intent_survives_every_lemma_being_wrong(broken: Understander, text: str, intent: str) -> None:
    assert broken.understand(text, Session(now=NOW)).intent == intent


@pytest.mark.parametrize(
    ("text", "district"),
    [
        ("Onko Malmilla koirapuistoa?", "malmi"),
        ("lähin kirjasto Lauttasaaresta", "lauttasaari"),
        ("uimahalli Itäkeskuksessa", "itakeskus"),
        ("Kapylassa", "kapyla"),
        ("Munkkiniemestä", "munkkiniemi"),
    ],
)
def test_fi03_places_need_no_lemma(broken: Understander, text: str, district: str) -> None:
    assert values(broken.understand(text, Session(now=NOW)), "district") == {district}


# The other cases of Finnish


@pytest.mark.parametrize(
    ("text", "service"), [("onko lähellä uimahallia", "swimming_hall"), ("montako uimahallia", "swimming_hall")]
)
def test_fi02_partitives_are_the_service(city: City, text: str, service: str) -> None:
    match = understand(city, text)
    assert match.intent in {service, "find_place"}
    assert values(match, "service") == {service}


@pytest.mark.parametrize("text", ["pysäköintilupa", "tuli sakko", "Jag fick p-bot", "Library card", "hätä"])
def test_fi05_capitals_change_nothing(city: City, text: str) -> None:
    plain, loud = understand(city, text), understand(city, text.upper())
    assert (loud.intent, loud.alternatives, loud.language) == (plain.intent, plain.alternatives, plain.language)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("pysakointitunnus kantakaupunkiin", "parking_permit"),
        ("paivakotihakemus", "daycare_application"),
        ("koirapuisto Kapylassa", "dog_park"),
        ("hammaslaakari", "dental_care"),
    ],
)
def test_fi07_diacritics_may_be_left_out(city: City, text: str, intent: str) -> None:
    assert understand(city, text).intent == intent


def test_fi07_what_is_spelt_exactly_outranks_what_is_only_alike() -> None:
    alike = (("ahtari", "Ahtari"), ("ahtari-2", "Ähtäri"))
    both = Gazetteer(Name(kind="district", id=of, language="fi", text=text) for of, text in alike)
    assert [entity.value for entity in both.find("Ähtärissä")] == ["ahtari-2"]
    assert [entity.value for entity in both.find("Ahtarissa")] == ["ahtari"]


@pytest.mark.parametrize(("text", "never"), [("tuki", "opening_hours"), ("heittää", "greeting"), ("i", "greeting")])
def test_fi08_a_shared_piece_is_no_match(city: City, text: str, never: str) -> None:
    match = understand(city, text)
    assert match.intent != never or match.suggestions


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("hei", "greeting"),
        ("boka tid", "health_booking"),
        ("avboka tid", "health_booking_cancel"),
        ("avboka min tid", "health_booking_cancel"),
        ("peru aika", "health_booking_cancel"),
        ("varaa aika", "health_booking"),
    ],
)
def test_fi08_and_fi09_one_word_within_another_is_not_that_word(city: City, text: str, intent: str) -> None:
    match = understand(city, text)
    assert match.intent == intent
    assert match.suggestions == ()


def test_fi12_what_may_mean_several_things_is_asked(city: City) -> None:
    """Of words that stand for many services nearly all are asked about, and some with three choices."""
    vague = ("lupa", "permit", "hakemus", "ansökan", "application", "maksu")
    offered = [len(understand(city, text).suggestions) for text in vague]
    assert sum(map(bool, offered)) >= len(vague) - 1
    assert max(offered) == 3


def test_fi12_what_is_offered_is_what_is_likeliest(city: City) -> None:
    asked = [match for _, text in held_out(city) if (match := understand(city, text)).suggestions]
    assert asked
    for match in asked:
        likeliest = [alternative.intent for alternative in match.alternatives]
        assert list(match.suggestions) == likeliest[: len(match.suggestions)]
        assert 2 <= len(match.suggestions) <= 3
        assert match.intent == match.suggestions[0]


def test_fi12_the_word_for_time_cancels_nothing(city: City) -> None:
    assert understand(city, "aika").intent != "health_booking_cancel"


@pytest.mark.parametrize(
    ("text", "kind"),
    [("apua mies makaa maassa eikä hengitä", Safety.EMERGENCY), ("jag orkar inte leva längre", Safety.CRISIS)],
)
def test_fi14_safety_depends_on_no_likeness(city: City, text: str, kind: Safety) -> None:
    match = understand(city, text)
    assert match.safety is kind
    assert match.intent == str(kind)
    assert match.alternatives == ()


# Swedish


def test_sv01_what_ends_a_sentence_changes_nothing(city: City) -> None:
    for _, text in held_out(city):
        bare = text.rstrip(".?! ")
        plain = understand(city, bare)
        for ending in (".", "?", "!!"):
            ended = understand(city, bare + ending)
            assert (ended.intent, ended.alternatives, ended.safety) == (plain.intent, plain.alternatives, plain.safety)


def test_sv03_an_ordinal_with_a_colon_is_a_day(city: City) -> None:
    assert values(understand(city, "är biblioteket öppet den 3:e mars"), "date") == {"2027-03-03"}


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("parkeringstillståndet", "parking_permit"),
        ("boendeparkeringstillstånd", "parking_permit"),
        ("boendeparkerings tillståndet", "parking_permit"),
        ("felparkeringsavgiften", "parking_fine"),
        ("dagisplatsen", "daycare_application"),
    ],
)
def test_sv05_long_words_in_one_piece_and_in_several(city: City, text: str, intent: str) -> None:
    assert understand(city, text).intent == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("FPA", "refer_kela"),
        ("HRT", "refer_hsl"),
        ("e ni öppna", "opening_hours"),
        ("e ni öppna på lördag", "opening_hours"),
        ("bibban", "library"),
        ("PÅ BIBBAN", "library"),
        ("p-bot", "parking_fine"),
        ("int funkar de", "complaint"),
        ("de här funkar int alls", "complaint"),
    ],
)
@pytest.mark.parametrize("session", [None, "sv"])
def test_sv08_words_of_finland_swedish(city: City, text: str, intent: str, session: str | None) -> None:
    match = understand(city, text, session)
    assert match.intent == intent
    assert match.suggestions == ()
    assert session is None or match.language == session


@pytest.mark.parametrize("text", ["int funkar de", "FPA", "HRT", "e ni öppna", "p-bot"])
def test_sv08_they_are_swedish_from_the_first_message_on(city: City, text: str) -> None:
    assert understand(city, text).language == "sv"


@pytest.mark.parametrize("text", ["Ode", "är Ode öppen", "är det öppet i Ode", "Odes öppettider", "VAR E ODE"])
def test_sv08_ode_is_oodi(city: City, text: str) -> None:
    oodi = values(understand(city, "Oodi"), "unit")
    assert len(oodi) == 1
    assert values(understand(city, text), "unit") == oodi


# Languages in one sentence


@pytest.mark.parametrize(
    ("text", "intent", "language"),
    [
        ("mä tarviin dagisplatsen", "daycare_application", "fi"),
        ("moi, I need a library card", "library_card", "en"),
        ("Onks bibban auki", "opening_hours", "fi"),
        ("I need a pysäköintitunnus", "parking_permit", "en"),
        ("how do I pay pysäköintivirhemaksu", "parking_fine", "en"),
        ("jag vill ansöka om päiväkoti", "daycare_application", "sv"),
        ("var kan jag betala pysäköintisakko", "parking_fine", "sv"),
        ("mistä saan library cardin", "library_card", "fi"),
        ("when is the bibliotek open on lördag", "opening_hours", "en"),
    ],
)
def test_li04_words_of_another_language(city: City, text: str, intent: str, language: str) -> None:
    assert understand(city, text).language == language
    for session in (None, *LANGUAGES):
        match = understand(city, text, session)
        assert match.intent == intent
        assert match.suggestions == ()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hobbykurser för vuxna", "sv"),
        ("jag behöver plats för mitt barn", "sv"),
        ("när är biblioteket öppet", "sv"),
        ("missä voin pysäköidä", "fi"),
        ("mitä päivähoito maksaa", "fi"),
    ],
)
def test_li04_small_words_without_diacritics_are_no_english(city: City, text: str, language: str) -> None:
    assert understand(city, folded(text)).language == understand(city, text).language == language


def test_li01_a_language_is_the_same_every_time(city: City) -> None:
    for text, language in (("auki?", "fi"), ("moi", "fi"), ("library", "en"), ("hjälp", "sv")):
        assert {understand(city, text).language for _ in range(20)} == {language}
    for session in LANGUAGES:
        assert {understand(city, "STOP", session).language for _ in range(20)} == {session}
    assert len({understand(city, "aika").language for _ in range(20)}) == 1


@pytest.mark.parametrize("session", [None, *LANGUAGES])
def test_li05_the_emergency_number_needs_no_language(city: City, session: str | None) -> None:
    match = understand(city, "112", session)
    assert match.safety is Safety.EMERGENCY
    assert session is None or match.language == session


def test_li07_a_place_makes_no_sentence_finnish(city: City) -> None:
    for district in city.content.places.districts:
        text = f"is there a dog park near {district.names['fi']}"
        assert understand(city, text).language == "en", text
