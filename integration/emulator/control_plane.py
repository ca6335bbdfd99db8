#!/usr/bin/env python3
"""CloudFormation, EKS and STS of the tests: ministack, with our handlers and CloudFormation's own schemas. See README.md."""

import json
import os
import threading
import time

import botocore
import ministack.services.eks as eks
from ministack.core.responses import get_region
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, provisioners, stacks

import clusters
import drifting
import events
import network
import refusals
import schemas

HANDLERS = {**network.HANDLERS, **clusters.HANDLERS}
ALSO_CHECKED = ("AWS::EKS::Cluster", "AWS::EKS::Nodegroup", "AWS::IAM::Role", "AWS::EC2::LaunchTemplate")
SCHEMAS = schemas.load([*HANDLERS, *ALSO_CHECKED])


# Seconds that every operation takes, so that a demo can be watched. Tests leave it at 0.
PACE = float(os.environ.get("PACE", "0"))

# How often an operation on a resource was asked for since faults.json came.
seen = {}

# (resources of the template, logical ids that existed before) by stack.
deploying = {}

# What holds which key, by Region, and what an update deleted before it created the next one.
held = {}
deleted_early = set()


def holders():
    return held.setdefault(get_region(), refusals.Held())


def forget():
    """With everything else that the emulator has."""
    held.clear()
    deleted_early.clear()
    deploying.clear()
    clusters.PROFILES.clear()
    events.of_stack.clear()


def fault(logical_id, operation):
    """Delays or fails an operation on a resource, as faults.json says at this moment."""
    time.sleep(PACE)
    path = os.environ.get("FAULTS", "")
    if not os.path.exists(path):
        seen.clear()
        return
    with open(path, encoding="utf-8") as file:
        rule = json.load(file).get(logical_id)
    if rule and rule.get("on", "create") == operation:
        seen[logical_id, operation] = seen.get((logical_id, operation), 0) + 1
        if seen[logical_id, operation] <= rule.get("skip", 0):
            return
        time.sleep(rule.get("delay", 0))
        if rule.get("fail"):
            raise ValueError(rule["fail"])


def wired(kind, handler):
    """ministack's interface around one of our handlers."""
    create_only = schemas.top_level(SCHEMAS[kind], "createOnlyProperties")
    deletes_first = SCHEMAS[kind].get("replacementStrategy") == "delete_then_create"

    def made(properties):
        key = refusals.key(kind, properties)
        holders().take(key, None)
        try:
            identifier, attributes = handler.create(properties)
        except BaseException:
            holders().give_back(key, None)
            raise
        if key is not None:
            holders().by_key[key] = identifier
        return identifier, attributes

    def create(logical_id, properties, stack):
        fault(logical_id, "create")
        schemas.validate(SCHEMAS[kind], properties)
        if kind == "AWS::EKS::FargateProfile" and stack in deploying:
            refusals.profiles_at_once(logical_id, *deploying[stack])
        return made(properties)

    def update(identifier, old, new, _stack, logical_id=None):
        fault(logical_id, "update")
        schemas.validate(SCHEMAS[kind], new)
        if handler.update is None or any(old.get(name) != new.get(name) for name in create_only):
            if deletes_first:
                remove(identifier, old)
                deleted_early.add((kind, identifier))
            return made(new)  # ministack removes the old one when it cleans up
        if kind == "AWS::EKS::AccessEntry":
            refusals.access_entry_update(old, new)
        return identifier, handler.update(identifier, old, new)

    def remove(identifier, properties):
        handler.delete(identifier, properties)
        holders().give_back(refusals.key(kind, properties), identifier)

    def delete(identifier, properties, logical_id=None):
        fault(logical_id, "delete")
        if (kind, identifier) in deleted_early:
            deleted_early.discard((kind, identifier))
            return
        try:
            remove(identifier, properties)
        except (ValueError, botocore.exceptions.ClientError) as error:
            if "NotFound" not in str(error):
                raise

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete, "delete_with_logical_id": True}


def refused_update(kind, old, new):
    """What EKS takes from CloudFormation in one update."""
    if kind == "AWS::EKS::Cluster":
        refusals.version_update(old, new)
        refusals.dropped_properties(old, new)
    if kind == "AWS::EKS::Nodegroup":
        refusals.reserved_labels(new)
        refusals.mixed_node_group_update(old, new)


