"""One's own data over services that are doubles: what is said at which level, what is done, and what never is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.messages import Entity, Match, Session
from dialogs import DIALOGS
from dialogs.services import ServiceUnavailable
from tests.unit.dialogs.talker import BEGINNING, City, Talker, understand

WORDS = {
    "luvat": "my_consents", "lov": "my_consents", "permissions": "my_consents", "muistuta": "consent_give",
    "remind": "consent_give", "påminn": "consent_give", "lopettakaa": "consent_withdraw", "drop": "consent_withdraw",
    "kuka": "data_uses", "miksi": "message_reason", "kanavat": "my_channels", "tietoni": "data_export",
    "poista": "data_delete",
}  # fmt: skip
PHONE = "+358401234567"
PAGE = "https://neuvo.example/my/link/abc?language=fi"


def heard(text: str, session: Session) -> Match:
    """The words of the tests, and phone numbers."""
    found = understand(text, session)
    intents = [WORDS[word] for word in text.lower().replace("?", " ").split() if word in WORDS]
    phones = [Entity(kind="phone", value=PHONE, text="040 1234567", start=0, end=11)] if "040 1234567" in text else []
    intent = intents[-1] if intents else found.intent
    return replace(found, intent=intent, entities=(*found.entities, *phones))


def consent(name: str, title: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name, "version": 1, "basis": "consent", "state": "never", "at": None, "needs": "", "age": 13,
        "guardian": True, "title": title, "ask": f"Saako {title}?", "for_me": "hyötyä", "for_city": "säästöä",
        "data": "numero", "retention": "30 päivää", "words": [f"lopeta {name}"],
    } | more  # fmt: skip


def held(**more: Any) -> dict[str, Any]:
    return {
        "channel": "webchat", "level": "claimed", "fresh": False, "linked": False,
        "since": "2026-11-20T08:00:00+00:00", "messages": 3, "answers": 4, "pictures": 1, "services": 2, "notes": 0,
        "pages": "https://neuvo.example/my/data",
    } | more  # fmt: skip


@dataclass
class Own:
    """Ledger, data and login in one; what is changed is never changed by a dialog itself."""

    known: list[dict[str, Any]] = field(
        default_factory=lambda: [
            consent("waste_reminders", "Jätteet"),
            consent("library_reminders", "Lainat", state="given", at="2026-11-01T10:00:00+00:00"),
            consent("health_outreach", "Rokotukset", needs="strong", age=18, guardian=False),
        ]
    )
    holding: dict[str, Any] = field(default_factory=held)
    here: bool = True
    down: bool = False
    used: list[dict[str, Any]] = field(default_factory=list)
    nudge: dict[str, Any] | None = None
    against: list[str] = field(default_factory=list)
    channels: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def _ask(self, conversation: str) -> None:
        self.asked.append(conversation)
        if self.down:
            raise ServiceUnavailable("down")

    async def standings(self, conversation: str, language: str) -> list[dict[str, Any]]:
        self._ask(conversation)
        return self.known

    async def private(self, conversation: str) -> bool:
        self._ask(conversation)
        return self.here

    async def held(self, conversation: str) -> dict[str, Any]:
        return self.holding

    async def uses(self, conversation: str, language: str, limit: int) -> list[dict[str, Any]]:
        return self.used[:limit]

    async def last_nudge(self, conversation: str, language: str) -> dict[str, Any] | None:
        return self.nudge

    async def obstacles(self, conversation: str, language: str) -> list[str]:
        return self.against

    async def links(self, conversation: str) -> list[dict[str, Any]]:
        return self.channels

    async def erase(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")

    async def unlink(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")


class Ledger:
    """The consents of an ``Own``."""

    def __init__(self, own: Own) -> None:
        self.standings = own.standings

    async def give(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")

    async def withdraw(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")


class Login:
    """Nobody logs in here."""

    async def begin(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")

    async def finish(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")

    async def send(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")

    async def check(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")


@pytest.fixture
def own() -> Own:
    return Own()


def citizen(own: Own, **options: Any) -> Talker:
    names = ("directory", "hours", "feedback", "events", "search", "masking", "topics")
    services: dict[str, object] = dict.fromkeys(names, City())
    services |= {"consents": Ledger(own), "mydata": own, "login": Login()}
    return Talker(DIALOGS, services, understand=heard, **options)


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


async def test_my_data_tells_counts_of_this_conversation_and_the_way_to_the_rest(own: Own) -> None:
    own.channels = [{"id": "x", "channel": "sms", "ending": "567", "level": "confirmed", "since": "", "here": False}]
    talker = citizen(own)
    said = await talker.open("my_data")
    for part in ("viestejä sinulta 3, vastauksia sinulle 4", "kuvia 1", "verkkokeskustelu", "En tiedä, kuka olet"):
        assert part in said
    assert "567" not in said
    assert own.asked == ["c1"]
    assert "Annanko linkin" in await talker.press("Tunnistaudu vahvasti")


async def test_my_data_of_somebody_who_is_linked_leads_to_the_page(own: Own) -> None:
    own.holding = held(linked=True, level="strong")
    talker = citizen(own)
    assert "yhdistetty sinuun" in await talker.open("my_data")
    assert talker.replies[-1].links[0].url == "https://neuvo.example/my/data"


async def test_a_login_takes_the_code_from_the_page_and_repeats_neither_code_nor_name(own: Own) -> None:
    talker = citizen(own)
    await talker.open("strong_login")
    await talker.press("Kyllä, anna linkki")
    assert talker.effects[-1].name == "login.begin"
    assert PAGE in await talker.result(PAGE)
    assert "kuusinumeroista" in await talker.say("avasin sen")
    await talker.say("123 456")
    assert (talker.effects[-1].name, talker.effects[-1].arguments) == ("login.finish", ("c1", "123456"))
    said = await talker.result("linked")
    assert "yhdistetty sinuun" in said
    assert "123456" not in said
    assert talker.replies[-1].links[0].url == "https://neuvo.example/my/data"
    assert "123456" not in json.dumps(talker.state)


async def test_five_wrong_codes_close_the_link(own: Own) -> None:
    talker = citizen(own)
    await talker.open("strong_login")
    await talker.press("Kyllä, anna linkki")
    await talker.result(PAGE)
    for number in range(5):
        await talker.say(f"00000{number}")
        said = await talker.result("wrong")
        assert "Koodi ei täsmää" in said
    assert "liian monta kertaa" in said
    assert not talker.open_runs


@pytest.mark.parametrize(
    ("became", "words"), [("expired", "aika on loppunut"), ("spent", "liian monta"), ("another", "toiselle")]
)
async def test_a_login_that_cannot_go_on_says_why(own: Own, became: str, words: str) -> None:
    talker = citizen(own)
    await talker.open("strong_login")
    await talker.press("Kyllä, anna linkki")
    await talker.result(PAGE)
    await talker.say("123456")
    assert words in await talker.result(became)
    assert not talker.open_runs


async def test_without_a_login_provider_that_is_said(own: Own) -> None:
    talker = citizen(own)
    await talker.open("strong_login")
    await talker.press("Kyllä, anna linkki")
    assert "ei ole nyt käytössä" in await talker.result("")


async def test_deleting_says_what_goes_and_stays_and_waits_for_a_yes(own: Own) -> None:
    talker = citizen(own)
    said = await talker.open("my_data_delete")
    for part in ("tämä keskustelu", "Poistuu: viestit", "Jää: luvut", "ei voi perua"):
        assert part in said
    assert not talker.effects
    assert "mitään ei poistettu" in await talker.press("Ei, säilytä")
    await talker.open("my_data_delete")
    await talker.press("Kyllä, poista")
    assert (talker.effects[-1].name, talker.effects[-1].arguments) == ("mydata.erase", ("c1", "fi"))


async def test_deleting_somebody_linked_needs_a_login_just_now(own: Own) -> None:
    own.holding = held(linked=True, level="strong")
    talker = citizen(own)
    said = await talker.open("my_data_delete")
    assert "viimeisten 30 minuutin" in said
    assert not talker.open_runs
    own.holding = held(linked=True, level="strong", fresh=True)
    assert "kaikista kanavista" in await talker.open("my_data_delete")


async def test_a_legal_hold_is_told_in_its_words(own: Own) -> None:
    own.against = ["Tietojasi tarvitaan oikeudenkäynnissä."]
    talker = citizen(own)
    assert "oikeudenkäynnissä" in await talker.open("my_data_delete")
    assert not talker.open_runs


async def test_a_hold_that_came_in_between_is_told_too(own: Own) -> None:
    talker = citizen(own)
    await talker.open("my_data_delete")
    await talker.press("Kyllä, poista")
    assert "Pidetään tallessa" in await talker.result(["Pidetään tallessa."])


async def test_uses_are_told_five_at_most_with_the_way_to_all(own: Own) -> None:
    own.used = [
        {"at": f"2026-11-2{day}T08:00:00+00:00", "actor": f"Työntekijä {day}", "purpose": "vastata", "what": "viestit"}
        for day in range(6, 0, -1)
    ]
    talker = citizen(own)
    said = await talker.say("kuka?")
    assert "26.11.2026 klo 10.00: Työntekijä 6, vastata (viestit)" in said
    assert "Työntekijä 2" in said
    assert "Työntekijä 1" not in said
    assert talker.button("Tunnistaudu vahvasti")


async def test_no_use_is_said_plainly(own: Own) -> None:
    assert "Kukaan ei ole lukenut" in await citizen(own).say("kuka?")


async def test_why_did_i_get_this_without_a_message_of_the_city(own: Own) -> None:
    assert "ei ole kirjoittanut" in await citizen(own).say("miksi")


async def test_why_did_i_get_this_names_purpose_data_ground_and_end(own: Own) -> None:
    own.nudge = {"purpose": "library_reminders", "title": "Lainat", "at": "2026-11-26T07:00:00+00:00",
                 "data": "eräpäivät", "basis": "consent", "words": ["lopeta lainat"]}  # fmt: skip
    talker = citizen(own)
    said = await talker.say("miksi")
    for part in ("Lainat", "eräpäivät", "lupa, jonka olet antanut", "LOPETA LAINAT"):
        assert part in said
    assert "Lainat?" in await talker.press("Lopeta nämä viestit")


async def test_a_number_is_confirmed_and_never_repeated(own: Own) -> None:
    talker = citizen(own)
    await talker.open("phone_confirm")
    said = await talker.say("040 1234567")
    assert "loppu on 67" in said
    assert "1234567" not in said
    await talker.press("Kyllä, lähetä koodi")
    assert talker.effects[-1].arguments[1] == PHONE
    assert "10 minuuttia" in await talker.result("sent")
    await talker.say("654321")
    assert talker.effects[-1].arguments[1] == "654321"
    said = await talker.result("right")
    assert "vahvistettu" in said
    assert not {"654321", "1234567"} & set(said.split())
    assert PHONE not in json.dumps(talker.state)


@pytest.mark.parametrize(("sent", "words"), [("limited", "Odota tunti"), ("stopped", "START"), ("off", "ei voi vahvi")])
async def test_a_code_that_is_not_sent_says_why(own: Own, sent: str, words: str) -> None:
    talker = citizen(own)
    await talker.open("phone_confirm")
    await talker.say("040 1234567")
    await talker.press("Kyllä, lähetä koodi")
    assert words in await talker.result(sent)
    assert not talker.open_runs


@pytest.mark.parametrize(("became", "words"), [("spent", "liian monta"), ("none", "aika on"), ("another", "toiselle")])
async def test_a_code_that_ends_says_why(own: Own, became: str, words: str) -> None:
    talker = citizen(own)
    await talker.open("phone_confirm")
    await talker.say("040 1234567")
    await talker.press("Kyllä, lähetä koodi")
    await talker.result("sent")
    await talker.say("111111")
    assert "Koodi ei täsmää" in await talker.result("wrong")
    await talker.say("222222")
    assert words in await talker.result(became)


async def test_by_sms_the_number_is_the_one_written_from(own: Own) -> None:
    talker = citizen(own, channel="sms")
    assert "josta kirjoitat" in await talker.open("phone_confirm")
    await talker.say("1")
    assert talker.effects[-1].arguments == ("c1", "", "fi")


CHANNELS = [
    {"id": "c1", "channel": "webchat", "ending": "", "level": "claimed", "since": "2026-11-20T08:00:00+00:00",
     "here": True},
    {"id": "c2", "channel": "sms", "ending": "567", "level": "confirmed", "since": "2026-11-21T08:00:00+00:00",
     "here": False},
]  # fmt: skip


async def test_another_channel_is_unlinked_only_after_a_login(own: Own) -> None:
    own.channels, own.holding = CHANNELS, held(linked=True)
    talker = citizen(own)
    said = await talker.say("kanavat")
    assert "tekstiviestit, numeron loppu 567, 21.11.2026" in said
    assert "tunnistautunut vahvasti" in await talker.press("Irrota: tekstiviestit")
    own.holding = held(linked=True, fresh=True)
    await talker.say("kanavat")
    await talker.press("Irrota: tekstiviestit")
    await talker.press("Kyllä, irrota")
    assert talker.effects[-1].arguments == ("c1", "c2")
    assert "Irrotettu: tekstiviestit" in await talker.result(value=True)


async def test_this_conversation_can_always_be_unlinked(own: Own) -> None:
    own.channels, own.holding = CHANNELS, held(linked=True)
    talker = citizen(own)
    await talker.say("kanavat")
    assert "alkaa alusta" in await talker.press("Irrota: verkkokeskustelu")
    await talker.say("en kiitos")
    assert not talker.effects


async def test_the_phone_is_confirmed_from_the_list_as_well(own: Own) -> None:
    own.channels = CHANNELS[:1]
    talker = citizen(own)
    assert "Irrota" not in await talker.say("kanavat")
    assert "Minkä puhelinnumeron" in await talker.press("Vahvista puhelinnumero")


@pytest.mark.parametrize(
    "name",
    ["my_data", "my_data_delete", "strong_login", "phone_confirm", "my_channels", "data_uses", "message_reason",
     "my_consents", "consent_give", "consent_withdraw"],
)  # fmt: skip
async def test_where_others_read_along_nothing_personal_is_opened(own: Own, name: str) -> None:
    own.here = False
    talker = citizen(own)
    said = await talker.open(name)
    assert "lukevat muutkin" in said
    assert not talker.open_runs
    assert not talker.effects


@pytest.mark.parametrize("name", ["my_data", "my_consents", "data_uses"])
async def test_a_database_that_is_away_is_no_answer(own: Own, name: str) -> None:
    own.down = True
    talker = citizen(own)
    assert "hetken päästä uudelleen" in await talker.open(name)
    assert not talker.open_runs


async def test_a_topic_leads_to_its_dialog(own: Own) -> None:
    talker = citizen(own)
    await talker.say("tietoni")
    assert "Tästä keskustelusta on tallessa" in await talker.press("Mitä minusta tiedetään")


async def test_in_all_languages(own: Own) -> None:
    for text, words in (("lov", "Staden skriver till dig"), ("permissions please", "The city writes to you first")):
        talker = citizen(own, now=BEGINNING)
        talker.state = {"version": 1, "language": "en" if "please" in text else "sv", "introduced": True}
        assert words in await talker.say(text)
