#!/usr/bin/env python3
"""Validates plans against docs/plan.schema.json, and the schema's own words against plan_id.

    python3 tests/plan_schema.py PLAN.json ...     ("-" reads standard input)

Needs python3-jsonschema. Beside the validation it takes the body out of each plan as the schema
describes it (the keys whose description starts with "body:") and checks that plan_id is its digest.
"""

import hashlib
import json
import pathlib
import sys

import jsonschema

SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "docs" / "plan.schema.json"


def resolved(schema, whole):
    while "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def body_of(value, schema, whole):
    """`value` without the keys that are not body, as `schema` tells them apart."""
    schema = resolved(schema, whole)
    if isinstance(value, list):
        return [body_of(element, schema.get("items", {}), whole) for element in value]
    if not isinstance(value, dict):
        return value
    if "properties" not in schema:  # a map of objects; a definition, which is all body
        rest = schema.get("additionalProperties", {})
        return {key: body_of(element, rest, whole) if rest else element
                for key, element in value.items()}
    properties = schema["properties"]
    return {key: body_of(element, properties[key], whole) for key, element in value.items()
            if properties[key]["description"].startswith("body:")}


def plan_id_of(plan, schema):
    body = body_of(plan, schema, schema)
    body["changes"].sort(key=lambda change: change["number"])
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def undescribed(schema, path="plan"):
    """Keys of the schema that do not say whether they are body or run."""
    for key, value in schema.get("properties", {}).items():
        if not value.get("description", "").startswith(("body:", "run:", "id:")):
            yield f"{path}.{key}"
        yield from undescribed(value, f"{path}.{key}")
    for name, value in schema.get("$defs", {}).items():
        yield from undescribed(value, name)
    if "items" in schema:
        yield from undescribed(schema["items"], path + "[]")


def mistakes_in(text, schema):
    """What is wrong with the plan in `text`; empty when it is as the schema says."""
    try:
        plan = json.loads(text)
    except ValueError as error:
        return [f"not JSON: {error}"]
    validator = jsonschema.Draft202012Validator(schema)
    wrong = [f"{'/'.join(map(str, error.absolute_path)) or 'top'}: {error.message}"
             for error in sorted(validator.iter_errors(plan), key=lambda error: list(map(str, error.absolute_path)))]
    if not wrong and plan_id_of(plan, schema) != plan["plan_id"]:
        wrong.append("plan_id is not the digest of what the schema calls body")
    return wrong


def main(files):
    if not files:
        sys.exit(__doc__)
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    failed = [f"{SCHEMA.name}: {path} says neither body nor run" for path in undescribed(schema)]
    for name in files:
        text = sys.stdin.read() if name == "-" else pathlib.Path(name).read_text()
        failed += [f"{name}: {mistake}" for mistake in mistakes_in(text, schema)]
    print("\n".join(failed) if failed else f"{len(files)} plans are as {SCHEMA.name} says")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
