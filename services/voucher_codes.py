"""The codes of vouchers: 55 random bits and a check character, read as people write them."""
import secrets

from stdnum.iso7064 import mod_37_36

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: nothing that is mistaken for something else when read aloud."""
RANDOM_LENGTH = 11
LENGTH = RANDOM_LENGTH + 1
LONGEST = 20
"""What clients may send: the code in groups."""
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})


def new() -> str:
    """A code that nobody can guess: with a million vouchers alive, 10 guesses an hour hit one in 400,000 years."""
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return random + mod_37_36.calc_check_digit(random, ALPHABET)


def read(text: str) -> str | None:
    """The code that `text` means, in any case and grouping, or None for what cannot be one.

    The check character (ISO 7064, hybrid modulus 33, 32) finds every single wrong character, and nearly every swap.
    """
    code = text.upper().translate(_READ_AS)
    return code if len(code) == LENGTH and mod_37_36.is_valid(code, ALPHABET) else None
