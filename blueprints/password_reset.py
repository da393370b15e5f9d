"""New passwords: for people who know the old one, and for people who do not."""
from blueprints import tokens
from blueprints.guards import current_user, requires
from blueprints.limits import limit
from blueprints.schemas.auth import DoneOut, SessionOut
from blueprints.schemas.password_reset import ChangePasswordIn, ResetAskedIn, ResetConfirmIn, ResetIn
from blueprints.shell import Blueprint
from services import credentials

blp = Blueprint("password_reset", __name__, url_prefix="/api", description="Accounts and sessions")

SENT = "Password reset email sent successfully"
DONE = "Password reset successful"


@blp.route("/auth/password-reset/", methods=["POST"])
@limit("20/minute")
@blp.arguments(ResetAskedIn)
@blp.response(200, DoneOut)
def ask_for_reset(body):
    """Send a reset link by e-mail or a reset code by SMS, if the account exists; the answer is always the same."""
    credentials.send_reset(**body, client=tokens.caller_device().address)
    return {"valid": True, "message": SENT, "detail": SENT}


@blp.route("/auth/password-reset-confirm/", methods=["POST"])
@limit("60/minute")
@blp.arguments(ResetConfirmIn)
@blp.response(200, DoneOut)
def confirm_reset(body):
    """Set a new password by a mailed link or a reset code; every session of the account ends."""
    credentials.reset_by_link(**body) if "uid" in body else credentials.reset_by_code(**body)
    return {"valid": True, "message": DONE, "detail": DONE}


@blp.route("/auth/reset-password/", methods=["POST"])
@limit("60/minute")
@blp.arguments(ResetIn)
@blp.response(200, DoneOut)
def reset_password(body):
    """Set a new password with the caller's token, right after a code was entered, or with a reset code."""
    credentials.reset(user=tokens.optional_user(), **body, device=tokens.caller_device())
    return {"valid": True, "message": DONE, "detail": "Password updated successfully"}


@blp.route("/users/change-password/", methods=["POST"])
@requires()
@blp.arguments(ChangePasswordIn)
@blp.response(200, SessionOut)
def change_password(body):
    """Change the caller's password; every session ends, and the reply is a new one."""
    signed_in = credentials.change(user=current_user, **body, device=tokens.caller_device())
    return tokens.with_cookie(tokens.session_reply(signed_in, "Password changed successfully."))
