from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from knowledge.load import Content, ContentFaults, load_content
from knowledge.places import Name, names
from knowledge.units import Directory, metres

ROOT = Path(__file__).parents[3]
SERVICES = """\
library: {name: {fi: kirjasto, en: library}, words: {fi: [bibba], en: []}, coverage: full}
bus: {name: {fi: kirjastoauto, en: bus}, words: {fi: [], en: []}, coverage: part, includes: [library]}
"""
UNIT = {
    "id": "1",
    "service": "library",
    "names": {"fi": "Kirjasto"},
    "latitude": 60.2,
    "longitude": 25,
    "source": "own",
}


def rows(folder: Path, name: str, *lines: object) -> None:
    folder.joinpath(name).write_text("\n".join(json.dumps(line) for line in lines) + "\n", encoding="utf-8")


@pytest.fixture
def data(village: Path) -> Path:
    folder = village / "data"
    folder.mkdir()
    (folder / "services.yaml").write_text(SERVICES, encoding="utf-8")
    (folder / "sources.yaml").write_text("own: {title: t, origin: o, date: d, licence: l}\n", encoding="utf-8")
    rows(folder, "units.jsonl", UNIT)
    return folder


def faults(data: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(ContentFaults) as caught:
        load_content(data.parent, today=date(2026, 11, 26))
    return [(fault.file.removeprefix("knowledge/data/"), fault.line, fault.message) for fault in caught.value.faults]


def test_whole_degrees_are_degrees(data: Path) -> None:
    assert load_content(data.parent).places.units[0].longitude == 25.0


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (UNIT, "the id “1” is there already"),
        (UNIT | {"id": "2", "service": "sauna"}, "there is no service “sauna”"),
        (UNIT | {"id": "2", "source": "rumour"}, "there is no source “rumour”"),
        (UNIT | {"id": "2", "latitude": "60"}, "latitude: input should be a valid number"),
        (UNIT | {"id": "2", "names": {}}, "names: "),
        (UNIT | {"id": "2", "urls": {"fi": "http://x.example"}}, "urls.fi: the link “http://x.example” is not https"),
        (UNIT | {"id": "2", "open": "always"}, "open: is a field that nobody knows"),
    ],
)
def test_fault_of_a_row_has_its_line(data: Path, second: object, message: str) -> None:
    rows(data, "units.jsonl", UNIT, second)
    ((file, line, found),) = faults(data)
    assert (file, line) == ("units.jsonl", 2)
    assert message in found


def test_row_that_is_not_json(data: Path) -> None:
    data.joinpath("streets.jsonl").write_text('{"id": \n', encoding="utf-8")
    ((file, line, message),) = faults(data)
    assert (file, line) == ("streets.jsonl", 1)
    assert message.startswith("is not JSON")


def test_alias_of_a_place_that_is_not_there(data: Path) -> None:
    data.joinpath("aliases.yaml").write_text("district:\n  kallio: {fi: [Berga]}\n", encoding="utf-8")
    assert faults(data) == [("aliases.yaml", 2, "there is no district “kallio”")]


def test_service_without_a_translation_or_with_a_stranger(data: Path) -> None:
    text = SERVICES.replace("en: bus", "sv: buss").replace("[library]", "[librry]")
    data.joinpath("services.yaml").write_text(text, encoding="utf-8")
    messages = [message for _, _, message in faults(data)]
    assert any("bus: name has no “en”" in message for message in messages)
    assert any("includes “librry”" in message for message in messages)


def test_topic_names_a_service_that_there_is(data: Path) -> None:
    topic = data.parent / "topics" / "sauna.yaml"
    topic.write_text(topic.read_text(encoding="utf-8") + "service: sauna\n", encoding="utf-8")
    with pytest.raises(ContentFaults, match="there is no service “sauna”"):
        load_content(data.parent)


def test_topic_opens_a_dialog_that_there_is(data: Path) -> None:
    topic = data.parent / "topics" / "sauna.yaml"
    topic.write_text(topic.read_text(encoding="utf-8") + "opens: sauna_booking\n", encoding="utf-8")
    with pytest.raises(ContentFaults, match="there is no dialog “sauna_booking”"):
        load_content(data.parent)


def test_every_kind_of_place_has_names(helsinki: Content) -> None:
    known = set(names(helsinki.places))
    for name in (
        Name(kind="district", id="kallio", language="sv", text="Berghäll"),
        Name(kind="district", id="toolo", language="sv", text="Tölö"),
        Name(kind="district", id="itakeskus", language="fi", text="Itis"),
        Name(kind="district", id="herttoniemi", language="fi", text="Hertsika"),
        Name(kind="street", id="hameentie", language="sv", text="Tavastvägen"),
        Name(kind="unit", id="51342", language="fi", text="Oodi"),
        Name(kind="postal_code", id="00530", language="fi", text="00530"),
        Name(kind="service", id="library", language="sv", text="bibban"),
        Name(kind="service", id="swimming_hall", language="en", text="swimming pool"),
    ):
        assert name in known
    assert len(known) == len(list(names(helsinki.places)))


def test_no_name_stands_for_a_place_and_a_service(helsinki: Content) -> None:
    kinds: dict[str, set[str]] = {}
    for name in names(helsinki.places):
        kinds.setdefault(name.text.casefold(), set()).add(name.kind)
    assert not {text for text, found in kinds.items() if len(found) > 1}


