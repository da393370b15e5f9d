"""Which gateway an installation's settings ask for."""
from config.settings import Settings
from services.gateways.messages.base import MessageGateway
from services.gateways.messages.breaker import Breaker
from services.gateways.messages.outbox_file import OutboxFile
from services.gateways.messages.sms_http import HttpSmsGateway
from services.gateways.messages.smtp import SmtpGateway


def gateway_for(channel: str, settings: Settings) -> MessageGateway:
    """The gateway of `channel`; outside production every mail and SMS is also appended to the outbox file."""
    if channel == "push":
        # Imported by the processes that push: it brings 12 MB, which the API's would never use.
        from services.gateways.messages.web_push import WebPushGateway
        return WebPushGateway(settings)
    real: MessageGateway | None = None
    if channel == "email" and settings.email_backend == "smtp":
        real = Breaker(SmtpGateway(settings))
    if channel == "sms" and settings.sms_backend == "http":
        real = Breaker(HttpSmsGateway(settings))
    if settings.production and real is not None:
        return real
    return OutboxFile(settings.data_dir, then=real)
