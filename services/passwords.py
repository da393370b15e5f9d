"""Passwords: which ones are refused, and their Argon2id hashes at the cost that the settings name."""
import functools
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from config import settings
from documents.errors import Invalid

MIN_LENGTH = 8
MAX_LENGTH = 128
"""Longer ones would only buy an attacker hashing time."""

_one_at_a_time = threading.Lock()
"""Each hash fills its memory cost: a process that made eight at once would be eight times as large and no faster."""

COMMON = frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= MIN_LENGTH)


def check(password: str, *, field: str = "password") -> None:
    """Raise Invalid, naming `field`, for a password that is too short, too long, all digits or well known."""
    complaints = [sentence for bad, sentence in (
        (len(password) < MIN_LENGTH,
         f"This password is too short. It must contain at least {MIN_LENGTH} characters."),
        (len(password) > MAX_LENGTH, f"This password is too long. It may contain at most {MAX_LENGTH} characters."),
        (password.lower() in COMMON, "This password is too common."),
        (password.isdigit(), "This password is entirely numeric."),
    ) if bad]
    if complaints:
        raise Invalid(complaints[0], errors={field: complaints})


def hashed(password: str) -> str:
    """The Argon2id hash. Never call it inside a transaction: it is slow on purpose, and a retry would repeat it."""
    with _one_at_a_time:
        return _hasher().hash(password)


def verify(stored: str | None, password: str) -> bool:
    """Whether `password` is the stored one; with nothing stored it takes as long and answers False."""
    try:
        with _one_at_a_time:
            _hasher().verify(stored or _nobodys_hash(_hasher()), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Whether the hash was made at another cost than today's."""
    return _hasher().check_needs_rehash(stored)


def _hasher() -> PasswordHasher:
    current = settings.current()
    return _hasher_of(current.argon2_time_cost, current.argon2_memory_kib)


@functools.cache
def _hasher_of(time_cost: int, memory_kib: int) -> PasswordHasher:
    return PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)


@functools.cache
def _nobodys_hash(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody has this password")
