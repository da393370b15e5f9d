"""The demo's referral programme has a reward in every state, once however often it is loaded."""
from documents.referrals import Referral
from documents.reward_configs import RewardConfig
from documents.rewards import Reward
from services import demo, reward_configs
from tests.parallel import breaks
from tests.referring import work_off_events


def state() -> tuple[int, int, list[str]]:
    work_off_events()
    return (Referral.collection().count_documents({}), RewardConfig.collection().count_documents({}),
            sorted(reward.status for reward in Reward.find({})))


def test_loading_twice_changes_nothing(app):
    demo.load()
    first = state()
    demo.load()
    assert state() == first
    assert first[0] == 5
    assert set(first[2]) == {"PENDING", "CREDITED", "REVOKED"}
    assert Reward.find_one({"reward_type": "FIRST_ORDER", "status": "PENDING"}) is not None
    assert breaks() == []


def test_it_loads_into_an_installation_with_terms_of_its_own(app, people):
    admin = people.admin()
    own = reward_configs.add(actor=admin, reward_type="SIGNUP", reward_value=100, reward_unit="CASH")
    reward_configs.deactivate(actor=admin, config_id=own.id)
    demo.load()
    assert state() == (0, 1, [])
