"""The API's own page, with everything it needs served from here."""

from flask import Blueprint, Flask, render_template

blueprint = Blueprint(
    "api_page", __name__, url_prefix="/api/v1/docs", template_folder="templates", static_folder="static"
)


def init_app(app: Flask) -> None:
    """Add /api/v1/docs to `app`."""
    app.register_blueprint(blueprint)


@blueprint.get("")
def page() -> str:
    """Show Swagger UI."""
    return render_template("api/docs.html")
