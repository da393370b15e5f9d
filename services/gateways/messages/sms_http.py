"""SMS over one HTTP provider: a JSON POST with a bearer token."""
import httpx

from config.settings import Settings
from services.gateways.messages.base import Outgoing, PermanentFailure, TemporaryFailure, Unreachable

TIMEOUT_SECONDS = 10.0
NOT_THE_MESSAGES_FAULT = {401, 402, 403, 404, 405, 408, 409, 425, 429}
"""Client errors that speak of our account, the address of the provider or its load, not of this message."""


class HttpSmsGateway:
    """Posts `{"to", "body", "reference"}`; the reference is also the Idempotency-Key, so a repeat sends one SMS."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def send(self, message: Outgoing) -> None:
        try:
            reply = httpx.post(
                self.settings.sms_url, timeout=TIMEOUT_SECONDS, follow_redirects=False,
                json={"to": message.to, "body": message.body, "reference": message.reference},
                headers=self._headers(message))
        except httpx.HTTPError as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        if reply.is_client_error and reply.status_code not in NOT_THE_MESSAGES_FAULT:
            raise PermanentFailure(f"The provider answered {reply.status_code}.")
        if not reply.is_success:
            raise TemporaryFailure(f"The provider answered {reply.status_code}.")

    def _headers(self, message: Outgoing) -> dict[str, str]:
        # Some providers take their key in the address: then there is no token.
        token = self.settings.sms_token
        return {"Idempotency-Key": message.reference} | ({"Authorization": f"Bearer {token}"} if token else {})
