"""Receipts: against their schema, in terms that there are, and to be read in three languages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from bot.gsm import downgrade, units
from mydata.ledger_chain import START, Entry
from mydata.receipt import context, principal, receipt, receipt_bytes, schema
from mydata.receipt_lines import number, readable, short
from tests.unit.mydata.ledgers import ANNA, BERTIL, MAC_KEY, PURPOSES, ledger, wish

HELSINKI = ZoneInfo("Europe/Helsinki")
LANGUAGES = ("fi", "sv", "en")
DECIDED = [
    (name, kind, channel)
    for name, purpose in PURPOSES.purposes.items()
    if purpose.refusable
    for kind, channel in (("given", purpose.channels[0]), ("given", purpose.channels[-1]), ("withdrawn", None))
]
# Terms of DPV 2.1 (https://w3id.org/dpv) and Dublin Core, as published: what a receipt may speak of.
TERMS = {
    "dpv": {
        "Collect", "CommunicationManagement", "ConsentGiven", "ConsentNotice", "ConsentReceipt", "ConsentRecord",
        "ConsentWithdrawn", "DataController", "DataProcessor", "DataProtectionAuthority", "DataSubjectDataSource",
        "ImprovePublicServices", "LegalCompliance", "ObjectingToProcess", "OptingInToProcess", "PersonalData",
        "Process", "ProvideEventRecommendations", "Purpose", "Recipient", "RecordManagement", "Service",
        "SpecialCategoryPersonalData", "StorageDuration", "Store", "ThirdParty", "Use", "WithdrawConsent",
        "hasAuthority", "hasConsentControl", "hasConsentStatus", "hasContext", "hasDataController", "hasDataSource",
        "hasDataSubject", "hasDuration", "hasEntity", "hasIndicationMethod", "hasJurisdiction", "hasLegalBasis",
        "hasLocation", "hasName", "hasNotice", "hasPersonalData", "hasProcess", "hasProcessing", "hasPurpose",
        "hasRecipient", "hasRecordOfActivity", "hasRight", "hasService", "hasStorageCondition", "isIndicatedAtTime",
        "isIndicatedBy",
    },
    "eu-gdpr": {"A6-1-a", "A6-1-e", "A7-3", "A9-2-a", "A15", "A16", "A17", "A18", "A20", "A21", "A77"},
    "loc": {"EU", "FI"},
    "pd": {
        "AgeRange", "Communication", "CommunicationsMetadata", "Contact", "FamilyStructure", "Interest",
        "MedicalHealth", "PhysicalAddress", "ServiceConsumptionBehavior",
    },
    "sector-health": {"AppointmentScheduling", "PreventativeCareManagement"},
    "sector-publicservices": {"PublicServiceProvision", "SocialWelfareProvision"},
    "dct": {"conformsTo", "created", "description", "identifier", "language", "title"},
    "schema": {"address", "email", "keywords", "telephone", "url", "version"},
    "skos": {"broader"},
    "xsd": {"dateTime"},
}  # fmt: skip


def decided(purpose: str, kind: str, channel: str | None, **more: Any) -> Entry:
    asked = PURPOSES.asked(purpose)
    entry = Entry(
        pseudonym=ANNA, seq=1, at=datetime(2026, 11, 26, 21, 5, 1, 20, tzinfo=UTC), purpose=purpose,
        version=asked.version, digest=asked.digest(), kind=kind, language="fi", channel=channel, through="sms", **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return replace(entry, mac=entry.mac_after(START, MAC_KEY))


def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(schema())
    return Draft202012Validator(schema(), format_checker=FormatChecker())


def faults(document: Mapping[str, Any]) -> list[str]:
    return [error.json_path for error in validator().iter_errors(document)]


def process(document: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["consent_record"]["pii_processing"]["purposes"][0]
    return found


@pytest.mark.parametrize(("purpose", "kind", "channel"), DECIDED)
def test_every_receipt_is_of_its_schema_in_every_language(purpose: str, kind: str, channel: str | None) -> None:
    entry, asked = decided(purpose, kind, channel), PURPOSES.asked(purpose)
    for language in LANGUAGES:
        document = receipt(entry, asked, language)
        assert faults(document) == []
        assert json.loads(receipt_bytes(entry, asked, language)) == document
        assert process(document)["purpose"]["title"] == asked.title[language]


def parts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all parts but the context."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        if key != "@context":
            yield (*path, key)
            yield from parts(part, (*path, key))


def test_the_schema_misses_no_part_that_is_left_out_or_put_in() -> None:
    document = receipt(decided("health_outreach", "given", "sms"), PURPOSES.asked("health_outreach"))
    optional = {"party_identifier"}
    for path in parts(document):
        copy = json.loads(json.dumps(document))
        holder = copy
        for step in path[:-1]:
            holder = holder[step]
        if isinstance(holder, list) or path[-1] in optional:
            continue
        value = holder.pop(path[-1])
        assert faults(copy) != [], path
        holder[path[-1]] = value
        holder["more"] = "x"
        assert faults(copy) != [], path


def prefixed(value: Any) -> Iterator[str]:
    """Everything in a document that may be a term."""
    if isinstance(value, dict):
        for part in value.values():
            yield from prefixed(part)
    elif isinstance(value, list):
        for part in value:
            yield from prefixed(part)
    elif isinstance(value, str) and value.partition(":")[0] in TERMS:
        yield value


def test_every_name_stands_for_a_term_that_there_is() -> None:
    names: set[str | int] = set()
    terms: set[str] = set(prefixed(dict(context())))
    for purpose, kind, channel in DECIDED:
        document = receipt(decided(purpose, kind, channel), PURPOSES.asked(purpose))
        names |= {path[-1] for path in parts(document) if isinstance(path[-1], str) and path[-2:-1] != ("proof",)}
        terms |= set(prefixed({key: part for key, part in document.items() if key != "@context"}))
    assert {name for name in names if not str(name).startswith("@")} <= set(context())
    for term in terms:
        prefix, _, name = term.partition(":")
        assert name in TERMS[prefix], term
    for prefix in TERMS:
        assert context()[prefix].startswith("http")


def test_the_sections_of_iso_27560_hold_what_happened() -> None:
    entry = decided("health_outreach", "given", "sms", decided_by="guardian", guardian=BERTIL)
    record = receipt(entry, PURPOSES.asked("health_outreach"))["consent_record"]
    assert set(record) >= {"record", "pii_processing", "party_identification", "event"}
    assert record["record"]["pii_principal_id"] == principal(ANNA)
    [event] = record["event"]
    assert event == {
        "event_state": "dpv:ConsentGiven",
        "event_type": "eu-gdpr:A9-2-a",
        "event_time": "2026-11-26T21:05:01.000020Z",
        "validity_duration": "P12M",
        "entity_id": principal(BERTIL),
        "decided_by": "guardian",
        "method": "sms",
    }
    controller, authority = record["party_identification"]
    assert controller["party_name"].startswith("Helsingin kaupunki, sosiaali-")
    assert controller["party_id"] in process(receipt(entry, PURPOSES.asked("health_outreach")))["pii_controllers"]
    assert authority["party_name"] == "Tietosuojavaltuutetun toimisto"


def test_it_holds_what_kantaras_consent_receipt_asks_for() -> None:
    document = receipt(decided("health_outreach", "given", "sms"), PURPOSES.asked("health_outreach"))
    record, use = document["consent_record"], process(document)
    controller = record["party_identification"][0]
    held = {
        "version": document["schema_version"],
        "jurisdiction": use["jurisdiction"],
        "consentTimestamp": record["event"][0]["event_time"],
        "collectionMethod": record["event"][0]["method"],
        "consentReceiptID": document["receipt_id"],
        "language": record["pii_processing"]["language"],
        "piiPrincipalId": record["record"]["pii_principal_id"],
        "piiController": controller["party_name"],
        "address": controller["party_address"],
        "email": controller["party_email"],
        "phone": controller["party_phone"],
        "policyUrl": record["pii_processing"]["privacy_notice"]["url"],
        "service": use["services"][0]["title"],
        "purpose": use["purpose"]["title"],
        "purposeCategory": use["purpose"]["purpose_type"],
        "consentType": record["event"][0]["event_type"],
        "piiCategory": [data["title"] for data in use["pii_information"]],
        "primaryPurpose": use["primary_purpose"],
        "termination": use["retention_period"]["description"],
        "sensitive": record["pii_processing"]["sensitive"],
        "spiCat": [data["title"] for data in use["pii_information"] if data["special_pii_category"]],
    }
    assert all(held.values()), held
    assert use["third_party_disclosure"] is False
    telegram = receipt(decided("events_nearby", "given", "telegram"), PURPOSES.asked("events_nearby"))
    assert process(telegram)["third_party_disclosure"] is True
    [third] = process(telegram)["recipients"]  # thirdPartyName: who carries this channel, and nobody else
    assert (third["type"], third["outside_eea"]) == ("dpv:ThirdParty", True)


def test_a_withdrawal_and_an_objection_say_so() -> None:
    ended = receipt(decided("events_nearby", "withdrawn", None), PURPOSES.asked("events_nearby"))
    assert ended["consent_record"]["event"][0]["event_state"] == "dpv:ConsentWithdrawn"
    assert process(ended)["channel"] == list(PURPOSES.purposes["events_nearby"].channels)
    objected = receipt(decided("service_improvement", "withdrawn", None), PURPOSES.asked("service_improvement"))
    assert objected["consent_record"]["event"][0]["event_state"] == "dpv:ObjectingToProcess"
    assert process(objected)["lawful_basis"] == "eu-gdpr:A6-1-e"
    assert "eu-gdpr:A21" in process(objected)["privacy_rights"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("purpose", "kind", "channel"), DECIDED)
def test_what_is_said_in_the_chat_fits_into_two_text_messages(
    purpose: str, kind: str, channel: str | None, language: str
) -> None:
    entry, asked = decided(purpose, kind, channel), PURPOSES.asked(purpose)
    said = short(entry, asked, language, HELSINKI)
    assert units(downgrade(said)) <= 306
    assert asked.title[language] in said
    assert number(entry) in said
    if kind == "given":
        assert asked.withdraw[language][0].upper() in said


def test_what_is_said_in_the_chat_names_the_day_and_the_end_of_it() -> None:
    entry, asked = decided("library_reminders", "given", "sms"), PURPOSES.asked("library_reminders")
    assert short(entry, asked, "fi", HELSINKI) == (
        "Kiitos, suostumuksesi on kirjattu: Muistutukset kirjastolainoista (tekstiviesti), 26.11.2026 klo 23.05. "
        f"Voit perua sen koska tahansa: kirjoita LOPETA LAINAT. Tosite {number(entry)}."
    )
    assert "26.11.2026 kl. 23.05" in short(entry, asked, "sv", HELSINKI)
    assert "26 November 2026 at 23:05" in short(entry, asked, "en", HELSINKI)


def test_a_page_can_show_it_in_every_language() -> None:
    entry, asked = decided("senior_checkins", "given", "sms"), PURPOSES.asked("senior_checkins")
    pages = [readable(entry, asked, language, HELSINKI) for language in LANGUAGES]
    assert len({page.id for page in pages}) == 1
    shapes = [[len(section.lines) for section in page.sections] for page in pages]
    assert shapes == [[6, 6, 3, 4, 2]] * 3
    for lines in zip(*([line for section in page.sections for line in section.lines] for page in pages), strict=True):
        assert len({line.name for line in lines}) == 3, lines
        assert all(line.value for line in lines)
    finnish = {line.name: line.value for section in pages[0].sections for line in section.lines}
    assert finnish["Mitä tietoja"].endswith("vastauksesi siihen, miten voit (erityisen suojattu tieto)")
    assert finnish["Kenelle tietoja annetaan"] == "tekstiviestien välittäjä, Palvelukeskus Helsinki, joka soittaa"
    assert finnish["Voimassa enintään"] == "26.11.2027"
    assert finnish["Näin perut"] == "Kirjoita: LOPETA KUULUMISET"


def test_a_receipt_of_an_end_does_not_say_how_to_end_it() -> None:
    entry, asked = decided("service_improvement", "withdrawn", None), PURPOSES.asked("service_improvement")
    page = readable(entry, asked, "en", HELSINKI)
    assert [section.title for section in page.sections][-1] == "Who is responsible"
    told = {line.name: line.value for section in page.sections for line in section.lines}
    assert told["What was decided"] == "You objected to the use"
    assert told["Who receives data"] == "nobody else"
    assert told["Which channel it is for"] == "all channels"


def test_the_words_are_there_in_every_language_with_the_same_places() -> None:
    def check(value: Any, path: str) -> None:
        if set(value) == set(LANGUAGES):
            places = {frozenset(name for _, name, _, _ in Formatter().parse(text) if name) for text in value.values()}
            assert len(places) == 1 or path in {".moment", ".date"}, path
            return
        assert not set(value) & set(LANGUAGES), path
        for name, part in value.items():
            check(part, f"{path}.{name}")

    check(yaml.safe_load(files("mydata").joinpath("receipt_words.yaml").read_text(encoding="utf-8")), "")


async def test_a_receipt_is_found_by_its_person_alone_and_stays_the_same(database_url: str) -> None:
    async with ledger(database_url) as found:
        entry = (await found.give(ANNA, wish())).entry
        again = await found.of_receipt(ANNA, entry.receipt)
        assert again == entry
        assert await found.of_receipt(BERTIL, entry.receipt) is None
        asked = await found.asked(entry)
        assert receipt_bytes(entry, asked) == receipt_bytes(again, PURPOSES.asked("library_reminders"))
        assert faults(receipt(entry, asked)) == []
