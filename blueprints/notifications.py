"""A person's notices, and which notices the installation sends."""
from blueprints.guards import current_user, requires
from blueprints.schemas.notifications import (
    Note,
    NoteIds,
    NotificationFlags,
    NotificationSettingsChanged,
    NotificationSettingsRow,
    Said,
    UnreadCount,
)
from blueprints.shell import Blueprint
from documents.listing import Listing
from documents.notification_settings import NotificationSettings
from documents.notifications import Notification
from documents.permissions import Permission
from services import notifications

blp = Blueprint("notifications", __name__, url_prefix="/api/notifications", description="Notices and their settings")


@blp.route("/list/", methods=["GET"])
@requires()
@blp.listing(Note, bare=True)
def list_notifications():
    """List the caller's notices, newest first, without archived ones."""
    return _own(is_archived=False)


@blp.route("/archived/", methods=["GET"])
@requires()
@blp.listing(Note, bare=True)
def list_archived():
    """List the caller's archived notices, newest first."""
    return _own(is_archived=True)


@blp.route("/unread-count/", methods=["GET"])
@requires()
@blp.response(200, UnreadCount)
def count_unread():
    """Count the caller's unread notices, archived ones included."""
    return {"unread_count": notifications.unread_count(user=current_user)}


@blp.route("/read/<int:notification_id>/", methods=["POST"])
@requires()
@blp.response(200, Said)
def read_notification(notification_id):
    """Mark one notice as read."""
    notifications.mark_read(user=current_user, notification_id=notification_id)
    return {"message": "Notification marked as read"}


@blp.route("/read-all/", methods=["POST"])
@requires()
@blp.response(200, Said)
def read_all():
    """Mark every notice as read, archived ones too."""
    notifications.mark_all_read(user=current_user)
    return {"message": "All notifications marked as read"}


@blp.route("/archive/", methods=["POST"])
@requires()
@blp.arguments(NoteIds)
@blp.response(200, Said)
def archive_notifications(body):
    """Archive the given notices; ids of other people are passed over."""
    notifications.archive(user=current_user, ids=body["ids"])
    return {"message": "Notifications archived"}


@blp.route("/restore/", methods=["POST"])
@requires()
@blp.arguments(NoteIds)
@blp.response(200, Said)
def restore_notifications(body):
    """Put archived notices back into the list; ids of other people are passed over."""
    notifications.restore(user=current_user, ids=body["ids"])
    return {"message": "Notifications restored"}


@blp.route("/delete-bulk/", methods=["POST"])
@requires()
@blp.arguments(NoteIds)
@blp.response(200, Said)
def delete_notifications(body):
    """Delete the given notices for good; ids of other people are passed over."""
    deleted = notifications.delete(user=current_user, ids=body["ids"])
    return {"message": f"{deleted} notifications deleted"}


@blp.route("/notification-settings/", methods=["GET"])
@requires(Permission.MANAGE_SETTINGS)
@blp.response(200, NotificationSettingsRow)
def show_settings():
    """Show which notices this installation sends, and by which ways; the defaults until somebody changed one."""
    return NotificationSettings.current()


@blp.route("/notification-settings/", methods=["PUT"])
@requires(Permission.MANAGE_SETTINGS)
@blp.arguments(NotificationFlags)
@blp.response(200, NotificationSettingsChanged)
def change_settings(body):
    """Switch notices and ways on or off; what is not named stays as it is."""
    return {"message": "Settings updated", "data": notifications.change_settings(flags=body)}


def _own(*, is_archived: bool) -> Listing:
    return Listing(Notification, {"user": current_user.id, "is_archived": is_archived})
