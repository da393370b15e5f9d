"""SMS over one HTTP provider: a JSON POST with a bearer token."""
import httpx

from config.settings import Settings
from services.gateways.messages.base import Outgoing, PermanentFailure, TemporaryFailure

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
                headers={"Authorization": f"Bearer {self.settings.sms_token}", "Idempotency-Key": message.reference})
        except httpx.HTTPError as error:
            raise TemporaryFailure(f"{type(error).__name__}: {error}") from error
        if reply.is_client_error and reply.status_code not in NOT_THE_MESSAGES_FAULT:
            raise PermanentFailure(f"The provider answered {reply.status_code}.")
        if not reply.is_success:
            raise TemporaryFailure(f"The provider answered {reply.status_code}.")
