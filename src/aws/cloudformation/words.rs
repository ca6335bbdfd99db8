//! CloudFormation's answers in our own types.

use std::time::Duration;

use aws_sdk_cloudformation::primitives::DateTime;
use aws_sdk_cloudformation::types as sdk;
use serde_json::Value;

use crate::aws::port::{Detail, ResourceChange, StackEvent, StackResource};
use crate::aws::session::written;
use crate::observed::{Difference, Drift, StackDescription};

pub(super) fn stack(one: &sdk::Stack) -> StackDescription {
    let changed = one.last_updated_time().or(one.creation_time());
    let moment =
        changed.map_or(String::new(), |time| format!("{}.{:09}", time.secs(), time.subsec_nanos()));
    let output = |output: &sdk::Output| {
        (
            output.output_key().unwrap_or_default().to_string(),
            output.output_value().unwrap_or_default().to_string(),
        )
    };
    StackDescription {
        id: one.stack_id().unwrap_or_default().to_string(),
        name: one.stack_name().unwrap_or_default().to_string(),
        status: one.stack_status().map_or(String::new(), |status| status.as_str().to_string()),
        reason: one.stack_status_reason().unwrap_or_default().to_string(),
        protected: one.enable_termination_protection().unwrap_or(false),
        changed: changed.map_or(String::new(), written),
        last_operation: moment,
        operation: one
            .last_operations()
            .first()
            .and_then(|operation| operation.operation_id())
            .map(str::to_string),
        outputs: one.outputs().iter().map(output).collect(),
    }
}

pub(super) fn resource(one: &sdk::StackResourceSummary) -> StackResource {
    StackResource {
        id: one.logical_resource_id().unwrap_or_default().to_string(),
        physical_id: one.physical_resource_id().unwrap_or_default().to_string(),
        kind: one.resource_type().unwrap_or_default().to_string(),
        status: one.resource_status().map_or(String::new(), |status| status.as_str().to_string()),
    }
}

pub(super) fn event(one: &sdk::StackEvent) -> StackEvent {
    StackEvent {
        event_id: one.event_id().unwrap_or_default().to_string(),
        id: one.logical_resource_id().unwrap_or_default().to_string(),
        physical_id: one.physical_resource_id().unwrap_or_default().to_string(),
        kind: one.resource_type().unwrap_or_default().to_string(),
        status: one.resource_status().map_or(String::new(), |status| status.as_str().to_string()),
        reason: one.resource_status_reason().unwrap_or_default().to_string(),
        token: one.client_request_token().unwrap_or_default().to_string(),
        at: one.timestamp().map_or(Duration::ZERO, since_1970),
    }
}

fn since_1970(time: &DateTime) -> Duration {
    Duration::new(u64::try_from(time.secs()).unwrap_or(0), time.subsec_nanos())
}

/// What failed, in the words of a stack's event: a validation has no resource status, its own reason says more.
pub(super) fn operation_event(one: &sdk::OperationEvent) -> StackEvent {
    let kind = one.event_type().map_or("", |kind| kind.as_str());
    let status =
        one.resource_status().map_or(kind.to_string(), |status| status.as_str().to_string());
    let path = one.validation_path().map_or(String::new(), |path| format!(" ({path})"));
    let validation = one.validation_status_reason().map(|reason| format!("{reason}{path}"));
    let reason = validation
        .or(one.hook_status_reason().map(str::to_string))
        .or(one.resource_status_reason().map(str::to_string));
    StackEvent {
        event_id: one.event_id().unwrap_or_default().to_string(),
        id: one.logical_resource_id().unwrap_or_default().to_string(),
        physical_id: one.physical_resource_id().unwrap_or_default().to_string(),
        kind: one.resource_type().unwrap_or_default().to_string(),
        status,
        reason: reason.unwrap_or_default(),
        token: one.client_request_token().unwrap_or_default().to_string(),
        at: one.timestamp().map_or(Duration::ZERO, since_1970),
    }
}

pub(super) fn drift(one: &sdk::StackResourceDrift) -> Drift {
    let difference = |one: &sdk::PropertyDifference| Difference {
        property: one.property_path().unwrap_or_default().trim_start_matches('/').to_string(),
        expected: one.expected_value().map(value),
        actual: one.actual_value().map(value),
    };
    Drift {
        id: one.logical_resource_id().unwrap_or_default().to_string(),
        kind: one.resource_type().unwrap_or_default().to_string(),
        physical_id: one.physical_resource_id().unwrap_or_default().to_string(),
        status: one
            .stack_resource_drift_status()
            .map_or(String::new(), |status| status.as_str().to_string()),
        differences: one.property_differences().iter().map(difference).collect(),
    }
}

pub(super) fn change(one: &sdk::ResourceChange) -> ResourceChange {
    ResourceChange {
        id: one.logical_resource_id().unwrap_or_default().to_string(),
        physical_id: one.physical_resource_id().unwrap_or_default().to_string(),
        kind: one.resource_type().unwrap_or_default().to_string(),
        action: one.action().map_or(String::new(), |action| action.as_str().to_string()),
        replacement: one
            .replacement()
            .map_or(String::new(), |replacement| replacement.as_str().to_string()),
        details: one.details().iter().filter_map(detail).collect(),
        drift: one
            .resource_drift_status()
            .map_or(String::new(), |status| status.as_str().to_string()),
    }
}

fn detail(one: &sdk::ResourceChangeDetail) -> Option<Detail> {
    let of_resource = matches!(
        one.change_source(),
        Some(sdk::ChangeSource::ResourceReference | sdk::ChangeSource::ResourceAttribute)
    );
    // `NatGateway.NatGatewayId` for an attribute, `NatGateway` for a reference.
    let entity =
        one.causing_entity().filter(|_| of_resource).and_then(|entity| entity.split('.').next());
    Some(Detail { cause: entity.map(str::to_string), ..target(one.target()?) })
}

fn target(one: &sdk::ResourceTargetDefinition) -> Detail {
    let attribute = one.attribute().map_or("", |attribute| attribute.as_str());
    let written = one
        .path()
        .map(|path| path.trim_start_matches("/Properties/").trim_start_matches('/').to_string());
    let property = written.or(one.name().map(str::to_string)).unwrap_or(attribute.to_string());
    Detail {
        property,
        before: one.before_value().map(value),
        after: one.after_value().map(value),
        cause: None,
        drift: one.drift().map(by_hand),
    }
}

fn by_hand(one: &sdk::LiveResourceDrift) -> (Value, Value) {
    (value(one.previous_value().unwrap_or_default()), value(one.actual_value().unwrap_or_default()))
}

/// CloudFormation gives values as text; what is JSON becomes JSON again.
fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_string()))
}