def faulty(kind):
    """ministack's own handler, with our faults in front of its creation, and what AWS refuses of its updates."""
    own = provisioners._RESOURCE_HANDLERS[kind]
    inner = clusters.complete_cluster(own["create"]) if kind == "AWS::EKS::Cluster" else own["create"]
    updated = clusters.counting_nodes(own["update"]) if kind == "AWS::EKS::Nodegroup" else own["update"]

    def create(logical_id, properties, stack):
        fault(logical_id, "create")
        schemas.validate(SCHEMAS[kind], properties)
        if kind == "AWS::EKS::Nodegroup":
            refusals.reserved_labels(properties)
        made = inner(logical_id, properties, stack)
        if kind == "AWS::EKS::Nodegroup":
            clusters.admitted("create", properties)
        return made

    def update(identifier, old, new, *rest, **named):
        refused_update(kind, old, new)
        return updated(identifier, old, new, *rest, **named)

    def delete(identifier, properties, *rest, **named):
        if kind == "AWS::EKS::Cluster":
            refusals.cluster_deletion(identifier, *clusters.children(identifier))
        gone = own["delete"](identifier, properties, *rest, **named)
        if kind == "AWS::EKS::Nodegroup":
            clusters.admitted("delete", properties)
        return gone

    return {**own, "create": create, "update": update, "delete": delete}


def one_operation_at_a_time(execute):
    """CloudFormation executes no change set on a stack that is being worked on, and none that was made to create a stack which exists by then;
    ministack executes two that were made in time."""
    lock = threading.Lock()

    def one(params, key):
        value = params.get(key, "")
        return value[0] if isinstance(value, list) else value

    def wrapped(params):
        with lock:
            stack = handlers._resolve_stack(one(params, "StackName"))
            status = stack["StackStatus"] if stack else ""
            if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
                return handlers._error("ValidationError", f"Stack:{stack['StackId']} is in {status} state and can not be updated.")
            name, change_set = changesets._find_change_set(one(params, "ChangeSetName"), one(params, "StackName"))
            if change_set and change_set.get("ChangeSetType") == "CREATE" and status not in ("", "REVIEW_IN_PROGRESS"):
                return handlers._error("InvalidChangeSetStatus", f"ChangeSet [{name}] cannot be executed in its current execution status of [OBSOLETE]")
            return execute(params)
    return wrapped


def one_deletion_at_a_time(delete):
    """A stack that is being deleted is told so again, and nothing more happens: whoever lost the answer asks twice."""
    lock = threading.Lock()

    def wrapped(params):
        with lock:
            name = params.get("StackName", "")
            stack = handlers._resolve_stack(name[0] if isinstance(name, list) else name)
            if stack and stack.get("_deletion_asked") and stack["StackStatus"] != "DELETE_FAILED":
                return handlers._xml(200, "DeleteStackResponse", "")
            answer = delete(params)
            if stack and answer[0] == 200:
                stack["_deletion_asked"] = True
            return answer
    return wrapped


def remembering(deploy):
    """What is being deployed, for refusals that depend on what comes at the same time."""
    async def wrapped(stack_name, stack_id, template, *rest, **named):
        previous = named.get("previous_stack") or {}
        before, after = previous.get("_resources", {}), template.get("Resources", {})
        deploying[stack_name] = (after, set(before))
        former = (previous.get("_template") or {}).get("Resources", {}) if named.get("is_update") else {}
        events.remember(stack_name, former, after, previous.get("Tags") == rest[2])
        return await deploy(stack_name, stack_id, template, *rest, **named)
    return wrapped


def install():
    stacks._add_event = events.quiet(cloudformation._stacks, stacks._add_event)
    stacks._delete_resource = events.cleaned_up(cloudformation._stacks, stacks._add_event, stacks._delete_resource)
    remembered = remembering(stacks._deploy_stack_async)
    for module in (stacks, handlers, changesets):
        if hasattr(module, "_deploy_stack_async"):
            module._deploy_stack_async = remembered
    handlers._ACTION_HANDLERS["ExecuteChangeSet"] = one_operation_at_a_time(handlers._ACTION_HANDLERS["ExecuteChangeSet"])
    handlers._ACTION_HANDLERS["DeleteStack"] = one_deletion_at_a_time(handlers._ACTION_HANDLERS["DeleteStack"])
    drifting.install()
    # While anything takes its time, the services answer: whoever watches sees a deployment half done.
    stacks._runs_on_worker_thread = lambda _kind: True
    clusters.install(forget)
    eks._handle_request_sync = clusters.as_told(clusters.with_versions(eks._handle_request_sync))
    handlers._capabilities_enforced = lambda: True  # AWS always asks for CAPABILITY_IAM
    for kind, schema in SCHEMAS.items():
        provisioners._REPLACING_PROPERTIES[kind] = schemas.top_level(schema, "createOnlyProperties")
        conditional = schemas.top_level(schema, "conditionalCreateOnlyProperties")
        if conditional:
            provisioners._CONDITIONALLY_REPLACING_PROPERTIES[kind] = conditional
    for kind, handler in HANDLERS.items():
        provisioners._RESOURCE_HANDLERS[kind] = wired(kind, handler)
    for kind in ALSO_CHECKED:
        provisioners._RESOURCE_HANDLERS[kind] = faulty(kind)


if __name__ == "__main__":
    install()
    from ministack.app import main

    main()
