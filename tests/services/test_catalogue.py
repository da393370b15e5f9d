"""The catalogue: what is on sale, and who may call what a title is taken."""
import pytest

from documents.errors import Invalid, NotFound
from documents.plans import Plan
from documents.providers import Provider
from services import catalogue
from services.catalogue_data import load_catalogue
from tests.catalogue import plan
from tests.parallel import together


def on_sale() -> set[str]:
    listing = catalogue.plans()
    return {row["identifier"] for row in listing.rows(listing.match, listing.sorting(None), limit=100)}


def test_loading_twice_adds_nothing(app):
    assert (load_catalogue(), load_catalogue()) == (14, 0)
    assert {row.title: row.is_active for row in Provider.find({})} == {
        "Airtel": True, "Jio": True, "Vi (Vodafone Idea)": True, "BSNL": True, "Aircel": False}
    loaded = Plan.find_one({"identifier": "VI_719_56D"})
    assert (loaded.title, loaded.description, loaded.amount, loaded.validity, loaded.provider.title) == (
        "Vi ₹719 Plan", "Unlimited calls, 1.5GB daily data for 56 days", 71900, 56, "Vi (Vodafone Idea)")
    assert sum(row.amount for row in Plan.find({})) == 703600


def test_a_provider_takes_its_plans_along(app):
    article = plan()
    catalogue.change_provider(article.provider.id, is_active=False)
    assert on_sale() == set()
    with pytest.raises(NotFound):
        catalogue.plan_on_sale(article.id)
    catalogue.change_provider(article.provider.id, is_active=True, title="$Renamed")
    assert on_sale() == {"AIR_TEST"}
    assert catalogue.plan_on_sale(article.id).provider.title == "$Renamed"


def test_an_inactive_plan_stays_off_sale_when_its_provider_returns(app):
    article = plan()
    catalogue.change_plan(article.id, is_active=False)
    catalogue.change_provider(article.provider.id, is_active=False)
    catalogue.change_provider(article.provider.id, is_active=True)
    assert on_sale() == set()
    catalogue.change_plan(article.id, is_active=True)
    assert on_sale() == {"AIR_TEST"}


def test_a_plan_may_move_to_another_provider(app):
    article, other = plan(), catalogue.create_provider(title="Closed", is_active=False)
    moved = catalogue.change_plan(article.id, provider_id=other.id, amount=100)
    assert (moved.provider.title, moved.on_sale, moved.amount, moved.title) == ("Closed", False, 100, "AIR_TEST plan")


@pytest.mark.parametrize("change", [
    lambda article: catalogue.create_provider(title=article.provider.title),
    lambda article: plan(provider=article.provider.id),
    lambda article: plan(identifier="NEW", provider=99_999_999),
    lambda article: catalogue.change_plan(article.id, provider_id=99_999_999),
])
def test_what_is_taken_or_unknown_names_its_field(app, change):
    article = plan()
    with pytest.raises(Invalid) as refused:
        change(article)
    assert len(refused.value.errors) == 1
    assert Plan.collection().count_documents({}) == 1


def test_a_plan_made_while_its_provider_closes_is_not_left_on_sale(app):
    for number in range(10):
        provider = catalogue.create_provider(title=f"P{number}")
        together(2, lambda n, provider=provider, number=number: (
            catalogue.change_provider(provider.id, is_active=False) if n
            else plan(identifier=f"I{number}", provider=provider.id)))
    assert on_sale() == set()
