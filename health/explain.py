"""A finding in plain Finnish, Swedish and English: its reason, the data used, and each step of the rule.

These words are clinical: for reviewers, and for the person behind strong login. They never go to a channel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from health.assessment import Step
from health.facts import FINDRISC, Fact, Kind
from health.findrisc import FAMILY, ITEMS, readable
from health.programme import ValueSets

_UNITS: Mapping[str, str] = {"mm[Hg]": "mmHg", "kg/m2": "kg/m²", "1": ""}
_GIVEN_IN: Mapping[str, str] = {"bmi": "kg/m²", "waist_cm": "cm"}


def reason(name: str, language: str, *, to_person: bool = False) -> str:
    """Why somebody was found or not, in a sentence; to the person in other words than to a reviewer."""
    words = _words()
    part = "person" if to_person and name in words["person"] else "reviewer"
    return str(words[part][name][language])


class Explainer:
    """Says steps and facts in a language. ``sets`` are the value sets that they name."""

    def __init__(self, sets: ValueSets, language: str) -> None:
        self._sets = sets
        self._language = language
        self._said = _Said(sets, language)

    def steps(self, steps: Iterable[Step], *, to_person: bool = False) -> tuple[str, ...]:
        """A sentence or two for each step, in their order; to the person some in other words than to a reviewer."""
        return tuple(self._step(step, to_person) for step in steps)

    def facts(self, facts: Iterable[Fact]) -> tuple[str, ...]:
        """A line for each fact, the oldest first."""
        return tuple(self._fact(fact) for fact in sorted(facts, key=lambda fact: fact.at))

    def day(self, day: date) -> str:
        """A day as it stands in the sentences."""
        return self._said.format_field(day, "date")

    def _step(self, step: Step, to_person: bool) -> str:
        values = dict(step.values)
        if step.id == "item":
            item = values["item"]
            values |= {"label": self._word("item", item), "answer": self._answer(item, Decimal(values["given"]))}
        elif step.id == "score":
            values["level"] = self._word("level", values["level"])
        elif step.id in {"in_range", "out_of_range"}:
            values |= self._measured(values)
        part = "person_step" if to_person and step.id in _words()["person_step"] else "step"
        return self._capital(self._said.format(self._word(part, _form(step)), **values))

    def _measured(self, values: Mapping[str, Any]) -> Mapping[str, str]:
        ends = (values["at_least"] is not None, values["below"] is not None)
        form = {(True, True): "between", (True, False): "at_least"}.get(ends, "below")
        unit = _UNITS.get(values["unit"], values["unit"])
        numbers = (self._said.format_field(number, "number") for number in _comparable(values))
        target = self._said.format(self._word("target", form), **{**values, "unit": unit})
        return {"measured": ", ".join(numbers), "unit": unit, "target": target}

    def _answer(self, item: str, given: Decimal) -> str:
        if item in ITEMS and not readable(item, given):
            return self._said.format_field(given, "number")
        if item == "family":
            return self._word("answer", FAMILY[int(given)])
        if item == "age":
            return self._said.format_field(int(given), "years")
        if item in _GIVEN_IN:
            return f"{self._said.format_field(given, 'number')} {_GIVEN_IN[item]}"
        return self._word("answer", "yes" if given else "no")

    def _fact(self, fact: Fact) -> str:
        values = {"at": fact.at, "until": fact.until, "days": fact.days, "what": self._what(fact)}
        form = fact.kind.value
        if fact.kind is Kind.CONDITION and fact.until is not None:
            form = "condition_over"
        elif fact.kind is Kind.DISPENSE and fact.days:
            form = "dispense_days"
        elif fact.system == FINDRISC:
            form = "answer"
        return self._capital(self._said.format(self._word("fact", form), **values))

    def _what(self, fact: Fact) -> str:
        if fact.system == FINDRISC:
            answer = "" if fact.value is None else f": {self._answer(fact.code, fact.value)}"
            return f"{self._word('item', fact.code)}{answer}"
        name = self._said.fact_name(fact)
        if fact.value is None:
            return name
        unit = _UNITS.get(fact.unit or "", fact.unit or "")
        return self._said.format(self._word("fact", "value"), what=name, value=fact.value, unit=unit).strip()

    def _word(self, *path: str) -> str:
        return _word(self._language, *path)

    @staticmethod
    def _capital(sentence: str) -> str:
        return sentence[:1].upper() + sentence[1:]


_FORMS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "age": lambda values: "age" if values["to"] is None else "age_to",
    "fact": lambda values: f"fact_{values['kind']}",
    "own_fact": lambda values: f"own_fact_{values['kind']}",
    "no_fact": lambda values: "no_fact" if values["days"] is None else "no_fact_days",
    "supply": lambda values: "supply_moved" if values["moved"] else "supply",
    "coverage": lambda values: "coverage_overlap" if values["overlap"] else "coverage",
    "in_range": lambda values: "in_range" if _comparable(values) else "incomparable",
}
"""The words of steps that are said in several ways."""


def _form(step: Step) -> str:
    return _FORMS[step.id](step.values) if step.id in _FORMS else step.id


def _comparable(values: Mapping[str, Any]) -> list[str]:
    pairs = zip(values["measured"], values["units"], strict=True)
    return [value for value, unit in pairs if value is not None and unit == values["unit"]]


class _Said(Formatter):
    """Fills sentences: behind the colon of a place stands what kind of value it is."""

    def __init__(self, sets: ValueSets, language: str) -> None:
        self._sets = sets
        self._language = language
        self._kinds: Mapping[str, Callable[[Any], str]] = {
            "": str,
            "date": self._date,
            "days": lambda value: self._count("days", value),
            "years": lambda value: self._count("years", value),
            "points": lambda value: self._count("points", value),
            "percent": self._percent,
            "number": self._number,
            "set": lambda value: str(sets[value].title[language]),
            "name": self._name,
        }

    def format_field(self, value: Any, format_spec: str) -> str:
        """One value of a kind."""
        return self._kinds[format_spec](value)

    def fact_name(self, fact: Fact) -> str:
        """A medicine by its name, anything else by the title of the narrowest set that has it; at last the code."""
        named = self._name(fact.code)
        if named != fact.code:
            return named
        holding = [one for one in self._sets.values() if one.holds(fact)]
        narrowest = min(holding, key=lambda one: (sum(map(len, one.codes.values())), one.id), default=None)
        return fact.code if narrowest is None else f"{narrowest.title[self._language]} ({fact.code})"

    def _date(self, value: Any) -> str:
        day = value if isinstance(value, date) else date.fromisoformat(value)
        return format_date(day, _word(self._language, "date"), locale=self._language)

    def _count(self, what: str, value: int) -> str:
        form = Locale.parse(self._language).plural_form(value)
        words = _words()["counts"][what][self._language]
        return str(words.get(form, words["other"])).format(n=self._number(value))

    def _percent(self, permille: int) -> str:
        return _word(self._language, "percent").format(n=self._number(Decimal(permille) / 10))

    def _number(self, value: Any) -> str:
        return format_decimal(Decimal(value).normalize(), "#,##0.###", locale=self._language)

    def _name(self, code: str) -> str:
        names = (one.names[code] for one in self._sets.values() if code in one.names)
        return str(next(names, {self._language: code})[self._language])


def _word(language: str, *path: str) -> str:
    found: Any = _words()
    for part in path:
        found = found[part]
    return str(found[language])


@cache
def _words() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(files("health").joinpath("words.yaml").read_text(encoding="utf-8"))
    return found
