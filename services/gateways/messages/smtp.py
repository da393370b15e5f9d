"""E-mail over SMTP, by the standard library."""
import contextlib
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr

from config.settings import Settings
from services.gateways.messages.base import Outgoing, PermanentFailure, TemporaryFailure, Unreachable

TIMEOUT_SECONDS = 5.0
"""For each step of the conversation; there are at most eight, so a slow server stays within one lease."""


class SmtpGateway:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def send(self, message: Outgoing) -> None:
        letter = self._letter(message)
        try:
            connection = self._open()
            try:
                connection.send_message(letter)
            finally:
                # The server has accepted or refused by now: how the goodbye goes changes nothing.
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    connection.quit()
        except smtplib.SMTPRecipientsRefused as error:
            code, text = error.recipients[message.to]
            raise _failure(code)(f"{code} {text!r}") from error
        except smtplib.SMTPDataError as error:
            raise _failure(error.smtp_code)(str(error)) from error
        except (UnicodeEncodeError, smtplib.SMTPNotSupportedError) as error:
            raise PermanentFailure(f"The server cannot take this address: {error}") from error
        except (smtplib.SMTPException, OSError) as error:
            # Wrong credentials and a refused sender are our own faults: the mail waits until they are mended.
            raise TemporaryFailure(f"{type(error).__name__}: {error}") from error

    def _open(self) -> smtplib.SMTP:
        try:
            connection = smtplib.SMTP(self.settings.email_host, self.settings.email_port, timeout=TIMEOUT_SECONDS)
        except OSError as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        try:
            if self.settings.email_use_tls:
                connection.starttls(context=ssl.create_default_context())
            if self.settings.email_host_user:
                connection.login(self.settings.email_host_user, self.settings.email_host_password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _letter(self, message: Outgoing) -> EmailMessage:
        sender = parseaddr(self.settings.default_from_email)[1]
        letter = EmailMessage(policy=SMTP)
        try:
            letter["From"] = self.settings.default_from_email
            letter["To"] = message.to
            letter["Subject"] = " ".join(message.subject.split())
            letter["Date"] = formatdate()
            letter["Message-ID"] = f"<{message.reference}@{sender.rpartition('@')[2] or 'purser'}>"
            letter.set_content(message.body)
        except ValueError as error:
            # The e-mail package refuses line breaks in headers: nobody can add a header through an address.
            raise PermanentFailure(str(error)) from error
        return letter


def _failure(code: int) -> type[TemporaryFailure] | type[PermanentFailure]:
    return TemporaryFailure if 400 <= code < 500 else PermanentFailure
