"""`flask messages`."""
from services import messages
from services.gateways.messages.outbox_file import OutboxFile


def test_the_newest_message_is_found_under_any_spelling_of_its_address(app, settings):
    OutboxFile(settings.data_dir).path.unlink(missing_ok=True)
    for code in ("111111", "222222"):
        messages.send(channel="sms", to="+919876543210", body=f"Your code is {code}", code=code)
        messages.deliver_due()
    messages.send(channel="email", to="shop@purser.example", subject="Hello", body="Good day")
    messages.deliver_due()
    run = app.test_cli_runner().invoke
    assert '"code": "222222"' in run(args=["messages", "last", "98765 43210"]).output
    assert '"subject": "Hello"' in run(args=["messages", "last", "Shop@Purser.Example"]).output
    nobody = run(args=["messages", "last", "nobody@purser.example"])
    assert (nobody.exit_code, nobody.output) == (1, "Error: Nothing was sent to nobody@purser.example yet.\n")
    assert run(args=["messages", "last", "nonsense"]).exit_code == 2
