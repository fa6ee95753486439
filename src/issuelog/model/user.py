"""The user's own settings: what only the person at the machine may decide, as how a mail leaves it.

No repository has a say in them. Annotations are not deferred here, as in `report`.
"""

import ipaddress
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""The port of each way to secure a connection, unless another is named."""

_SENDER = re.compile(r"(?:[^<>\x00-\x1f\x7f]+ )?<[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+")


def _sender(value: str) -> str:
    if not _SENDER.fullmatch(value):
        raise ValueError("write it as 'NAME <MAIL>'")
    return value


def _absolute(value: str) -> str:
    if not value.startswith(("/", "~/")) or "\0" in value:
        raise ValueError("write it from the root, or from ~/")
    return value


Command = Annotated[list[Annotated[str, StringConstraints(min_length=1)]], Field(min_length=1)]
"""A program and its arguments; no shell sees them."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, populate_by_name=True)


class Smtp(_Strict):
    """A mail server. A connection that is not secured is for a server on the same machine alone."""

    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:_-]+$")]
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: Annotated[str, StringConstraints(min_length=1)] | None = None
    password_command: Command | None = None

    @model_validator(mode="after")
    def _is_safe(self) -> "Smtp":
        if self.security == "none" and not _is_here(self.host):
            raise ValueError("security: none is for a server on this machine; use starttls or tls")
        if bool(self.user) != bool(self.password_command):
            raise ValueError("user and password_command belong together")
        return self

    @property
    def at(self) -> int:
        """The port."""
        return self.port or PORTS[self.security]


class Mail(_Strict):
    """How mail leaves the machine: by a program that takes it on standard input, or by a server."""

    from_: Annotated[str, AfterValidator(_sender)] | None = Field(default=None, alias="from")
    sendmail: Command | None = None
    smtp: Smtp | None = None

    @model_validator(mode="after")
    def _is_clear(self) -> "Mail":
        if self.sendmail and self.smtp:
            raise ValueError("there is sendmail and smtp; name one of them")
        return self


class User(_Strict):
    """All settings of the user's own."""

    mail: Mail = Field(default_factory=Mail)
    product_repo: Annotated[str, AfterValidator(_absolute)] | None = None
    """Where the code is that reports are about, if not in the tracker's own repository."""


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
