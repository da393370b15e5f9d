"""Crediting rewards whose hold period is over."""
from jobs.runtime import task
from services.rewards import credit_due

BATCH = 200


@task
def credit() -> None:
    """Credit everything that is due."""
    while credit_due(limit=BATCH) == BATCH:
        pass
