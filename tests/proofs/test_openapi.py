"""schemathesis reads /openapi.json and calls every operation with good and bad data, as an admin and as a client."""
import re

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.generation.case import Case
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi import checks

from tests.people import People
from tests.proofs.access import TABLE
from tests.proofs.cast import Cast
from tests.proofs.rules import OWNERLESS, PEOPLE

EXAMPLES = 3
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
"""Not `positive_data_acceptance`: rules such as "e-mail or phone" are not said in the schemas."""
TARGETS = {(row.method, re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", row.path)): row.target
           for row in TABLE if "<" in row.path}


@pytest.fixture
def documented(app: Flask) -> BaseSchema:
    load_all_checks()
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("role", ["admin", "client"])
def test_every_operation_keeps_its_promises(documented: BaseSchema, people: People, role: str,
                                            mode: GenerationMode) -> None:
    cast, broken = Cast(people), []
    people.fund(cast.who[role], 1_000_000)
    for found in documented.get_all_operations():
        operation = found.ok()
        if mode.is_negative and not (operation.body or operation.query or operation.path_parameters):
            continue  # takes nothing that could be wrong
        try:
            _call(operation, cast, role, mode)
        except (Exception, FailureGroup) as error:  # noqa: BLE001  all that broke is told, not the first alone
            broken.append(f"{operation.label}: {_story(error)}")
    assert broken == [], f"{len(broken)} operations:\n" + "\n".join(broken)


def _call(operation: APIOperation, cast: Cast, role: str, mode: GenerationMode) -> None:
    """Call one operation: half the time with what the generator thought of, else about something that exists."""
    target = TARGETS.get((operation.method.upper(), operation.path))
    relation = "other" if target in OWNERLESS or target in PEOPLE else "own"

    @seed(1)
    @settings(max_examples=EXAMPLES, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode), exists=st.booleans())
    def each(case: Case, exists: bool) -> None:
        if target and exists:
            (name,) = case.path_parameters
            case.path_parameters[name] = str(cast.target(role, target, relation, fresh=True))
        token = cast.client(role).environ_base["HTTP_AUTHORIZATION"]
        case.call_and_validate(headers={"Authorization": token}, checks=CHECKS)

    each()


def _story(error: BaseException) -> str:
    return "\n".join(str(part) for part in getattr(error, "exceptions", [error]))
