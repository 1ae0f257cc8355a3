"""What the server is told by its environment: one frozen object, every variable with its unit and its sentence.

Docs: docs/settings.md, which a test compares with this file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import NoDecode, SettingsConfigDict

from graph.limits.limits import Introspection, Limits
from server.limits import LimitSettings

DOCS: Final = "docs/settings.md"
Network: TypeAlias = IPv4Network | IPv6Network


class SettingsError(Exception):
    """The environment does not describe a server that could run safely; `problems` has a line for each variable."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def _listed(value: Any) -> Any:
    return tuple(one.strip() for one in value.split(",") if one.strip()) if isinstance(value, str) else value


def _address(value: str) -> str:
    parts = _split(value)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("expected an address like https://api.example.com")
    if parts.username is not None or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("expected scheme and host alone, like https://api.example.com")
    return value.rstrip("/")


def _database(value: SecretStr) -> SecretStr:
    parts = _split(value.get_secret_value())
    if parts is None or parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError("expected postgresql://orgraph_api:…@host/database")
    return value


def _readable(value: Path) -> Path:
    try:
        value.read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise ValueError("expected a file that this process can read") from None
    return value


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises when it is not a number
    except ValueError:
        return None
    return parts


def _networks(value: tuple[str, ...]) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(one) for one in value)
    except ValueError:
        raise ValueError("expected addresses or networks with commas between, like 10.0.0.0/8, ::1") from None


def _addresses(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_address(one).lower() for one in value)


Address: TypeAlias = Annotated[str, AfterValidator(_address)]
Origins: TypeAlias = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_addresses)]
Words: TypeAlias = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]


