"""The OpenAPI 3.1 document of the API, made from the models that read and write its bodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from proactive import api_models as models
from proactive.api_problems import MEDIA_TYPE, Kind
from proactive.api_read import Batch, Query
from proactive.template import Templates

BASE = "/api/v1"
JSON = dict[str, Any]
REF = "#/components/schemas/{model}"
MODELS: Sequence[tuple[type[BaseModel], JsonSchemaMode]] = (
    (models.NewNudge, "validation"),
    (Batch, "validation"),
    (models.Made, "serialization"),
    (models.BatchMade, "serialization"),
    (models.NudgeWithEvents, "serialization"),
    (models.Page, "serialization"),
    (models.TemplatesGiven, "serialization"),
    (models.Problem, "serialization"),
)
ABOUT = """Have people written to by the city, from templates, on the channel that suits them.

Every message goes through the same gate as it is sent: the person's consent, opt-outs, quiet hours and how often they
have been written to. A message that waits for one of these is `held`, with the reason. See docs/api.md."""
NAMED: JSON = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Your own name of the request: sent again within a day, it gets the same answer and makes nothing.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}
WHICH: JSON = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
ALWAYS = (Kind.NO_KEY, Kind.SCOPE, Kind.TOO_OFTEN, Kind.DOWN)


def document(templates: Templates) -> JSON:
    """The whole of it, with an example of every template."""
    _, schemas = models_json_schema(MODELS, ref_template=REF)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Neuvo", "version": "1", "summary": "The city writes first", "description": ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "paths": _paths(templates),
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "neuvo_live_…, neuvo_team_… or neuvo_test_…"}
            },
        },
    }


def _paths(templates: Templates) -> JSON:
    one = f"{BASE}/nudges/{{id}}"
    return {
        f"{BASE}/nudges": {
            "post": _operation(
                "createNudges",
                "Have one message sent, or up to 10,000.",
                {200: "BatchMade", 201: "Made"},
                (Kind.TOO_LONG, Kind.MEDIA, Kind.INVALID),
                parameters=[NAMED],
                body=_body(templates),
            ),
            "get": _operation(
                "listNudges",
                "The messages that this key made, the newest first.",
                {200: "Page"},
                (Kind.INVALID,),
                parameters=_query(),
            ),
        },
        one: {
            "get": _operation(
                "getNudge",
                "One message with its history.",
                {200: "NudgeWithEvents"},
                (Kind.UNKNOWN,),
                parameters=[WHICH],
            )
        },
        f"{one}/cancel": {
            "post": _operation(
                "cancelNudge",
                "Cancel one that has not been sent.",
                {200: "NudgeGiven"},
                (Kind.UNKNOWN, Kind.TOO_LATE),
                parameters=[WHICH],
            )
        },
        f"{BASE}/templates": {
            "get": _operation("listTemplates", "What can be sent, and with which values.", {200: "TemplatesGiven"})
        },
    }


def _operation(
    name: str,
    summary: str,
    given: Mapping[int, str],
    problems: Sequence[Kind] = (),
    *,
    parameters: Sequence[JSON] = (),
    body: JSON | None = None,
) -> JSON:
    responses = {str(status): _content("Done.", "application/json", [model]) for status, model in given.items()}
    if 201 in given:  # one that was there before is answered with 200, as a batch is
        responses["200"] = _content("Done, or was there before.", "application/json", list(given.values()))
        responses["201"]["links"] = {
            linked: {"operationId": linked, "parameters": {"id": "$response.body#/id"}}
            for linked in ("getNudge", "cancelNudge")
        }
    for kind in (*problems, *ALWAYS):
        responses[str(kind.status)] = _content(f"{kind.title}. {kind.detail}", MEDIA_TYPE, ["Problem"])
    for status, header in (("401", "WWW-Authenticate"), ("429", "Retry-After"), ("503", "Retry-After")):
        responses[status]["headers"] = {header: {"required": True, "schema": {"type": "string"}}}
    operation: JSON = {"operationId": name, "summary": summary, "responses": responses}
    if parameters:
        operation["parameters"] = list(parameters)
    if body is not None:
        operation["requestBody"] = body
    return operation


def _body(templates: Templates) -> JSON:
    content = _content(
        "One message, or a batch. Of a batch those are taken that are right, if any is.",
        "application/json",
        ["NewNudge", "Batch"],
    )
    content["content"]["application/json"]["examples"] = {
        template.id: {
            "summary": next(iter(template.title.values())),
            "value": {"template": template.id, "to": {"phone": "+358401234567"}, "values": template.examples},
        }
        for template in templates
    }
    return {"required": True, **content}


def _content(description: str, media_type: str, schemas: Sequence[str]) -> JSON:
    refs = [{"$ref": REF.format(model=name)} for name in schemas]
    schema = refs[0] if len(refs) == 1 else {"oneOf": refs}
    return {"description": description, "content": {media_type: {"schema": schema}}}


def _query() -> list[JSON]:
    """Its parameters, without the null that a query cannot say."""
    found = []
    for name, schema in TypeAdapter(Query).json_schema()["properties"].items():
        own = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
        shown = {key: value for key, value in own.items() if key not in {"title", "default"}}
        parameter: JSON = {"name": name, "in": "query", "required": False, "schema": shown}
        if "description" in schema:
            parameter["description"] = schema["description"]
        found.append(parameter)
    return found
