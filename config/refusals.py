"""What settings are refused for, each with the one sentence that stops the start."""
import ipaddress
import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from config.settings import Settings

MINIMUM_SECRET_LENGTH = 32
REFERRAL_SIGNALS = ("same_phone", "same_device", "same_network", "disposable_email", "burst")


def refusals(settings: "Settings") -> list[tuple[bool, str]]:
    """(whether to refuse, the sentence that says why and what to do) for each rule, in the order they are told."""
    return [
        (settings.app_env not in ("development", "test", "production"),
         "APP_ENV must be development, test or production."),
        (len(settings.secret_key) < MINIMUM_SECRET_LENGTH or len(set(settings.secret_key)) < 8,
         f"SECRET_KEY must be at least {MINIMUM_SECRET_LENGTH} unpredictable characters; make one with: "
         "openssl rand -hex 32"),
        (not 0 < settings.port < 65_536, "PORT must be between 1 and 65535."),
        (not (0 < settings.realtime_port < 65_536 and settings.realtime_port != settings.port),
         "SOCKETS_PORT must be between 1 and 65535 and not PORT; without it the sockets take PORT + 1."),
        (not re.fullmatch("[A-Z]{3}", settings.currency), "CURRENCY must be a three-letter code such as INR."),
        (not re.fullmatch("[A-Z]{2}", settings.phone_region), "PHONE_REGION must be a two-letter country such as IN."),
        (not _is_zone(settings.business_timezone), "BUSINESS_TIMEZONE must be an IANA name such as Asia/Kolkata."),
        ("*" in settings.cors_allowed_origins,
         "CORS_ALLOWED_ORIGINS may not be *: cookies are accepted, so list the origins one by one."),
        (min(settings.jwt_access_token_lifetime, settings.jwt_refresh_token_lifetime, settings.otp_expiry_minutes) < 1,
         "Token and OTP lifetimes must be at least one minute."),
        (settings.email_backend not in ("outbox", "smtp"), "EMAIL_BACKEND must be outbox or smtp."),
        (settings.sms_backend not in ("outbox", "http"), "SMS_BACKEND must be outbox or http."),
        (not re.fullmatch("([A-Za-z0-9_-]{43})?", settings.vapid_private_key),
         "VAPID_PRIVATE_KEY must be a P-256 private key of 32 bytes as base64url; leave it out to have one derived "
         "from SECRET_KEY."),
        (settings.operator_backend not in ("simulated", "http"), "OPERATOR_BACKEND must be simulated or http."),
        (settings.email_backend == "smtp" and not settings.email_host, "EMAIL_BACKEND=smtp needs EMAIL_HOST."),
        (settings.sms_backend == "http" and not settings.sms_url, "SMS_BACKEND=http needs SMS_URL."),
        (settings.operator_backend == "http" and not (settings.operator_url and len(settings.operator_secret) >= 16),
         "OPERATOR_BACKEND=http needs OPERATOR_URL and an OPERATOR_SECRET of at least 16 characters."),
        (not re.fullmatch("[A-Z0-9-]{0,10}", settings.referral_code_prefix),
         "REFERRAL_CODE_PREFIX must be at most ten capital letters, digits or dashes."),
        (min(settings.referral_code_max_uses, settings.referral_max_account_age_days,
             settings.referral_burst_per_hour - 1) < 0,
         "REFERRAL_CODE_MAX_USES and REFERRAL_MAX_ACCOUNT_AGE_DAYS may not be negative, REFERRAL_BURST_PER_HOUR "
         "must be at least 1."),
        (not set(settings.referral_hold_signals) <= set(REFERRAL_SIGNALS),
         f"REFERRAL_HOLD_SIGNALS may only list {', '.join(REFERRAL_SIGNALS)}."),
        (bool(settings.razorpay_key_id) != bool(settings.razorpay_key_secret),
         "RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET go together."),
        (settings.gateway_timeout_seconds < 1, "GATEWAY_TIMEOUT_SECONDS must be at least 1."),
        (not all(map(_is_network, settings.webhook_allowed_networks)),
         "WEBHOOK_ALLOWED_NETWORKS must list networks such as 10.1.0.0/16."),
        (settings.installment_default_method not in ("wallet", "cash", "bank"),
         "INSTALLMENT_DEFAULT_METHOD must be wallet, cash or bank."),
        (min((settings.installment_grace_days, *settings.reminder_days_before, *settings.reminder_days_after)) < 0,
         "INSTALLMENT_GRACE_DAYS, REMINDER_DAYS_BEFORE and REMINDER_DAYS_AFTER may not be negative."),
        (settings.approval_threshold < 0,
         "APPROVAL_THRESHOLD may not be negative; with 0 every amount needs a second person."),
        (not 0 <= settings.settlement_fee_basis_points <= 10_000,
         "SETTLEMENT_FEE_BASIS_POINTS must be between 0 and 10000."),
        *([] if not settings.production else _in_production(settings)),
    ]


def _in_production(settings: "Settings") -> list[tuple[bool, str]]:
    return [
        (settings.debug, "DEBUG must be off in production."),
        (settings.demo, "DEMO must be 0 in production: demo accounts have known passwords."),
        (not settings.mongo_uri, "MONGO_URI must name your MongoDB replica set in production."),
        (not settings.redis_url, "REDIS_URL must name your Redis in production."),
        ("CHANGE-ME" in settings.mongo_uri + settings.redis_url,
         "MONGO_URI or REDIS_URL still says CHANGE-ME: put your own password there."),
        ("outbox" in (settings.email_backend, settings.sms_backend),
         "EMAIL_BACKEND and SMS_BACKEND may not be outbox in production: codes would lie in a file."),
        (settings.operator_backend == "simulated",
         "OPERATOR_BACKEND may not be simulated in production: nobody would be recharged."),
        (bool(settings.stripe_secret_key) and not settings.stripe_webhook_secret,
         "STRIPE_SECRET_KEY needs STRIPE_WEBHOOK_SECRET in production: who pays and closes the browser is only "
         "heard of by webhook."),
        (not settings.ratelimit_enabled, "RATELIMIT_ENABLED may not be off in production."),
        (settings.argon2_memory_kib < 19_456 or settings.argon2_time_cost < 2,
         "ARGON2_MEMORY_KIB and ARGON2_TIME_COST may not be below 19456 and 2 in production."),
    ]


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
