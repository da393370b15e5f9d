"""The backup, rehearsed: taken while money moves, restored into a new database, proved there."""
import gzip
import io
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from config import connections
from config.supervisor import ROOT
from services import backups, kyc, ledger, merchants, wallets
from services.ledger import CASH, Leg, wallet_account
from tests.installations import attached, environment, of_this_run, own_folder
from tests.parallel import breaks


@pytest.fixture
def elsewhere(settings) -> Iterator[Database]:
    """A new database on the same server, as another installation has it."""
    address, _, options = settings.mongo_uri.partition("?")
    with MongoClient(f"{address}_restored?{options}", tz_aware=True) as client:
        restored = client.get_default_database()
        client.drop_database(restored.name)
        yield restored
        client.drop_database(restored.name)


@pytest.fixture
def folder(tmp_path, app) -> Path:
    path = tmp_path / "backup"
    backups.write(path)
    return path


def flask(settings, database: Database, *command: str) -> subprocess.CompletedProcess:
    """Run one `flask` command of an installation that has this database."""
    address, _, options = settings.mongo_uri.partition("?")
    uri = f"{address.rsplit('/', 1)[0]}/{database.name}?{options}"
    return subprocess.run([sys.executable, "-m", "flask", *command], cwd=ROOT, text=True, capture_output=True,
                          env=attached(settings, MONGO_URI=uri), check=False)


def test_a_backup_taken_while_money_moves_is_whole_and_right(settings, people, fund, elsewhere, tmp_path):
    payers = [people.retailer() for _ in range(4)]
    for payer in payers:
        fund(payer, "1000.00")
    enough = Event()

    def pay(payer) -> int:
        account, done = wallet_account(wallets.wallet_of(payer.id).id), 0
        while not (done and enough.is_set()):
            done += 1
            ledger.post(kind="test", reference=f"pay:{payer.id}:{done}", legs=[Leg(account, -1), Leg(CASH, 1)])
        return done

    with ThreadPoolExecutor(len(payers)) as pool:
        paying = [pool.submit(pay, payer) for payer in payers]
        command = flask(settings, connections.database(), "db", "backup", str(tmp_path / "backup"))
        enough.set()
        moved = sum(each.result() for each in paying)
    assert command.returncode == 0, command.stderr

    restored = flask(settings, elsewhere, "db", "restore", str(tmp_path / "backup"))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "the books are right" in restored.stdout
    backup = backups.read(tmp_path / "backup")
    then = {name: facts["documents"] for name, facts in backup.collections.items() if name not in backups.LEFT_OUT}
    then["verifications"] += 1                  # the proof that ended the restore is kept, too
    assert then == {name: elsewhere[name].count_documents({}) for name in then}
    paid = elsewhere.ledger_entries.count_documents({"kind": "test"})
    assert 0 < paid < moved                     # it was taken in the middle
    balances = sum(elsewhere.wallets.find_one({"owner": payer.id})["balance"] for payer in payers)
    assert balances == len(payers) * 100_000 - paid
    assert breaks() == []


def test_it_brings_indexes_validators_views_and_papers_and_no_session(settings, people, as_user, elsewhere, tmp_path):
    owner = people.client()
    assert as_user(owner).get("/api/auth/profile/").status_code == 200
    merchants.create(owner=owner, business_name="Shop", business_type="Retail")
    paper = kyc.upload(owner=owner, stream=io.BytesIO(b"%PDF-1.4\n%%EOF"))
    backups.write(tmp_path / "backup")

    assert flask(settings, elsewhere, "db", "restore", str(tmp_path / "backup")).returncode == 0
    here = connections.database()
    assert elsewhere.sessions.count_documents({}) == 0 < here.sessions.count_documents({})
    for name in ("ledger_entries", "users", "kyc.chunks"):
        assert elsewhere[name].index_information() == here[name].index_information()
    assert elsewhere["kyc.chunks"].count_documents({"files_id": paper.id}) == 1
    described = [sorted((row["name"], str(row["options"])) for row in each.list_collections() if row["type"] == "view"
                        or row["name"] == "wallets") for each in (elsewhere, here)]
    assert described[0] == described[1]


def test_a_database_with_anything_in_it_is_left_alone(settings, people, elsewhere, folder):
    elsewhere.users.insert_one({"_id": 1})
    refused = flask(settings, elsewhere, "db", "restore", str(folder))
    assert refused.returncode == 1
    assert "The database is not empty: there is something in users." in refused.stderr
    assert elsewhere.list_collection_names() == ["users"]


@pytest.mark.parametrize(("spoil", "reason"), [
    (lambda path: path.write_bytes(path.read_bytes()[:-9]), "cannot be read"),
    (lambda path: path.write_bytes(gzip.compress(b"")), "is not what was written"),
    (Path.unlink, "cannot be read"),
])
def test_a_spoilt_backup_is_refused_before_anything_is_written(people, tmp_path, spoil, reason):
    people.retailer()
    backups.write(tmp_path / "backup")
    spoil(tmp_path / "backup" / "users.bson.gz")
    with pytest.raises(backups.BackupRefused, match=reason):
        backups.restore(tmp_path / "backup")


def test_a_folder_is_written_once_and_for_its_owner_alone(folder):
    assert folder.stat().st_mode & 0o077 == 0
    with pytest.raises(backups.BackupRefused, match="exists already"):
        backups.write(folder)
    assert not folder.with_name("backup.part").exists()


def test_it_is_restored_into_embedded_servers_that_nothing_else_uses(people, fund, tmp_path):
    fund(people.retailer(), "10.00")
    backups.write(tmp_path / "backup")
    with own_folder() as data:
        command = [sys.executable, "-m", "config.alone", "flask", "db", "restore", str(tmp_path / "backup")]
        done = subprocess.run(command, cwd=ROOT, env=environment(data, APP_ENV="test"), text=True, capture_output=True,
                              check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Checked 1 entries, 1 wallets" in done.stdout
        assert of_this_run(data) == []
