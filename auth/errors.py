"""Why a request's credential was refused: each error has a stable code and an HTTP status.

    AuthError
    ├── InvalidToken            401 UNAUTHENTICATED
    ├── NotSignedIn             401 UNAUTHENTICATED
    ├── SessionExpired          401 SESSION_EXPIRED           (its answer deletes the cookie)
    ├── AmbiguousCredentials    400 AMBIGUOUS_CREDENTIALS
    ├── CsrfBlocked             403 CSRF_BLOCKED
    ├── NotAMember              403 FORBIDDEN
    ├── SignInAgain             403 SIGN_IN_REQUIRED          (single sign-on, a second factor)
    ├── LoginFailed             400 LOGIN_FAILED              (a page, for a person)
    ├── BadRequest              400 BAD_REQUEST
    └── AuthUnavailable         503 AUTH_UNAVAILABLE
        └── JwksUnavailable

The text is for the caller and says nothing of why a token failed; `reason`, one word of a closed list, is for the log.
"""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

TokenReason: TypeAlias = Literal[
    "too_long",
    "malformed",
    "header",
    "algorithm",
    "missing_kid",
    "unknown_kid",
    "signature",
    "issuer",
    "audience",
    "token_type",
    "subject",
    "session",
    "organization",
    "actor",
    "times",
    "not_yet_valid",
    "expired",
    "authorization_header",
]


class AuthError(Exception):
    """The request stops here; `set_cookie` are Set-Cookie values its answer must carry."""

    code: ClassVar[str]
    status: ClassVar[int]
    text: ClassVar[str]
    retry_after_s: ClassVar[int | None] = None

    def __init__(self, *, set_cookie: tuple[str, ...] = ()) -> None:
        super().__init__(self.text)
        self.set_cookie = set_cookie

    @property
    def headers(self) -> dict[str, str]:
        """What the answer's head says besides cookies."""
        if self.status == 401:  # noqa: PLR2004 - a status is its own name
            return {"www-authenticate": "Bearer"}
        if self.retry_after_s is not None:
            return {"retry-after": str(self.retry_after_s)}
        return {}


class InvalidToken(AuthError):
    code, status = "UNAUTHENTICATED", 401
    text = "The access token is not valid. Sign in again, or send a fresh token as `Authorization: Bearer …`."

    def __init__(self, reason: TokenReason) -> None:
        super().__init__()
        self.reason = reason


class NotSignedIn(AuthError):
    code, status = "UNAUTHENTICATED", 401
    text = "Nobody is signed in. Sign in at /auth/sign-in first."


class SessionExpired(AuthError):
    code, status = "SESSION_EXPIRED", 401
    text = "The session has ended. Sign in again at /auth/sign-in."


class AmbiguousCredentials(AuthError):
    code, status = "AMBIGUOUS_CREDENTIALS", 400
    text = (
        "The session cookie and the bearer token name different people or organizations. "
        "Send one of the two: sign out, or leave the Authorization header away."
    )


class CsrfBlocked(AuthError):
    code, status = "CSRF_BLOCKED", 403
    text = (
        "This request uses the session cookie but does not come from our own pages. Send the header x-orgraph-csrf: 1."
    )


class NotAMember(AuthError):
    code, status = "FORBIDDEN", 403
    text = "You have no active membership in that organization."


class SignInAgain(AuthError):
    code, status = "SIGN_IN_REQUIRED", 403
    text = "That organization asks for another way of signing in. Continue at /auth/sign-in with its organization_id."


class LoginFailed(AuthError):
    code, status = "LOGIN_FAILED", 400
    text = "The sign-in did not work."

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.args = (sentence,)


class BadRequest(AuthError):
    code, status = "BAD_REQUEST", 400
    text = 'Send a JSON object as application/json: {"organizationId": "org_…"}.'


class AuthUnavailable(AuthError):
    code, status = "AUTH_UNAVAILABLE", 503
    text = "Sign-in cannot be checked right now. Try again in a few seconds."
    retry_after_s = 5


class JwksUnavailable(AuthUnavailable):
    """The public keys of the issuer could not be fetched, and none are remembered."""
