"""Telling people: notices in the application, by mail and by SMS, as the installation's settings allow."""
from dataclasses import dataclass

from documents import clock
from documents.base import Duplicate
from documents.errors import Invalid, NotFound
from documents.ids import next_id
from documents.notification_settings import THE_ROW, NotificationSettings
from documents.notifications import NoticeKind, Notification
from documents.transactions import atomic, current_session
from documents.users import User
from services import events, messages


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What one person is told; `text` has no greeting, each way adds its own."""

    kind: NoticeKind
    title: str
    text: str
    related_id: int | None = None


def tell(*, key: str, user: User, notice: Notice, gate: str | None = None, by_mail: bool = False) -> None:
    """Tell `user` once for this `key`, by every way that is switched on; nothing when the flag `gate` is off.

    `by_mail` is for what people need in writing, such as receipts: it is mailed whatever the settings say.
    """
    flags = NotificationSettings.current()
    if gate is not None and not flags[gate]:
        return
    message = f"Hi {name_of(user)},\n\n{notice.text}"
    if flags.in_app:
        record_once(key, user=user.id, kind=notice.kind, title=notice.title, message=message,
                    related_id=notice.related_id)
    # An address that somebody only claims may be a stranger's: nothing goes there but its own proof.
    if (flags.email or by_mail) and user.email and "email" not in user.unproven:
        messages.send(channel="email", to=user.email, subject=notice.title, body=message, key=f"{key}:email")
    if flags.sms and user.phone and "phone" not in user.unproven:
        messages.send(channel="sms", to=user.phone, body=notice.text, key=f"{key}:sms")


def record_once(key: str, *, user: int, kind: str, title: str, message: str,
                related_id: int | None = None) -> Notification | None:
    """Put one notice into the list of `user`, or return None when this `key` was told before."""
    # Inside a transaction a refused insert would end it, so a known key is looked up before.
    if Notification.told(key) is not None:
        return None
    try:
        return _record(Notification(
            id=next_id("notifications"), key=key, user=user, kind=NoticeKind(kind).value, title=title,
            message=message, related_id=related_id, created_at=clock.now()))
    except Duplicate:
        return None


@atomic
def _record(notice: Notification) -> Notification:
    notice.create()
    events.record("notification.created", subject=f"notification:{notice.id}", user=notice.user, kind=notice.kind,
                  title=notice.title)
    return notice


def name_of(user: User) -> str:
    """How to address `user`: the first name, else what stands before the @, else the phone number."""
    return user.first_name.strip() or (user.email or "").partition("@")[0] or user.phone or "there"


def mark_read(*, user: User, notification_id: int) -> Notification:
    """Mark one own notice as read, keeping the first time it was. Raises NotFound."""
    own = {"_id": notification_id, "user": user.id}
    found = Notification.change(own | {"read_at": None}, {"$set": {"read_at": clock.now()}})
    return found or Notification.get(notification_id, user=user.id)


def mark_all_read(*, user: User) -> int:
    """Mark every own notice as read, archived ones too; returns how many were not."""
    return _change_own(user, {"read_at": None}, {"read_at": clock.now()})


def archive(*, user: User, ids: list[int]) -> int:
    """Take own notices out of the list; other people's ids are passed over."""
    return _change_own(user, {"_id": {"$in": ids}}, {"is_archived": True})


def restore(*, user: User, ids: list[int]) -> int:
    """Put archived notices back into the list; other people's ids are passed over."""
    return _change_own(user, {"_id": {"$in": ids}}, {"is_archived": False})


def delete(*, user: User, ids: list[int]) -> int:
    """Delete own notices for good and say how many; raises Invalid for no ids at all."""
    if not ids:
        raise Invalid.field("ids", "No notifications selected")
    result = Notification.collection().delete_many({"_id": {"$in": ids}, "user": user.id}, session=current_session())
    return result.deleted_count


def unread_count(*, user: User) -> int:
    """How many own notices are unread, archived ones included: the clients' badge counts them."""
    return Notification.collection().count_documents({"user": user.id, "read_at": None}, session=current_session())


def change_settings(*, flags: dict[str, bool]) -> NotificationSettings:
    """Switch notices on or off for the whole installation; flags that are not given stay."""
    return NotificationSettings.update_flags(flags, clock.now())


def change_kept_settings(*, flags: dict[str, bool]) -> NotificationSettings:
    """`change_settings` inside a transaction, for settings that somebody changed before. Raises NotFound."""
    changed = NotificationSettings.change({"_id": THE_ROW}, {"$set": flags | {"updated_at": clock.now()}})
    if changed is None:
        raise NotFound
    return changed


def _change_own(user: User, match: dict, values: dict) -> int:
    result = Notification.collection().update_many({"user": user.id} | match, {"$set": values},
                                                   session=current_session())
    return result.modified_count
