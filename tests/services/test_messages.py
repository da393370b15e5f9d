"""Mail and SMS: queued with their cause, delivered through outages, secrets forgotten."""
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from config import settings as in_use
from documents import clock
from documents.messages import LEASE, Message
from documents.transactions import atomic
from services import messages
from services.gateways.messages.base import PermanentFailure
from services.gateways.messages.outbox_file import OutboxFile
from services.gateways.messages.smtp import SmtpGateway
from tests.mailbox import Mailbox, sms_provider, smtp_server
from tests.parallel import together
from tests.ports import free_port

ADDRESS = "shop@purser.example"
A_WHILE = timedelta(minutes=20)
"""Longer than any pause between two attempts."""


@pytest.fixture
def use(app, settings):
    """`use(email_backend="smtp", …)` changes the settings in use until the test ends."""
    yield lambda **changes: in_use.use(replace(settings, **changes))
    in_use.use(settings)


@pytest.fixture
def smtp(use):
    """The port of a mail server that does not run yet, which the application is told to use."""
    port = free_port()
    use(email_backend="smtp", email_host="127.0.0.1", email_port=port, email_use_tls=False)
    return port


@pytest.fixture
def outbox(app, settings):
    """What stands in the outbox file, line by line."""
    path = OutboxFile(settings.data_dir).path
    path.unlink(missing_ok=True)
    return lambda: [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def mail(**fields):
    return messages.send(**{"channel": "email", "to": ADDRESS, "subject": "Hello", "body": "Good day", **fields})


def test_a_mail_arrives_as_it_was_written(smtp):
    mailbox = Mailbox()
    sent = mail(subject="Welcome\r\nBcc: victim@x.example", body="₹199.00 received")
    with smtp_server(mailbox, smtp):
        messages.deliver_due()
    letter, = mailbox.letters
    assert letter["To"] == ADDRESS
    assert letter["Bcc"] is None
    assert letter["Message-ID"] == f"<{sent.id}@purser.example>"
    assert letter.get_payload(decode=True).decode().strip() == "₹199.00 received"
    assert Message.get(sent.id).status == "sent"


def test_an_outage_delays_mail_and_loses_none(smtp, move_clock):
    sent = mail()
    messages.deliver_due()
    waiting = Message.get(sent.id)
    assert (waiting.status, waiting.attempts) == ("queued", 1)
    assert waiting.due_at > clock.now()
    assert "ConnectionRefusedError" in waiting.error
    move_clock(A_WHILE)
    mailbox = Mailbox()
    with smtp_server(mailbox, smtp):
        messages.deliver_due()
    assert Message.get(sent.id).status == "sent"
    assert len(mailbox.letters) == 1


def test_while_nobody_answers_workers_do_not_wait_for_every_mail(smtp, move_clock):
    waiting = [mail() for _ in range(3)]
    messages.deliver_due()
    errors = [Message.get(message.id).error for message in waiting]
    assert ["ConnectionRefusedError" in error for error in errors] == [True, False, False]
    assert messages.send(channel="sms", to="+919876543210", body="Hello") is not None
    messages.deliver_due()
    assert Message.find_one({"channel": "sms"}).status == "sent", "the other channel goes on"
    move_clock(A_WHILE)
    mailbox = Mailbox()
    with smtp_server(mailbox, smtp):
        messages.deliver_due()
    assert len(mailbox.letters) == 3


@pytest.mark.parametrize("mood", [
    {"hang_up": True}, {"data_reply": "451 try later"}, {"recipient_reply": "450 mailbox busy"}])
def test_a_server_that_stumbles_is_tried_again(smtp, move_clock, mood):
    mailbox = Mailbox()
    vars(mailbox).update(mood)
    sent = mail()
    with smtp_server(mailbox, smtp):
        messages.deliver_due()
        assert Message.get(sent.id).status == "queued"
        vars(mailbox).update(hang_up=False, data_reply=None, recipient_reply=None)
        move_clock(A_WHILE)
        messages.deliver_due()
    assert Message.get(sent.id).status == "sent"
    assert len(mailbox.letters) == 1


@pytest.mark.parametrize("mood", [{"data_reply": "554 no spam"}, {"recipient_reply": "550 no such user"}])
def test_a_server_that_refuses_is_not_bothered_again(smtp, mood):
    mailbox = Mailbox()
    vars(mailbox).update(mood)
    sent = mail()
    with smtp_server(mailbox, smtp):
        messages.deliver_due()
    assert Message.get(sent.id).status == "failed"


def test_an_address_cannot_carry_a_header(smtp):
    sent = mail(to="a@x.example\r\nBcc: victim@x.example")
    with smtp_server(Mailbox(), smtp):
        messages.deliver_due()
    assert Message.get(sent.id).status == "failed"


def test_a_code_past_its_life_is_dropped(smtp, move_clock):
    sent = mail(code="123456", body="Your code is 123456", expires_at=clock.now() + timedelta(minutes=5))
    messages.deliver_due()
    move_clock(A_WHILE)
    mailbox = Mailbox()
    with smtp_server(mailbox, smtp):
        messages.deliver_due()
    dropped = Message.get(sent.id)
    assert (dropped.status, dropped.code, dropped.body) == ("expired", None, None)
    assert mailbox.letters == []


def test_after_a_day_a_mail_is_given_up(smtp, move_clock):
    sent = mail()
    move_clock(timedelta(hours=25))
    messages.deliver_due()
    assert Message.get(sent.id).status == "expired"


def test_what_was_secret_is_forgotten_after_sending(outbox):
    sent = messages.send(channel="sms", to="+919876543210", body="Your code is 123456", code="123456",
                         expires_at=clock.now() + timedelta(minutes=5))
    plain = mail()
    messages.deliver_due()
    kept = Message.get(sent.id)
    assert (kept.status, kept.code, kept.body) == ("sent", None, None)
    assert Message.get(plain.id).body == "Good day"
    line = outbox()[0]
    assert line == {"to": "+919876543210", "channel": "sms", "subject": "", "body": "Your code is 123456",
                    "code": "123456", "at": line["at"]}


def test_development_also_writes_down_what_a_real_server_gets(smtp, outbox, move_clock):
    mail()
    messages.deliver_due()
    move_clock(A_WHILE)
    messages.deliver_due()
    assert [line["to"] for line in outbox()] == [ADDRESS]


def test_production_writes_no_code_into_a_file(smtp, use, outbox):
    use(app_env="production", email_backend="smtp", email_host="127.0.0.1", email_port=smtp, email_use_tls=False)
    mail(code="123456")
    with smtp_server(Mailbox(), smtp):
        messages.deliver_due()
    assert outbox() == []


def test_a_message_dies_with_its_transaction(app):
    @atomic
    def fail():
        mail()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(Message.find({})) == []


def test_one_key_is_one_message(app):
    @atomic
    def twice():
        return mail(key="once"), mail(key="once")

    first, second = twice()
    assert first is not None
    assert second is None
    assert mail(key="once") is None
    together(8, lambda _n: mail(key="race"))
    assert Message.collection().count_documents({"key": "race"}) == 1


def test_many_workers_deliver_a_message_once(smtp):
    mailbox = Mailbox()
    sent = mail()
    with smtp_server(mailbox, smtp):
        together(8, lambda _n: messages.deliver(sent.id))
    assert len(mailbox.letters) == 1
    assert Message.get(sent.id).attempts == 1


def test_a_worker_that_dies_between_sending_and_marking_costs_a_second_copy_not_the_mail(smtp, move_clock, monkeypatch):
    mailbox = Mailbox()
    sent = mail()
    with smtp_server(mailbox, smtp), monkeypatch.context() as patch:
        patch.setattr(Message, "close", _die)
        with pytest.raises(SystemExit):
            messages.deliver(sent.id)
    with smtp_server(mailbox, smtp):
        messages.deliver_due()
        assert len(mailbox.letters) == 1, "the lease of the dead worker still runs"
        move_clock(LEASE)
        messages.deliver_due()
    assert Message.get(sent.id).status == "sent"
    assert [letter["Message-ID"] for letter in mailbox.letters] == [f"<{sent.id}@purser.example>"] * 2


def test_a_worker_that_outlived_its_lease_does_not_overrule_the_next_one(smtp, move_clock, monkeypatch):
    sent = mail()
    real_send = SmtpGateway.send

    def slow(gateway, message):
        monkeypatch.setattr(SmtpGateway, "send", real_send)
        move_clock(LEASE)
        messages.deliver(sent.id)
        raise PermanentFailure("too late to say so")

    monkeypatch.setattr(SmtpGateway, "send", slow)
    messages.deliver(sent.id)
    kept = Message.get(sent.id)
    assert (kept.status, kept.attempts) == ("queued", 2)
    assert kept.due_at > clock.now()


def test_an_sms_goes_to_the_provider_once_whatever_it_answers_first(use, move_clock):
    with sms_provider(lambda number: 503 if number == 1 else 202) as (url, requests):
        use(sms_backend="http", sms_url=url, sms_token="secret-token")
        sent = messages.send(channel="sms", to="+919876543210", body="Hello")
        messages.deliver_due()
        assert Message.get(sent.id).status == "queued"
        move_clock(A_WHILE)
        messages.deliver_due()
    assert Message.get(sent.id).status == "sent"
    assert requests == [{"body": {"to": "+919876543210", "body": "Hello", "reference": str(sent.id)},
                         "authorization": "Bearer secret-token", "key": str(sent.id)}] * 2


@pytest.mark.parametrize(("status", "outcome"), [(400, "failed"), (401, "queued"), (302, "queued"), (429, "queued")])
def test_what_the_provider_refuses(use, status, outcome):
    with sms_provider(lambda _number: status) as (url, _requests):
        use(sms_backend="http", sms_url=url)
        sent = messages.send(channel="sms", to="+919876543210", body="Hello")
        messages.deliver_due()
    kept = Message.get(sent.id)
    assert kept.status == outcome, kept.error


def _die(*_args, **_kwargs):
    raise SystemExit
