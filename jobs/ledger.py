"""Jobs about the books."""
from jobs.runtime import task
from services import sealing, verifications


@task
def seal() -> None:
    """Seal what has settled since the last run."""
    sealing.seal_entries()


@task
def seal_everything() -> None:
    """Seal what normal runs could not see, such as entries of a machine whose clock was an hour behind."""
    sealing.seal_entries(everything=True)


@task
def verify() -> None:
    """Prove the books if it is the night's turn, or somebody has asked for it."""
    verifications.run_due()
