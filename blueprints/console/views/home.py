"""Where an admin starts: today in figures, and what waits."""
from flask_admin import AdminIndexView, expose

from blueprints.console.pages import Guarded
from documents.permissions import Permission


class Home(Guarded, AdminIndexView):
    permission = Permission.VIEW_REPORTS

    @expose("/")
    def index(self) -> str:
        """The page itself."""
        return self.render("console/home.html")
