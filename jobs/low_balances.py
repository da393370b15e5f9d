"""Warning people whose wallet runs low."""
from jobs.runtime import task
from services import low_balances


@task
def notify() -> None:
    """Tell those whose balance has crossed the line since the last run."""
    low_balances.tell_crossings()
