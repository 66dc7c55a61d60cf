"""What a finding is said to rest on, in three languages: whole, and with arithmetic that a reader can do again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from health.assessment import Assessment, Standing, Step
from health.coverage import Fill
from health.explain import Explainer, reason
from health.facts import Fact, Kind, Patient, age_on
from health.findrisc import ITEMS, Level
from health.generator import generate
from health.programme import Coverage, Criterion, Population
from health.stored import facts_json, facts_of, steps_json, steps_of
from tests.unit.health.programmes import DAY, FILLS, LANGUAGES, content, dispensed, patient_of, programme_of, standing

AS_OF = date(2026, 11, 27)
WORDS: dict[str, Any] = yaml.safe_load(files("health").joinpath("words.yaml").read_text(encoding="utf-8"))
_DATE = {"fi": r"\d+\.\d+\.\d{4}", "sv": r"\d+\.\d+\.\d{4}", "en": r"\d+ [A-Z][a-z]+ \d{4}"}
_COUNT = {"fi": r"(\d[\d\xa0]*) päivä", "sv": r"(\d[\d\xa0]*) dag", "en": r"(\d[\d,]*) day"}
_POINTS = {"fi": r"(\d+) piste", "sv": r"(\d+) poäng", "en": r"(\d+) point"}
_PERCENT = r"(\d+(?:[.,]\d)?) ?%"


def dates(sentence: str, language: str) -> list[date]:
    form = "%d %B %Y" if language == "en" else "%d.%m.%Y"
    return [datetime.strptime(found, form).date() for found in re.findall(_DATE[language], sentence)]  # noqa: DTZ007


def counts(sentence: str, language: str) -> list[int]:
    return [int(re.sub(r"\D", "", found)) for found in re.findall(_COUNT[language], sentence)]


def days_between(first: date, last: date) -> set[date]:
    return {first + timedelta(days=day) for day in range((last - first).days + 1)}


def said(found: Assessment, language: str) -> Iterator[tuple[Step, str]]:
    sentences = Explainer(content().sets, language).steps(found.steps)
    return zip(found.steps, sentences, strict=True)


def check_coverage(found: Assessment, language: str) -> None:
    """Each supply's days, their union, the share and the verdict, by the sentences alone."""
    covered, together = set[date](), 0
    for step, sentence in said(found, language):
        days, numbers = dates(sentence, language), counts(sentence, language)
        if step.id == "supply":
            at, begins, ends = days
            lasts, counted = numbers[0], numbers[-1]
            moved = numbers[1] if len(numbers) == 3 else 0
            assert begins == at + timedelta(days=moved)
            assert counted == (ends - begins).days + 1 <= lasts
            covered |= days_between(begins, ends)
            together += counted
        elif step.id == "coverage":
            (begins, ends), (period, took, *overlap) = days, numbers
            share, threshold = (Decimal(one.replace(",", ".")) for one in re.findall(_PERCENT, sentence))
            assert period == (ends - begins).days + 1
            assert took == len(covered) == together - sum(overlap)
            assert covered <= days_between(begins, ends)
            assert share <= Decimal(took) * 100 / period < share + Decimal("0.1")
            assert (share < threshold) is (took * 100 < threshold * period)
            assert found.standing in {Standing.EXCLUDED, Standing.GAP if share < threshold else Standing.MET}


def check_score(found: Assessment, language: str) -> None:
    points = [
        [int(number) for number in re.findall(_POINTS[language], sentence)]
        for step, sentence in said(found, language)
        if step.id in {"item", "score"}
    ]
    *items, score = points
    assert len(items) == len(ITEMS) + 1
    assert sum(last for *_, last in items) == score[0]
    high = score[0] >= score[-1]
    assert found.standing in {Standing.EXCLUDED, Standing.GAP if high else Standing.MET}


