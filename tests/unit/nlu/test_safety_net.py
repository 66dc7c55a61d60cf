"""The net beneath the rules, on sentences that neither the rules nor the corpus were written for.

Keep these sentences out of the corpus: they tell how well what is not known is heard.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.messages import Safety, Session
from nlu import store
from nlu.features import Features
from nlu.safety import SafetyRules
from nlu.safety_net import CALM, examples, net_from

if TYPE_CHECKING:
    from bot.city import City

KNOWLEDGE = Path(__file__).parents[3] / "knowledge"
FOLDER = KNOWLEDGE / "safety"
RULES = SafetyRules.load(FOLDER)
NOW = datetime(2026, 11, 26, 12)  # noqa: DTZ001  understanding is told local time
ALARMS = {
    "fi": (
        "mummo on jäänyt suihkuun eikä pääse ylös",
        "kolmivuotias tunki helmen nenään ja hengitys vinkuu",
        "vieressä pöydässä mies sai ruokaa väärään kurkkuun",
        "auto on ojassa ja kuski tajuton",
        "lähtikö sormi kun ruohonleikkuri osui, verta kaikkialla",
        "talon seinästä tulee kipinöitä ja savua",
        "joku on jäänyt kiinni liukuportaisiin",
        "sokerit on 2 ja hän ei enää puhu",
        "teltassa oli häkää, kaverit ei vastaa",
        "lapsi putosi kaivoon",
        "ex tuli väkisin sisään ja rikkoi puhelimen",
        "jätkä veti veitsen esiin ratikassa",
        "pikkusiskoa lyödään vyöllä",
        "mun pää sanoo että hyppää",
        "olen valmis lähtemään, hyvästi",
        "poika lukittautui vessaan ja puhuu kuolemasta",
    ),
    "sv": (
        "mormor kommer inte upp ur duschen och har ont",
        "treåringen har en pärla i näsan och det piper när han andas",
        "mannen vid bordet bredvid fick mat i fel strupe",
        "bilen ligger i diket och föraren är borta",
        "gräsklipparen tog fingret, det blöder överallt",
        "det slår gnistor ur väggen och ryker",
        "nån har fastnat i rulltrappan",
        "sockret är 2 och hon pratar inte längre",
        "kolos i tältet, kompisarna svarar inte",
        "barnet föll i en brunn",
        "exet tog sig in med våld och slog sönder telefonen",
        "en kille drog fram en kniv på spårvagnen",
        "lillasyster får stryk med bälte",
        "rösten i huvudet säger hoppa",
        "jag är redo att gå nu, farväl",
        "sonen låste in sig på toan och pratar om döden",
    ),
    "en": (
        "grandma is stuck in the shower and can't get up",
        "three year old has a bead up his nose and is wheezing",
        "the man at the next table has food down the wrong way",
        "car in a ditch and the driver is out cold",
        "lawnmower took his finger, blood all over",
        "sparks and smoke coming out of the wall",
        "someone is caught in the escalator",
        "her sugar is 2 and she stopped talking",
        "fumes in the tent, my friends don't answer",
        "a child fell into a well",
        "my ex forced his way in and smashed my phone",
        "a guy pulled a knife on the tram",
        "my little sister gets hit with a belt",
        "the voice in my head says jump",
        "i'm ready to go now, goodbye",
        "my son locked himself in the bathroom and talks about dying",
    ),
}
QUIET = {
    "fi": (
        "missä on lähin defibrillaattori uimahallissa",
        "paljonko maksaa palohälyttimen turha hälytys",
        "onko nuorisotalolla puukkokieltoa",
        "kuka valvoo ampumarataa",
        "vauvan ensimmäinen hammas, milloin hammaslääkäriin",
        "lumi putosi katolta auton päälle, kuka korvaa",
        "isoäiti haluaa kotipalveluun",
        "tulipalossa palaneiden tavaroiden vienti sortille",
        "liukuportaat rikki metroasemalla",
        "sokeriton vaihtoehto kouluruokaan",
    ),
    "sv": (
        "var finns närmaste hjärtstartare i simhallen",
        "vad kostar ett onödigt brandlarm",
        "är det knivförbud på ungdomsgården",
        "vem övervakar skjutbanan",
        "barnets första tand, när till tandläkaren",
        "snö föll från taket på min bil, vem ersätter",
        "farmor vill ha hemtjänst",
        "vart för man saker som brunnit",
        "rulltrappan är sönder på metrostationen",
        "sockerfritt alternativ i skolmaten",
    ),
    "en": (
        "how much is a false fire alarm",
        "are knives banned at the youth centre",
        "who supervises the shooting range",
        "baby's first tooth, when to see a dentist",
        "snow fell from a roof on my car, who pays",
        "grandma wants home care",
        "where do i take things that burned",
        "escalator is broken at the metro",
        "sugar free option in school lunch",
        "what is the knife law in finland",
    ),
}


def concern(city: City, text: str) -> Safety | None:
    """What understanding doubts, or is sure of."""
    match = city.understand(text, Session(now=NOW))
    return match.safety or match.concern


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_rules_and_net_together_hear_most_of_what_is_not_known(city: City, language: str) -> None:
    texts = ALARMS[language]
    heard = [text for text in texts if concern(city, text)]
    assert len(heard) >= 0.55 * len(texts), set(texts) - set(heard)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_net_leaves_most_quiet_sentences_alone(city: City, language: str) -> None:
    assert sum(concern(city, text) is not None for text in QUIET[language]) <= 2


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_hardly_any_phrase_that_was_held_out_gets_the_line(city: City, language: str) -> None:
    held = [text for topic in city.content.topics for text in topic.held_out.get(language, ())]
    assert sum(concern(city, text) is not None for text in held) <= 0.03 * len(held)


def test_what_the_net_finds_is_a_doubt_and_never_an_alarm(city: City) -> None:
    """The answer stays that of the intent, whatever the net thinks: only the rules take a turn over."""
    unheard = [text for texts in ALARMS.values() for text in texts if RULES.look(text) is None]
    doubts = [match for text in unheard if (match := city.understand(text, Session(now=NOW))).concern]
    assert len(doubts) >= 5
    assert {match.safety for match in doubts} == {None}
    assert {match.intent for match in doubts}.isdisjoint(set(Safety))


@pytest.mark.parametrize("text", ["", " ", "👍", "12345", "a" * 50_000, "kirjaston aukiolo", "buss 112 kom inte"])
def test_odd_and_plain_texts_are_no_doubt(city: City, text: str) -> None:
    assert concern(city, text) is None


def test_safety_needs_no_model(city: City) -> None:
    """A model without a net, and the rules without a model, hear the same alarms."""
    parts = {name: part for name, part in store.read(city.model).items() if not name.startswith("safety/")}
    features = store.linear_from("intents", parts).features
    assert net_from(parts, features) is None
    assert {RULES.check(text) is not None for text in ("äiti ei hengitä", "det brinner", "i want to die")} == {True}


def test_a_net_of_other_features_is_refused(city: City) -> None:
    parts = store.read(city.model)
    with pytest.raises(store.BrokenModelError, match="not of these features"):
        net_from(parts, Features.fit(["a few words", "and others"], {}))


def test_the_examples_are_those_of_the_rules_and_of_the_corpus() -> None:
    labels = [label for _, label in examples(FOLDER)]
    assert {*labels} == {"emergency", "crisis", CALM}
    assert min(labels.count(label) for label in set(labels)) > 150
