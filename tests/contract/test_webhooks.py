"""What comes in: genuine, replayed, forged, malformed, too long, and when nothing can be kept."""

from __future__ import annotations

from dataclasses import replace

from tests.contract.site import Site


async def test_a_message_comes_with_its_words_and_an_id(site: Site) -> None:
    await site.say("Missä on lähin kirjasto? Äiti & <isä> 😀")
    (message,) = site.neighbour.messages
    assert message.text == "Missä on lähin kirjasto? Äiti & <isä> 😀"
    assert message.address.channel == site.name
    assert message.message_id
    assert message.received_at.tzinfo is not None


async def test_two_citizens_have_two_addresses_and_one_has_one(site: Site) -> None:
    for by in (0, 1, 0):
        await site.say("moi", by=by)
    keys = [message.address.key for message in site.neighbour.messages]
    assert keys[0] == keys[2] != keys[1]


async def test_a_delivery_that_is_repeated_has_the_same_id_and_another_message_another(site: Site) -> None:
    again = site.provider.says("joo", message_id="one")
    for post in (again, again, site.provider.says("joo", message_id="two")):
        assert 200 <= await site.post(post) < 300
    ids = [message.message_id for message in site.neighbour.messages]
    assert len(set(ids)) == 2
    assert ids[0] == ids[-2]


async def test_what_is_forged_is_turned_away_and_nothing_is_kept(site: Site) -> None:
    for post in site.provider.forged():
        assert await site.post(post) in (401, 403)
    assert site.neighbour.events == []


async def test_what_is_malformed_is_turned_away_in_peace_and_nothing_is_kept(site: Site) -> None:
    for post in site.provider.malformed():
        assert await site.post(post) < 500
    assert site.neighbour.events == []


async def test_what_is_too_long_is_turned_away(site: Site) -> None:
    genuine = site.provider.says("moi")
    status = await site.post(replace(genuine, body=genuine.body + b" " * 2 * 1024 * 1024))
    assert 400 <= status < 500
    assert site.neighbour.events == []


async def test_what_cannot_be_kept_is_asked_for_again(site: Site) -> None:
    site.neighbour.unavailable = True
    post = site.provider.says("moi", message_id="one")
    assert await site.post(post) == 503
    site.neighbour.unavailable = False
    assert 200 <= await site.post(post) < 300
    assert [message.text for message in site.neighbour.messages] == ["moi"]
