"""The queues, and the one way onto them: JSON arguments, a function named by its path."""
import logging
from typing import Any

from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from config import connections
from config.logging import request_id

NOTIFY = "notify"
MONEY = "money"
REPORTS = "reports"
HOOKS = "hooks"
"""Outgoing webhooks, apart: their receivers may be slow."""
QUEUES = (NOTIFY, MONEY, REPORTS, HOOKS)

JOB_TIMEOUT_SECONDS = 120
LONG_TIMEOUT_SECONDS = 3_600
"""For what reads everything there is."""
FAILURE_KEPT_SECONDS = 7 * 86_400

log = logging.getLogger(__name__)


def queue(name: str) -> Queue:
    """The RQ queue `name` on this process' Redis; never pickle, which runs whatever it reads."""
    return Queue(name, connection=connections.redis(), serializer=JSONSerializer)


def hint(name: str, function: str, *arguments: Any, timeout: int = JOB_TIMEOUT_SECONDS) -> None:
    """Enqueue `function` (its dotted path) if Redis can take it.

    For work that the database remembers and a sweeper finds: a Redis that is away costs speed, not work.
    """
    try:
        queue(name).enqueue(function, args=arguments, job_timeout=timeout, result_ttl=0,
                            failure_ttl=FAILURE_KEPT_SECONDS, meta={"request_id": request_id.get()})
    except RedisError as error:
        log.warning("No worker was woken for %s: %s", function, error)
