"""How gunicorn serves the API: threads, because a request mostly waits for MongoDB."""
import ctypes
import os
import shutil
import sys
from pathlib import Path

from config import checks, connections, embedded
from config.settings import Settings, SettingsError

bind = f"{os.environ.get('BIND_HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "config.web_worker.Worker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))

# Each worker makes its own app after the fork, hence its own MongoDB and Redis clients: neither survives being shared.
preload_app = False

# 0 is off. For a leak that has to be lived with; the jitter keeps the workers from leaving together.
max_requests = int(os.environ.get("WEB_MAX_REQUESTS", "0"))
max_requests_jitter = max_requests // 10

# Longer than an operator may take to answer: a deploy then cuts no purchase in half, and no janitor has to finish it.
graceful_timeout = 25
timeout = 60
keepalive = 5

# The app writes one JSON line a request, with more in it.
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True

# Large blocks (a password hash fills 19 MB) go back to the system when they are freed. Left alone, glibc raises its
# threshold to them at the first one and keeps the next ones for good. M_MMAP_THRESHOLD is -3 in malloc.h.
if hasattr(ctypes.CDLL(None), "mallopt"):
    ctypes.CDLL(None).mallopt(-3, 1024 * 1024)

# Each worker keeps its counts in files here and /metrics adds them up; set before prometheus_client is imported.
_metrics = Path(os.environ.setdefault(
    "PROMETHEUS_MULTIPROC_DIR", str(Path(os.environ.get("DATA_DIR", ".data")) / "metrics")))


def on_starting(_server: object) -> None:
    """Refuse to start wrong, in one sentence and before the first fork, then begin with no counts.

    Those of an earlier run belong to processes that are gone.
    """
    try:
        settings = embedded.attach(Settings.load())
        if settings.production:
            connections.connect(settings)
            checks.refuse_standalone()
            connections.disconnect()
    except SettingsError as error:
        sys.exit(f"Purser cannot start: {error}")
    shutil.rmtree(_metrics, ignore_errors=True)
    _metrics.mkdir(parents=True)


def child_exit(_server: object, worker: object) -> None:
    """Take a dead worker's requests in flight out of the sum."""
    for file in _metrics.glob(f"gauge_live*_{worker.pid}.db"):
        file.unlink(missing_ok=True)
