"""The server against its own OpenAPI document: schemathesis asks, and checks every answer."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pictures import png
from serving import Server, running_server

EXAMPLES = 40
"""Made-up requests to each operation, beside those that cover its document systematically."""

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance", "negative_data_rejection",
    "positive_data_acceptance", "missing_required_header", "unsupported_method",
    "allow_header_conformance", "ignored_auth",
)  # fmt: skip

OPERATIONS = """
[[operations]]
include-operation-id = "get_rendition"
parameters = {{ "path.id" = "{shown}" }}
# Which parameters go together, and with which picture, no schema says.
checks.positive_data_acceptance.expected-statuses = ["2xx", 304, 400, 403, 404, 422]

[[operations]]
include-operation-id = "get_api_images_id"
parameters = {{ "path.id" = "{shown}" }}

[[operations]]
include-operation-id = "get_api_images_id_revisions"
parameters = {{ "path.id" = "{shown}" }}

[[operations]]
include-operation-id = "get_api_images_id_markup"
parameters = {{ "path.id" = "{shown}" }}
# What params may hold is the grammar of image URLs; it may name a picture made and deleted here.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404]

[[operations]]
include-operation-id = "get_api_images"
# A cursor is what an earlier page said, and no other text of its form; others' are not shown.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 403]

[[operations]]
include-operation-id = "patch_api_images_id"
parameters = {{ "path.id" = "{changed}" }}
# An Idempotency-Key of another request is 422.
checks.positive_data_acceptance.expected-statuses = ["2xx", 404, 422]

[[operations]]
include-operation-id = "delete_api_images_id"
checks.positive_data_acceptance.expected-statuses = ["2xx", 404, 422]

[[operations]]
include-operation-id = "post_api_images"
# Noise is no picture, and few addresses may be fetched from.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 415, 422]
checks.negative_data_rejection.expected-statuses = [400, 401, 403, 413, 415, 422]

[[operations]]
include-operation-id = "post_api_images_id_redactions"
parameters = {{ "path.id" = "{changed}" }}
# Which members a region of each shape has, and where the picture ends.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 409, 422]

[[operations]]
include-operation-id = "post_api_images_id_edits"
parameters = {{ "path.id" = "{changed}" }}
# What changes nothing is refused, and where the picture ends.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 409, 422]

[[operations]]
include-operation-id = "post_api_images_id_suggestions_decisions"
# One list at least says something, and no id stands in both.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 409, 422]

[[operations]]
include-operation-id = "post_api_images_id_suggestions_suggestion"
# Exactly one of the two.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 409, 422]

[[operations]]
include-operation-id = "put_api_redaction_policies_subject"
parameters = {{ "path.subject" = "default" }}
# Days go with seal, and with seal alone.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404]

[[operations]]
include-operation-id = "post_api_images_id_links"
parameters = {{ "path.id" = "{changed}" }}
# What params may hold is the grammar of image URLs.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 422]

[[operations]]
include-operation-id = "delete_api_images_id_links_link"
checks.positive_data_acceptance.expected-statuses = ["2xx", 404, 422]

[[operations]]
include-operation-id = "get_api_images_id_original"
checks.positive_data_acceptance.expected-statuses = ["2xx", 404]

[[operations]]
include-operation-id = "get_api_users"
# A cursor is what an earlier page said.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400]

[[operations]]
include-operation-id = "post_api_users"
# Which addresses, names, teams and scopes there are, no schema says.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 409]

[[operations]]
include-operation-id = "patch_api_users_id"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 409]

[[operations]]
include-operation-id = "post_api_teams"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 409]

[[operations]]
include-operation-id = "post_api_tokens"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400]

[[operations]]
include-operation-id = "post_api_access_tokens"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400]

[[operations]]
include-operation-id = "patch_api_account_profile"
# Which zones and cells there are, no schema says; a place may be set some times a day.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 429]

[[operations]]
include-operation-id = "get_api_images_id_annotations"
parameters = {{ "path.id" = "{changed}" }}
# Which layers and versions there are, no schema says.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404]

