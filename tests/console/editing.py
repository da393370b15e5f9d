"""Filling in the console's forms: open one, change some fields, send it."""
import html
import re

from documents.staff_actions import StaffAction

CREATE = "/admin/{}/new/"
FIELD = re.compile(r"<(input|textarea|select)\b([^>]*)>([^<]*(?:<option.*?</select>)?)", re.S)


def form(console, path) -> dict[str, str]:
    """What stands in the form of this page."""
    text = console.get(path).text.partition('class="card-form"')[2].partition("</form>")[0]
    found = {}
    for kind, attributes, inner in FIELD.findall(text):
        name = re.search(r'name="([^"]+)"', attributes)[1]
        value = re.search(r'value="([^"]*)"', attributes)
        if kind == "input" and 'type="checkbox"' in attributes:
            if " checked" in attributes:
                found[name] = "y"
        elif kind == "select":
            chosen = re.search(r'<option selected value="([^"]*)"', inner)
            found[name] = html.unescape(chosen[1]) if chosen else ""
        else:
            found[name] = html.unescape(value[1] if value else inner).strip()
    return found


def edit(console, endpoint, pk, **changes):
    """Open the form of a record, change some fields and send it."""
    path = f"/admin/{endpoint}/edit/?id={pk}"
    opened = form(console, path)
    opened.pop("csrf_token")
    return console.post(path, **{**opened, **changes})


def line_of(name, admin):
    """The newest line of this name in the audit list."""
    [line] = StaffAction.find({"name": name, "maker": admin.id}, sort=[("_id", -1)], limit=1)
    return line


def switch(console, endpoint, pk, name, reason="not sold any more"):
    return console.post(f"/admin/{endpoint}/switch/", id=pk, name=name, reason=reason)
