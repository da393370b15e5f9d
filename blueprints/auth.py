"""Signing up, logging in and out."""
from blueprints import tokens
from blueprints.guards import current_user, requires
from blueprints.limits import limit
from blueprints.schemas.auth import (
    ActiveOut,
    AddressIn,
    CodeIn,
    CodeSentOut,
    DoneOut,
    LoginIn,
    RefreshIn,
    SessionOut,
    SignupIn,
    SignupOut,
)
from blueprints.shell import Blueprint
from documents import clock
from services import accounts, logins, otps, sessions
from services.cards import card_of_row

blp = Blueprint("auth", __name__, url_prefix="/api/auth", description="Accounts and sessions")


@blp.route("/signup/", methods=["POST"])
@limit("20/minute")
@blp.arguments(SignupIn)
@blp.response(201, SignupOut)
def signup(body):
    """Ask for a client account: a code goes to each address, and entering one makes the account."""
    pending = accounts.signup(**body, client=tokens.caller_device().address)
    return {"message": "OTP sent", "detail": "OTP sent", "valid": True, "user_id": pending.user_id,
            "otp_expires_at": pending.otp_expires_at}


@blp.route("/register/", methods=["POST"])
@limit("20/minute")
@blp.arguments(SignupIn)
@blp.response(201, SessionOut)
def register(body):
    """Make a client account that is usable at once; its addresses stay unverified until a code is entered."""
    signed_in = accounts.register(**body, device=tokens.caller_device())
    return tokens.with_cookie(tokens.session_reply(signed_in, "User registered successfully"), 201)


@blp.route("/otp/generate/", methods=["POST"])
@limit("20/minute")
@blp.arguments(AddressIn)
@blp.response(200, CodeSentOut)
def send_code(body):
    """Send a new code to an address; the answer is the same whether or not anybody has it."""
    logins.send_code(**body, client=tokens.caller_device().address)
    expires = otps.expiry()
    return {"message": "OTP sent", "detail": "OTP sent", "otp_expires_at": expires,
            "expires_in": round((expires - clock.now()).total_seconds())}


@blp.route("/verify-otp/", methods=["POST"])
@limit("60/minute")
@blp.arguments(CodeIn)
@blp.response(200, SessionOut)
def verify_code(body):
    """Enter a code: verifies the address, makes the account that waits for it, and opens a session."""
    signed_in = logins.log_in_with_code(**body, device=tokens.caller_device())
    return tokens.with_cookie(tokens.session_reply(signed_in, "OTP verified successfully"))


@blp.route("/login/", methods=["POST"])
@limit("120/minute")
@blp.arguments(LoginIn)
@blp.response(200, SessionOut)
def log_in(body):
    """Log in by e-mail, phone or user name, and password."""
    return tokens.with_cookie(tokens.session_reply(logins.log_in(**body, device=tokens.caller_device())))


@blp.route("/token/refresh/", methods=["POST"])
@limit("120/minute")
@blp.arguments(RefreshIn)
@blp.response(200, SessionOut)
@blp.alt_response(401, "UNAUTHORIZED")
def refresh(body):
    """Exchange a refresh token for new tokens; the second use of one ends its session."""
    signed_in = sessions.refresh(**tokens.refresh_claims(body["token"]))
    return tokens.with_cookie(tokens.session_reply(signed_in, "Token refreshed"))


@blp.route("/logout/", methods=["POST"])
@requires()
@blp.response(200, DoneOut)
def log_out():
    """End this session."""
    sessions.end(sid=tokens.current_sid(), user_id=current_user.id)
    return tokens.without_cookie({"valid": True, "message": "Logged out successfully.",
                                  "detail": "Logged out successfully."})


@blp.route("/logout-all/", methods=["POST"])
@requires()
@blp.response(200, DoneOut)
def log_out_everywhere():
    """End every session of the caller."""
    sessions.end_all(user_id=current_user.id)
    return tokens.without_cookie({"valid": True, "message": "Logged out everywhere.",
                                  "detail": "Logged out everywhere."})


@blp.route("/verify-session/", methods=["POST"])
@requires(with_wallets=True)
@blp.response(200, ActiveOut)
def verify_session():
    """Say whose session this is."""
    return {"valid": True, "user": card_of_row(current_user.row)}
