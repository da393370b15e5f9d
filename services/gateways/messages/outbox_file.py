"""Development's letter box: a file that a person or a script can read the code from."""
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from services.gateways.messages.base import MessageGateway, Outgoing

FILE_NAME = "outbox.jsonl"


class OutboxFile:
    """Appends each message to `DATA_DIR/outbox.jsonl`, then hands it to the real gateway if there is one."""

    def __init__(self, data_dir: Path, then: MessageGateway | None = None) -> None:
        self.path = data_dir / FILE_NAME
        self.then = then

    def send(self, message: Outgoing) -> None:
        if message.first_attempt or self.then is None:
            self._append(message)
        if self.then is not None:
            self.then.send(message)

    def newest(self, address: str) -> dict | None:
        """The last line written for `address`, or None."""
        if not self.path.exists():
            return None
        with self.path.open(encoding="utf-8") as lines:
            found = (row for row in map(json.loads, lines) if row["to"] == address)
            return max(found, key=lambda row: row["at"], default=None)

    def _append(self, message: Outgoing) -> None:
        row = {"to": message.to, "channel": message.channel, "subject": message.subject, "body": message.body}
        if message.code is not None:
            row["code"] = message.code
        row["at"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        # One O_APPEND write a line: workers that write at the same moment cannot mix their lines.
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, (json.dumps(row, ensure_ascii=False) + "\n").encode())
        finally:
            os.close(descriptor)
