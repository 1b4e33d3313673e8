"""The environment, read once, typed, with defaults.

Decides: what each variable means and which values are refused; a bad one is named in the error. Refuses to
know Django and where the values go.
"""

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from builder_ui.complaint import Complaint

T = TypeVar("T")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
PROJECT = Path(__file__).resolve().parent.parent


class BadEnvironment(Complaint):
    """A variable of the environment can't be understood."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Where a PostgreSQL server of one's own answers."""

    name: str
    user: str
    password: str
    host: str
    port: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Where e-mail is handed over; `host` empty writes it to the console."""

    host: str
    port: int
    user: str
    password: str
    use_tls: bool
    use_ssl: bool
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Every variable of the product, typed."""

    database_url: str | None
    database: Database | None
    redis_url: str | None
    data: Path
    admin_password: str | None
    secret_key: str | None
    credential_keys: tuple[str, ...]
    allowed_hosts: tuple[str, ...]
    egress_allow: tuple[str, ...]
    public_url: str | None
    trusted_proxies: tuple[Network, ...]
    mail: Mail | None
    workers: int | None
    cancel_grace: int | None
    payload_days: int | None
    log_level: str

    @property
    def public_host(self) -> str | None:
        """The name people reach the site by, without port."""
        return urlsplit(self.public_url).hostname if self.public_url else None


def read_environment(variables: Mapping[str, str] | None = None) -> Environment:
    """Read `variables` (the process's own by default); raise BadEnvironment naming the first bad one."""
    given = {k: v.strip() for k, v in (os.environ if variables is None else variables).items() if v.strip()}

    def read(name: str, parse: Callable[[str], T]) -> T | None:
        if name not in given:
            return None
        try:
            return parse(given[name])
        except ValueError as reason:
            raise BadEnvironment(f"{name} is not usable: {reason}.") from None

    return Environment(
        database_url=given.get("DATABASE_URL"),
        database=read("DATABASE_URL", parse_database),
        redis_url=read("REDIS_URL", parse_redis),
        data=read("MULGIL_DATA", parse_folder) or PROJECT / ".mulgil",
        admin_password=given.get("MULGIL_ADMIN_PASSWORD"),
        secret_key=read("MULGIL_SECRET_KEY", parse_key),
        credential_keys=read("MULGIL_CREDENTIAL_KEY", parse_keys) or (),
        allowed_hosts=read("MULGIL_ALLOWED_HOSTS", parse_list) or (),
        egress_allow=read("MULGIL_EGRESS_ALLOW", parse_targets) or (),
        public_url=read("MULGIL_PUBLIC_URL", parse_origin),
        trusted_proxies=read("MULGIL_TRUSTED_PROXIES", parse_networks) or (),
        mail=read("MULGIL_EMAIL_URL", parse_mail),
        workers=read("MULGIL_WORKERS", parse_workers),
        cancel_grace=read("MULGIL_CANCEL_GRACE", parse_grace),
        payload_days=read("MULGIL_PAYLOAD_DAYS", parse_days),
        log_level=read("MULGIL_LOG_LEVEL", parse_level) or "warning",
    )


def environment_for(data: Path | None) -> Environment:
    """The environment with `--data` put before MULGIL_DATA, for us and for our children."""
    if data is not None:
        os.environ["MULGIL_DATA"] = str(data.expanduser().absolute())
    environment = read_environment()
    # The children stand in another folder, so a relative path must not reach them.
    os.environ["MULGIL_DATA"] = str(environment.data)
    return environment


def parse_database(text: str) -> Database:
    """`postgresql://user:password@host:port/name?option=value`; an empty host with `?host=` is a socket folder."""
    url = urlsplit(text)
    if url.scheme not in ("postgres", "postgresql"):
        raise ValueError("it must begin with postgresql://")
    name = unquote(url.path.lstrip("/"))
    if not name:
        raise ValueError("it names no database after the host")
    options = dict(parse_qsl(url.query))
    return Database(
        name=name,
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        host=options.pop("host", "") or unquote(url.hostname or ""),
        port=options.pop("port", "") or _port(url),
        options=options,
    )


def parse_redis(text: str) -> str:
    """A Redis address, kept as it is."""
    if urlsplit(text).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("it must begin with redis://, rediss:// or unix://")
    return text


def parse_folder(text: str) -> Path:
    """A folder, absolute."""
    return Path(text).expanduser().absolute()


def parse_key(text: str) -> str:
    """A secret long enough to be one."""
    if len(text) < 32:
        raise ValueError("a key needs at least 32 characters")
    return text


def parse_keys(text: str) -> tuple[str, ...]:
    """Keys separated by commas: the first encrypts, all decrypt."""
    return tuple(parse_key(key) for key in parse_list(text))


def parse_list(text: str) -> tuple[str, ...]:
    """Words separated by commas."""
    return tuple(part for part in (piece.strip() for piece in text.split(",")) if part)


def parse_targets(text: str) -> tuple[str, ...]:
    """Hosts, `host:port` or networks; a network is checked for its form."""
    targets = parse_list(text)
    for target in targets:
        if "/" in target:
            ipaddress.ip_network(target, strict=False)
    return targets


def parse_networks(text: str) -> tuple[Network, ...]:
    """Addresses or networks."""
    return tuple(ipaddress.ip_network(part, strict=False) for part in parse_list(text))


def parse_origin(text: str) -> str:
    """`https://host[:port]` without a path; the address people use."""
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ValueError("it must look like https://flows.example.com")
    if url.path.strip("/") or url.query or url.fragment:
        raise ValueError("it must end after the host; a path is not supported")
    return f"{url.scheme}://{url.netloc}"


def parse_mail(text: str) -> Mail:
    """`smtp://user:password@host:port?from=…`, `smtps://` for TLS from the first byte, `smtp+tls://` for STARTTLS."""
    url = urlsplit(text)
    if url.scheme not in ("smtp", "smtps", "smtp+tls") or not url.hostname:
        raise ValueError("it must look like smtp+tls://user:password@host:587")
    default_port = {"smtp": 25, "smtps": 465, "smtp+tls": 587}[url.scheme]
    return Mail(
        host=url.hostname,
        port=int(_port(url) or default_port),
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        use_tls=url.scheme == "smtp+tls",
        use_ssl=url.scheme == "smtps",
        sender=dict(parse_qsl(url.query)).get("from", "") or f"mulgil@{url.hostname}",
    )


def parse_workers(text: str) -> int:
    """How many worker processes a host runs."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 256:
        raise ValueError(f"{text!r} is not a whole number from 1 to 256")
    return int(text)


def parse_grace(text: str) -> int:
    """How long an effect under way may take to end once its run was cancelled, in seconds."""
    if not text.isascii() or not text.isdigit() or int(text) > 600:
        raise ValueError(f"{text!r} is not a whole number of seconds from 0 to 600")
    return int(text)


def parse_days(text: str) -> int:
    """How many days something is kept."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 36_500:
        raise ValueError(f"{text!r} is not a whole number of days from 1 to 36500")
    return int(text)


def parse_level(text: str) -> str:
    """A level of logging."""
    if text.lower() not in LOG_LEVELS:
        raise ValueError(f"{text!r} is none of {', '.join(LOG_LEVELS)}")
    return text.lower()


def _port(url: SplitResult) -> str:
    return str(url.port) if url.port is not None else ""
