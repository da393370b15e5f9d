"""Every document has a list and details that show no secret and can be exported."""
import csv
import io
import re
from datetime import timedelta

from blueprints.console.pages import DocumentView
from documents import clock
from documents.idempotency import IdempotencyRecord
from documents.recharges import Recharge
from documents.sessions import Session
from documents.vouchers import Voucher
from documents.wallets import Wallet
from services import demo, schema
from tests.console import filled
from tests.console.routes import pages
from tests.queries import counted

SECRET_NAMES = re.compile(r"password|digest|secret|token|^auth$|p256dh|fingerprint|traces|^keys?$|\bbody$|^code$")
NO_SECRETS = {
    "seals.digest": "the hash chain is there to be compared",
    "messages.secret": "only says whether the body is one",
    "messages.body": "shown unless it carries a code or a link: see below",
    "notifications.key": "the natural key of what is told", "throttles.key": "what is counted, and for whom",
    "reward_caps.key": "a customer and a month", "reward_debts.key": "a customer and a unit",
    "staff_spending.key": "a member of staff and a customer",
    "coupons.code": "for whoever manages coupons", "redemptions.code": "a coupon's",
    "referral_codes.code": "made to be passed on", "referrals.code": "made to be passed on",
    "recharges.code": "why it failed", "refunds.code": "why it failed", "recharges.attempts.code": "why it failed",
    "payments.gateway.code": "why it failed", "payments.coupon.code": "a coupon's",
}


def lists(app) -> list[DocumentView]:
    return [view for view in pages(app) if isinstance(view, DocumentView)]


def fields_of(document, path=""):
    """Every field with its dotted path, those of embedded documents too."""
    for name, field in document._fields.items():
        inner = getattr(field, "document_type_obj", None) or getattr(getattr(field, "field", None),
                                                                     "document_type_obj", None)
        yield f"{path}{name}"
        if inner is not None:
            yield from fields_of(inner, f"{path}{name}.")


def seen(console, view, row):
    """Everything that the console says about a row: in its list, its details and the file."""
    parts = [console.get(f"/admin{view.url}/").text]
    if view.can_view_details:
        document = view.model.load(row)
        details = console.get(f"/admin{view.url}/details/", query_string={"id": view.get_pk_value(document)})
        assert details.status_code == 200, view.endpoint
        parts.append(details.text)
    if view.can_export:
        parts.append(console.get(f"/admin{view.url}/export/csv/").text)
    return "\n".join(parts)


def test_every_document_has_a_list(app):
    shown = {view.model for view in lists(app)}
    assert [document.__name__ for document in schema.documents() if document not in shown] == []


def test_every_list_names_what_is_there_and_says_what_to_do_when_it_is_empty(app, console):
    for view in lists(app):
        known = {view.model._meta["id_field"], *view.model._fields}
        for name in (*view.searched, *view.phones, *view.ids, *view.money, *view.people, *view.records,
                     *view.subjects, *view.states, *view.codes, *view.hidden):
            assert name.partition(".")[0] in known, f"{view.endpoint} has no {name}"
        assert view.empty != DocumentView.empty, view.endpoint
        if view.model.objects.first() is None:
            assert view.empty.partition("'")[0] in console.get(f"/admin{view.url}/").text, view.endpoint


def test_what_sounds_like_a_secret_is_hidden_or_known_to_be_none(app):
    wrong = []
    for view in lists(app):
        collection = view.model.collection().name
        for path in fields_of(view.model):
            kept = path in (*view.hidden, *view.codes) or path.partition(".")[0] in view.hidden
            if SECRET_NAMES.search(path.rpartition(".")[2]) and not kept and f"{collection}.{path}" not in NO_SECRETS:
                wrong.append(f"{collection}.{path}")
    assert wrong == []


def test_no_page_and_no_file_shows_what_is_hidden(app, console):
    rows = {document: filled.insert(document) for document in {view.model for view in lists(app)}}
    for view in lists(app):
        row = rows[view.model]
        shown = seen(console, view, row)
        for path in (*view.hidden, *view.codes):
            mark = row["_id"] if path == "id" else f"mark-{view.model.collection().name}-{path}"
            assert mark not in shown, f"{view.endpoint} shows {path}"


def test_a_message_with_a_code_keeps_its_body_and_others_show_it(app, console):
    [view] = [view for view in lists(app) if view.endpoint == "messages"]
    row = filled.row(view.model)
    view.model.collection().insert_one(row, bypass_document_validation=True)
    assert "mark-messages-body" not in seen(console, view, row)
    view.model.collection().update_one({"_id": row["_id"]}, {"$set": {"secret": False}})
    assert "mark-messages-body" in seen(console, view, row)


