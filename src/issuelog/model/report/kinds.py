"""The words that a report is told in: each a fixed set."""

from enum import StrEnum


class State(StrEnum):
    """Where a report stands; everything else that may be said of it is a condition."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    REPRODUCED = "reproduced"
    RESOLVED = "resolved"
    RCA = "rca"
    CLOSED = "closed"


class Severity(StrEnum):
    """How much the error hurts: S1 most."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"


class Channel(StrEnum):
    """How words travelled between the customer and us."""

    EMAIL = "email"
    PHONE = "phone"
    CHAT = "chat"
    WEB = "web"
    IN_PERSON = "in_person"
    SOCIAL = "social"
    API = "api"
    MONITORING = "monitoring"
    INTERNAL = "internal"


class Frequency(StrEnum):
    """How often the customer meets the error."""

    ALWAYS = "always"
    OFTEN = "often"
    SOMETIMES = "sometimes"
    ONCE = "once"
    UNKNOWN = "unknown"


class Place(StrEnum):
    """Where an attempt to reproduce ran, or where a version was deployed."""

    SANDBOX = "sandbox"
    VM = "vm"
    CONTAINER = "container"
    STAGING = "staging"
    PRODUCTION = "production"


class CauseKind(StrEnum):
    """What kind of thing was wrong, and so what kind of thing is fixed."""

    CODE = "code"
    CONFIG = "config"
    DATA = "data"
    DOCS = "docs"
    PROCESS = "process"
    INFRASTRUCTURE = "infrastructure"
    VENDOR = "vendor"
    USAGE = "usage"


class Resolution(StrEnum):
    """How a report ended."""

    FIXED = "fixed"
    DUPLICATE = "duplicate"
    NOT_AN_ERROR = "not_an_error"
    WONT_FIX = "wont_fix"
    WITHDRAWN = "withdrawn"
    NO_RESPONSE = "no_response"
    CANNOT_REPRODUCE = "cannot_reproduce"
    SPAM = "spam"


class ReopenReason(StrEnum):
    """Why a report that was done is not."""

    NOT_FIXED = "not_fixed"
    RECURRED = "recurred"
    WRONG_DUPLICATE = "wrong_duplicate"
    NEW_INFORMATION = "new_information"
    PREMATURE = "premature"


class EndKind(StrEnum):
    """What kind of thing the last why of a cause names: a part of the system, never a person."""

    PROCESS = "process"
    POLICY = "policy"
    DESIGN = "design"
    TOOLING = "tooling"
    TRAINING = "training"
    RESOURCE = "resource"
    SUPPLIER = "supplier"
