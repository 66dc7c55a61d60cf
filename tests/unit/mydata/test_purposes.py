"""The purposes of using personal data: what an editor may write, and what a changed text costs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.gsm import count
from bot.purposes import load_purposes
from knowledge.faults import ContentFaults
from mydata.purposes import Asked, Purposes

LANGUAGES = ("fi", "sv", "en")
Change = Callable[[str, str], int]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "knowledge"
    path.mkdir()
    shutil.copy("knowledge/purposes.yaml", path)
    return path


@pytest.fixture
def change(folder: Path) -> Change:
    """Change the first place of a text; its line."""

    def change(old: str, new: str) -> int:
        file = folder / "purposes.yaml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return change


def faults(folder: Path) -> list[str]:
    try:
        load_purposes(folder, LANGUAGES)
    except ContentFaults as error:
        return list(map(str, error.faults))
    return []


@pytest.fixture(scope="module")
def purposes() -> Purposes:
    return load_purposes(Path("knowledge"), LANGUAGES)


def test_each_question_fits_into_one_text_message_with_the_words_to_answer_by(purposes: Purposes) -> None:
    for purpose in purposes.purposes.values():
        for ask in purpose.ask.values():
            cost = count(f"{ask} Vastaa 1 (kyllä) tai 2 (ei).")
            assert (cost.encoding, cost.parts) == ("GSM-7", 1)


def test_what_is_asked_for_is_asked_as_a_question(purposes: Purposes) -> None:
    for name, purpose in purposes.purposes.items():
        for ask in purpose.ask.values():
            assert ("?" in ask) == (purpose.basis == "consent"), name


def test_a_changed_text_needs_a_new_version(folder: Path, change: Change) -> None:
    change('fi: "Saako Helsinki muistuttaa sinua varaamistasi', 'fi: "Saisiko Helsinki muistuttaa sinua varaamistasi')
    [fault] = faults(folder)
    assert "appointment_reminders.versions: the text has changed since version 1" in fault
    mark = fault.split('"')[1]
    first = load_purposes(Path("knowledge"), LANGUAGES).purposes["appointment_reminders"].mark()
    change(f'versions: {{1: "{first}"}}', f'versions: {{1: "{first}", 2: "{mark}"}}')
    assert faults(folder) == []
    assert load_purposes(folder, LANGUAGES).purposes["appointment_reminders"].version == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("data: [contact, appointment]", "data: [contact, appointment, age]"),
        ("recipients: [sms_carrier, telegram, microsoft]", "recipients: [sms_carrier]"),
        ("days: 30", "days: 31"),
        ("controller: social", "controller: board"),
        ("channels: [webchat, sms, telegram, teams]", "channels: [webchat]"),
        ("valid_months: 24", "valid_months: 25"),
        ("level: confirmed", "level: strong"),
        ("Harvempi aika", "Vielä harvempi aika"),
    ],
)
def test_every_term_belongs_to_the_version(folder: Path, change: Change, old: str, new: str) -> None:
    change(old, new)
    [fault] = faults(folder)
    assert "the text has changed since version 1" in fault


def test_other_words_to_end_it_by_ask_nobody_again(folder: Path, change: Change) -> None:
    change('fi: ["lopeta ajat"]', 'fi: ["lopeta ajat", "ei enää aikoja"]')
    assert faults(folder) == []
    assert load_purposes(folder, LANGUAGES).withdrawn_by("Ei  enää aikoja") == "appointment_reminders"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    explicit: true\n", "", "without explicit consent"),
        ("controller: social", "controller: sosial", "there is no controller “sosial”"),
        ("data: [contact, appointment]", "data: [contact, apointment]", "there is no kind of data “apointment”"),
        ("recipients: [sms_carrier,", "recipients: [smscarrier,", "there is no recipient “smscarrier”"),
        ("channels: [webchat, sms,", "channels: [webchat, smss,", "there is no channel “smss”"),
        ("basis: consent", "basis: consnet", "basis: "),
        ("    valid_months: 24\n", "", "has no “valid_months”"),
        ("basis: public_task\n", "basis: public_task\n    explicit: true\n", "but its basis is public_task"),
        ('withdraw: {fi: ["lopeta jätteet"]', 'withdraw: {fi: ["Lopeta ajat"]', "ends appointment_reminders already"),
        (', en: ["stop waste"]', "", "withdraw: has no “en”"),
        ("Saako Helsinki muistuttaa sinua varaamistasi", "Saako — muistuttaa varaamistasi", "three times as dear"),
        ("Saako Helsinki muistuttaa sinua varaamistasi", "Saako Helsinki ystävällisesti muistuttaa sinua varaamistasi"
         " ja unohtamistasi", "Cut it to 130"),
        ("versions: {1:", "versions: {2:", "are not counted from 1"),
        ("valid_months: 24", "valid_monhts: 24", "a field that nobody knows"),
        ("authority:\n", "authoritet:\n", "a field that nobody knows"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place_and_remedy(folder: Path, change: Change, old: str, new: str, said: str) -> None:
    change(old, new)
    found = [fault for fault in faults(folder) if said in fault]
    assert found, faults(folder)
    for fault in found:
        assert fault.startswith("knowledge/purposes.yaml:")
        assert fault.endswith(".")


def test_purposes_of_nobody_are_a_fault(folder: Path) -> None:
    file = folder / "purposes.yaml"
    text = file.read_text(encoding="utf-8")
    start, end = text.index("authority:"), text.index("# Who decides")
    file.write_text(text[:start] + text[end:], encoding="utf-8")
    assert any("no “authority”" in fault for fault in faults(folder))


def test_neuvo_check_lists_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(shutil.copytree("knowledge", tmp_path / "knowledge"))
    file = folder / "purposes.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("valid_months: 24", "valid_months: 36", 1), encoding="utf-8"
    )
    monkeypatch.setenv("NEUVO_CITY", str(folder))
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == 1
    assert "appointment_reminders.versions: the text has changed since version 1" in result.output


def test_a_city_without_the_file_asks_for_nothing(tmp_path: Path) -> None:
    assert load_purposes(tmp_path, LANGUAGES).purposes == {}


def test_what_was_asked_is_read_back_as_it_was(purposes: Purposes) -> None:
    for name in purposes.purposes:
        asked = purposes.asked(name)
        again = Asked.parse(asked.text())
        assert again == asked
        assert again.digest() == asked.digest()
        assert len(asked.digest()) == 32


@pytest.mark.parametrize(
    ("purpose", "age", "decider"),
    [
        ("library_reminders", 13, "self"),
        ("library_reminders", 12, "guardian"),
        ("library_reminders", None, "self"),
        ("senior_checkins", 17, "nobody"),
        ("senior_checkins", 80, "self"),
        ("health_outreach", 10, "guardian"),
    ],
)
def test_who_decides_goes_by_age(purposes: Purposes, purpose: str, age: int | None, decider: str) -> None:
    assert purposes.purposes[purpose].decider(age) == decider


def test_words_that_end_a_purpose_are_known_in_every_language(purposes: Purposes) -> None:
    assert purposes.withdrawn_by("Lopeta lainat") == "library_reminders"
    assert purposes.withdrawn_by("sluta lån", "sv") == "library_reminders"
    assert purposes.withdrawn_by("sluta lån", "en") is None
    assert purposes.withdrawn_by("lopeta") is None


def test_a_channel_serves_the_purposes_that_name_it(purposes: Purposes) -> None:
    assert "senior_checkins" in purposes.on("sms")
    assert "senior_checkins" not in purposes.on("teams")
    assert purposes.on("teams", basis="public_task") == ("preschool_places", "service_improvement")
