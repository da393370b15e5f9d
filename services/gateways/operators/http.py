"""The operator over HTTP: signed JSON, one connection pool, and nothing believed that was not said plainly."""
import json
from typing import Any
from urllib.parse import quote

import httpx

from documents import clock, money
from services.gateways.operators.base import Order, Outcome, State
from services.gateways.operators.signatures import headers

SPOKEN = {"success": State.SUCCESS, "failed": State.FAILED, "pending": State.PENDING}
LONGEST_TEXT = 100


class HttpOperator:
    """Talks to `POST {url}/recharges` and `GET {url}/recharges/{reference}`; see docs/recharges.md for the wire format.

    Nothing is retried here and no redirect is followed: asking again is the janitor's work, on its own schedule.
    """

    def __init__(self, *, url: str, secret: str, timeout_seconds: float) -> None:
        self._url = httpx.URL(url.rstrip("/"))
        self._secret = secret
        self._client = httpx.Client(timeout=timeout_seconds, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def submit(self, order: Order) -> Outcome:
        body = json.dumps({
            "reference": order.reference, "phone_number": order.phone_number, "provider": order.provider,
            "plan": order.plan, "amount": money.text(order.amount)}).encode()
        return self._ask("POST", "/recharges", order.reference, body)

    def status(self, reference: str) -> Outcome:
        return self._ask("GET", f"/recharges/{quote(reference, safe='')}", reference)

    def _ask(self, method: str, path: str, reference: str, body: bytes | None = None) -> Outcome:
        url = f"{self._url}{path}"
        signed = headers(self._secret, httpx.URL(url).raw_path if body is None else body, clock.now())
        try:
            response = self._client.request(
                method, url, content=body,
                headers={**signed, "Content-Type": "application/json", "Idempotency-Key": reference})
            return _outcome(response.status_code, response.json(), reference)
        except (httpx.HTTPError, ValueError):
            # Also a half answer: the order may have been carried out, so this is never read as a failure.
            return Outcome(State.UNCLEAR)


def _outcome(http_status: int, answer: Any, reference: str) -> Outcome:
    if not isinstance(answer, dict) or answer.get("reference") != reference:
        return Outcome(State.UNCLEAR)
    said = answer.get("status")
    if http_status == httpx.codes.NOT_FOUND and said == "unknown":
        return Outcome(State.UNKNOWN)
    if httpx.codes.is_success(http_status) and isinstance(said, str) and said in SPOKEN:
        return Outcome(SPOKEN[said], operator_ref=_text(answer.get("operator_ref")), code=_text(answer.get("code")))
    return Outcome(State.UNCLEAR)


def _text(value: Any) -> str | None:
    return value[:LONGEST_TEXT] if isinstance(value, str) else None
