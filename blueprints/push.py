"""Web Push: a person's browsers that want its notices pushed."""
from flask import request

from blueprints.guards import current_user, requires
from blueprints.schemas.push import PushKey, PushSubscribed, PushSubscriptionIn, PushSubscriptionOut
from blueprints.shell import Blueprint
from services import web_push

blp = Blueprint("push", __name__, url_prefix="/api/notifications/push", description="Notices pushed to browsers")


@blp.route("/key/", methods=["GET"])
@requires()
@blp.response(200, PushKey)
def show_push_key():
    """Show the public key that a browser subscribes with."""
    return {"public_key": web_push.public_key()}


@blp.route("/subscriptions/", methods=["GET"])
@requires()
@blp.listing(PushSubscriptionOut, bare=True)
def list_subscriptions():
    """List the caller's browsers, newest first."""
    return web_push.listing(user=current_user)


@blp.route("/subscriptions/", methods=["POST"])
@requires()
@blp.arguments(PushSubscriptionIn)
@blp.response(201, PushSubscribed)
def subscribe(body):
    """Push the caller's notices to this browser; one that was somebody else's before is now the caller's."""
    subscription = web_push.subscribe(user=current_user, endpoint=body["endpoint"], **body["keys_"],
                                      device=request.user_agent.string[:300])
    return {"message": "Subscribed", "subscription": subscription}


@blp.route("/subscriptions/<uuid:subscription_id>/", methods=["DELETE"])
@requires()
@blp.response(204)
def unsubscribe(subscription_id):
    """Push to this browser no longer."""
    web_push.unsubscribe(user=current_user, subscription_id=str(subscription_id))
