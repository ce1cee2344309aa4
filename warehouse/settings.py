"""Every knob of an installation, read from LONGHOUSE_* in one place."""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parents[1]


class Settings(BaseSettings):
    """The installation's settings; paths of everything it keeps derive from `home`."""

    model_config = SettingsConfigDict(env_prefix="LONGHOUSE_", env_file=".env", extra="ignore")

    home: Path = CHECKOUT / "data"
    """The data folder. It can be moved: nothing inside it remembers where it was."""
    model_path: Path = CHECKOUT / "dbt"
    """The dbt project with the business model."""
    environment: Literal["development", "production"] = "development"
    now: datetime | None = None
    """What "now" means for business dates; unset, the clock."""
    database_url: str | None = None
    """The operational store, `postgresql://user:password@host/database`; unset, SQLite in the data folder."""
    catalog_url: str | None = None
    """DuckLake's catalog, a PostgreSQL address too; unset, SQLite in the data folder."""
    host: str = "127.0.0.1"
    port: int = 3000
    public_url: str | None = None
    """The one address people type; sign-in breaks when several are mixed."""
    clock_port: int = 3070
    """Where Dagster's own pages are served."""
    schedules: bool = True
    """Whether the clock refreshes by itself; off, only on request."""
    refresh_minutes: int = Field(default=15, ge=1, le=59)
    nightly_hour: int = Field(default=3, ge=0, le=23)
    """When the clock compares and maintains, in UTC."""
    examine_imports: bool = True
    """Whether an import is followed by a look at what it brought; else the night looks."""
    connector_addresses: dict[str, str] = {}
    """Where a vendor is asked instead of at its own address: a regional one, or one that only pretends."""
    build_threads: int = Field(default=2, ge=1, le=64)
    query_seconds: float = Field(default=10, gt=0)
    query_memory: str = "1GB"
    readers: int = Field(default=8, ge=1)
    """How many extracts are held open at once, one worker process each."""
    files_url: str = ""
    """Where files are kept: s3://bucket/prefix?endpoint=https://…; empty, in the data folder."""
    files_limit_mb: int = Field(default=50, ge=1, le=5_000)
    """The largest file that is taken in."""
    redis_url: str = ""
    """A Redis that several processes share as their cache, redis://host:6379/0; empty, each remembers for itself."""
    found_organizations: Literal["auto", "everybody", "operator"] = "auto"
    """Who may found an organization from the screen; auto, everybody in development and the operator in production."""
    session_minutes: int = Field(default=720, ge=5)
    idle_minutes: int = Field(default=30, ge=1)
    """A sign-in in which nothing was done for so long is over."""
    trusted_proxies: str = ""
    """Addresses or networks, separated by commas, whose X-Forwarded-* headers are believed."""
    keys_path: str = ""
    """Where keys that seal secrets are kept, outside the data folder; empty, under the user's configuration."""
    smtp_url: str = ""
    """smtp://user:password@host:587 or smtps://…; empty, mails stay in the outbox."""
    mail_from: str = "longhouse@localhost"
    call_private_addresses: bool = False
    """Whether members' own addresses may lie in private networks; off, only what is on the internet is called."""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = ""
    """What the button of the outside provider says after "Continue with"."""
    sign_in_providers: str = "[]"
    """Several outside providers, or GitHub, as a JSON list of objects."""
    create_people: bool = False
    """Whether a verified e-mail from an outside provider makes a person who is not known yet."""
    openai_api_key: str = ""
    openai_base_url: str = ""
    """Where a model that speaks OpenAI's protocol is served; empty, OpenAI itself."""
    openai_model: str = ""
    """The model that reads questions in plain words; empty, the interpreter of Longhouse reads them alone."""
    openai_endpoint: Literal["chat", "responses"] = "chat"
    openai_effort: str = ""
    """How long a model that thinks shall think: low, medium, high; empty, as the model does by itself."""
    openai_seconds: float = Field(default=20, gt=0, le=120)
    openai_monthly_tokens: int = Field(default=2_000_000, ge=0)
    """What an organization may use of the model in a month."""
    openai_price_in: float = Field(default=0, ge=0)
    openai_price_out: float = Field(default=0, ge=0)
    """Of a million tokens, in any currency; where both are 0, nobody knows what it costs."""
    log_format: Literal["auto", "console", "json"] = "auto"
    """How what happens is told on standard output; auto, for people where it is a terminal."""
    metrics_token: str = ""
    """What another machine shows to read /metrics and the details of /health; empty, this machine alone may."""

    @field_validator("home", "model_path", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("database_url", "catalog_url", mode="after")
    @classmethod
    def _of_postgresql(cls, value: str | None) -> str | None:
        """The address as libpq writes it; each reader adds the driver it speaks through."""
        if not value:
            return None
        scheme, separator, rest = value.partition("://")
        if scheme.partition("+")[0] not in {"postgresql", "postgres"} or not separator:
            raise ValueError("must be an address that starts with postgresql://, or unset for SQLite")
        return f"postgresql://{rest}"

    @field_validator("now", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: object) -> object:
        return value or None

    def moment(self) -> datetime:
        """Now in UTC: LONGHOUSE_NOW where it is set, else the clock."""
        if self.now is None:
            return datetime.now(UTC)
        return self.now if self.now.tzinfo else self.now.replace(tzinfo=UTC)

    def today(self) -> date:
        """The business date everything counts from."""
        return self.moment().date()

    @property
    def everybody_may_found(self) -> bool:
        """Whether it takes no right of the installation to found an organization."""
        chosen = self.found_organizations
        return chosen == "everybody" or (chosen == "auto" and self.environment == "development")

    @property
    def origin(self) -> str:
        """The canonical public address, without a trailing slash."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def oltp_url(self) -> str:
        """SQLAlchemy address of the operational store."""
        if self.database_url is None:
            return f"sqlite:///{self.operational_path}"
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def operational_path(self) -> Path:
        """The SQLite file of the operational store."""
        return self.home / "operational.db"

    @property
    def catalog_path(self) -> Path:
        """DuckLake's catalog where it is a SQLite file."""
        return self.home / "lake" / "catalog.sqlite"

    @property
    def lake_files(self) -> Path:
        """DuckLake's Parquet files, a folder of their own."""
        return self.home / "lake" / "files"

    @property
    def workshop_path(self) -> Path:
        """The DuckDB file dbt builds in."""
        return self.home / "workshop" / "workshop.duckdb"

    @property
    def scratch_path(self) -> Path:
        """Where analysts build by hand."""
        return self.home / "scratch"

    @property
    def learning_path(self) -> Path:
        """The DuckDB file with what models learn from: point-in-time features and outcomes."""
        return self.home / "learning" / "workshop.duckdb"

    @property
    def extracts_path(self) -> Path:
        """One folder per organization, one file per published build."""
        return self.home / "extracts"

    @property
    def connectors_path(self) -> Path:
        """One folder per organization: pages of outside systems on their way in, sealed."""
        return self.home / "connectors"

    @property
    def imports_path(self) -> Path:
        """One folder per import: what was refused, and what it takes to undo it."""
        return self.home / "imports"

    @property
    def departing_path(self) -> Path:
        """Exports of organizations that are about to be deleted."""
        return self.home / "departing"

    @property
    def evidence_path(self) -> Path:
        """One folder per organization, one page per examination of what came in."""
        return self.home / "evidence"

    @property
    def files_path(self) -> Path:
        """One folder per organization, one file per id, where no bucket keeps them."""
        return self.home / "files"

    @property
    def builds_path(self) -> Path:
        """One folder per build: its definitions and its report."""
        return self.home / "builds"

    @property
    def dbt_target(self) -> Path:
        """Where dbt writes its manifests."""
        return self.home / "dbt"

    @property
    def extensions_path(self) -> Path:
        """DuckDB's extensions, installed from the wheels."""
        return self.home / "extensions"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own storage."""
        return self.home / "dagster"

    @property
    def secrets_path(self) -> Path:
        """Keys made once at installation, readable by the owner alone."""
        return self.home / "secrets"

    @property
    def logs_path(self) -> Path:
        """What the child processes print."""
        return self.home / "logs"


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
