"""One JSON line a log record on standard error, with the id of the request or job it belongs to."""
import logging
import logging.config
from contextvars import ContextVar
from datetime import UTC, datetime

import orjson

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Set by the HTTP shell for each request and by `@task` for each job, which inherits its cause's id."""

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Everything passed as `extra=` becomes a key of the line; an exception becomes `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps({name: value for name, value in line.items() if value is not None}, default=str,
                            option=orjson.OPT_NON_STR_KEYS).decode()


def configure(*, debug: bool = False) -> None:
    """Send every logger of this process through JsonFormatter; safe to repeat."""
    # No line says where in the code or in which thread it was written, so no record need find out.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.config.dictConfig({
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"level": "DEBUG" if debug else "INFO", "handlers": ["stderr"]},
        "loggers": {
            # Their INFO lines repeat what the request line says, or name addresses with credentials in them.
            name: {"level": "WARNING"} for name in ("pymongo", "httpx", "httpcore", "urllib3", "werkzeug")},
    })
