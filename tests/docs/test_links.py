"""Links that `make docs` does not see: those of the README into the project, and rows that pages owe to the code."""
import re

import pytest

from config.supervisor import ROOT
from services import schema

LINK = re.compile(r"\]\((?!https?://)([^)#]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md"])
def test_every_link_leads_to_a_file(page):
    assert [link for link in LINK.findall((ROOT / page).read_text()) if not (ROOT / link).exists()] == []


def test_every_collection_has_its_row_in_scaling(app):
    text = (ROOT / "docs" / "scaling.md").read_text()
    names = [document.collection().name for document in schema.documents()]
    assert [name for name in names if f"`{name}`" not in text] == []
