"""Settings: every fault at once, with its variable and remedy; ``.env.example`` tells of every setting."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from bot.channels import CHANNELS
from bot.channels import variables as channel_variables
from bot.settings import Settings, SettingsFaults, load_channels, load_settings, variables

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / ".env.example"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("NEUVO_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def faults_of(**changes: object) -> dict[str, str]:
    with pytest.raises(SettingsFaults) as raised:
        load_settings(**changes)
    return {fault.variable: str(fault) for fault in raised.value.faults}


def test_the_defaults_are_enough() -> None:
    settings = load_settings()
    assert (settings.port, settings.database_url, settings.var_dir) == (8080, None, Path("var"))
    assert (settings.city / "city.yaml").is_file()


def test_every_fault_is_told_with_its_variable_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "NEUVO_PORT": "70000",
        "NEUVO_PUBLIC_URL": "chat.example.fi",
        "NEUVO_TRUSTED_PROXIES": "10.0.0.0/8,proxy",
        "NEUVO_CITY": "nowhere",
        "NEUVO_LOG_LEVEL": "loud",
        "NEUVO_SANDBOX": "perhaps",
        "DATABASE_URL": "mysql://root:hunter2@localhost/x",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    faults = faults_of()
    assert faults.keys() == wrong.keys()
    for name, variable in variables().items():
        remedy = Settings.model_fields[name].description
        assert remedy
        assert variable not in wrong or remedy in faults[variable]
    assert "hunter2" not in str(faults)


def test_a_misspelt_variable_is_told_with_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUVO_WEBCHAT_SECRETS", "x" * 40)
    assert "Did you mean NEUVO_WEBCHAT_SECRET?" in faults_of()["NEUVO_WEBCHAT_SECRETS"]


def test_a_fault_in_the_file_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# ours\nNEUVO_PORT=eighty\nNEUVO_HSOT=x\nOTHER=1\n", encoding="utf-8")
    faults = faults_of()
    assert "(.env, line 2)" in faults["NEUVO_PORT"]
    assert "(.env, line 3)" in faults["NEUVO_HSOT"]
    assert "NEUVO_HOST" in faults["NEUVO_HSOT"]
    assert "OTHER" not in faults


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"NEUVO_HOST=\xff\xfe")
    assert list(faults_of()) == [".env"]


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("NEUVO_PORT=1\nNEUVO_HOST=file\nNEUVO_LOG_LEVEL=error\n", encoding="utf-8")
    monkeypatch.setenv("NEUVO_PORT", "2")
    monkeypatch.setenv("NEUVO_HOST", "environment")
    settings = load_settings(port=3)
    assert (settings.port, settings.host, settings.log_level) == (3, "environment", "error")
    assert "(command line)" in faults_of(port=-1)["NEUVO_PORT"]


def test_an_empty_value_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("NEUVO_PORT", "")
    assert (load_settings().database_url, load_settings().port) == (None, 8080)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_the_database_address_is_one_that_asyncpg_takes(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://u:p@h:1/d")
    assert load_settings().database_url == "postgresql://u:p@h:1/d"


def test_lists_are_written_with_commas_and_addresses_lose_their_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUVO_TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8")
    monkeypatch.setenv("NEUVO_HAUKI_URL", "https://hauki.example/v1/")
    settings = load_settings()
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "fd00::/8"]
    assert settings.hauki_url == "https://hauki.example/v1"


def test_settings_are_frozen_and_print_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@h/d")
    monkeypatch.setenv("NEUVO_OPEN311_API_KEY", "hunter2")
    settings = load_settings()
    assert "hunter2" not in repr(settings)
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1


LOGIN = {
    "NEUVO_CONSOLE_OIDC_ISSUER": "https://login.example.fi/realms/city/",
    "NEUVO_CONSOLE_OIDC_CLIENT_ID": "neuvo",
    "NEUVO_CONSOLE_OIDC_CLIENT_SECRET": "hunter2",
    "NEUVO_PUBLIC_URL": "https://chat.example.fi",
}


def test_feeds_of_dates_have_names_and_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUVO_FEEDS", "waste = https://dates.example.fi/waste/, streets=http://127.0.0.1:8000/s?a=b")
    assert load_settings().feeds == {
        "waste": "https://dates.example.fi/waste",
        "streets": "http://127.0.0.1:8000/s?a=b",
    }
    monkeypatch.setenv("NEUVO_FEEDS", "waste=dates.example.fi")
    assert set(faults_of()) == {"NEUVO_FEEDS"}


def test_a_staff_login_is_whole_or_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LOGIN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NEUVO_CONSOLE_OIDC_ROLES", "agent = neuvo-agents, editor=a=b")
    settings = load_settings()
    assert settings.console_oidc_issuer == "https://login.example.fi/realms/city"
    assert settings.console_oidc_roles == {"agent": "neuvo-agents", "editor": "a=b"}
    assert "hunter2" not in repr(settings)
    for name, value in LOGIN.items():
        monkeypatch.delenv(name)
        assert list(faults_of()) == [name]
        monkeypatch.setenv(name, value)
    for name in LOGIN:
        monkeypatch.delenv(name)
    assert set(faults_of()) == LOGIN.keys()  # roles without a login


@pytest.mark.parametrize(
    ("variable", "value"),
    [("ROLES", "boss=x"), ("ROLES", "agent"), ("ROLES", "agent="), ("ISSUER", "http://login.example.fi/realms/x")],
)
def test_a_staff_login_that_nobody_could_trust_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    for name, right in LOGIN.items():
        monkeypatch.setenv(name, right)
    monkeypatch.setenv(f"NEUVO_CONSOLE_OIDC_{variable}", value)
    assert list(faults_of()) == [f"NEUVO_CONSOLE_OIDC_{variable}"]


CITIZENS = {
    "NEUVO_LOGIN_OIDC_ISSUER": "https://login.example.fi/realms/all/",
    "NEUVO_LOGIN_OIDC_CLIENT_ID": "neuvo-my",
    "NEUVO_LOGIN_OIDC_CLIENT_SECRET": "hunter2",
    "NEUVO_PUBLIC_URL": "https://chat.example.fi",
}
GDPR = {"NEUVO_GDPR_ISSUER": "https://login.example.fi/realms/all", "NEUVO_GDPR_AUDIENCE": "neuvo-api"}


@pytest.mark.parametrize("needed", [CITIZENS, GDPR], ids=["login", "gdpr"])
def test_a_citizens_login_and_the_gdpr_api_are_whole_or_not_there(
    monkeypatch: pytest.MonkeyPatch, needed: dict[str, str]
) -> None:
    for name, value in needed.items():
        monkeypatch.setenv(name, value)
    assert "hunter2" not in repr(load_settings())
    for name, value in needed.items():
        monkeypatch.delenv(name)
        assert list(faults_of()) == [name]
        monkeypatch.setenv(name, value)
    issuer = next(iter(needed))
    monkeypatch.setenv(issuer, "http://login.example.fi/realms/all")
    assert list(faults_of()) == [issuer]
    monkeypatch.setenv(issuer, needed[issuer])
    monkeypatch.setenv("NEUVO_LOGIN_LOA", "certain")
    assert list(faults_of()) == ["NEUVO_LOGIN_LOA"]


def channel_faults(**changes: object) -> dict[str, str]:
    with pytest.raises(SettingsFaults) as raised:
        load_channels(load_settings(**changes))
    return {fault.variable: str(fault) for fault in raised.value.faults}


def test_serving_needs_the_web_chats_secret_and_development_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(channel_faults()) == ["NEUVO_WEBCHAT_SECRET"]
    settings = load_channels(load_settings(), development=True)
    assert [name for name, chosen in settings.items() if chosen.on] == ["webchat"]
    monkeypatch.setenv("NEUVO_WEBCHAT_SECRET", "hunter2" * 8)
    assert "hunter2" not in repr(load_channels(load_settings()))


def test_every_fault_of_a_channel_is_told_with_its_variable_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "NEUVO_WEBCHAT_ORIGINS": "https://example.fi/page",
        "NEUVO_WEBCHAT_SECRET": "hunter2hunter2",
        "NEUVO_TELEGRAM_SECRET": "hunter2",
        "NEUVO_TEAMS_APP_ID": "hunter2",
        "NEUVO_SMS_TWILIO_ACCOUNT_SID": "hunter2",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    faults = channel_faults()
    assert wrong.keys() <= faults.keys()
    assert "hunter2" not in str(faults)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NEUVO_TELEGRAM_TOKEN", "123456:abcdef"),
        ("NEUVO_SMS_TWILIO_AUTH_TOKEN", "a" * 32),
        ("NEUVO_TEAMS_TENANT_ID", "12345678-90ab-cdef-1234-567890abcdef"),
    ],
)
def test_a_channel_with_half_of_its_secrets_keeps_the_server_from_starting(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv("NEUVO_WEBCHAT_SECRET", "s" * 32)
    monkeypatch.setenv(variable, value)
    faults = channel_faults()
    assert variable not in faults
    prefix = variable[: variable.index("_", len("NEUVO_")) + 1]
    assert any(name.startswith(prefix) for name in faults)
    assert "NEUVO_PUBLIC_URL" in faults
    assert value not in str(faults)


def test_a_misspelt_variable_of_a_channel_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUVO_TELEGRAM_TOKN", "x")
    assert "Did you mean NEUVO_TELEGRAM_TOKEN?" in faults_of()["NEUVO_TELEGRAM_TOKN"]


def test_the_example_tells_of_every_setting_and_of_no_other() -> None:
    channels = [name for kind in CHANNELS for name in channel_variables(kind).values()]
    assert sorted(example()) == sorted([*variables().values(), *channels])


def test_the_example_gives_the_true_defaults(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    (tmp_path / ".env").write_text(re.sub(r"(?m)^# (?=[A-Z0-9_]+=)", "", text), encoding="utf-8")
    (tmp_path / "knowledge").mkdir()
    told = load_settings()
    (tmp_path / ".env").unlink()
    default = load_settings()
    for name in ("var_dir", "host", "port", "sandbox", "log_level", "log_format"):
        assert getattr(told, name) == getattr(default, name)
    assert all(getattr(told, name) for name in Settings.model_fields if name != "semantic")
    assert told.semantic is default.semantic


def example() -> list[str]:
    return re.findall(r"(?m)^# ([A-Z0-9_]+)=", EXAMPLE.read_text(encoding="utf-8"))
