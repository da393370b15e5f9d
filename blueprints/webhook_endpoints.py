"""Outgoing webhooks: where events are sent, what was sent, and sending it again."""
from blueprints.guards import current_user, requires
from blueprints.schemas.webhook_endpoints import (
    DeliveryDone,
    DeliveryFilters,
    DeliveryOut,
    EndpointIn,
    EndpointOut,
    EndpointPatch,
    EndpointSecretOut,
    ReplayIn,
    ReplayOut,
)
from blueprints.shell import Blueprint
from services import webhook_delivery, webhook_endpoints

blp = Blueprint("webhook_endpoints", __name__, url_prefix="/api/webhooks", description="Webhooks for integrators")


@blp.route("/endpoints/", methods=["GET"])
@requires()
@blp.listing(EndpointOut)
def list_endpoints():
    """List the endpoints of the caller's merchant, newest first; everybody's for staff."""
    return webhook_endpoints.listing(viewer=current_user)


@blp.route("/endpoints/", methods=["POST"])
@requires()
@blp.arguments(EndpointIn)
@blp.response(201, EndpointSecretOut)
def create_endpoint(body):
    """Have the events of the caller's merchant sent to a URL; staff without a merchant gets everybody's."""
    return webhook_endpoints.create(user=current_user, **body)


@blp.route("/endpoints/<int:endpoint_id>/", methods=["GET"])
@requires()
@blp.response(200, EndpointOut)
def show_endpoint(endpoint_id):
    """Show one endpoint."""
    return webhook_endpoints.get(endpoint_id, viewer=current_user)


@blp.route("/endpoints/<int:endpoint_id>/", methods=["PATCH"])
@requires()
@blp.arguments(EndpointPatch)
@blp.response(200, EndpointOut)
def change_endpoint(body, endpoint_id):
    """Change an endpoint, or switch it on again."""
    return webhook_endpoints.change(endpoint_id, viewer=current_user, **body)


@blp.route("/endpoints/<int:endpoint_id>/", methods=["DELETE"])
@requires()
@blp.response(204)
def delete_endpoint(endpoint_id):
    """Delete an endpoint; what is on its way to it is dropped."""
    webhook_endpoints.delete(endpoint_id, viewer=current_user)


@blp.route("/endpoints/<int:endpoint_id>/rotate-secret/", methods=["POST"])
@requires()
@blp.response(200, EndpointSecretOut)
def rotate_secret(endpoint_id):
    """Give an endpoint a new secret; the old one signs as well for a day."""
    return webhook_endpoints.rotate(endpoint_id, viewer=current_user)


@blp.route("/endpoints/<int:endpoint_id>/test/", methods=["POST"])
@requires()
@blp.response(202, DeliveryDone)
def test_endpoint(endpoint_id):
    """Send an event of the type webhook.test."""
    return {"message": "Test queued", "delivery": webhook_delivery.test(endpoint_id, viewer=current_user)}


@blp.route("/endpoints/<int:endpoint_id>/deliveries/", methods=["GET"])
@requires()
@blp.listing(DeliveryOut, DeliveryFilters, cursor=True)
def list_deliveries(filters, endpoint_id):
    """List what was sent, or is to be sent, with the log of its attempts, newest first."""
    return webhook_delivery.listing(endpoint_id, viewer=current_user, **filters)


@blp.route("/deliveries/<string:delivery_id>/replay/", methods=["POST"])
@requires()
@blp.response(202, DeliveryDone)
def replay_delivery(delivery_id):
    """Send one delivery again."""
    return {"message": "Replay queued", "delivery": webhook_delivery.replay(delivery_id, viewer=current_user)}


@blp.route("/endpoints/<int:endpoint_id>/replay/", methods=["POST"])
@requires()
@blp.arguments(ReplayIn)
@blp.response(202, ReplayOut)
def replay_missed(body, endpoint_id):
    """Send everything again that did not arrive since a moment."""
    count = webhook_delivery.replay_missed(endpoint_id, viewer=current_user, **body)
    return {"message": "Replay queued", "count": count}
