"""Web Push: a message encrypted for one browser, signed with our key, left at that browser's push service."""
import json

import requests
from py_vapid import Vapid02
from pywebpush import WebPushException, webpush

from config.settings import Settings
from documents.push_subscriptions import PushSubscription
from services import vapid
from services.gateways.messages.base import Outgoing, PermanentFailure, TemporaryFailure

TIMEOUT_SECONDS = 10.0
KEPT_SECONDS = 86_400
"""How long the push service keeps a message for a browser that is off."""
LONGEST_BODY = 2_500
"""Bytes: every push service takes 3,993 in all."""
GONE = (404, 410)
NOT_THE_MESSAGES_FAULT = (408, 425, 429)


class WebPushGateway:
    """The address of a message is the id of a subscription; one that its browser has given up is deleted."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def send(self, message: Outgoing) -> None:
        browser = PushSubscription.find_one({"_id": message.to})
        if browser is None:
            raise PermanentFailure("The browser has unsubscribed.")
        status = self._post(browser, json.dumps({
            "title": message.subject, "body": _cut(message.body), "tag": message.reference}, ensure_ascii=False))
        if status in GONE:
            PushSubscription.remove({"_id": browser.id, "endpoint": browser.endpoint})
        if 300 <= status < 500 and status not in NOT_THE_MESSAGES_FAULT:
            raise PermanentFailure(f"The push service answered {status}.")
        if status >= 300:
            raise TemporaryFailure(f"The push service answered {status}.")

    def _post(self, browser: PushSubscription, text: str) -> int:
        """The status that the push service answered."""
        with requests.Session() as session:
            session.max_redirects = 0       # the address was looked at when it was subscribed; the next one was not
            session.trust_env = False
            try:
                webpush({"endpoint": browser.endpoint, "keys": {"p256dh": browser.p256dh, "auth": browser.auth}},
                        data=text, vapid_private_key=Vapid02(vapid.private_key(self.settings)),
                        vapid_claims={"sub": vapid.contact(self.settings)}, ttl=KEPT_SECONDS,
                        timeout=TIMEOUT_SECONDS, requests_session=session)
            except requests.TooManyRedirects as error:
                raise PermanentFailure("The push service redirects.") from error
            except requests.RequestException as error:
                raise TemporaryFailure(f"{type(error).__name__}: {error}") from error
            except WebPushException as error:
                if error.response is None:
                    raise PermanentFailure(str(error)) from error
                return error.response.status_code
        return 201


def _cut(text: str) -> str:
    return text.encode()[:LONGEST_BODY].decode(errors="ignore")