class Settings(LimitSettings):
    """Read by `load()`. Secrets print as stars."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True, case_sensitive=True
    )

    environment: Literal["production", "development"] = Field(
        "production",
        validation_alias="ORGRAPH_ENVIRONMENT",
        description="production or development. Development shows more in errors and takes loopback addresses.",
    )
    url: Address = Field(
        validation_alias="ORGRAPH_URL",
        description="The public address, scheme and host: https://api.example.com. Cookies and sign-in rest on it.",
    )
    database_url: Annotated[SecretStr, AfterValidator(_database)] = Field(
        validation_alias="DATABASE_URL",
        description="The database as orgraph_api: postgresql://orgraph_api:…@host/orgraph. PostgreSQL 18 or newer.",
    )
    database_pooler: Literal["none", "pgbouncer"] = Field(
        "none",
        validation_alias="DATABASE_POOLER",
        description="none, or pgbouncer where DATABASE_URL leads to a PgBouncer in transaction mode.",
    )
    database_replica_url: Annotated[SecretStr, AfterValidator(_database)] | None = Field(
        None,
        validation_alias="DATABASE_REPLICA_URL",
        description="A streaming replica as orgraph_api, which queries go to. Without it all goes to DATABASE_URL.",
    )
    database_password_file: Annotated[Path, AfterValidator(_readable)] | None = Field(
        None,
        validation_alias="DATABASE_PASSWORD_FILE",
        description="A file with the password of orgraph_api, instead of one in DATABASE_URL. It is read for each new "
        "connection, and each of its lines is tried: so a password is changed without a stop.",
    )
    workos_base_url: Address = Field(
        "https://api.workos.com",
        validation_alias="WORKOS_BASE_URL",
        description="Where WorkOS answers; `orgraph dev` puts its local issuer here.",
    )
    workos_client_id: str = Field(
        "", validation_alias="WORKOS_CLIENT_ID", description="The application's client id, client_…."
    )
    workos_api_key: SecretStr = Field(
        SecretStr(""), validation_alias="WORKOS_API_KEY", description="The secret key of the same application, sk_…."
    )
    workos_issuer: Words = Field(
        (),
        validation_alias="WORKOS_ISSUER",
        description="Whose access tokens are accepted: one `iss`, or several with commas between.",
    )
    workos_cookie_password: SecretStr = Field(
        SecretStr(""),
        validation_alias="WORKOS_COOKIE_PASSWORD",
        description="Fernet keys with commas between: the first seals the session cookie, all of them open it.",
    )
    pool_size: int = Field(
        8,
        ge=1,
        le=80,
        validation_alias="ORGRAPH_POOL_SIZE",
        description="Connections to the database per worker process, and so operations at the same time.",
    )
    pool_wait_s: float = Field(
        1.0,
        gt=0,
        le=30,
        validation_alias="ORGRAPH_POOL_WAIT_S",
        description="Seconds an operation waits for a free connection before it is refused with 503.",
    )
    deadline_s: float = Field(
        5.0,
        gt=0,
        le=14,  # the login role's transaction_timeout is 15 s: ours must come first
        validation_alias="ORGRAPH_DEADLINE_S",
        description="Seconds an operation may take; Postgres is told the same limit.",
    )
    drain_s: float | None = Field(
        None,
        ge=0,
        le=300,
        validation_alias="ORGRAPH_DRAIN_S",
        description="Seconds a worker that is to end still serves, not ready and closing each connection, before it "
        "stops; `--drain-seconds` says the same. By default 5 in production, else 0.",
    )
    log_format: Literal["json", "plain"] | None = Field(
        None,
        validation_alias="ORGRAPH_LOG_FORMAT",
        description="json (an object a line) or plain (for people). By default json in production, else plain.",
    )
    traces: bool = Field(
        False,
        validation_alias="ORGRAPH_TRACES",
        description="Whether OpenTelemetry traces are sent; needs the extra `orgraph[otel]`. Where to and how many, "
        "the standard variables say: OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER and so on.",
    )
    allowed_origins: Origins = Field(
        (),
        validation_alias="ORGRAPH_ALLOWED_ORIGINS",
        description="Web origins that may call /graphql with a bearer token (CORS), with commas between. In "
        "development every loopback origin may besides. A cookie is never taken from another origin.",
    )
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks), BeforeValidator(_listed)] = (
        Field(
            (),
            validation_alias="ORGRAPH_TRUSTED_PROXIES",
            description="Addresses or networks, with commas between, whose X-Forwarded-For is believed.",
        )
    )
    introspection: Introspection | None = Field(
        None,
        validation_alias="ORGRAPH_INTROSPECTION",
        description="Who may introspect: on (everybody), permitted (who may organization:manage) or off. By default "
        "permitted in production, on in development.",
    )
    graphiql: bool | None = Field(
        None,
        validation_alias="ORGRAPH_GRAPHIQL",
        description="Whether a browser at /graphql is shown GraphiQL. By default in development only.",
    )
    batching: bool = Field(
        default=False,
        validation_alias="ORGRAPH_BATCHING",
        description="Whether a list of up to 10 operations is taken in one request, each answered for itself.",
    )

    @property
    def development(self) -> bool:
        return self.environment == "development"

    @property
    def drains_for_s(self) -> float:
        return (0.0 if self.development else 5.0) if self.drain_s is None else self.drain_s

    @property
    def limits(self) -> Limits:
        """What one operation may ask for."""
        return self.limits_with("on" if self.development else "permitted", self.introspection)

    @property
    def logs_json(self) -> bool:
        return (self.log_format or ("plain" if self.development else "json")) == "json"

    @property
    def shows_graphiql(self) -> bool:
        return self.development if self.graphiql is None else self.graphiql


def variables() -> dict[str, str]:
    """The name of each variable, and the field it fills; the limits last."""
    last = LimitSettings.model_fields
    names = sorted(Settings.model_fields, key=lambda name: name in last)
    return {str(Settings.model_fields[name].validation_alias): name for name in names}


def load() -> Settings:
    """The settings of this process. Raises SettingsError with all that is wrong at once, and no secret value."""
    given = {name: value for name, value in os.environ.items() if value}
    problems: dict[str, str] = {}
    settings: Settings | None = None
    try:
        settings = Settings()  # type: ignore[call-arg]  # the environment fills it
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False):
            problems.setdefault(str(one["loc"][0]), _expectation(one["type"], one["msg"]))
    for problem in _identity_problems(given):
        problems.setdefault(problem.partition(" ")[0].rstrip(":,"), problem.partition(" ")[2].rstrip("."))
    if settings and settings.traces and find_spec("opentelemetry") is None:
        problems["ORGRAPH_TRACES"] = "needs the extra orgraph[otel], which is not installed"
    for name in _placeholders(given):
        problems.setdefault(name, "is a placeholder: put a value of your own there")
    if problems or settings is None:
        raise SettingsError([f"{name} {text}. See {DOCS}#{name.lower()}" for name, text in problems.items()])
    return settings


def _expectation(kind: str, message: str) -> str:
    if kind == "missing":
        return "is not set"
    text = message.removeprefix("Value error, ").removeprefix("Input should be ")
    return f"is not acceptable: {text if text.startswith('expected') else f'expected {text}'}"


def _identity_problems(given: Mapping[str, str]) -> list[str]:
    # Late: who only reads the variables' names needs no cryptography.
    from auth.identity import problems_with  # noqa: PLC0415

    def address(name: str, otherwise: str) -> str:
        # An address that is none was named already; what follows from it would only repeat it.
        try:
            return _address(given.get(name, otherwise))
        except ValueError:
            return otherwise

    return problems_with(
        base_url=address("WORKOS_BASE_URL", str(Settings.model_fields["workos_base_url"].default)),
        client_id=given.get("WORKOS_CLIENT_ID", ""),
        api_key=given.get("WORKOS_API_KEY", ""),
        issuers=_listed(given.get("WORKOS_ISSUER", "")),
        cookie_password=given.get("WORKOS_COOKIE_PASSWORD", ""),
        public_url=address("ORGRAPH_URL", "https://nowhere.example"),
        development=given.get("ORGRAPH_ENVIRONMENT") == "development",
    )


_SECRETS = ("WORKOS_CLIENT_ID", "WORKOS_API_KEY", "WORKOS_COOKIE_PASSWORD")
_PLACEHOLDERS = ("changeme", "change-me", "change_me", "placeholder", "your-", "your_", "xxxx", "<", "_local", "…")
_FEWEST_CHARACTERS = 8  # different ones, in a Fernet key: a random one has about 30


def _placeholders(given: Mapping[str, str]) -> list[str]:
    if given.get("ORGRAPH_ENVIRONMENT") == "development":
        return []
    secrets = {name: given.get(name, "") for name in _SECRETS}
    secrets["DATABASE_URL"] = _password_in(given.get("DATABASE_URL", ""))
    found = [name for name, value in secrets.items() if any(word in value.lower() for word in _PLACEHOLDERS)]
    keys = [key.strip() for key in secrets["WORKOS_COOKIE_PASSWORD"].split(",") if key.strip()]
    if any(len(set(key)) < _FEWEST_CHARACTERS for key in keys):
        found.append("WORKOS_COOKIE_PASSWORD")
    return found


def _password_in(url: str) -> str:
    parts = _split(url)
    return (parts.password if parts else None) or ""
