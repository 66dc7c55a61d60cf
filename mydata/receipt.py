"""A receipt of one entry of the ledger: a consent record after ISO/IEC TS 27560:2023, in terms of DPV 2, as JSON-LD.

The record has the sections of the specification under its own names, and ``receipt.context.json`` says which term of
the Data Privacy Vocabulary each name stands for (https://w3id.org/dpv/guides/consent-27560). It also holds what
Kantara's Consent Receipt 1.1 asks for. ``receipt.schema.json`` is its JSON Schema. The same entry gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from functools import cache
from importlib.resources import files
from typing import Any

from mydata.ledger_chain import Entry
from mydata.purposes import Asked, ByLanguage, Recipient

PROFILE = "https://w3id.org/dpv/schema/dpv-27560#"
_BASES = {"public_task": "eu-gdpr:A6-1-e", "legal_obligation": "eu-gdpr:A6-1-c", "vital_interest": "eu-gdpr:A6-1-d"}
_ROLES = {"processor": "dpv:DataProcessor", "third_party": "dpv:ThirdParty", "city": "dpv:Recipient"}
_RIGHTS = ("A15", "A16", "A17", "A18", "A77")
AUTHORITY = "urn:neuvo:party:authority"


def receipt(entry: Entry, asked: Asked, language: str | None = None) -> dict[str, Any]:
    """The receipt of an entry; ``asked`` is what was asked then. In the entry's language unless another is named."""
    spoken = language or entry.language
    return {
        "@context": context(),
        "@id": f"urn:uuid:{entry.receipt}#receipt",
        "@type": "dpv:ConsentReceipt",
        "receipt_id": entry.receipt,
        "schema_version": f"{PROFILE}receipt-eu-gdpr",
        "created": _moment(entry),
        "consent_record": {
            "@id": f"urn:uuid:{entry.receipt}",
            "@type": "dpv:ConsentRecord",
            "record": {
                "schema_version": f"{PROFILE}record-eu-gdpr",
                "record_id": entry.receipt,
                "pii_principal_id": principal(entry.pseudonym),
            },
            "pii_processing": {
                "privacy_notice": {
                    "type": "dpv:ConsentNotice",
                    "notice_id": entry.digest.hex(),
                    "version": str(entry.version),
                    "language": entry.language,
                    "description": said(asked.ask, entry.language),
                    "url": said(asked.organisation.privacy, spoken),
                },
                "language": spoken,
                "sensitive": any(data.special for data in asked.data),
                "purposes": [_process(entry, asked, spoken)],
            },
            "party_identification": _parties(asked, spoken),
            "event": [_event(entry, asked)],
            "proof": {"entry": entry.seq, "mac": entry.mac.hex(), "text_digest": entry.digest.hex()},
        },
    }


def receipt_bytes(entry: Entry, asked: Asked, language: str | None = None) -> bytes:
    """The receipt as a file of ``application/ld+json``."""
    return json.dumps(receipt(entry, asked, language), ensure_ascii=False, indent=2).encode()


@cache
def context() -> Mapping[str, Any]:
    """The JSON-LD context: what each name stands for."""
    return _file("receipt.context.json")


@cache
def schema() -> Mapping[str, Any]:
    """The JSON Schema (2020-12) of a receipt."""
    return _file("receipt.schema.json")


def _file(name: str) -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(files("mydata").joinpath(name).read_text(encoding="utf-8"))
    return found


def said(words: ByLanguage[str], language: str) -> str:
    """In a language, or in the first one that there is."""
    return words.get(language) or next(iter(words.values()))


def recipients(entry: Entry, asked: Asked) -> list[Recipient]:
    """Who gets the data on the entry's channel, or on any where it names none."""
    return [
        one for one in asked.recipients if entry.channel is None or not one.channels or entry.channel in one.channels
    ]


def principal(pseudonym: bytes) -> str:
    """How a person is named where nobody is named."""
    return f"urn:neuvo:pseudonym:{pseudonym.hex()}"


