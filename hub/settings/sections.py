"""The sections of settings.toml that stand alone: [hub], [database], [broker], [web], [review], [files], [mail],
[fetch], [screen], [console].

Each field says what it means, in which unit, and what it allows; docs/reference/settings.md is made from that.
"""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from connectors.bodies import Limits
from connectors.fields import Allowances, Allowed, WebAddress
from connectors.mail import Tls, is_near
from hub.rules.access import Role
from hub.rules.duties import Every
from hub.rules.two_persons import Matter
from hub.settings.secrets import ALLOWED, Surroundings, is_reference, look_up, secret
from hub.settings.values import (
    Duration,
    MailAddress,
    MailAddressOrNothing,
    OneLine,
    Size,
    TimeZone,
    WebAddressOrNothing,
)


class Section(BaseModel):
    """Base of every part of the settings: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def surroundings(info: ValidationInfo) -> Surroundings:
    """Where references are looked up during this validation."""
    return info.context if isinstance(info.context, Surroundings) else Surroundings()


def _text_or_reference(value: object, info: ValidationInfo) -> object:
    """Unlike other secrets an address may stand in the file as text: many have no password in it."""
    return look_up(value, surroundings(info)) if is_reference(value) and isinstance(value, dict) else value


def _database_url(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite" and rest and not rest.startswith(":"):
        return url
    parts = urlsplit(text)
    if scheme == "postgres" and parts.hostname and parts.path.strip("/") and parts.port != 0:
        return url
    raise ValueError("not the address of a database")


def _broker_url(url: SecretStr) -> SecretStr:
    parts = urlsplit(url.get_secret_value())
    if url.get_secret_value() and (parts.scheme not in ("amqp", "amqps") or not parts.hostname or parts.port == 0):
        raise ValueError("not the address of a RabbitMQ")
    return url


DatabaseUrl = Annotated[
    SecretStr, BeforeValidator(_text_or_reference), AfterValidator(_database_url),
    Allowed('"sqlite://PATH" or "postgres://user:password@host:5432/name"; also { env = "NAME" } or { file = "path" }'),
]  # fmt: skip
BrokerUrl = Annotated[
    SecretStr, BeforeValidator(_text_or_reference), AfterValidator(_broker_url),
    Allowed('"" or "amqp://user:password@host:5672/"; also { env = "NAME" } or { file = "path" }'),
]  # fmt: skip


def _strong(keys: SecretStr) -> SecretStr:
    """Older keys only open what is there, so a short one may still stand behind a new one; an empty one never."""
    text = keys.get_secret_value()
    if text.strip() and (len(text.partition(",")[0].strip()) < KEY_LEAST or not all(map(str.strip, text.split(",")))):
        raise ValueError(
            f"commas stand between keys; the first must have at least {KEY_LEAST} characters, and none may be empty"
        )
    return keys


def _secret(value: object, info: ValidationInfo) -> object:
    return value if isinstance(value, SecretStr) else secret(value, surroundings(info))


#: Fewest characters of the key that encrypts.
KEY_LEAST: Final = 32
#: Who stands in front of the hub.
Network = Annotated[IPv4Network | IPv6Network, Allowed('an address or network like "10.1.2.0/24"')]
#: A secret of a section: its text stands elsewhere.
Secret = Annotated[SecretStr, BeforeValidator(_secret), Allowed(ALLOWED)]


class HubSettings(Section):
    """Whose hub this is."""

    name: str = Field(default="", max_length=200, description="name of the province, on pages and in outgoing feeds")
    timezone: TimeZone = Field(default="Asia/Ho_Chi_Minh", description="zone of dates without one, and of time windows")
    data_dir: str = Field(
        default="var", min_length=1, description="folder of what the hub keeps; relative to the folder of settings.toml"
    )
    keep_captures: Duration = Field(
        default=180 * 86_400.0, description="how long raw bodies are kept for replay; each source's newest always is"
    )
    contact: str = Field(
        default="", max_length=200, pattern=r"^[\x20-\x7e]*$",
        description="mail or web address for administrators of member sites; sent in the User-Agent, ASCII",
    )  # fmt: skip
    secret_key: Annotated[Secret, AfterValidator(_strong)] = Field(
        default=SecretStr(""), max_length=10_000,
        description=f"encrypts the tokens that destinations change by themselves: a text of at least {KEY_LEAST}"
        " characters; to change it, put the new one before the old one, with a comma",
    )  # fmt: skip
    completeness: str = Field(
        default="", max_length=1_000,
        description="file of what a record must say before an officer enters it, relative to the folder of"
        " settings.toml; empty: the list that comes with the program",
    )  # fmt: skip
    testing: bool = Field(default=False, description="allow secrets as plain text; never on a real hub")


class DatabaseSettings(Section):
    """Where the truth is kept."""

    url: DatabaseUrl = Field(
        default=SecretStr("sqlite://var/hub.db"),
        description="SQLite (one process; a relative path starts at the folder of settings.toml) or PostgreSQL",
    )


class BrokerSettings(Section):
    """Who distributes the work."""

    url: BrokerUrl = Field(
        default=SecretStr(""),
        description="RabbitMQ, to spread the work over processes and hosts; empty: inside the hub",
    )
    announce: bool = Field(
        default=True, description="tell other systems of each public change, on the exchange hub.events of RabbitMQ"
    )


class ApiSettings(Section):
    """What programs may ask of the API, for each process of the web role."""

    per_minute: int = Field(
        default=120, ge=1, le=1_000_000, description="requests a minute of one address without a key"
    )
    per_minute_key: int = Field(
        default=600, ge=1, le=1_000_000, description="requests a minute with a key that was given no number of its own"
    )
    listeners: int = Field(
        default=500, ge=1, le=100_000, description="programs that may wait for changes at once; each holds a connection"
    )


class WebSettings(Section):
    """What others pull from: console, feeds, API."""

    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(default=8080, ge=0, le=65_535, description="port to listen on; 0 picks a free one")
    base_url: WebAddressOrNothing = Field(
        default="", description="address under which the outside reaches the hub; empty: http://host:port"
    )
    metrics_for: tuple[Network, ...] = Field(
        default=(IPv4Network("127.0.0.1/32"), IPv6Network("::1/128")),
        description="networks that may read /metrics; to everybody else there is no such page",
    )
    api: ApiSettings = Field(default=ApiSettings(), description="the API: [web.api]")


class S3Settings(Section):
    """A bucket in an S3-compatible store."""

    bucket: str = Field(min_length=1, max_length=63, description="name of the bucket, which must exist")
    endpoint: WebAddressOrNothing = Field(default="", description="address of the store; empty: Amazon's of the region")
    region: str = Field(default="us-east-1", min_length=1, max_length=63, description="region; most stores ignore it")
    access_key: Secret = Field(description="name of the account's key")
    secret_key: Secret = Field(description="the key that signs each call")
    prefix: str = Field(default="", max_length=200, description="what the names of all objects begin with")


class ReviewSettings(Section):
    """How the editorial board decides."""

    two_persons: tuple[Matter, ...] = Field(
        default=(),
        description="decisions that take two people: whoever wrote or proposed it is not the second one",
    )


class FilesSettings(Section):
    """Where attachments are kept, once by checksum."""

    folder: str = Field(default="files", min_length=1, description="folder inside data_dir, or an absolute path")
    s3: S3Settings | None = Field(default=None, description="a bucket in place of the folder; needs the extra `s3`")
    max_size: Size = Field(default=32 * 1024**2, description="largest attachment that is fetched")


class MailSettings(Section):
    """The server that takes our mails."""

    host: str = Field(
        default="", max_length=253, pattern=r"^[A-Za-z0-9.:-]*$",
        description="name or address of the mail server; empty: no mail is sent",
    )  # fmt: skip
    port: int = Field(default=587, ge=1, le=65_535, description="its port: 587 for starttls, 465 for implicit")
    tls: Tls = Field(
        default=Tls.STARTTLS,
        description="how the line is encrypted; none only to this machine or a private network",
    )
    username: OneLine = Field(default="", max_length=320, description="account at the server; empty: no login")
    password: Secret = Field(default=SecretStr(""), max_length=1_000, description="its password")
    sender: MailAddressOrNothing = Field(
        default="",
        description="address that mails come from, and that answers go to: people write there to unsubscribe",
    )
    sender_name: OneLine = Field(default="", max_length=200, description="name beside it; left out: that of [hub]")
    timeout: Duration = Field(
        default=30.0, le=300, description="for each answer of the server; it has ten minutes for that to a message"
    )

    @field_validator("tls")
    @classmethod
    def _is_not_read_on_the_way(cls, tls: Tls, info: ValidationInfo) -> Tls:
        if tls is Tls.NONE and is_near(info.data.get("host", "")) is False:
            raise ValueError("starttls or implicit: the address lies outside of this machine and private networks")
        return tls


class ScreenSettings(Section):
    """What the screens for state secrets and personal data look for, and who is told."""

    terms: str = Field(
        default="", max_length=1_000,
        description="file of further words, lists and contacts, relative to the folder of settings.toml; empty: those"
        " that come with the program",
    )  # fmt: skip
    alarm_to: tuple[MailAddress, ...] = Field(
        default=(), max_length=20,
        description="addresses of the duty officers: told by mail, without any content, that there is an alarm",
    )  # fmt: skip


class ReportsSettings(Section):
    """What is counted, what the head of a report says, and who gets it."""

    categories: str = Field(
        default="", max_length=1_000,
        description="file with the list of categories, relative to the folder of settings.toml; empty: the one that"
        " comes with the program",
    )  # fmt: skip
    public: bool = Field(
        default=False, description="true: everybody may see the page of coverage and freshness, under /coverage"
    )
    agency: OneLine = Field(default="", max_length=200, description="who reports; left out: the name in [hub]")
    above: OneLine = Field(default="", max_length=200, description="the authority above, over the name: UBND TỈNH …")
    place: OneLine = Field(default="", max_length=100, description="place beside the date: Sơn La, ngày …")
    suffix: OneLine = Field(default="BC-BBT", max_length=40, description="what follows the number: 09/BC-BBT")
    signer_title: OneLine = Field(
        default="TRƯỞNG BAN BIÊN TẬP", max_length=200, description="position over the name of whoever signs"
    )
    recipients: tuple[OneLine, ...] = Field(default=(), max_length=30, description="lines under “Nơi nhận”")
    made: tuple[Every, ...] = Field(
        default=(), description="stretches after each of which a report is made by itself, on the first working day"
    )
    to: tuple[MailAddress, ...] = Field(
        default=(), max_length=50, description="addresses that are told by mail that a report was made or signed"
    )
    points: Annotated[dict[str, float], Allowed("a table: codes of categories with their points")] = Field(
        default_factory=dict, description="points of an accepted item by category, for the ledger of contributors"
    )


class FetchSettings(Section):
    """How member sites are asked, and how much is taken from them."""

    allow_private: Allowances = Field(
        default=frozenset(), description="private addresses that sources may be fetched from; all others are refused"
    )
    per_host: int = Field(default=1, ge=1, le=16, description="fetches at once from one host")
    page_pause: Duration = Field(
        default=1.0, description="between two web pages of one host, where its robots.txt asks for no more; at most 30s"
    )
    timeout: Duration = Field(default=30.0, description="for one fetch in total, redirects included")
    idle_timeout: Duration = Field(default=10.0, description="without a byte")
    max_body: Size = Field(default=4 * 1024**2, description="body as received")
    max_decoded: Size = Field(default=8 * 1024**2, description="body after decompression")
    max_ratio: int = Field(default=200, ge=2, le=10_000, description="decompressed to received")
    max_headers: int = Field(default=64, ge=8, le=1_000, description="headers of an answer")
    max_redirects: int = Field(default=5, ge=0, le=20, description="hops, each through the address guard")

    def limits(self, **changes: Any) -> Limits:
        """These bounds as the HTTP client takes them."""
        bounds: dict[str, Any] = {
            "wire": self.max_body, "decoded": self.max_decoded, "ratio": self.max_ratio, "total": self.timeout,
            "idle": self.idle_timeout, "headers": self.max_headers, "redirects": self.max_redirects,
        }  # fmt: skip
        return Limits(**bounds | changes)


class SingleSignOnSettings(Section):
    """The province's single sign-on (OpenID Connect)."""

    issuer: WebAddress = Field(
        description="address of the provider, exactly as it names itself; https, but on this machine"
    )
    client_id: OneLine = Field(min_length=1, max_length=200, description="what the provider calls the hub")
    client_secret: Secret = Field(
        default=SecretStr(""), max_length=1_000, description="what the hub proves itself with; empty: PKCE alone"
    )
    name: OneLine = Field(default="", max_length=100, description="what the button at the login says")
    scopes: tuple[str, ...] = Field(
        default=("openid", "profile", "email"), description="what is asked for; openid has to be among it"
    )
    match_email: bool = Field(
        default=False,
        description="open an account by its mail address once, if the provider says that it verified it; from then on"
        " by the provider's own number of the person",
    )
    make_accounts_as: Literal["", "viewer"] = Field(
        default="", description="role of an account that is made for whoever comes without one; empty: none is made"
    )
    strong: tuple[str, ...] = Field(
        default=(), description='values of `acr` or `amr` that mean a second factor was asked for there, like "mfa"'
    )
    allow_private: Allowances = Field(
        default=frozenset(), description="private addresses at which the provider may be asked"
    )

    @field_validator("issuer")
    @classmethod
    def _is_not_read_on_the_way(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("an https address")
        return issuer


class ConsoleSettings(Section):
    """The console, and on which terms people come in."""

    idle: Duration = Field(default=3_600.0, ge=60, le=86_400, description="a session that is not used ends after this")
    longest: Duration = Field(default=43_200.0, ge=60, le=604_800, description="any session ends after this")
    two_factor_for: tuple[Role, ...] = Field(
        default=(Role.ADMINISTRATOR, Role.CHIEF_EDITOR),
        description="roles that have to set up a second factor (a one-time code) before anything else; needs [hub]"
        " secret_key",
    )
    trusted_proxies: tuple[Network, ...] = Field(
        default=(), description="networks of proxies whose X-Forwarded-For names the true address of a person"
    )
    single_sign_on: SingleSignOnSettings | None = Field(
        default=None, description="people may also come in through the province's single sign-on"
    )


class Sections(Section):
    """All sections that stand alone; the environment and secret files may set their keys."""

    hub: HubSettings = HubSettings()
    database: DatabaseSettings = DatabaseSettings()
    broker: BrokerSettings = BrokerSettings()
    web: WebSettings = WebSettings()
    review: ReviewSettings = ReviewSettings()
    files: FilesSettings = FilesSettings()
    mail: MailSettings = MailSettings()
    fetch: FetchSettings = FetchSettings()
    screen: ScreenSettings = ScreenSettings()
    console: ConsoleSettings = ConsoleSettings()
    reports: ReportsSettings = ReportsSettings()
