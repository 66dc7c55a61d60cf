"""Pictures and locations that a citizen shares: before a dialog, in it, with words and without."""

from __future__ import annotations

from bot.messages import Location, Photo
from tests.unit.dialogs.talker import city_talker

ONE, TWO, LOST = Photo(id="p1"), Photo(id="p2"), Photo(id="")
HERE = Location(60.18412, 24.95123)


async def test_a_picture_with_the_first_words_goes_with_the_report() -> None:
    talker = city_talker()
    said = await talker.say("Hämeentiellä on iso kuoppa pyörätiellä", photos=(ONE,))
    assert "Kuvia: 1" in said
    await talker.press("Lähetä ilmoitus")
    assert talker.effects[0].arguments[3] == ["p1"]


async def test_a_picture_alone_is_kept_for_the_report_that_it_is_about() -> None:
    talker = city_talker()
    assert "voin liittää sen" in await talker.say("", photos=(ONE, TWO))
    said = await talker.say("Hämeentiellä on iso kuoppa pyörätiellä")
    assert "Kuvia: 2" in said


async def test_a_picture_alone_is_kept_when_the_button_is_pressed_and_forgotten_after_another_message() -> None:
    talker = city_talker()
    await talker.say("", photos=(ONE,))
    await talker.press("title feedback_report")
    assert talker.state["runs"][0]["photos"] == ["p1"]
    other = city_talker()
    await other.say("", photos=(ONE,))
    await other.say("kiitos")
    assert "Kuvia: 0" in await other.say("Hämeentiellä on iso kuoppa pyörätiellä")


async def test_a_picture_in_the_middle_is_taken_and_the_question_is_asked_again() -> None:
    talker = city_talker()
    await talker.say("vika")
    said = await talker.say("", photos=(ONE,))
    assert "kuva on tallessa" in said
    assert "Millainen vika" in said
    await talker.press("Katuvalot")
    await talker.say("Hämeentie")
    assert "Kuvia: 2" in await talker.say("Lamppu on ollut pimeänä viikon", photos=(TWO,))


async def test_a_picture_at_the_confirmation_is_confirmed_before_it_is_sent() -> None:
    talker = city_talker()
    await talker.say("Hämeentiellä on iso kuoppa pyörätiellä")
    assert "Kuvia: 1" in await talker.say("", photos=(ONE,))
    assert "Kuvia: 2" in await talker.say("kyllä", photos=(TWO,))
    assert talker.effects == []
    await talker.say("kyllä")
    assert talker.effects[0].arguments[3] == ["p1", "p2"]


async def test_a_picture_after_the_report_went_out_is_said_to_be_late() -> None:
    talker = city_talker()
    await talker.say("Hämeentiellä on iso kuoppa pyörätiellä")
    await talker.say("kyllä")
    assert "ei ehtinyt mukaan" in await talker.say("", photos=(ONE,))
    assert "HEL-7" in await talker.result({"number": "HEL-7", "demonstration": False})
    assert not talker.failures


async def test_a_picture_that_did_not_come_through_is_said() -> None:
    talker = city_talker()
    assert "ei saatu haettua" in await talker.say("", photos=(LOST,))
    said = await talker.say("Hämeentiellä on iso kuoppa pyörätiellä")
    assert "Kuvia: 0" in said
    said = await talker.say("kyllä", photos=(LOST,))
    assert "ei saatu haettua" in said
    assert talker.effects


async def test_a_dialog_without_use_for_pictures_says_so_and_goes_on() -> None:
    talker = city_talker()
    await talker.say("missä on lähin kirjasto")
    said = await talker.say("", photos=(ONE,))
    assert "en osaa katsoa kuvia" in said
    assert talker.state["runs"]
    assert "Talo 1" in await talker.say("Kallio", photos=(ONE,))


async def test_a_shared_location_answers_where() -> None:
    talker = city_talker()
    await talker.say("missä on lähin kirjasto")
    said = await talker.say("", location=HERE)
    assert "Talo 1" in said
    nearest = talker.services["directory"].asked[-1]  # type: ignore[attr-defined]
    assert (nearest[2]["kind"], nearest[2]["id"]) == ("point", "60.18412,24.95123")


async def test_a_location_alone_asks_what_is_wanted_near_it() -> None:
    talker = city_talker()
    await talker.say("", location=HERE)
    assert "Talo 1" in await talker.say("kirjasto")


async def test_a_location_where_a_number_is_asked_for_is_no_answer() -> None:
    talker = city_talker()
    await talker.say("vika")
    await talker.press("Katuvalot")
    await talker.say("Hämeentie")
    said = await talker.say("", location=HERE)
    assert "omin sanoin" in said


async def test_a_location_is_the_place_of_a_report() -> None:
    talker = city_talker()
    await talker.say("vika")
    await talker.press("Katuvalot")
    assert "Kuvaile" in await talker.say("", location=HERE)
    await talker.say("Lamppu on ollut pimeänä viikon")
    await talker.say("kyllä")
    place = talker.effects[0].arguments[1]
    assert place["kind"] == "point"
