"""Paying at a till by card: the customer's browser pays at the gateway what the till asks for."""
from documents import clock
from documents.payments import Gateway, Kind, Payment, Status
from documents.transactions import atomic
from documents.users import User
from services import card_payments, pos
from services.card_payments import FIRST_CHECK, Opened
from services.gateway_outcomes import METHODS
from services.gateways.payments.choice import cards
from services.payments import InvalidState


def open_card_payment(*, user: User, payment_id: str) -> Opened:
    """Open the till's payment at the card gateway for `user`; whoever asks again gets the same intent.

    From then on it is this customer's: nobody else pays it, from a wallet or in cash, until the gateway has
    answered or an hour is over. Raises what `pos.payable` raises, InvalidState when somebody else is paying it,
    GatewayRefused, GatewayUnavailable, GatewayNotConfigured.
    """
    name = cards().name
    return card_payments.carry_on(_claim(user, payment_id, name))


@atomic
def _claim(user: User, payment_id: str, gateway: str) -> Payment:
    known = Payment.find_one({"_id": payment_id, "kind": Kind.POS, "user": user.id, "gateway.name": {"$exists": True}})
    if known is not None:
        return known
    pos.payable(user, payment_id)
    now = clock.now()
    claimed = Payment.advance(
        payment_id, Status.PROCESSING, now=now, match=pos.open_now(), user=user.id, method=METHODS[Kind.POS],
        gateway=Gateway(name=gateway).to_mongo(), next_check_at=now + FIRST_CHECK)
    if claimed is None:
        raise InvalidState
    return claimed
