"""The service as it runs, told by itself: for the transparency page and the privacy page.

The sentences are in ``portal/texts`` under ``about``; what they say of this city and of this process is filled in here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.city import City
from bot.portal_services import shown
from bot.texts import Texts
from mydata.purposes import Purposes
from portal.services import About, Heading, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What of a process one cannot tell from its city: the channels that are on, and whether people answer."""

    channels: Sequence[str]
    staffed: bool
    semantic: bool
    misses_days: int


class Transparency:
    """``portal.services.Transparency``."""

    def __init__(self, city: City, texts: Texts, purposes: Purposes, running: Running) -> None:
        """``texts`` are those of the citizens' pages."""
        self._city = city
        self._texts = texts
        self._purposes = purposes
        self._running = running

    def about(self) -> About:
        """The service now."""
        city, organisation, authority = self._city, self._purposes.organisation, self._purposes.authority
        contact = (organisation.address, organisation.email, organisation.phone) if organisation is not None else ()
        website = city.content.city.website
        return About(
            service=self._service(),
            organisation=organisation.name if organisation is not None else city.content.city.organisation,
            authority=authority.name if authority is not None else self._words("about.authority"),
            contact=contact,
            privacy_page=organisation.privacy if organisation is not None else website,
            authority_page=authority.url if authority is not None else "https://www.edpb.europa.eu",
            headings=self._headings(),
            purposes=tuple(shown(self._purposes.asked(name)) for name in self._purposes.purposes),
            kept=self._kept(),
        )

    def _service(self) -> Words:
        organisation = self._purposes.organisation
        if organisation is not None:
            return organisation.service
        return {code: f"Neuvo, {name}" for code, name in self._city.content.city.name.items()}

    def _headings(self) -> tuple[Heading, ...]:
        running, content = self._running, self._city.content
        examples = sum(
            len(said)
            for phrases in (*(one.phrases for one in content.topics), *(one.phrases for one in content.phrases))
            for said in phrases.values()
        )
        oversight = "staffed" if running.staffed else "unstaffed"
        tier = "semantic" if running.semantic else "plain"
        return (
            self._heading(
                "overview",
                ("what", "no_decisions"),
                channels=self._listed("channels", running.channels),
                languages=self._listed("own_name", self._city.languages),
                topics=str(len(content.topics)),
            ),
            self._heading("datasets", ("learnt", "no_talks"), examples=str(examples), misses=str(running.misses_days)),
            self._heading("processing", ("safety", "understand", tier, "ready"), model=self._city.model.stem),
            self._heading("fairness", ("same", "no_profile", "ways")),
            self._heading("oversight", (oversight, "editors")),
            self._heading("risks", ("wrong", "danger", "private", "down")),
        )

    def _heading(self, name: str, paragraphs: Sequence[str], **facts: str | Words) -> Heading:
        return Heading(
            name=name,
            paragraphs=tuple(self._words(f"about.{name}.{part}") for part in paragraphs),
            facts=tuple((self._words(f"about.fact.{fact}"), self._same(value)) for fact, value in facts.items()),
        )

    def _same(self, value: str | Words) -> Words:
        return dict.fromkeys(self._city.languages, value) if isinstance(value, str) else value

    def _kept(self) -> tuple[tuple[Words, Words], ...]:
        texts = self._city.texts
        return tuple(
            (
                {language: texts(f"data.kept.{name}", language) for language in self._city.languages},
                {language: texts("data.kept.days", language, days=keep.days) for language in self._city.languages},
            )
            for name, keep in self._city.retention.keep.items()
        )

    def _listed(self, group: str, names: Sequence[str]) -> Words:
        """Their names, with commas between; of what is new to these sentences, the name that it has here."""
        known = self._texts.keys()

        def name(one: str, language: str) -> str:
            return self._texts(f"{group}.{one}", language) if f"{group}.{one}" in known else one

        return {language: ", ".join(name(one, language) for one in names) for language in self._city.languages}

    def _words(self, key: str) -> Words:
        return {language: self._texts(key, language) for language in self._city.languages}
