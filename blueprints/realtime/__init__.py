"""The WebSocket at /ws/realtime/: a WSGI application of its own, for a gevent worker."""
