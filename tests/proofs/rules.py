"""The rules that the table of routes beside this file is written in."""
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ROLES = ("anonymous", "client", "retailer", "foreign_retailer", "distributor", "admin")
"""`retailer` belongs to `distributor`; `foreign_retailer` belongs to another one."""
SIGNED_IN_ROLES = ROLES[1:]
OWNERLESS = frozenset({"plan", "provider", "product", "config", "reward", "qr code", "voucher type"})
"""What belongs to the house: asked for as "other" and "absent" only."""
PEOPLE = frozenset({"user", "email"})


@dataclass(frozen=True)
class Rule:
    """Which roles a route is for, and which objects each of them reaches there."""

    roles: tuple[str, ...]
    reach: dict[str, frozenset[str]] = field(default_factory=dict)
    """By role: own, tree (a distributor's retailer's), other. Absent is nobody's."""


def _reach(*, admin: str, distributor: str, others: str) -> dict[str, frozenset[str]]:
    told = dict.fromkeys(ROLES, others) | {"distributor": distributor, "admin": admin}
    return {role: frozenset(words.split()) for role, words in told.items()}


_ALL = "own tree other"
PUBLIC = Rule(ROLES, _reach(admin=_ALL, distributor=_ALL, others=_ALL))
SIGNED_IN = Rule(SIGNED_IN_ROLES, PUBLIC.reach)
OWN = Rule(SIGNED_IN_ROLES, _reach(admin="own", distributor="own", others="own"))
"""Everybody their own, an admin too."""
OWN_OR_STAFF = Rule(SIGNED_IN_ROLES, _reach(admin=_ALL, distributor="own", others="own"))
TREE = Rule(SIGNED_IN_ROLES, _reach(admin=_ALL, distributor="own tree", others="own"))
"""Own ones, a distributor its retailers' too, an admin all."""
ADMIN = Rule(("admin",), _reach(admin=_ALL, distributor="", others=""))
MANAGERS = Rule(("distributor", "admin"), _reach(admin=_ALL, distributor="tree", others=""))
"""An admin everybody's, a distributor its own retailers'."""

SIGNED_BY_OTHERS = Rule(())
"""Operators and gateways, who sign what they send: no user's token opens these."""


@dataclass(frozen=True)
class Row:
    route: str
    rule: Rule
    target: str | None = None
    """What the path, or else the body, names."""
    body: dict | Callable[[Any], dict] | None = None
    """A body that is right; made from the target's id when that stands in the body."""
    absent: int = 404
    """400 where a body names somebody: then the field is what is wrong."""
    passes: frozenset[str] = frozenset()
    """Codes of refusals that say "not now" or "you have none" to whoever may call."""

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.route.partition(" ")[2]

    def at(self, target: Any) -> str:
        """The path with the target's id in the place of its parameter."""
        return re.sub(r"<[^>]+>", str(target), self.path)
