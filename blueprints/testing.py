"""Moving the clock of a demo; registered only under DEBUG, which production refuses."""
from datetime import timedelta

from blueprints.schemas.testing import ClockIn, ClockOut
from blueprints.shell import Blueprint
from documents import clock

blp = Blueprint("testing", __name__, description="DEBUG only: show what happens later")


@blp.route("/api/testing/clock/", methods=["POST"])
@blp.arguments(ClockIn)
@blp.response(200, ClockOut)
def move_clock(body: dict) -> dict:
    """Move the clock of every process of this installation away from the real time; 0 puts it back."""
    clock.shift_everywhere(timedelta(seconds=body["offset_seconds"]))
    return {"message": "Clock moved", "offset_seconds": body["offset_seconds"], "now": clock.now()}
