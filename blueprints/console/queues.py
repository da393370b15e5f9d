"""RQ's queues, workers and failed jobs: a bounded look at each, and starting what failed once more."""
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from rq import Queue
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.registry import DeferredJobRegistry, FailedJobRegistry, ScheduledJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.utils import decode_redis_hash, utcparse
from rq.worker import BaseWorker

from blueprints.console.timetable import shown
from config import connections
from documents.errors import Conflict, NotFound

PAGE = 20
MOST_WORKERS = 50
MOST_RETRIED = 500
"""Jobs that one click starts again."""


class QueueState(NamedTuple):
    name: str
    waiting: int
    oldest_at: datetime | None
    started: int
    scheduled: int
    deferred: int
    failed: int


class WorkerState(NamedTuple):
    name: str
    process: str
    """Host and process id."""
    queues: str
    state: str
    doing: str
    """The call it is at."""
    done: int
    failed: int
    seen_at: datetime | None


class Failure(NamedTuple):
    id: str
    queue: str
    call: str
    failed_at: datetime | None
    error: str
    """The last line of the traceback."""
    traceback: str


def known() -> list[Queue]:
    """Every queue that Redis has heard of."""
    return Queue.all(connection=connections.redis(), serializer=JSONSerializer)


def states(names: Iterable[str]) -> list[QueueState]:
    """These queues, and any other that Redis knows. Raises RedisError like everything here."""
    ordered = dict.fromkeys([*names, *sorted(queue.name for queue in known())])
    return [_state(_queue(name)) for name in ordered]


def workers() -> list[WorkerState]:
    """The workers that are alive, the busy ones first."""
    keys = BaseWorker.all_keys(connection=connections.redis())[:MOST_WORKERS]
    with connections.redis().pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.hgetall(key)
        rows = [decode_redis_hash(row, decode_values=True) for row in pipeline.execute()]
    # Not RQ's Worker objects: making one lets every Redis call of this process wait seven minutes for its answer.
    found = [_worker(key, row) for key, row in zip(keys, rows, strict=True) if row]
    return sorted(found, key=lambda worker: (not worker.doing, worker.queues, worker.name))


def failures(name: str, *, page: int) -> list[Failure]:
    """A page of the jobs of a queue that failed, the newest first."""
    ids = _failed(name).get_job_ids(page * PAGE, (page + 1) * PAGE - 1, desc=True, cleanup=False)
    found = Job.fetch_many(ids, connection=connections.redis(), serializer=JSONSerializer)
    return [_failure(job) for job in found if job is not None]


def retry(name: str, job_id: str) -> None:
    """Put one failed job back onto its queue: of many who do, one succeeds. Raises Conflict, NotFound."""
    try:
        _failed(name).requeue(job_id)
    except NoSuchJobError as error:
        raise NotFound from error
    except InvalidJobOperation as error:
        raise Conflict("Somebody else has started or forgotten this job.") from error


def retry_all(name: str) -> int:
    """Put the failed jobs of a queue back, the oldest first, at most `MOST_RETRIED`; returns how many."""
    return sum(1 for _ in _retried(name))


def forget(name: str, job_id: str) -> None:
    """Delete one failed job. Raises NotFound."""
    if job_id not in _failed(name):
        raise NotFound
    _failed(name).remove(job_id, delete_job=True)


def _retried(name: str) -> Iterator[str]:
    for job_id in _failed(name).get_job_ids(0, MOST_RETRIED - 1, cleanup=False):
        try:
            _failed(name).requeue(job_id)
            yield job_id
        except (NoSuchJobError, InvalidJobOperation):   # gone meanwhile, or somebody else's click has it
            continue


def _queue(name: str) -> Queue:
    return Queue(name, connection=connections.redis(), serializer=JSONSerializer)


def _failed(name: str) -> FailedJobRegistry:
    return FailedJobRegistry(queue=_queue(name))


def _state(queue: Queue) -> QueueState:
    first = queue.get_jobs(0, 1)
    counts = [registry(queue=queue).get_job_count(cleanup=False)
              for registry in (StartedJobRegistry, ScheduledJobRegistry, DeferredJobRegistry, FailedJobRegistry)]
    return QueueState(queue.name, queue.count, shown(first[0].enqueued_at) if first else None, *counts)


def _worker(key: str, row: dict[str, str]) -> WorkerState:
    job_id, seen = row.get("current_job"), row.get("last_heartbeat")
    job = _job(job_id) if job_id else None
    return WorkerState(
        name=key.removeprefix(BaseWorker.redis_worker_namespace_prefix),
        process=f"{row.get('hostname', '?')}:{row.get('pid', '?')}",
        queues=", ".join(row.get("queues", "").split(",")), state=row.get("state", ""),
        doing=_call(job) if job is not None else "", done=int(row.get("successful_job_count", 0)),
        failed=int(row.get("failed_job_count", 0)), seen_at=shown(utcparse(seen)) if seen else None)


def _job(job_id: str) -> Job | None:
    return Job.fetch_many([job_id], connection=connections.redis(), serializer=JSONSerializer)[0]


def _failure(job: Job) -> Failure:
    result = job.latest_result()
    traceback = (result.exc_string if result is not None else None) or ""
    lines = traceback.strip().splitlines()
    return Failure(job.id, job.origin, _call(job), shown(result.created_at if result is not None else job.ended_at),
                   lines[-1][:300] if lines else "", traceback[-8_000:])


def _call(job: Job) -> str:
    arguments = [repr(value) for value in job.args] + [f"{name}={value!r}" for name, value in job.kwargs.items()]
    return f"{job.func_name}({', '.join(arguments)})"[:300]