def test_a_session_is_looked_at_without_the_part_that_nobody_may_guess(app, console, people):
    [view] = [view for view in lists(app) if view.endpoint == "sessions"]
    [session] = Session.find({})
    shown = seen(console, view, session.to_mongo())
    assert session.id not in shown
    assert session.id[:-12] in shown


def test_everything_of_the_demo_business_can_be_looked_at(app, console):
    demo.load()
    for view in lists(app):
        row = view.model.collection().find_one()
        if row is not None:
            assert "does not exist" not in seen(console, view, row), view.endpoint


def test_ids_that_cannot_be_are_not_there(app, console):
    for view in lists(app):
        if not view.can_view_details or view.endpoint == "entries":
            continue
        for typed in ("0", "x", "9" * 40, "-1", "{'$gt': ''}", "a" * 24, "\x00"):
            answer = console.get(f"/admin{view.url}/details/", query_string={"id": typed})
            assert answer.status_code == 302, f"{view.endpoint} with {typed}"


def test_a_list_asks_three_questions_at_most(app, console):
    demo.load()
    for view in lists(app):
        with counted() as commands:
            console.get(f"/admin{view.url}/")
        # Who it is and its session, the count, the rows; links need no further ones.
        assert len(commands) <= 5, f"{view.endpoint}: {commands}"


def test_customers_are_found_by_what_people_have_in_hand(console, people):
    user = people.client(email="asha@shop.example", phone="+919812345678", username="AshaRao")
    people.client()
    for typed in (str(user.id), "asha@", "ASHA@shop.example", "+919812345678", "98123 45678", "asharao"):
        page = console.get("/admin/users/", query_string={"search": typed}).text
        assert "asha@shop.example" in page, typed
        assert "1 record<" in page, typed
    assert "Nothing matches" in console.get("/admin/users/?search=nobody").text


def test_lists_are_narrowed_by_their_addresses(app, console, people, fund):
    first, second = people.retailer(), people.retailer()
    fund(first, "10.00")
    wallet = Wallet.find_one({"owner": first.id})
    page = console.get(f"/admin/wallets/?flt_owner={first.id}").text
    assert f'/admin/customers/{first.id}/' in page
    assert f'/admin/customers/{second.id}/' not in page
    details = console.get(f"/admin/wallets/details/?id={wallet.id}").text
    assert f"/admin/entries/?flt_account=wallet:{wallet.id}" in details
    assert f"/admin/actions/fund/wallet:{wallet.id}/" in details
    assert "is not a valid value" in console.get("/admin/wallets/?flt_owner=x").text


def test_a_voucher_is_found_by_its_whole_code_only(app, console):
    demo.load()
    voucher = Voucher.find_one({})
    assert voucher.id in console.get("/admin/vouchers/", query_string={"search": voucher.code}).text
    assert "Nothing matches" in console.get("/admin/vouchers/", query_string={"search": voucher.code[:6]}).text


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_a_file_holds_what_the_list_shows_with_utc_times_and_plain_money(console, people, fund):
    retailer = people.retailer()
    fund(retailer, "1234.50")
    [row] = rows_of(console.get(f"/admin/wallets/export/csv/?flt_owner={retailer.id}"))
    assert (row["Balance"], row["Unit"]) == ("1234.50", "INR")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["Changed"])


def test_a_file_runs_nothing_in_a_spreadsheet(console, people):
    people.client(first_name="=1+1", last_name="@SUM(A1)")
    [row] = [row for row in rows_of(console.get("/admin/users/export/csv/")) if "1+1" in row["First name"]]
    assert (row["First name"], row["Last name"]) == ("'=1+1", "'@SUM(A1)")


def test_a_file_is_read_in_batches(app, console):
    IdempotencyRecord.collection().insert_many(
        {"_id": f"caller {number}", "fingerprint": "", "expires_at": clock.now() + timedelta(hours=1)}
        for number in range(1_200))
    with counted() as commands:
        answer = console.get("/admin/idempotency/export/csv/")
    assert len(rows_of(answer)) == 1_200
    assert commands.count("getMore") >= 2


def test_files_in_gridfs_are_not_handed_out_by_the_framework(app, console):
    for view in lists(app):
        assert console.get(f"/admin{view.url}/api/file/?id={'a' * 24}&coll=kyc").status_code in (400, 404)


def test_amounts_inside_of_attempts_are_money_too(app, console):
    demo.load()
    recharge = Recharge.find_one({"attempts.0": {"$exists": True}})
    page = console.get(f"/admin/recharges/details/?id={recharge.id}").text
    net = recharge.attempts[0].net
    assert f'<data class="money" value="{net // 100}.{net % 100:02d}"' in page
    assert recharge.keys == [] or recharge.keys[0] not in page


def test_the_menu_leads_to_every_list(app, console):
    menu = console.get("/admin/").text
    for view in lists(app):
        assert f'href="/admin{view.url}/"' in menu, view.endpoint
