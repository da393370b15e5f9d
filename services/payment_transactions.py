"""The attempts to pay a payment: opened by a till, closed by what became of the payment."""
from documents import clock
from documents.ids import new_uuid
from documents.payment_transactions import LogLine, PaymentTransaction, Status
from documents.payments import Payment


def open_attempt(payment: Payment, *, user: int) -> PaymentTransaction:
    """Open an attempt on an unpaid payment. Raises Duplicate while another one is open."""
    return _new(payment, Status.INITIATED, "Transaction initiated", user=user)


def succeeded(payment: Payment) -> None:
    """The open attempt took the money; a payment without one gets it now."""
    reference = reference_of(payment)
    closed = PaymentTransaction.close({"payment": payment.id}, Status.SUCCESS, "Transaction updated to SUCCESS",
                                      now=payment.updated_at, reference=reference)
    if closed is None:
        _new(payment, Status.SUCCESS, "Transaction updated to SUCCESS", user=payment.user or payment.created_by)


def failed(payment: Payment) -> None:
    """The open attempt, if there is one, ends with its payment."""
    PaymentTransaction.close({"payment": payment.id}, Status.FAILED, f"Payment {payment.status.lower()}",
                             now=payment.updated_at)


def refunded(payment: Payment, amount_text: str) -> None:
    """Note a refund in the log of the attempt that had taken the money."""
    facts = {"status": Status.REFUNDED} if payment.refunded == payment.captured else {}
    PaymentTransaction.note({"payment": payment.id, "status": Status.SUCCESS}, f"Refunded {amount_text}",
                            now=payment.updated_at, **facts)


def reference_of(payment: Payment) -> str:
    """How the payment was made: the gateway's id, or the method in capitals."""
    if payment.gateway is not None and payment.gateway.charge:
        return payment.gateway.charge
    return (payment.method or "upi").upper()


def _new(payment: Payment, status: Status, message: str, *, user: int) -> PaymentTransaction:
    now = clock.now()
    return PaymentTransaction(
        id=new_uuid(), payment=payment.id, merchant=payment.merchant, user=user, amount=payment.amount,
        final_amount=payment.final_amount, status=status, reference=reference_of(payment),
        is_open=True if status is Status.INITIATED else None, logs=[LogLine(message=message, created_at=now)],
        created_at=now, updated_at=now).create()
