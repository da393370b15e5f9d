"""What staff do at the console, each in the audit list; above a threshold a second person has to approve."""
from documents import clock
from documents.ids import new_uuid
from documents.staff_actions import StaffAction, Status


def record(*, name: str, subject: str, actor: int, address: str, reason: str = "", user: int | None = None,
           before: dict | None = None, after: dict | None = None) -> str:
    """Write something that is done into the audit list, in the transaction that does it; returns the line's id."""
    now = clock.now()
    return StaffAction(id=new_uuid(), name=name, subject=subject, user=user, reason=reason, maker=actor,
                       address=address, status=Status.DONE.value, made_at=now, finished_at=now,
                       before=before or {}, after=after or {}).create().id
