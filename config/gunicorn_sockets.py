"""How gunicorn serves the sockets: greenlets, because a socket mostly waits, and thousands do at once."""
from gevent import monkey

monkey.patch_all()      # before anything below opens a socket or makes a lock

import os  # noqa: E402
import resource  # noqa: E402
import sys  # noqa: E402

import gevent  # noqa: E402

from config import embedded  # noqa: E402
from config.settings import Settings, SettingsError  # noqa: E402

PORT = int(os.environ.get("SOCKETS_PORT") or int(os.environ.get("PORT") or 8000) + 1)
POLL_SECONDS = 0.2

bind = f"{os.environ.get('BIND_HOST', '127.0.0.1')}:{PORT}"
worker_class = "gevent"
# One change stream each; more of them where one core is not enough.
workers = int(os.environ.get("SOCKETS_CONCURRENCY", "1"))
worker_connections = 10_000
preload_app = False

# What is left to do when a worker is told to stop is to say goodbye.
graceful_timeout = 10
timeout = 60

accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True


def on_starting(_server: object) -> None:
    """Refuse to start wrong, in one sentence and before the first fork."""
    try:
        embedded.attach(Settings.load())
    except SettingsError as error:
        sys.exit(f"Purser cannot start: {error}")


def post_fork(_server: object, _worker: object) -> None:
    """Open as many sockets as this machine lets us: a shell's usual limit is 1024 files."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def post_worker_init(worker) -> None:  # noqa: ANN001
    """Send the clients away as soon as the worker is told to stop; they would hold it up until it is killed."""
    def say_goodbye() -> None:
        while worker.alive:
            gevent.sleep(POLL_SECONDS)
        worker.wsgi.stop()

    gevent.spawn(say_goodbye)
