"""Old spellings of paths: one table, resolved before routing, never by redirect.

docs/aliases.md is this table for readers; a test holds the two together.
"""
import re
from collections.abc import Callable, Iterable

from werkzeug.routing import Map

ALIASES: dict[str, list[str]] = {
    "/api/auth/signup/": ["/signup/", "/accounts/register/"],
    "/api/auth/register/": ["/api/users/register/"],
    "/api/auth/verify-otp/": ["/verify-otp/", "/accounts/verify-otp/", "/api/auth/otp/verify/"],
    "/api/auth/otp/generate/": ["/api/auth/resend-otp/"],
    "/api/auth/login/": ["/login/", "/accounts/login/", "/api/auth/login/email/", "/api/auth/token/",
                         "/api/users/login/", "/api/users/token/"],
    "/api/auth/token/refresh/": ["/api/auth/refresh/", "/api/users/token/refresh/"],
    "/api/auth/logout/": ["/logout/", "/api/users/logout/"],
    "/api/auth/verify-session/": ["/verify-session/"],
    "/api/auth/profile/": ["/api/users/profile/", "/api/users/profile/update/", "/accounts/profile/", "/api/auth/me/"],
    "/api/auth/password-reset/": ["/api/users/password-reset/"],
    "/api/auth/password-reset-confirm/": ["/api/users/password-reset-confirm/"],
    "/api/users/change-password/": ["/api/auth/change-password/"],
    "/api/plans/": ["/api/plans/plans/"],
    "/api/plans/{id}/": ["/api/plans/plans/{id}/"],
    "/api/merchants/": ["/api/merchants/create/", "/api/merchants/list/"],
    "/api/merchants/me/": ["/api/merchants/profile/"],
    "/api/payments/create-payment-intent/": ["/api/payments/create-intent/"],
    "/api/payments/confirm-payment/": ["/api/payments/confirm/"],
    "/api/referral/generate/": ["/api/referrals/generate/"],
    "/api/referral/apply/": ["/api/referrals/apply/"],
    "/api/referral/analytics/summary/": ["/api/referrals/analytics/summary/"],
    "/api/referral/analytics/list/": ["/api/referrals/analytics/list/"],
    "/api/referral/analytics/timeline/": ["/api/referrals/analytics/timeline/"],
    "/api/referral/analytics/leaderboard/": ["/api/referrals/analytics/leaderboard/", "/api/referral/leaderboard/",
                                             "/api/referrals/leaderboard/"],
    "/api/rewards/history/": ["/api/referrals/rewards/history/"],
    "/api/rewards/summary/": ["/api/referrals/rewards/summary/"],
    "/api/admin/reward-config/": ["/api/admin/reward-config/create/"],
    "/api/admin/referral/top/": ["/api/admin/referrals/top/"],
    "/api/notifications/list/": ["/api/notifications/listnotifications/"],
    "/api/support/tickets/": ["/api/support/supportcreate/", "/api/support/supportlist/"],
    "/api/support/tickets/{id}/status/": ["/api/support/supportupdate/{id}/status/"],
}
"""Canonical path to its aliases; `{id}` is one path segment."""

PREFIX = "/api"


class Resolver:
    """WSGI middleware that turns an alias, or a canonical path without `/api`, into the canonical path."""

    def __init__(self, app: Callable, routes: Map) -> None:
        self._app = app
        self._routes = routes
        self._exact, self._patterns = _compile(ALIASES)

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        resolved = self.resolve(path)
        if resolved != path:
            environ["PATH_INFO"] = resolved
        return self._app(environ, start_response)

    def resolve(self, path: str) -> str:
        """The path that is routed for `path`; under `/api` always with its final slash, as every route there has it."""
        slashed = path if path.endswith("/") else f"{path}/"
        if slashed in self._exact:
            return self._exact[slashed]
        for pattern, canonical in self._patterns:
            found = pattern.fullmatch(slashed)
            if found:
                return canonical.replace("{id}", found[1])
        if slashed.startswith("/api/"):
            return slashed
        if self._answers(path) or self._answers(slashed) or not self._answers(PREFIX + slashed):
            return path
        return PREFIX + slashed

    def _answers(self, path: str) -> bool:
        return bool(self._routes.bind("").allowed_methods(path))


def _compile(table: dict[str, list[str]]) -> tuple[dict[str, str], list[tuple[re.Pattern, str]]]:
    pairs = [(alias, canonical) for canonical, aliases in table.items() for alias in aliases]
    exact = {alias: canonical for alias, canonical in pairs if "{id}" not in alias}
    patterns = [(re.compile(alias.replace("{id}", "([^/]+)")), canonical)
                for alias, canonical in pairs if "{id}" in alias]
    return exact, patterns
