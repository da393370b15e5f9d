"""What the tests of accounts share: reading what was sent, and being logged in from the start."""
from flask.testing import FlaskClient

from documents.messages import Message


def code_for(address: str) -> str:
    """The newest code that was sent to `address`."""
    return Message.find_one({"to": address, "code": {"$ne": None}}, sort=[("_id", -1)]).code


def signed_in(client: FlaskClient) -> FlaskClient:
    """The client after its first request, which is when it logs in."""
    assert client.get("/api/auth/profile/").status_code == 200
    return client