[[operations]]
include-operation-id = "put_api_images_id_annotations"
# Every member of every shape in turn would take minutes; tests of their schema do that.
phases.coverage.enabled = false
generation.max-examples = 15
parameters = {{ "path.id" = "{changed}" }}
# Which letters there are fonts for, which ids stand twice, and which version is the last.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 409, 413, 422]
checks.negative_data_rejection.expected-statuses = [400, 401, 403, 404, 409, 413, 415, 422]

[[operations]]
include-operation-id = "post_api_images_id_annotations_copy"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 409, 422]
checks.negative_data_rejection.expected-statuses = [400, 401, 403, 404, 409, 413, 415, 422]

[[operations]]
include-operation-id = "post_api_images_id_annotations_apply"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 409, 422]
checks.negative_data_rejection.expected-statuses = [400, 401, 403, 404, 409, 413, 415, 422]

[[operations]]
include-operation-id = "delete_api_images_id_annotations_layer"
checks.positive_data_acceptance.expected-statuses = ["2xx", 404, 409, 422]

[[operations]]
include-operation-id = "get_api_annotation_templates"
# A cursor is what an earlier page said.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400]

[[operations]]
include-operation-id = "post_api_annotation_templates"
# Every member of every shape in turn would take minutes; tests of their schema do that.
phases.coverage.enabled = false
generation.max-examples = 15
# Either shapes or a picture's layer, of letters there are fonts for.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 409, 413, 422]

[[operations]]
include-operation-id = "delete_api_annotation_templates_id"
checks.positive_data_acceptance.expected-statuses = ["2xx", 404, 422]

[[operations]]
include-operation-id = "post_api_images_id_links_revoke"
checks.positive_data_acceptance.expected-statuses = ["2xx", 404, 422]
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that strangers may fill."""
    with running_server(
        tmp_path_factory.mktemp("schemathesis"),
        rates__failures="0",
        rates__token="0",
        rates__address="0",
    ) as running:
        yield running


def document(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = server.get("/api/openapi.json").json()
    return found


@pytest.mark.timeout(300)
def test_every_answer_is_what_the_openapi_document_says(own: Server, tmp_path: Path) -> None:
    shown = own.upload(png(60, 40), title="shown")["id"]
    changed = own.upload(png(61, 40), title="changed")["id"]
    config = tmp_path / "schemathesis.toml"
    auth = f'[auth.openapi.token]\nbearer = "{own.make_token("admin")}"\n'
    config.write_text(auth + OPERATIONS.format(shown=shown, changed=changed))
    report = tmp_path / "report.json"
    # One worker: threads that parse at once confuse the parser of Python 3.11, whose depth they
    # share ("AST constructor recursion depth mismatch").
    command = [
        sys.executable, "-m", "schemathesis.cli",
        "--config-file", str(config), "run", f"{own.url}/api/openapi.json",
        "--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing", "--workers", "1",
        "--max-examples", str(EXAMPLES), "--generation-deterministic", "--continue-on-failure",
        "--request-timeout", "20", "--no-color",
        "--warnings", "off", "--report-json-path", str(report),
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout[-60000:] + done.stderr[-2000:]
    # All but the one that answers with the document itself, which schemathesis leaves out.
    operations = sum(len(each) for each in document(own)["paths"].values()) - 1
    assert f"Tested: {operations}" in done.stdout
    assert not [line for line in own.log if "Traceback" in line]


def test_every_route_for_programs_is_in_the_document(own: Server) -> None:
    paths = document(own)["paths"]
    listed = {(method, path) for path, methods in paths.items() for method in methods}
    expected = {
        ("get", "/img/{id}"), ("get", "/api/images"), ("post", "/api/images"),
        ("get", "/api/images/{id}"), ("patch", "/api/images/{id}"),
        ("delete", "/api/images/{id}"), ("get", "/healthz"), ("get", "/readyz"),
        ("get", "/metrics"),
    }  # fmt: skip
    assert expected <= listed


def test_a_parameter_or_form_field_is_never_null(own: Server) -> None:
    for methods in document(own)["paths"].values():
        for operation in methods.values():
            schemas = [parameter["schema"] for parameter in operation["parameters"]]
            forms = operation.get("requestBody", {}).get("content", {})
            schemas += [form["schema"] for media, form in forms.items() if "form-data" in media]
            assert "null" not in json.dumps(schemas)
