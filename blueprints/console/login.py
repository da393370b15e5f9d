"""The way in and out."""
import re

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from blueprints.console import access
from blueprints.console.errors import told
from blueprints.limits import limit
from blueprints.tokens import caller_device
from documents.errors import DomainError
from services import logins

blp = Blueprint("login", __name__)
_INSIDE = re.compile(r"/(?![/\\])[^\x00-\x20\\]*", re.ASCII)


@blp.get("/login/")
def form() -> str:
    """Ask for a login and a password."""
    return render_template("console/login.html", next=request.args.get("next", ""))


@blp.post("/login/")
@limit("10/minute")
def enter() -> Response | tuple[str, int]:
    """Open a console session, and go where the person was going."""
    login, wanted = request.form.get("login", "").strip()[:254], request.form.get("next", "")
    try:
        signed_in = logins.log_in_staff(login=login, password=request.form.get("password", ""),
                                        device=caller_device())
    except DomainError as error:
        return render_template("console/login.html", next=wanted, login=login, refused=told(error)), 400
    access.begin(signed_in)
    inside = request.script_root + wanted if _INSIDE.fullmatch(wanted) else url_for("admin.index")
    return redirect(inside)


@blp.post("/logout/")
def leave() -> Response:
    """End the console session."""
    access.end()
    flash("You have signed out.", "success")
    return redirect(url_for("login.form"))
