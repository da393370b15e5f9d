"""Plans and their providers: everybody signed in reads them, who manages the catalogue changes them."""
from blueprints.guards import requires
from blueprints.schemas.catalogue import (
    Plan,
    PlanFilters,
    PlanIn,
    PlanPatch,
    PlanRow,
    PlanSaved,
    ProviderIn,
    ProviderPatch,
    ProviderRow,
    ProviderSaved,
)
from blueprints.shell import Blueprint
from documents.permissions import Permission
from services import catalogue

blp = Blueprint("plans", __name__, url_prefix="/api/plans", description="Recharge plans and their providers")


@blp.route("/", methods=["GET"])
@requires()
@blp.listing(PlanRow, PlanFilters)
def list_plans(filters):
    """List the plans on sale."""
    return catalogue.plans(**filters)


@blp.route("/<int:plan_id>/", methods=["GET"])
@requires()
@blp.response(200, Plan)
def show_plan(plan_id):
    """Show one plan that is on sale."""
    return catalogue.plan_on_sale(plan_id)


@blp.route("/", methods=["POST"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.arguments(PlanIn)
@blp.response(201, PlanSaved)
def create_plan(body):
    """Add a plan."""
    return {"message": "Plan created successfully", "plan": catalogue.create_plan(**body)}


@blp.route("/<int:plan_id>/", methods=["PUT"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.arguments(PlanIn)
@blp.response(200, PlanSaved)
def replace_plan(body, plan_id):
    """Change all of a plan, for later purchases."""
    return {"message": "Plan updated successfully", "plan": catalogue.change_plan(plan_id, **body)}


@blp.route("/<int:plan_id>/", methods=["PATCH"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.arguments(PlanPatch)
@blp.response(200, PlanSaved)
def change_plan(body, plan_id):
    """Change parts of a plan, for later purchases; `is_active` puts it back on sale."""
    return {"message": "Plan updated successfully", "plan": catalogue.change_plan(plan_id, **body)}


@blp.route("/<int:plan_id>/", methods=["DELETE"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.response(204)
def delete_plan(plan_id):
    """Take a plan off sale; what was bought stays."""
    catalogue.change_plan(plan_id, is_active=False)


@blp.route("/providers/", methods=["GET"])
@requires()
@blp.listing(ProviderRow, bare=True)
def list_providers():
    """List the active providers."""
    return catalogue.providers()


@blp.route("/providers/", methods=["POST"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.arguments(ProviderIn)
@blp.response(201, ProviderSaved)
def create_provider(body):
    """Add a provider."""
    return {"message": "Provider created successfully", "provider": catalogue.create_provider(**body)}


@blp.route("/providers/<int:provider_id>/", methods=["PUT"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.arguments(ProviderIn)
@blp.response(200, ProviderSaved)
def replace_provider(body, provider_id):
    """Change all of a provider, and what its plans say of it."""
    return {"message": "Provider updated successfully", "provider": catalogue.change_provider(provider_id, **body)}


@blp.route("/providers/<int:provider_id>/", methods=["PATCH"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.arguments(ProviderPatch)
@blp.response(200, ProviderSaved)
def change_provider(body, provider_id):
    """Change parts of a provider; `is_active` puts it and its plans back on sale."""
    return {"message": "Provider updated successfully", "provider": catalogue.change_provider(provider_id, **body)}


@blp.route("/providers/<int:provider_id>/", methods=["DELETE"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.response(204)
def delete_provider(provider_id):
    """Take a provider and all its plans off sale."""
    catalogue.change_provider(provider_id, is_active=False)
