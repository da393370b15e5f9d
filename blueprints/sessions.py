"""The caller's sessions: one per login."""
from blueprints import tokens
from blueprints.guards import current_user, requires
from blueprints.schemas.auth import SessionRow
from blueprints.shell import Blueprint
from documents import clock
from documents.listing import Listing
from documents.sessions import Session
from services import sessions

blp = Blueprint("sessions", __name__, url_prefix="/api/auth/sessions", description="Accounts and sessions")


@blp.route("/", methods=["GET"])
@requires()
@blp.listing(SessionRow, bare=True)
def list_sessions():
    """List where the caller is logged in, newest first."""
    return Listing(Session, {"user": current_user.id, "expires_at": {"$gt": clock.now()}},
                   lookups=[{"$set": {"current": {"$eq": ["$_id", {"$literal": tokens.current_sid()}]}}}])


@blp.route("/", methods=["DELETE"])
@requires()
@blp.response(204)
def end_other_sessions():
    """End every session of the caller but this one."""
    sessions.end_all(user_id=current_user.id, but=tokens.current_sid())


@blp.route("/<string(maxlength=64):session_id>/", methods=["DELETE"])
@requires()
@blp.response(204)
def end_session(session_id):
    """End one session of the caller."""
    sessions.end(sid=session_id, user_id=current_user.id)
