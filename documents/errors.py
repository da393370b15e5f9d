"""Everything a request can be refused for: raised below, turned into HTTP only by blueprints/errors.py."""


class DomainError(Exception):
    """Base of all refusals. `code` is stable and listed in docs/errors.md; `detail` is shown to the caller."""

    code = "error"
    detail = "The request could not be carried out."

    def __init__(self, detail: str | None = None, *, errors: dict | None = None,
                 retry_after: int | None = None) -> None:
        self.detail = detail or self.detail
        self.errors = errors or {}
        self.retry_after = retry_after
        super().__init__(self.detail)


class Invalid(DomainError):
    """The input is wrong; `errors` maps each field to its messages."""

    code = "validation_error"
    detail = "Some fields are not valid."

    @classmethod
    def field(cls, name: str, message: str) -> "Invalid":
        return cls(message, errors={name: [message]})


class InvalidCredentials(Invalid):
    code = "invalid_credentials"
    detail = "Invalid credentials."


class Unauthenticated(DomainError):
    code = "not_authenticated"
    detail = "Authentication credentials were not provided."


class Forbidden(DomainError):
    code = "permission_denied"
    detail = "You do not have permission to perform this action."


class NotFound(DomainError):
    """Absent or somebody else's: the answer is the same."""

    code = "not_found"
    detail = "Not found."


class Conflict(DomainError):
    """The state does not allow it, or another request was faster."""

    code = "conflict"
    detail = "The current state does not allow this."


class Unprocessable(DomainError):
    code = "unprocessable"


class TooMany(DomainError):
    code = "rate_limited"
    detail = "Too many requests."


class Unavailable(DomainError):
    code = "unavailable"
    detail = "The service is not available right now; try again shortly."
