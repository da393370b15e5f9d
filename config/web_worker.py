"""The worker of gunicorn that serves the API."""
import socket
import time

from gunicorn.workers.gthread import ThreadWorker

PAUSE_SECONDS = 0.001


class Worker(ThreadWorker):
    """gthread that leaves connections to its fellows once it has one for each of its threads.

    All workers wait at one socket, and whoever wakes first would take all that arrives at once: the sixteen connections
    of a proxy were then one worker's as often as not, with the other cores idle.
    """

    def accept(self, listener: socket.socket) -> None:
        if self.nr_conns >= self.cfg.threads:
            time.sleep(PAUSE_SECONDS)       # whoever has nothing to do is faster
        super().accept(listener)
