"""Consents over a ledger that is a double: what is asked, what is said back, and what is never taken for a yes."""

from __future__ import annotations

import pytest

from dialogs.word_faults import faults
from dialogs.words import Words
from tests.unit.dialogs.mydata_own import Own, citizen, consent
from tests.unit.dialogs.talker import ROOT, Talker


@pytest.fixture
def own() -> Own:
    return Own()


async def test_a_consent_is_given_by_a_yes_to_its_own_question_and_said_back_with_its_receipt(own: Own) -> None:
    talker = citizen(own)
    said = await talker.say("muistuta roskista")
    assert "**Saako Jätteet?**" in said
    assert "Hyöty sinulle: hyötyä" in said
    assert "Hyöty kaupungille: säästöä" in said
    assert "LOPETA WASTE_REMINDERS" in said
    assert not talker.effects
    await talker.press("Kyllä")
    assert talker.effects[-1].name == "consents.give"
    assert talker.effects[-1].arguments == ("c1", "waste_reminders", 1, "fi")
    said = await talker.result({"outcome": "done", "receipt": "7", "at": "2026-11-26T10:02:00+00:00"})
    assert "26.11.2026 klo 12.02" in said
    assert "Jätteet, tässä kanavassa" in said
    assert "Kuitti 7" in said
    assert "kirjoita LOPETA WASTE_REMINDERS" in said


@pytest.mark.parametrize("guess", ["ehkä joo kai", "hmm", "kerro lisää", "12", "mun lapsi on 10"])
async def test_nothing_but_an_explicit_yes_is_consent(own: Own, guess: str) -> None:
    talker = citizen(own)
    await talker.say("muistuta roskista")
    said = await talker.say(guess)
    assert not talker.effects
    assert "Alle 13-vuotiaan puolesta päättää huoltaja" in said


async def test_no_is_no(own: Own) -> None:
    talker = citizen(own)
    await talker.say("muistuta roskista")
    assert "lupaa ei annettu" in await talker.say("en")
    assert not talker.effects
    assert not talker.open_runs


async def test_a_yes_to_a_text_that_has_changed_is_asked_again(own: Own) -> None:
    talker = citizen(own)
    await talker.say("muistuta roskista")
    await talker.press("Kyllä")
    said = await talker.result({"outcome": "changed", "receipt": "", "at": None})
    assert "ehdot muuttuivat" in said
    assert "Kuitti" not in said


async def test_a_purpose_of_a_level_says_what_is_needed_and_asks_nothing(own: Own) -> None:
    talker = citizen(own)
    said = await talker.say("muistuta rokotuksesta")
    assert "Tunnistaudu vahvasti" in said
    assert "huoltaja tunnistautuu" in said
    assert not talker.open_runs
    assert "Annanko linkin" in await talker.press("Tunnistaudu vahvasti")


async def test_what_is_allowed_already_is_said_with_its_time(own: Own) -> None:
    said = await citizen(own).say("muistuta kirjastosta")
    assert "olet jo sallinut" in said
    assert "1.11.2026" in said


async def test_the_list_says_how_each_stands_and_leads_to_both(own: Own) -> None:
    talker = citizen(own)
    said = await talker.say("luvat")
    for line in ("Jätteet: ei lupaa", "Lainat: sallittu", "Rokotukset: ei lupaa"):
        assert line in said
    assert "Lopetetaanko tämä kanavassa" in await talker.press("Lainat")
    assert "Näin on nyt" in await talker.say("takaisin")
    assert "Saako Jätteet?" in await talker.say("1")


async def test_a_new_text_is_asked_about_though_an_old_one_was_allowed(own: Own) -> None:
    own.known = [consent("waste_reminders", "Jätteet", version=2, state="outdated")]
    talker = citizen(own)
    assert "ehdot muuttuneet" in await talker.say("luvat")
    await talker.say("1")
    await talker.say("kyllä")
    assert talker.effects[-1].arguments[2] == 2