def _moment(entry: Entry) -> str:
    return entry.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _process(entry: Entry, asked: Asked, language: str) -> dict[str, Any]:
    got = recipients(entry, asked)
    rights = ("A7-3", "A20") if asked.basis == "consent" else ("A21",)
    return {
        "type": "dpv:Process",
        "purpose": {
            "type": "dpv:Purpose",
            "purpose_id": asked.id,
            "title": said(asked.title, language),
            "purpose_type": list(asked.dpv),
            "benefit_to_person": said(asked.benefit.person, language),
            "benefit_to_city": said(asked.benefit.city, language),
        },
        "primary_purpose": True,
        "channel": [entry.channel] if entry.channel else list(asked.channels),
        "lawful_basis": basis(asked),
        "pii_information": [
            {
                "type": "dpv:PersonalData",
                "title": said(data.title, language),
                "pii_type": [data.dpv, *(["dpv:SpecialCategoryPersonalData"] if data.special else [])],
                "special_pii_category": data.special,
            }
            for data in asked.data
        ],
        "pii_controllers": [_controller(asked)],
        "collection_method": "dpv:DataSubjectDataSource",
        "processing_method": ["dpv:Collect", "dpv:Store", "dpv:Use"],
        "storage_locations": [f"loc:{asked.organisation.storage}"],
        "retention_period": {
            "type": "dpv:StorageDuration",
            "duration": f"P{asked.retention.days}D",
            "description": said(asked.retention.text, language),
        },
        "services": [{"type": "dpv:Service", "title": said(asked.organisation.service, language)}],
        "jurisdiction": f"loc:{asked.organisation.jurisdiction}",
        "third_party_disclosure": any(one.role == "third_party" for one in got),
        "recipients": [
            {"type": _ROLES[one.role], "title": said(one.title, language), "outside_eea": one.outside_eea}
            for one in got
        ],
        "withdrawal_method": {
            "type": "dpv:WithdrawConsent" if asked.basis == "consent" else "dpv:ObjectingToProcess",
            "words": sorted(word for words in asked.withdraw.values() for word in words),
        },
        "privacy_rights": [f"eu-gdpr:{name}" for name in (*rights, *_RIGHTS)],
        "authority_party": AUTHORITY,
    }


def basis(asked: Asked) -> str:
    """The article of the GDPR, as DPV names it."""
    if asked.basis != "consent":
        return _BASES[asked.basis]
    return "eu-gdpr:A9-2-a" if asked.explicit else "eu-gdpr:A6-1-a"


def _controller(asked: Asked) -> str:
    return f"urn:neuvo:party:{asked.organisation.business_id or 'controller'}"


def _parties(asked: Asked, language: str) -> list[dict[str, Any]]:
    organisation, authority = asked.organisation, asked.authority
    told = (
        (_controller(asked), "dpv:DataController", said(asked.controller, language), organisation),
        (AUTHORITY, "dpv:DataProtectionAuthority", said(authority.name, language), authority),
    )
    return [
        {
            "party_id": iri,
            "party_role": role,
            **({"party_identifier": party.business_id} if party.business_id else {}),
            "party_name": name,
            "party_address": party.address,
            "party_email": party.email,
            "party_phone": party.phone,
            "party_url": party.url,
        }
        for iri, role, name, party in told
    ]


def _event(entry: Entry, asked: Asked) -> dict[str, Any]:
    if asked.basis == "consent":
        state = "dpv:ConsentGiven" if entry.kind == "given" else "dpv:ConsentWithdrawn"
    else:
        state = "dpv:OptingInToProcess" if entry.kind == "given" else "dpv:ObjectingToProcess"
    decider = {"self": entry.pseudonym, "guardian": entry.guardian, "staff": None}[entry.decided_by]
    lasts = entry.kind == "given" and asked.valid_months is not None
    return {
        "event_state": state,
        "event_type": basis(asked),
        "event_time": _moment(entry),
        **({"validity_duration": f"P{asked.valid_months}M"} if lasts else {}),
        "entity_id": principal(decider) if decider else _controller(asked),
        "decided_by": entry.decided_by,
        "method": entry.through,
    }