def check_days(found: Assessment, patient: Patient, language: str) -> None:
    for step, sentence in said(found, language):
        days, numbers = dates(sentence, language), counts(sentence, language)
        if step.id in {"condition", "new_condition", "overdue"}:
            assert numbers[0] == (AS_OF - days[0]).days
        if step.id == "overdue":
            assert (days[1] - days[0]).days == 365
            assert days[1] <= AS_OF
        if step.id == "age":
            assert int(re.findall(r"(\d+) (?:vuotta|vuosi|år|year)", sentence)[0]) == age_on(
                patient.birth_date, days[0]
            )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_arithmetic_of_every_explanation_of_1000_patients_is_right(language: str) -> None:
    checked = set[str]()
    for planted in generate(1000, seed=11, as_of=AS_OF, noise=0):
        for programme in content().programmes.values():
            found = standing(programme, planted.patient, AS_OF)
            ids = {step.id for step in found.steps}
            if "coverage" in ids:
                check_coverage(found, language)
            if "score" in ids:
                check_score(found, language)
            check_days(found, planted.patient, language)
            checked |= ids
    assert checked >= {"age", "condition", "overdue", "supply", "coverage", "score"}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FILLS)
def test_the_arithmetic_of_any_coverage_is_right(fills: list[Fill]) -> None:
    found = standing(programme_of(Coverage(medicines="diabetes_medicines")), patient_of(dispensed(fills)))
    for language in LANGUAGES:
        check_coverage(found, language)


def test_what_is_just_below_the_threshold_does_not_look_as_if_it_were_not() -> None:
    """Of 364 days 291 are 79.945 percent."""
    fills = [Fill(drug="A10BA02", at=DAY - timedelta(days=ago), days=days) for ago, days in ((363, 200), (163, 91))]
    found = standing(programme_of(Coverage(medicines="diabetes_medicines")), patient_of(dispensed(fills)))
    assert found.standing is Standing.GAP
    assert [re.findall(_PERCENT, sentence) for step, sentence in said(found, "fi") if step.id == "coverage"] == [
        ["79,9", "80"]
    ]


@cache
def everything() -> tuple[Assessment, ...]:
    """Assessments of each kind that there is: of patients, and of programmes that the city does not have."""
    return tuple(_everything())


def _everything() -> Iterator[Assessment]:
    for planted in generate(600, seed=12, as_of=AS_OF, noise=0):
        for programme in content().programmes.values():
            yield standing(programme, planted.patient, AS_OF)
    patient = patient_of()
    aged = Population(age_from=18, age_to=60)
    coverage = Coverage(medicines="diabetes_medicines")
    yield standing(programme_of(coverage, aged), patient)
    yield standing(programme_of(coverage, Population(age_from=0, sexes=("male",))), patient)
    for kind in Kind:
        criterion = Criterion(kind=kind, value_set="statins")
        held = replace(dispensed([Fill(drug="C10AA05", at=DAY, days=1)])[0], kind=kind, days=None)
        population = Population(age_from=0, criteria=(criterion,))
        yield standing(programme_of(coverage, population), patient)
        found = standing(programme_of(coverage, population), patient_of([held]))
        yield found
        own = next(step for step in found.steps if step.id == "fact")
        yield replace(found, steps=(Step("own_fact", own.values),))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_and_fact_is_said_in_whole_sentences(language: str) -> None:
    forms = set[str]()
    for found in everything():
        explainer = Explainer(content().sets, language)
        sentences = explainer.steps(found.steps)
        assert len(sentences) == len(found.steps)
        for sentence in (*sentences, *explainer.steps(found.steps, to_person=True)):
            assert re.match(r"[A-ZÅÄÖ].*[.]$", sentence), sentence
            assert not re.search(r"[{}]|None|  |\d{4}-\d\d-\d\d|[a-z]_[a-z]", sentence), sentence
        for line in explainer.facts(found.facts):
            assert not re.search(r"[{}]|None|  |\d{4}-\d\d-\d\d|[a-z]_[a-z]", line), line
        for to_person in (False, True):
            assert reason(found.reason, language, to_person=to_person).endswith(".")
        forms.add(found.reason)
    assert forms == WORDS["reviewer"].keys()


