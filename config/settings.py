"""All settings, read once from the environment into one frozen object that refuses to start wrong."""
import functools
import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from click import ClickException
from decouple import Csv, RepositoryEnv, strtobool

from config.refusals import REFERRAL_SIGNALS, refusals

LOCAL_ENV_FILE = Path(__file__).resolve().parent.parent / "env" / "local.env"
DEVELOPMENT_ORIGINS = ("http://localhost:3000", "http://localhost:5173", "http://localhost:8080")
PUSH_HOSTS = ("fcm.googleapis.com", "push.services.mozilla.com", "push.apple.com", "notify.windows.com")


class SettingsError(ClickException):
    """A setting is missing or unsafe; the message is one sentence that says what to do.

    A ClickException, so that every `flask` command ends with that sentence instead of a traceback.
    """


@dataclass(frozen=True, kw_only=True, eq=False)
class Settings:
    """Every knob of one installation. Money settings are in minor units, durations name their unit."""

    app_env: str = "development"
    debug: bool = False
    secret_key: str = ""
    port: int = 8000
    sockets_port: int = 0
    """Where the sockets process listens; 0 is PORT + 1."""
    data_dir: Path = Path(".data")
    mongo_uri: str = ""
    redis_url: str = ""
    demo: bool = True
    admin_email: str = "admin@purser.example"
    admin_password: str = ""
    admin_phone: str = "+919876500000"

    currency: str = "INR"
    business_timezone: str = "Asia/Kolkata"
    phone_region: str = "IN"
    low_balance_threshold: int = 1_000_000
    approval_threshold: int = 1_000_000
    """What one member of staff may move at the console alone, per customer and day; beyond, a second one approves."""

    jwt_access_token_lifetime: int = 60
    jwt_refresh_token_lifetime: int = 10_080
    jwt_rotate_refresh_tokens: bool = True
    otp_expiry_minutes: int = 5
    password_reset_minutes: int = 60
    frontend_url: str = "http://localhost:3000"
    argon2_time_cost: int = 2
    argon2_memory_kib: int = 19_456

    ratelimit_enabled: bool = True
    cors_allowed_origins: tuple[str, ...] = ()
    trusted_proxies: int = 0

    email_backend: str = "outbox"
    email_host: str = ""
    email_port: int = 587
    email_host_user: str = ""
    email_host_password: str = ""
    email_use_tls: bool = True
    default_from_email: str = "Purser <no-reply@purser.example>"
    sms_backend: str = "outbox"
    sms_url: str = ""
    sms_token: str = ""

    vapid_private_key: str = ""
    """P-256, 32 bytes as base64url; empty for one that is derived from the secret key."""
    push_hosts: tuple[str, ...] = PUSH_HOSTS
    """Push services that browsers may name, their subdomains included: we call what they name."""

    operator_backend: str = "simulated"
    operator_url: str = ""
    operator_secret: str = ""
    operator_timeout_seconds: int = 10

    stripe_secret_key: str = ""
    """Empty for a simulated gateway; in production, for no cards at all."""
    stripe_publishable_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_api_base: str = ""
    razorpay_key_id: str = ""
    """Empty for simulated top-ups; in production, for none at all."""
    razorpay_key_secret: str = ""
    razorpay_webhook_secret: str = ""
    razorpay_api_base: str = ""
    gateway_timeout_seconds: int = 15

    webhook_allowed_networks: tuple[str, ...] = ()
    """Private networks that outgoing webhooks may reach all the same, such as 10.1.0.0/16."""

    installment_default_method: str = "wallet"
    installment_grace_days: int = 0
    reminder_days_before: tuple[int, ...] = (3, 1, 0)
    reminder_days_after: tuple[int, ...] = (1, 3, 7)

    referral_code_prefix: str = "SVH-"
    referral_code_max_uses: int = 0
    """How many people may use one code; 0 is no limit."""
    referral_max_account_age_days: int = 30
    referral_burst_per_hour: int = 10
    """How many people may use one code within an hour before the rewards of the next ones are held."""
    referral_hold_signals: tuple[str, ...] = REFERRAL_SIGNALS
    """Which signs of fraud hold a reward back; a shop whose people share one network leaves same_network out."""

    settlement_fee_basis_points: int = 0
    """What the house keeps of a merchant's payments when it settles them; 200 is two percent."""

    @property
    def production(self) -> bool:
        return self.app_env == "production"

    @property
    def realtime_port(self) -> int:
        return self.sockets_port or self.port + 1

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.business_timezone)

    def key_for(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose (JWTs, OTPs, callbacks), so that no two share the secret itself."""
        return _derived(self.secret_key, purpose)

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the process environment (or `environ`), then `env/local.env`; raise SettingsError when unsafe."""
        given = environ if environ is not None else {**_local_values(), **os.environ}
        values = {}
        for field in fields(cls):
            text = given.get(field.name.upper(), "").strip()
            try:
                if text:                # `PORT=` in an env file means: the default
                    values[field.name] = _CASTS[field.type](text)
            except ValueError as error:
                raise SettingsError(f"{field.name.upper()} is not a valid {_NAMES[field.type]}.") from error
        return cls(**_defaults(values) | values).checked()

    def checked(self) -> "Settings":
        """Return these settings, or raise SettingsError naming the first one that is missing or unsafe."""
        for refused, sentence in refusals(self):
            if refused:
                raise SettingsError(sentence)
        return self


_NAMES: dict[Any, str] = {bool: "yes/no value", int: "whole number", str: "text", Path: "path", tuple[str, ...]: "list",
          tuple[int, ...]: "list of whole numbers"}
_CASTS: dict[Any, Any] = {bool: strtobool, int: int, str: str, Path: Path, tuple[str, ...]: Csv(post_process=tuple),
          tuple[int, ...]: Csv(cast=int, post_process=tuple)}


@functools.lru_cache
def _derived(secret_key: str, purpose: str) -> bytes:
    """Asked for in every request, and always the same."""
    return hmac.digest(secret_key.encode(), purpose.encode(), hashlib.sha256)


def _local_values() -> Mapping[str, str]:
    return RepositoryEnv(str(LOCAL_ENV_FILE)).data if LOCAL_ENV_FILE.exists() else {}


def _defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    """Outside production a newcomer sets nothing: a random secret is kept in DATA_DIR, local front ends may call."""
    if values.get("app_env") == "production":
        return {"demo": False}
    return {
        "secret_key": values.get("secret_key") or _kept_secret(values.get("data_dir", Settings.data_dir)),
        "cors_allowed_origins": DEVELOPMENT_ORIGINS,
        "admin_password": "Purser-demo-1",
        "installment_default_method": "cash",   # clients that only send an amount go on working
    }


def _kept_secret(data_dir: Path) -> str:
    """The secret in `data_dir`, made by whoever comes first."""
    path = data_dir / "secret_key"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with tempfile.NamedTemporaryFile("w", dir=data_dir) as file:    # readable by its owner only
                file.write(secrets.token_hex(32))
                file.flush()
                with suppress(FileExistsError):     # linked whole or not at all: nobody reads half a secret
                    os.link(file.name, path)
        return path.read_text().strip()
    except OSError as error:
        raise SettingsError(f"{data_dir} cannot be written to ({error.strerror}): "
                            "set DATA_DIR to a folder of yours.") from error


_current: Settings | None = None


def use(settings: Settings) -> None:
    """Make `settings` what `current()` answers in this process."""
    global _current
    _current = settings


def current() -> Settings:
    """The settings of this process; raises SettingsError before `use`."""
    if _current is None:
        raise SettingsError("No settings are in use in this process: call config.settings.use(settings) first.")
    return _current
