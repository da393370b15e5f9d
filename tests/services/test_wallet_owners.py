"""A wallet names its owner by the e-mail and role that the owner has, however and whenever those change."""
from functools import partial

import pytest

from aggregations.wallets import MISNAMED, RENAME
from documents.errors import NotFound
from documents.permissions import UserType
from documents.transactions import atomic
from documents.users import User
from documents.wallets import POINTS, Wallet
from services import admin_users, passwords, profiles, schema, wallets
from tests.parallel import breaks, together

NEW, PASSWORD = "new@b.example", "correct-horse-7"


def named(owner: User) -> set[tuple[str | None, int]]:
    return {(wallet.owner_email, wallet.owner_type) for wallet in Wallet.find({"owner": owner.id})}


@pytest.fixture
def owner(people) -> User:
    shop = people.retailer(password=passwords.hashed(PASSWORD))
    wallets.open_wallet(owner=shop.id, unit=POINTS)
    return shop


def test_it_is_named_when_it_is_opened(owner):
    assert Wallet.collection().count_documents({"owner": owner.id}) == 2
    assert named(owner) == {(owner.email, UserType.RETAILER)}


def test_nobody_has_a_wallet(app):
    with pytest.raises(NotFound):
        wallets.open_wallet(owner=7_777_777)


@pytest.mark.parametrize(("change", "email", "role"), [
    (lambda admin, user: admin_users.update(manager=admin, user_id=user.id, fields={"email": NEW}), NEW, 3),
    (lambda admin, user: admin_users.update(manager=admin, user_id=user.id, fields={"email": None}), None, 3),
    (lambda admin, user: admin_users.update(manager=admin, user_id=user.id, fields={"user_type": 4}), ..., 4),
    (lambda admin, user: admin_users.update(manager=admin, user_id=user.id, fields={"first_name": "Ann"}), ..., 3),
    (lambda admin, user: admin_users.delete(manager=admin, user_id=user.id), None, 3),
    (lambda _admin, user: profiles.update(user=user, changes={"email": NEW}, profile={}, current_password=PASSWORD,
                                          code=None, client="10.0.0.1"), NEW, 3),
], ids=["another e-mail", "no e-mail", "another role", "another name", "deleted", "by the owner"])
def test_both_wallets_hear_of_each_change(people, owner, change, email, role):
    change(people.admin(), owner)
    assert named(owner) == {(owner.email if email is ... else email, role)}
    assert breaks() == []


def test_an_address_that_was_merely_claimed_leaves_the_wallet_too(people):
    claiming = people.client(unproven=["email"])
    wallets.open_wallet(owner=claiming.id)
    atomic(User.release)("email", claiming.email)
    assert named(claiming) == {(None, UserType.CLIENT)}


@pytest.mark.parametrize("update", [{"$set": {"email": NEW}}, {"$unset": {"email": ""}}, {"$set": {"user_type": 4}},
                                    [{"$set": {"email": NEW}}]])
def test_a_change_that_could_lose_the_copies_in_a_crash_is_refused(owner, update):
    with pytest.raises(RuntimeError):
        User.change({"_id": owner.id}, update)
    assert User.get(owner.id).email == owner.email


def test_a_change_that_rolls_back_leaves_the_copies_too(owner):
    @atomic
    def change_and_fail() -> None:
        User.change({"_id": owner.id}, {"$set": {"email": NEW}})
        raise LookupError

    with pytest.raises(LookupError):
        change_and_fail()
    assert named(owner) == {(owner.email, UserType.RETAILER)}


def test_wallets_opened_while_the_owner_changes_are_named_right(people):
    persons = [people.client() for _ in range(15)]

    @atomic
    def rename(person: User, number: int) -> None:
        User.change({"_id": person.id}, {"$set": {"email": f"{person.id}.{number}@b.example"}})

    for person in persons:
        acts = [partial(wallets.wallet_of, person.id), partial(rename, person, 1), partial(rename, person, 2)]
        outcomes = together(3, lambda number, acts=acts: acts[number]())
        assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert breaks() == []


def test_a_change_by_hand_is_found_and_put_right(owner):
    User.collection().update_one({"_id": owner.id}, {"$set": {"email": NEW, "user_type": 2}})
    assert len(breaks()) == 2
    schema.sync()
    assert named(owner) == {(NEW, UserType.DISTRIBUTOR)}
    assert breaks() == []


def test_wallets_from_before_there_were_copies_get_them(owner):
    Wallet.collection().update_many({}, {"$unset": {"owner_email": "", "owner_type": ""}})
    schema.sync()
    assert named(owner) == {(owner.email, UserType.RETAILER)}
    assert breaks() == []


def test_what_has_changed_since_it_was_read_is_left_alone(owner):
    User.collection().update_one({"_id": owner.id}, {"$set": {"email": NEW, "user_type": 2}})
    meanwhile = {"$set": {"owner_email.is": "earlier@b.example"}}
    Wallet.collection().aggregate([*MISNAMED, meanwhile, RENAME])
    assert named(owner) == {(owner.email, UserType.DISTRIBUTOR)}


def test_no_wallet_is_made_of_what_is_gone(owner):
    User.collection().update_one({"_id": owner.id}, {"$set": {"email": NEW}})
    Wallet.collection().aggregate([*MISNAMED, {"$set": {"_id": {"$add": ["$_id", 1_000_000]}}}, RENAME])
    assert Wallet.collection().count_documents({}) == 2