def test_all_words_are_in_the_three_languages_and_say_the_same_values() -> None:
    def walk(part: Any, path: Sequence[str]) -> None:
        if "fi" not in part:
            for key, inner in part.items():
                walk(inner, (*path, key))
            return
        assert list(part) == list(LANGUAGES), path
        if path[0] != "counts":
            places = {language: sorted(re.findall(r"\{(\w+)", text)) for language, text in part.items()}
            assert len({json.dumps(found) for found in places.values()}) == 1, path

    walk(WORDS, ())
    assert WORDS["level"].keys() == {level.value for level in Level}
    assert WORDS["item"].keys() == {"age", *ITEMS}
    assert WORDS["person"].keys() == {
        "low_coverage",
        "not_dispensed",
        "overdue",
        "out_of_range",
        "high_risk",
        "not_done",
    }


def test_to_the_person_nothing_is_said_of_death_or_palliative_care() -> None:
    for found in everything():
        if found.standing is Standing.GAP:
            for language, words in (("fi", r"kuol|palliat"), ("sv", r"död|palliat"), ("en", r"death|died|palliat")):
                told = " ".join(Explainer(content().sets, language).steps(found.steps, to_person=True))
                assert not re.search(words, told, re.IGNORECASE)


@pytest.mark.parametrize(
    ("language", "sentence", "fact"),
    [
        (
            "fi",
            "Metformiini, toimitettu 1.1.2018: riittää 90 päivää. "
            "Jaksolle osuu 1.1.2018–31.3.2018, yhteensä 90 päivää.",
            "1.1.2018 toimitettu apteekista: metformiini, riittää 90 päivää",
        ),
        (
            "sv",
            "Metformin, utlämnat 1.1.2018: räcker i 90 dagar. "
            "I perioden ingår 1.1.2018–31.3.2018, sammanlagt 90 dagar.",
            "1.1.2018 utlämnat från apoteket: metformin, räcker i 90 dagar",
        ),
        (
            "en",
            "Metformin, dispensed on 1 January 2018: lasts 90 days. "
            "Of the period it covers 1 January 2018 to 31 March 2018, 90 days in all.",
            "1 January 2018, dispensed: metformin, for 90 days",
        ),
    ],
)
def test_a_fill_in_words(language: str, sentence: str, fact: str) -> None:
    fills = [Fill(drug="A10BA02", at=date(2018, 1, 1), days=90), Fill(drug="A10BB07", at=date(2018, 4, 1), days=1)]
    found = standing(programme_of(Coverage(medicines="diabetes_medicines")), patient_of(dispensed(fills)))
    explainer = Explainer(content().sets, language)
    assert explainer.steps(found.steps)[1] == sentence
    assert explainer.facts(found.facts)[0] == fact
    one = explainer.steps(found.steps)[2]
    assert {"fi": "1 päivä.", "sv": "1 dag.", "en": "1 day in all."}[language] in one


def test_a_finding_is_kept_as_json_and_read_again() -> None:
    for found in everything():
        kept = json.loads(json.dumps([facts_json(found.facts), steps_json(found.steps)]))
        assert facts_of(kept[0]) == found.facts
        assert steps_of(kept[1]) == found.steps


def test_what_is_over_is_kept_and_said_with_its_end() -> None:
    fact = Fact(kind=Kind.CONDITION, system="icd-10", code="I10", at=date(2020, 3, 1), until=date(2026, 12, 24))
    assert facts_of(json.loads(json.dumps(facts_json([fact])))) == (fact,)
    assert [Explainer(content().sets, language).facts([fact])[0] for language in LANGUAGES] == [
        "1.3.2020 todettu: kohonnut verenpaine (I10), päättynyt 24.12.2026",
        "1.3.2020 konstaterat: högt blodtryck (I10), upphört 24.12.2026",
        "1 March 2020, diagnosed: high blood pressure (I10), ended on 24 December 2026",
    ]
