"""Health as clients ask for it."""
from blueprints.openapi import VERSION
from blueprints.schemas.health import Health, Test
from blueprints.shell import Blueprint

blp = Blueprint("health", __name__, description="Is the service up?")


@blp.route("/api/health/")
@blp.response(200, Health)
def health() -> dict:
    """Say that this process answers; /readyz says whether its servers do."""
    return {"status": "healthy", "framework": "running"}


@blp.route("/api/test/")
@blp.response(200, Test)
def test() -> dict:
    """Let a client check its base address."""
    return {"message": "Backend is working!", "status": "success", "version": VERSION}
