"""One's own data over services that are doubles: what is said at which level, what is done, and what never is."""

from __future__ import annotations

import json

import pytest

from tests.unit.dialogs.mydata_own import PAGE, PHONE, Own, citizen, held
from tests.unit.dialogs.talker import BEGINNING


@pytest.fixture
def own() -> Own:
    return Own()


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
                 "data": "eräpäivät", "basis": "consent", "words": ["lopeta lainat"],
                 "given": "2026-11-01T10:00:00+00:00", "here": "fallback"}  # fmt: skip
    talker = citizen(own)
    said = await talker.say("miksi")
    for part in ("Lainat", "eräpäivät", "lupa, jonka annoit 1.11.2026", "toisessa kanavassa", "LOPETA LAINAT"):
        assert part in said
    assert "Lainat?" in await talker.press("Lopeta nämä viestit")


async def test_why_did_i_get_this_names_a_task_of_the_citys_where_nobody_gave_a_permission(own: Own) -> None:
    own.nudge = {"purpose": "library_reminders", "title": "Lainat", "at": "2026-11-26T07:00:00+00:00",
                 "data": "eräpäivät", "basis": "public_task", "words": [], "given": None, "here": ""}  # fmt: skip
    said = await citizen(own).say("miksi")
    assert "lakisääteinen tehtävä" in said
    assert "lähettäjä valitsi" in said


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


@pytest.mark.parametrize(
    ("sent", "words"), [("limited", "Odota tunti"), ("stopped", "START"), ("not_here", "ei voi vahvi")]
)
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
