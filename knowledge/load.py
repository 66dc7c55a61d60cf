"""Everything that editors wrote, read at once: frozen content, or every fault with its file, line and remedy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType

from knowledge import checks
from knowledge.common_words import read_common
from knowledge.faults import ContentFaults, Fault
from knowledge.model import City, PhraseSet, Topic
from knowledge.places import Places
from knowledge.places_load import load_places
from knowledge.shape import shape
from knowledge.source import Document, read_yaml

__all__ = ["Content", "ContentFaults", "Fault", "intents_of", "load_content"]

_BY_LANGUAGE = ("title", "phrases", "held_out", "answer")
_CITY_BY_LANGUAGE = (
    "name",
    "organisation",
    "holiday_languages",
    "website",
    "feedback_page",
    "feedback_locales",
    "unit_page",
    "attribution",
    "source_line",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the city says and understands. ``texts`` are by language and dotted key; ``warnings`` stop nothing.

    ``common`` are the words of ordinary speech by language.
    """

    city: City
    topics: tuple[Topic, ...]
    phrases: tuple[PhraseSet, ...]
    places: Places
    texts: Mapping[str, Mapping[str, str]]
    warnings: tuple[Fault, ...]
    common: Mapping[str, frozenset[str]]


def intents_of(content: Content) -> frozenset[str]:
    """All that can be meant here."""
    said: tuple[Topic | PhraseSet, ...] = (*content.topics, *content.phrases)
    return frozenset(item.intent for item in said)


def load_content(folder: Path, *, today: date | None = None) -> Content:
    """Read ``city.yaml``, ``topics/``, ``phrases/``, ``texts/`` and ``data/`` under the folder.

    ``today`` is what review dates are measured against. Raises ``ContentFaults`` with everything that is wrong.
    """
    return _Loader(folder, today or datetime.now(UTC).date()).load()


class _Loader:
    def __init__(self, folder: Path, today: date) -> None:
        self._folder = folder
        self._today = today
        self._faults: list[Fault] = []
        self._warnings: list[Fault] = []

    def load(self) -> Content:
        city, languages = self._city()
        topics = dict(self._documents("topics"))
        phrases = dict(self._documents("phrases"))
        said = [*topics.values(), *phrases.values()]
        for document in said:
            self._faults += checks.names(document)
            self._faults += checks.translations(document, languages, _BY_LANGUAGE)
            self._faults += checks.markdown_links(document)
            self._warnings += checks.counts(document)
        self._faults += checks.doubles(said)
        self._warnings += checks.alike(said)
        self._twice(topics, phrases)
        found_topics = tuple(self._topics(topics.values()))
        found_phrases = tuple(self._phrases(phrases.values()))
        texts = self._texts(languages)
        places = load_places(self._folder / "data", f"{self._folder.name}/data", languages, self._faults)
        self._services(topics.values(), places)
        self._opens(topics.values(), phrases)
        if self._faults or city is None:
            raise ContentFaults(dict.fromkeys(self._faults))
        return Content(
            city=city,
            topics=found_topics,
            phrases=found_phrases,
            places=places,
            texts=texts,
            warnings=tuple(sorted(dict.fromkeys(self._warnings))),
            common=read_common(self._folder / "data" / "offdomain.jsonl"),
        )

    def _city(self) -> tuple[City | None, tuple[str, ...]]:
        document = self._read(self._folder / "city.yaml")
        if document is None:
            return None, ()
        city = shape(City, document, self._faults)
        written = document.data.get("languages") if isinstance(document.data, dict) else None
        languages = tuple(str(code) for code in written) if isinstance(written, tuple) else ()
        self._faults += checks.translations(document, languages, _CITY_BY_LANGUAGE)
        return city, languages

    def _topics(self, documents: Iterable[Document]) -> Iterator[Topic]:
        for document in documents:
            topic = shape(Topic, document, self._faults)
            if topic is not None:
                self._warnings += checks.review(document, topic.reviewed, self._today)
                yield topic

    def _phrases(self, documents: Iterable[Document]) -> Iterator[PhraseSet]:
        for document in documents:
            found = shape(PhraseSet, document, self._faults)
            if found is None:
                continue
            if found.title is None and found.intent != checks.UNTITLED:
                self._faults.append(document.fault((), "title: is missing", "Add it"))
            yield found

    def _twice(self, topics: Mapping[str, Document], phrases: Mapping[str, Document]) -> None:
        for stem in topics.keys() & phrases.keys():
            remedy = "An intent has either an answer (topics/) or a dialog (phrases/): delete one of the files"
            self._faults.append(phrases[stem].fault((), f"there is {topics[stem].file} too", remedy))

    def _services(self, topics: Iterable[Document], places: Places) -> None:
        for document in topics:
            service = document.data.get("service") if isinstance(document.data, dict) else None
            if isinstance(service, str) and service not in places.services:
                remedy = f"Take one of data/services.yaml: {', '.join(places.services)}"
                self._faults.append(document.fault(("service",), f"there is no service “{service}”", remedy))

    def _opens(self, topics: Iterable[Document], dialogs: Collection[str]) -> None:
        for document in topics:
            opens = document.data.get("opens") if isinstance(document.data, dict) else None
            if isinstance(opens, str) and opens not in dialogs:
                remedy = f"Take the name of a file of phrases/: {', '.join(sorted(dialogs))}"
                self._faults.append(document.fault(("opens",), f"there is no dialog “{opens}”", remedy))

    def _texts(self, languages: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        if not (self._folder / "texts").is_dir():
            return MappingProxyType({})
        documents = dict(self._documents("texts"))
        for language in languages:
            if language not in documents:
                file = f"{self._folder.name}/texts/{language}.yaml"
                remedy = "Write it, or take the language out of city.yaml"
                self._faults.append(Fault(file=file, line=1, message="is missing", remedy=remedy))
        self._faults += checks.sentences(documents, languages)
        return MappingProxyType(
            {language: MappingProxyType(checks.flatten(document.data)) for language, document in documents.items()}
        )

    def _documents(self, part: str) -> Iterator[tuple[str, Document]]:
        for path in sorted((self._folder / part).glob("*.yaml")):
            document = self._read(path)
            if document is not None:
                yield path.stem, document

    def _read(self, path: Path) -> Document | None:
        file = f"{self._folder.name}/{path.relative_to(self._folder).as_posix()}"
        return read_yaml(path, file, self._faults)
