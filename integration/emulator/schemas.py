"""CloudFormation registry schemas of the pinned cfn-lint package: what a property may be, and what replaces a resource."""

import importlib.util
import json
import os

REGION = "us-west-2"


def load(types):
    """The schema of each named resource type."""
    package = os.path.dirname(importlib.util.find_spec("cfnlint").origin)
    folder = os.path.join(package, "data", "schemas")
    with open(os.path.join(folder, "providers", REGION + ".json"), encoding="utf-8") as file:
        names = json.load(file)
    schemas = {}
    for kind in types:
        with open(os.path.join(folder, "resources", names[kind] + ".json"), encoding="utf-8") as file:
            schemas[kind] = json.load(file)
    return schemas


def top_level(schema, key):
    """Names of the top-level properties in a list of JSON pointers such as `createOnlyProperties`."""
    return tuple(pointer.split("/")[2] for pointer in schema.get(key, []) if pointer.count("/") == 2)


def validate(schema, properties):
    """Fails as CloudFormation does on missing, unknown and read-only properties and on words outside an enum."""
    faults = [f"#: required key [{name}] not found" for name in schema.get("required", []) if name not in properties]
    known = schema["properties"]
    if schema.get("additionalProperties") is False:
        faults += [f"#: extraneous key [{name}] is not permitted" for name in properties if name not in known]
    read_only = top_level(schema, "readOnlyProperties")
    faults += [f"Encountered readOnly property {name}" for name in properties if name in read_only]
    for name, value in properties.items():
        words = known.get(name, {}).get("enum")
        if words and value not in words:
            faults.append(f"#/{name}: {value} is not a valid enum value")
    if faults:
        raise ValueError("Properties validation failed for resource with message:\n[" + "; ".join(faults) + "]")
