"""The settings themselves: names, types, defaults and, as each one's description, the remedy of a fault.

``bot/settings.py`` reads them; import from there.
"""

from __future__ import annotations

import base64
import ipaddress
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from channels.kind import comma_parts

PREFIX = "NEUVO_"


def _address(value: str) -> str:
    """A web address without its closing slash."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it is no http or https address")
    return value.rstrip("/")


def _database(value: str) -> str:
    """An address that asyncpg takes, from any of the common spellings."""
    scheme, _, rest = value.partition("://")
    if scheme not in ("postgres", "postgresql", "postgresql+asyncpg") or not rest:
        raise ValueError("it is no PostgreSQL address")
    return f"postgresql://{rest}"


def _folder(value: Path) -> Path:
    if not value.is_dir():
        raise ValueError(f"there is no folder {value}")
    return value


def _pairs(value: object) -> object:
    """``agent=neuvo-agents,editor=editors`` as a mapping."""
    if not isinstance(value, str):
        return value
    parts = [part.partition("=") for part in value.split(",") if part.strip()]
    return {role.strip(): name.strip() for role, _, name in parts}


def _key(value: SecretStr) -> SecretStr:
    """32 bytes in base64."""
    try:
        key = base64.b64decode(value.get_secret_value().strip(), altchars=b"-_", validate=True)
    except ValueError:
        raise ValueError("it is no key") from None
    if len(key) != 32:
        raise ValueError("it is no key of 32 bytes")
    return value


Key = Annotated[SecretStr, AfterValidator(_key)]
OldKeys = Annotated[tuple[Key, ...], NoDecode, BeforeValidator(comma_parts)]
Address = Annotated[str, AfterValidator(_address)]
Role = Literal["agent", "editor", "outreach", "reviewer", "health", "admin"]
RoleNames = Annotated[dict[Role, Annotated[str, Field(min_length=1)]], NoDecode, BeforeValidator(_pairs)]
Feeds = Annotated[dict[str, Address], NoDecode, BeforeValidator(_pairs)]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(comma_parts)]


class Settings(BaseSettings):
    """All settings. ``description`` of each is the remedy that a fault names."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    database_url: Annotated[str, AfterValidator(_database)] | None = Field(
        default=None,
        repr=False,
        validation_alias=AliasChoices("DATABASE_URL"),
        description="Write postgresql://user:password@host:5432/database, or leave it out for the embedded one",
    )
    keys_url: Annotated[str, AfterValidator(_database)] | None = Field(
        default=None,
        repr=False,
        description="Write the address of the database for the keys of persons, which is backed up by itself; or that "
        "of DATABASE_URL, if its backups leave out the schema keys (docs/operating.md)",
    )
    master_key: Key | None = Field(
        default=None,
        description="Make one with `neuvo keys new`, and keep it where the database and its backups are not",
    )
    old_master_keys: OldKeys = Field(
        default=(), description="Write the master keys of before, with commas between, until `neuvo keys rotate` ended"
    )
    index_key: Key | None = Field(
        default=None, description="Make one with `neuvo keys new`; it stays the same for as long as the data is kept"
    )
    var_dir: Path = Field(default=Path("var"), description="Name a folder that this user can write to")
    host: str = Field(default="127.0.0.1", description="Write an address of this machine; 0.0.0.0 is all of them")
    port: int = Field(default=8080, ge=0, le=65535, description="Write a number from 1 to 65535, or 0 for any free one")
    public_url: Address | None = Field(
        default=None, description="Write the address that citizens see, such as https://chat.example.fi"
    )
    trusted_proxies: Networks = Field(
        default=(), description="Write networks with commas between, such as 10.0.0.0/8,fd00::/8"
    )
    city: Annotated[Path, AfterValidator(_folder)] = Field(
        default=Path(__file__).resolve().parent.parent / "knowledge",
        description="Name the folder that holds city.yaml and topics/",
    )
    hauki_url: Address | None = Field(
        default=None, description="Write the address of Hauki's API, such as https://hauki.example.fi"
    )
    open311_url: Address | None = Field(
        default=None, description="Write the address of the Open311 server, such as https://open311.example.fi/v1"
    )
    open311_api_key: SecretStr | None = Field(default=None, description="Write the key that the city gave you")
    linked_events_url: Address | None = Field(
        default=None, description="Write the address of Linked Events' API, such as https://events.example.fi/v1"
    )
    appointments_url: Address | None = Field(
        default=None, description="Write the base address of the FHIR R4 server, such as https://fhir.example.fi/r4"
    )
    appointments_token: SecretStr | None = Field(default=None, description="Write the bearer token of the FHIR server")
    health_fhir_token: SecretStr | None = Field(
        default=None, description="Write the bearer token of the FHIR server that health records are exported by"
    )
    units_url: Address | None = Field(
        default=None,
        description="Write the address of the unit register, such as https://www.hel.fi/palvelukarttaws/rest/v4/unit/",
    )
    unit_connections_url: Address | None = Field(
        default=None, description="Write the address of the register's connections, where units come without them"
    )
    feeds: Feeds = Field(
        default_factory=dict,
        description="Write names of feeds in reminders.yaml, = and their addresses, with commas between, such as "
        "waste=https://dates.example.fi/waste,streets=https://dates.example.fi/streets",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Write debug, info, warning or error"
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto", description="Write console, json, or auto (console in a terminal, else json)"
    )
    semantic: bool = Field(
        default=False, description="Write true or false; true needs pip install 'neuvo[semantic]' and 95 MB more memory"
    )
    console_oidc_issuer: Address | None = Field(
        default=None,
        description="Write the address of the realm that logs staff in, such as https://login.example.fi/realms/city",
    )
    console_oidc_client_id: str | None = Field(
        default=None, description="Write the name under which the provider knows these pages, such as neuvo"
    )
    console_oidc_client_secret: SecretStr | None = Field(
        default=None, description="Write the secret that the provider gave for this client"
    )
    console_oidc_roles: RoleNames = Field(
        default_factory=dict,
        description="Write agent, editor, outreach, reviewer, health or admin, =, and the provider's role or group, "
        "such as agent=neuvo-agents,editor=neuvo-editors",
    )
    login_oidc_issuer: Address | None = Field(
        default=None,
        description="Write the address of the realm that logs citizens in, such as https://login.example.fi/realms/all",
    )
    login_oidc_client_id: str | None = Field(
        default=None, description="Write the name under which that provider knows the citizens' pages, such as neuvo-my"
    )
    login_oidc_client_secret: SecretStr | None = Field(
        default=None, description="Write the secret that that provider gave for this client"
    )
    login_loa: Literal["low", "substantial", "high"] = Field(
        default="substantial", description="Write low, substantial or high: how surely a citizen must be known"
    )
    gdpr_issuer: Address | None = Field(
        default=None,
        description="Write the issuer of the profile service's tokens, such as https://login.example.fi/realms/all",
    )
    gdpr_audience: str | None = Field(
        default=None, description="Write the audience that was agreed with the profile service, such as neuvo-api"
    )
    gdpr_query_scope: str = Field(
        default="gdprquery", min_length=1, description="Write the scope to read data by, such as gdprquery"
    )
    gdpr_delete_scope: str = Field(
        default="gdprdelete", min_length=1, description="Write the scope to erase data by, such as gdprdelete"
    )
    misses_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="Write how many days a text that was not understood is kept, masked, from 1 to 365",
    )
    checkpoint_dir: Path | None = Field(
        default=None, description="Name a folder that this user can write to and that is kept elsewhere as well"
    )
    sandbox: bool = Field(default=True, description="Write true or false")

    @property
    def address(self) -> str:
        """Where citizens and providers reach us, without a closing slash: the public address, or this machine's."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def embedded_folder(self) -> Path:
        """Where the embedded database is, when ``database_url`` is not set."""
        return self.var_dir / "postgresql"


def variables() -> dict[str, str]:
    """The name of each field's variable."""
    return {
        name: "DATABASE_URL" if name == "database_url" else f"{PREFIX}{name.upper()}" for name in Settings.model_fields
    }