async def test_ending_by_name_asks_for_a_yes_that_names_it_and_says_how_to_undo(own: Own) -> None:
    talker = citizen(own)
    assert "Lainat?" in await talker.say("lopettakaa kirjasto")
    assert not talker.effects
    await talker.press("Kyllä, lopeta")
    assert (talker.effects[-1].name, talker.effects[-1].arguments[1]) == ("consents.withdraw", "library_reminders")
    said = await talker.result({"outcome": "done", "receipt": "8", "at": "2026-11-26T10:02:00+00:00"})
    assert "Kuitti 8" in said
    assert "Lainat?" not in said
    assert "olet jo sallinut" in await talker.press("Salli uudelleen")


async def test_what_is_not_allowed_cannot_be_ended(own: Own) -> None:
    assert "lopetettavaa ei ole" in await citizen(own).say("lopettakaa roskat")


@pytest.mark.parametrize(
    ("text", "title"), [("remind me when my car is in the way", "Kadut"), ("remind me of day care", None)]
)
async def test_a_word_is_no_other_word_that_begins_like_it(own: Own, text: str, title: str | None) -> None:
    own.known = [consent("street_notices", "Kadut"), consent("waste_reminders", "Jätteet")]
    talker = citizen(own)
    talker.state = {"version": 1, "language": "en", "chosen": True}
    said = await talker.say(text)
    assert (f"Saako {title}?" in said) if title else ("Saako" not in said)


async def test_stop_ends_everything_in_the_ledger_as_well_at_once(own: Own) -> None:
    talker = citizen(own, channel="sms")
    said = await talker.say("STOP")
    assert "Emme enää lähetä" in said or "We will not send" in said
    effect = talker.effects[-1]
    assert (effect.name, effect.arguments[:2]) == ("consents.end", ("c1", ""))
    ended = {"titles": {"fi": "Lainat", "sv": "Lån", "en": "Loans"}, "receipt": "9", "at": "2026-11-26T10:02:00+00:00"}
    said = await talker.result([ended])
    assert "kuitti 9" in said
    assert "Lainat, 26.11.2026 klo 12.02" in said


async def test_stop_with_nothing_allowed_says_no_more_than_before(own: Own) -> None:
    talker = citizen(own)
    await talker.say("lopeta")
    assert not await talker.result([])


async def test_stop_in_a_sentence_ends_everything_too(own: Own) -> None:
    talker = citizen(own)
    await talker.say("please stop texting me")
    await talker.press("Yes, stop messages")
    assert talker.effects[-1].name == "consents.end"


async def test_an_end_that_was_not_written_down_is_not_said_to_be(own: Own) -> None:
    talker = citizen(own)
    await talker.say("lopeta")
    assert "En saanut lopetusta kirjatuksi" in await talker.result(error="TimeoutError")


ENDING = {"end_library_reminders": {"fi": ["lopeta lainat"], "sv": ["sluta lån"], "en": ["stop loans"]}}


def with_words(talker: Talker) -> Talker:
    """The city's words that end a purpose are commands as the others are."""
    talker.words = Words.load(ROOT / "knowledge" / "commands.yaml", ENDING)
    return talker


@pytest.mark.parametrize(("word", "said"), [("Lopeta lainat!", "Lopetan sen"), ("sluta lån", "Jag avslutar det")])
async def test_one_word_ends_one_purpose_at_once_and_the_open_question_stays(own: Own, word: str, said: str) -> None:
    talker = with_words(citizen(own))
    await talker.say("muistuta roskista")
    assert said in await talker.say(word)
    assert talker.effects[-1].arguments[:2] == ("c1", "library_reminders")
    assert talker.state.get("opted_out") is None
    assert talker.open_runs
    await talker.say("kyllä")
    assert talker.effects[-1].name == "consents.give"


async def test_a_word_ends_a_purpose_while_a_person_answers_too(own: Own) -> None:
    talker = with_words(citizen(own))
    await talker.say("stop loans", owned=True)
    assert talker.effects[-1].arguments[:2] == ("c1", "library_reminders")


def test_a_word_that_means_something_else_already_ends_no_purpose() -> None:
    ending = {"end_library_reminders": {"fi": ["lopeta"], "sv": ["sluta lån"], "en": ["stop loans"]}}
    assert not faults(ROOT / "knowledge" / "commands.yaml", ("fi", "sv", "en"), ENDING)
    (fault,) = faults(ROOT / "knowledge" / "commands.yaml", ("fi", "sv", "en"), ending)
    assert "opt_out" in fault[2]
