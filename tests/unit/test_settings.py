"""What the settings accept, what they fill in, and the sentence with which they refuse to start."""
import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from decouple import RepositoryEnv

from config.settings import LOCAL_ENV_FILE, Settings, SettingsError

PRODUCTION = {
    "APP_ENV": "production", "SECRET_KEY": "0f8e7d6c5b4a39281706f5e4d3c2b1a0", "MONGO_URI": "mongodb://db/purser",
    "REDIS_URL": "redis://cache/0", "EMAIL_BACKEND": "smtp", "EMAIL_HOST": "mail.example.com",
    "SMS_BACKEND": "http", "SMS_URL": "https://sms.example.com", "OPERATOR_BACKEND": "http",
    "OPERATOR_URL": "https://operator.example.com", "OPERATOR_SECRET": "s1e2c3r4e5t6-7890",
}


def load(folder: Path, **given: str) -> Settings:
    return Settings.load({"DATA_DIR": str(folder), **given})


def test_a_newcomer_sets_nothing(tmp_path):
    settings = load(tmp_path)
    assert (settings.port, settings.demo, settings.production) == (8000, True, False)
    assert "http://localhost:5173" in settings.cors_allowed_origins
    assert settings.admin_password


def test_the_development_secret_is_kept_and_private(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: load(tmp_path).secret_key, range(8)))
    assert len(secrets) == 1
    assert len(secrets.pop()) == 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_values_are_cast_and_an_empty_one_means_the_default(tmp_path):
    settings = load(tmp_path, PORT="8123", DEMO="off", CURRENCY="",
                    CORS_ALLOWED_ORIGINS="https://a.example, https://b.example")
    assert (settings.port, settings.demo, settings.currency) == (8123, False, "INR")
    assert settings.cors_allowed_origins == ("https://a.example", "https://b.example")


def test_settings_are_frozen(tmp_path):
    with pytest.raises(dataclasses.FrozenInstanceError):
        load(tmp_path).port = 1


def test_each_purpose_has_its_own_key(tmp_path):
    settings = load(tmp_path)
    assert settings.key_for("jwt") != settings.key_for("otp")
    assert len(settings.key_for("jwt")) == 32


@pytest.mark.parametrize(("given", "sentence"), [
    ({"PORT": "http"}, "PORT is not a valid whole number."),
    ({"PORT": "70000"}, "PORT must be between"),
    ({"DEMO": "perhaps"}, "DEMO is not a valid yes/no value."),
    ({"APP_ENV": "staging"}, "APP_ENV must be"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY must be at least 32"),
    ({"SECRET_KEY": "a" * 64}, "SECRET_KEY must be at least 32"),
    ({"CORS_ALLOWED_ORIGINS": "*"}, "may not be"),
    ({"BUSINESS_TIMEZONE": "Mars/Base"}, "BUSINESS_TIMEZONE"),
    ({"CURRENCY": "rupees"}, "CURRENCY must be"),
    ({"OTP_EXPIRY_MINUTES": "0"}, "lifetimes"),
    ({"EMAIL_BACKEND": "smtp"}, "needs EMAIL_HOST"),
    ({"SMS_BACKEND": "pigeon"}, "SMS_BACKEND must be"),
    ({"OPERATOR_BACKEND": "http", "OPERATOR_URL": "https://o.example"}, "OPERATOR_SECRET"),
    ({"RAZORPAY_KEY_ID": "rzp_live_1"}, "RAZORPAY_KEY_SECRET go together"),
    ({"APPROVAL_THRESHOLD": "-1"}, "APPROVAL_THRESHOLD may not be negative"),
    ({"GATEWAY_TIMEOUT_SECONDS": "0"}, "GATEWAY_TIMEOUT_SECONDS"),
    ({"WEBHOOK_ALLOWED_NETWORKS": "10.0.0.0/8,intranet"}, "WEBHOOK_ALLOWED_NETWORKS"),
    ({"INSTALLMENT_DEFAULT_METHOD": "cheque"}, "INSTALLMENT_DEFAULT_METHOD must be"),
    ({"REMINDER_DAYS_BEFORE": "3,-1"}, "REMINDER_DAYS_AFTER may not be negative"),
    ({"REMINDER_DAYS_AFTER": "1,x"}, "REMINDER_DAYS_AFTER is not a valid list of whole numbers"),
])
def test_refuses_to_start_wrong(tmp_path, given, sentence):
    with pytest.raises(SettingsError, match=sentence):
        load(tmp_path, **given)


def test_production_with_everything_set_starts(tmp_path):
    settings = load(tmp_path, **PRODUCTION)
    assert settings.production
    assert not settings.demo
    assert settings.cors_allowed_origins == ()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("given", "sentence"), [
    ({"SECRET_KEY": ""}, "SECRET_KEY"),
    ({"DEBUG": "1"}, "DEBUG"),
    ({"DEMO": "1"}, "DEMO"),
    ({"MONGO_URI": ""}, "MONGO_URI"),
    ({"REDIS_URL": ""}, "REDIS_URL"),
    ({"REDIS_URL": "redis://:CHANGE-ME@redis/0"}, "CHANGE-ME"),
    ({"EMAIL_BACKEND": "outbox"}, "outbox"),
    ({"SMS_BACKEND": "outbox"}, "outbox"),
    ({"OPERATOR_BACKEND": "simulated"}, "simulated"),
    ({"STRIPE_SECRET_KEY": "sk_live_1"}, "STRIPE_WEBHOOK_SECRET"),
    ({"RATELIMIT_ENABLED": "false"}, "RATELIMIT_ENABLED"),
    ({"ARGON2_MEMORY_KIB": "64"}, "ARGON2"),
])
def test_production_refuses_what_development_allows(tmp_path, given, sentence):
    with pytest.raises(SettingsError, match=sentence):
        load(tmp_path, **{**PRODUCTION, **given})


def test_a_folder_that_cannot_be_written_to_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="set DATA_DIR to a folder of yours"):
        load(tmp_path / "file" / "data")


def test_the_production_example_explains_every_setting_and_starts_once_filled_in():
    file = LOCAL_ENV_FILE.with_name("production.env.example")
    example = RepositoryEnv(str(file)).data
    assert len(example) == sum("=" in line for line in file.read_text().splitlines() if not line.startswith("#"))
    assert {field.name.upper() for field in dataclasses.fields(Settings)} <= set(example)
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        Settings.load(example)
    secrets = {name: PRODUCTION[name] for name in ("SECRET_KEY", "OPERATOR_SECRET", "MONGO_URI", "REDIS_URL")}
    assert Settings.load({**example, **secrets}).production
