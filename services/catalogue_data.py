"""The catalogue that a new installation can begin with."""
from typing import NamedTuple

from documents.plans import Plan
from documents.providers import Provider
from services.catalogue import create_plan, create_provider


class _Offer(NamedTuple):
    prefix: str
    price: int
    """Major units."""
    days: int
    gigabytes: str


PROVIDERS = {"AIR": ("Airtel", "Airtel"), "JIO": ("Jio", "Jio"), "VI": ("Vi (Vodafone Idea)", "Vi"),
             "BSNL": ("BSNL", "BSNL")}
"""Identifier prefix: provider title, brand in plan titles."""
INACTIVE_PROVIDER = "Aircel"
OFFERS = [
    _Offer("AIR", 199, 28, "1.5"), _Offer("AIR", 399, 28, "2.5"),
    _Offer("AIR", 599, 56, "2"), _Offer("AIR", 999, 84, "3"),
    _Offer("JIO", 149, 20, "1"), _Offer("JIO", 299, 28, "2"),
    _Offer("JIO", 555, 56, "1.5"), _Offer("JIO", 1299, 84, "2"),
    _Offer("VI", 179, 24, "1"), _Offer("VI", 359, 28, "2"), _Offer("VI", 719, 56, "1.5"),
    _Offer("BSNL", 97, 18, "2"), _Offer("BSNL", 187, 28, "2"), _Offer("BSNL", 997, 180, "3"),
]


def load_catalogue() -> int:
    """Add the providers and plans that are not there yet; returns how many plans were added."""
    ids = {prefix: _provider(title) for prefix, (title, _) in PROVIDERS.items()}
    _provider(INACTIVE_PROVIDER, is_active=False)
    known = {row["identifier"] for row in Plan.collection().find({}, {"identifier": 1})}
    missing = [offer for offer in OFFERS if _identifier(offer) not in known]
    for offer in missing:
        create_plan(
            provider_id=ids[offer.prefix], title=f"{PROVIDERS[offer.prefix][1]} ₹{offer.price} Plan",
            description=f"Unlimited calls, {offer.gigabytes}GB daily data for {offer.days} days",
            identifier=_identifier(offer), amount=offer.price * 100, validity=offer.days)
    return len(missing)


def _identifier(offer: _Offer) -> str:
    return f"{offer.prefix}_{offer.price}_{offer.days}D"


def _provider(title: str, *, is_active: bool = True) -> int:
    known = Provider.find_one({"title": title})
    return known.id if known is not None else create_provider(title=title, is_active=is_active).id
