"""Events of updates as CloudFormation has them: resources that stay as they are have none, what is replaced or removed goes in a phase of its
own after everything else. ministack has events for every resource of the template, and none for that phase.

Source: CloudFormation user guide, stack status codes and update behaviors, as they are known; not read again."""

import refusals

CLEANUP = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
STACK = "AWS::CloudFormation::Stack"
OF_STAYING = ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")


def staying(before, after):
    """Logical ids whose definition is the same, and which use nothing that is not."""
    same = {name for name, one in after.items() if before.get(name) == one}
    while True:
        used = {name: {need for need in refusals.needs({**after[name], "DependsOn": []}) if need in after} for name in same}
        fewer = {name for name in same if used[name] <= same}
        if fewer == same:
            return same
        same = fewer


# Logical ids that stay as they are in the update that is under way, by stack.
of_stack = {}


def remember(stack, before, after, tags_stay):
    of_stack[stack] = staying(before, after) if tags_stay else set()


def quiet(all_stacks, add_event):
    """No events of what stays, and the phase of its own even where there is nothing to delete."""
    def wrapped(stack_id, stack_name, logical_id, kind, status, *rest, **named):
        if kind != STACK and status in OF_STAYING and logical_id in of_stack.get(stack_name, ()):
            return None
        stack = all_stacks.get(stack_name)
        if kind == STACK and status == "UPDATE_COMPLETE" and stack and not stack.pop("_cleaned_up", False):
            add_event(stack_id, stack_name, logical_id, kind, CLEANUP, *rest, **named)
        return add_event(stack_id, stack_name, logical_id, kind, status, *rest, **named)
    return wrapped


def cleaned_up(all_stacks, add_event, delete):
    """Whatever an update deletes once it has succeeded."""
    def wrapped(kind, physical_id, properties, stack_name=None, logical_id=None):
        stack = all_stacks.get(stack_name)
        if not stack or stack["StackStatus"] not in ("UPDATE_IN_PROGRESS", CLEANUP):
            return delete(kind, physical_id, properties, stack_name, logical_id)
        say = lambda name, kind, status, own: add_event(stack["StackId"], stack_name, name, kind, status, physical_id=own)
        if stack["StackStatus"] != CLEANUP:
            stack["StackStatus"], stack["_cleaned_up"] = CLEANUP, True
            say(stack_name, STACK, CLEANUP, stack["StackId"])
        say(logical_id, kind, "DELETE_IN_PROGRESS", physical_id)
        gone = delete(kind, physical_id, properties, stack_name, logical_id)
        say(logical_id, kind, "DELETE_COMPLETE", physical_id)
        return gone
    return wrapped
