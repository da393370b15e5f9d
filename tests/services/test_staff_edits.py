"""Two forms about one record: who was faster is never overwritten by who did not see it."""
import threading

import pytest

from documents.errors import Invalid
from documents.products import Product
from documents.staff_actions import StaffAction
from services import products, staff_edits
from tests.parallel import together


def facts(product):
    return {"name": product.name, "price": product.price}


def test_of_many_forms_that_were_opened_together_one_is_saved(app, people):
    admin, product = people.admin(), products.create(name="Phone", price=100)
    opened, all_have_looked, looked = facts(product), threading.Barrier(8, timeout=10), threading.local()

    def look(found):
        # Everybody's first look comes before anybody's change; whoever starts again looks without waiting.
        if not hasattr(looked, "once"):
            looked.once = True
            all_have_looked.wait()
        return facts(found)

    def save(number):
        try:
            staff_edits.change(
                kind="product", document=Product, pk=product.id, facts=look, actor=admin, address="", opened=opened,
                alter=lambda: products.change(product.id, price=1_000 + number))
        except staff_edits.ChangedMeanwhile:
            return None
        return number

    [winner] = [number for number in together(8, save) if number is not None]
    assert Product.get(product.id).price == 1_000 + winner
    [line] = StaffAction.find({})
    assert (line.before, line.after) == ({"price": 100}, {"price": 1_000 + winner})


def test_a_change_that_is_refused_leaves_no_line(app, people):
    admin, product = people.admin(), products.create(name="Phone", price=100)

    def refuse():
        products.change(product.id, name="Other")
        raise Invalid.field("name", "Not this one.")

    with pytest.raises(Invalid):
        staff_edits.change(kind="product", document=Product, pk=product.id, facts=facts, actor=admin, address="",
                           opened=facts(product), alter=refuse)
    assert Product.get(product.id).name == "Phone"
    assert StaffAction.find_one({}) is None


@pytest.mark.parametrize("reason", ["", "  ", "ab", "x" * 501])
def test_a_button_needs_a_reason(app, people, reason):
    product = products.create(name="Phone", price=100)
    with pytest.raises(Invalid):
        staff_edits.switch(kind="product", name="take_off_sale", document=Product, pk=product.id, facts=facts,
                           actor=people.admin(), address="", reason=reason, alter=lambda: products.archive(product.id))
    assert Product.get(product.id).is_active