def test_every_service_has_units_and_words_in_every_language(helsinki: Content) -> None:
    offered = {unit.service for unit in helsinki.places.units}
    assert offered == set(helsinki.places.services)
    for service in helsinki.places.services.values():
        assert all(len(words) >= 2 for words in service.words.values())


def test_every_place_is_in_the_city(helsinki: Content) -> None:
    area, places = helsinki.city.area, helsinki.places
    rows: list[tuple[str, float | None, float | None]] = [(row.id, row.latitude, row.longitude) for row in places.units]
    rows += [(row.id, row.latitude, row.longitude) for row in places.districts]
    rows += [(row.id, row.latitude, row.longitude) for row in places.streets]
    rows += [(row.id, row.latitude, row.longitude) for row in places.postal_codes]
    for name, latitude, longitude in rows:
        if latitude is not None and longitude is not None:
            assert area.south <= latitude <= area.north, name
            assert area.west <= longitude <= area.east, name


def test_known_faults_of_the_register_are_not_shown(helsinki: Content) -> None:
    units = {unit.id: unit for unit in helsinki.places.units}
    assert "25982" not in units  # its address is 15 km from its coordinates
    assert units["25831"].postal_code is None
    assert units["40806"].names["fi"] == "Maunulan liikuntahalli"  # the register has a room of it
    assert not any("www.helmet.fi" in url for unit in units.values() for url in unit.urls.values())
    assert not any(" / " in name for unit in units.values() for name in unit.names.values())


async def test_nearest_library_to_kallio_is_kallio_library(helsinki: Content) -> None:
    directory = Directory(helsinki)
    here = directory.place("district", "kallio", "Kalliossa")
    assert here["text"] == "Kalliossa"
    found = await directory.nearest("library", here, 3)
    assert found[0]["id"] == "8215"
    distances = [unit["distance_m"] for unit in found]
    assert distances == sorted(distance for distance in distances if distance is not None)
    assert found[0]["names"] == {
        "fi": "Kallion kirjasto",
        "sv": "Berghälls bibliotek",
        "en": "Kallio Library",
    }


@pytest.mark.parametrize(
    ("kind", "place_id"), [("district", "kallio"), ("street", "hameentie"), ("unit", "51342"), ("postal_code", "00530")]
)
async def test_every_kind_of_place_can_be_near(helsinki: Content, kind: str, place_id: str) -> None:
    directory = Directory(helsinki)
    (unit,) = await directory.nearest("library", directory.place(kind, place_id, ""), 1)
    assert unit["distance_m"] is not None
    assert unit["distance_m"] < 3000


async def test_without_a_place_by_name(helsinki: Content) -> None:
    found = await Directory(helsinki).nearest("library", None, 100)
    listed = [unit["names"]["fi"].casefold() for unit in found]
    assert listed == sorted(listed)
    assert all(unit["distance_m"] is None for unit in found)


async def test_place_that_nobody_has_placed_gives_names_in_order(helsinki: Content) -> None:
    directory = Directory(helsinki)
    nowhere = directory.place("free", "", "tuolla kulmassa")
    assert nowhere["latitude"] is None
    assert [unit["distance_m"] for unit in await directory.nearest("library", nowhere, 2)] == [None, None]


def test_free_words_take_the_place_of_a_district_in_them(helsinki: Content) -> None:
    directory = Directory(helsinki)
    found = directory.place("free", "", "Tuntematonkatu 3, Itä-Pasila")
    assert found["latitude"] == directory.place("district", "ita-pasila", "")["latitude"]
    assert found["kind"] == "free"


async def test_service_that_includes_another(helsinki: Content) -> None:
    directory = Directory(helsinki)
    services = {unit["service"] for unit in await directory.nearest("playground", None, 1000)}
    assert services == {"playground", "playground_supervised"}
    assert {unit["service"] for unit in await directory.nearest("playground_supervised", None, 1000)} == {
        "playground_supervised"
    }


async def test_unknown_ids_are_nothing(helsinki: Content) -> None:
    directory = Directory(helsinki)
    assert await directory.nearest("sauna", None, 5) == []
    assert await directory.unit("0") is None
    assert directory.name("district", "atlantis", "fi") == "atlantis"


async def test_unit_without_a_page_has_the_service_maps(helsinki: Content) -> None:
    unit = await Directory(helsinki).unit("8192")
    assert unit is not None
    assert unit["urls"]["sv"] == "https://palvelukartta.hel.fi/sv/unit/8192"


def test_names_fall_back_on_a_language_that_there_is(helsinki: Content) -> None:
    directory = Directory(helsinki)
    assert directory.name("district", "kallio", "sv") == "Berghäll"
    assert directory.name("district", "kallio", "en") == "Kallio"
    assert directory.name("service", "library", "sv") == "bibliotek"
    assert directory.name("unit", "8192", "sv") == "Malmin kirjasto"
    assert directory.name("postal_code", "00530", "sv") == "00530"
    assert directory.covers("library")
    assert not directory.covers("dog_park")


def test_distance_is_a_great_circle() -> None:
    assert metres((60.0, 25.0), (61.0, 25.0)) == pytest.approx(111_195, abs=1)
    assert metres((60.0, 25.0), (60.0, 25.0)) == 0.0
    assert metres((0.0, 0.0), (0.0, 180.0)) == pytest.approx(20_015_114, abs=10)
