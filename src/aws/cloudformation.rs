//! CloudFormation behind the [`Stacks`] port.

use aws_sdk_cloudformation::types as sdk;
use serde_json::Value;

use super::port::{Answer, ChangeSet, ChangeSetRequest, ChangeSetType, Detail, ResourceChange, Stack, StackEvent, StackResource, Stacks};
use super::session::{Account, refusal};

impl Stacks for Account {
    async fn describe(&self, name: &str) -> Answer<Option<Stack>> {
        match self.cloudformation.describe_stacks().stack_name(name).send().await.map_err(refusal) {
            Ok(answer) => Ok(answer.stacks().first().map(stack)),
            Err(refusal) if refusal.message.contains("does not exist") => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    async fn template(&self, name: &str) -> Answer<String> {
        let answer = self.cloudformation.get_template().stack_name(name).send().await.map_err(refusal)?;
        Ok(answer.template_body().unwrap_or_default().to_string())
    }

    async fn resources(&self, name: &str) -> Answer<Vec<StackResource>> {
        let mut pages = self.cloudformation.list_stack_resources().stack_name(name).into_paginator().send();
        let mut resources = Vec::new();
        while let Some(page) = pages.next().await {
            resources.extend(page.map_err(refusal)?.stack_resource_summaries().iter().map(resource));
        }
        Ok(resources)
    }

    async fn create_change_set(&self, request: &ChangeSetRequest) -> Answer<()> {
        let kind = match request.kind {
            ChangeSetType::Create => sdk::ChangeSetType::Create,
            ChangeSetType::Update => sdk::ChangeSetType::Update,
        };
        let tags = request.tags.iter().map(|(key, value)| sdk::Tag::builder().key(key).value(value).build()).collect();
        let call = self.cloudformation.create_change_set().stack_name(&request.stack).change_set_name(&request.name).change_set_type(kind);
        let call = call.template_body(&request.template).client_token(&request.token).capabilities(sdk::Capability::CapabilityIam).set_tags(Some(tags));
        call.send().await.map(|_| ()).map_err(refusal)
    }

    async fn change_set(&self, stack: &str, name: &str) -> Answer<ChangeSet> {
        let call = self.cloudformation.describe_change_set().stack_name(stack).change_set_name(name).include_property_values(true);
        let mut pages = call.into_paginator().send();
        let mut whole = ChangeSet::default();
        while let Some(page) = pages.next().await {
            let page = page.map_err(refusal)?;
            whole.id = page.change_set_id().unwrap_or_default().to_string();
            whole.status = page.status().map_or(String::new(), |status| status.as_str().to_string());
            whole.reason = page.status_reason().unwrap_or_default().to_string();
            whole.execution = page.execution_status().map_or(String::new(), |status| status.as_str().to_string());
            whole.changes.extend(page.changes().iter().filter_map(sdk::Change::resource_change).map(change));
        }
        Ok(whole)
    }

    async fn execute(&self, stack: &str, change_set: &str, token: &str) -> Answer<()> {
        let call = self.cloudformation.execute_change_set().stack_name(stack).change_set_name(change_set).client_request_token(token);
        call.send().await.map(|_| ()).map_err(refusal)
    }

    async fn delete_change_set(&self, stack: &str, name: &str) -> Answer<()> {
        self.cloudformation.delete_change_set().stack_name(stack).change_set_name(name).send().await.map(|_| ()).map_err(refusal)
    }

    async fn delete(&self, stack: &str, token: &str) -> Answer<()> {
        self.cloudformation.delete_stack().stack_name(stack).client_request_token(token).send().await.map(|_| ()).map_err(refusal)
    }

    async fn protect(&self, stack: &str, on: bool) -> Answer<()> {
        self.cloudformation.update_termination_protection().stack_name(stack).enable_termination_protection(on).send().await.map(|_| ()).map_err(refusal)
    }

    async fn events(&self, stack: &str, after: Option<&str>) -> Answer<Vec<StackEvent>> {
        let mut pages = self.cloudformation.describe_stack_events().stack_name(stack).into_paginator().send();
        let mut newest_first = Vec::new();
        'pages: while let Some(page) = pages.next().await {
            for one in page.map_err(refusal)?.stack_events() {
                if one.event_id() == after {
                    break 'pages;
                }
                newest_first.push(event(one));
            }
        }
        newest_first.reverse();
        Ok(newest_first)
    }
}

fn stack(one: &sdk::Stack) -> Stack {
    let moment = one.last_updated_time().or(one.creation_time()).map_or(String::new(), |time| format!("{}.{:09}", time.secs(), time.subsec_nanos()));
    let output = |output: &sdk::Output| (output.output_key().unwrap_or_default().to_string(), output.output_value().unwrap_or_default().to_string());
    Stack {
        id: one.stack_id().unwrap_or_default().to_string(),
        name: one.stack_name().unwrap_or_default().to_string(),
        status: one.stack_status().map_or(String::new(), |status| status.as_str().to_string()),
        reason: one.stack_status_reason().unwrap_or_default().to_string(),
        protected: one.enable_termination_protection().unwrap_or(false),
        last_operation: moment,
        outputs: one.outputs().iter().map(output).collect(),
    }
}

fn resource(one: &sdk::StackResourceSummary) -> StackResource {
    StackResource {
        id: one.logical_resource_id().unwrap_or_default().to_string(),
        physical_id: one.physical_resource_id().unwrap_or_default().to_string(),
        kind: one.resource_type().unwrap_or_default().to_string(),
        status: one.resource_status().map_or(String::new(), |status| status.as_str().to_string()),
    }
}

fn event(one: &sdk::StackEvent) -> StackEvent {
    StackEvent {
        event_id: one.event_id().unwrap_or_default().to_string(),
        id: one.logical_resource_id().unwrap_or_default().to_string(),
        kind: one.resource_type().unwrap_or_default().to_string(),
        status: one.resource_status().map_or(String::new(), |status| status.as_str().to_string()),
        reason: one.resource_status_reason().unwrap_or_default().to_string(),
        token: one.client_request_token().unwrap_or_default().to_string(),
    }
}

fn change(one: &sdk::ResourceChange) -> ResourceChange {
    ResourceChange {
        id: one.logical_resource_id().unwrap_or_default().to_string(),
        kind: one.resource_type().unwrap_or_default().to_string(),
        action: one.action().map_or(String::new(), |action| action.as_str().to_string()),
        replacement: one.replacement().map_or(String::new(), |replacement| replacement.as_str().to_string()),
        details: one.details().iter().filter_map(detail).collect(),
    }
}

fn detail(one: &sdk::ResourceChangeDetail) -> Option<Detail> {
    let of_resource = matches!(one.change_source(), Some(sdk::ChangeSource::ResourceReference | sdk::ChangeSource::ResourceAttribute));
    // `NatGateway.NatGatewayId` for an attribute, `NatGateway` for a reference.
    let entity = one.causing_entity().filter(|_| of_resource).and_then(|entity| entity.split('.').next());
    Some(Detail { cause: entity.map(str::to_string), ..target(one.target()?) })
}

fn target(one: &sdk::ResourceTargetDefinition) -> Detail {
    let attribute = one.attribute().map_or("", |attribute| attribute.as_str());
    let written = one.path().map(|path| path.trim_start_matches("/Properties/").to_string());
    let property = written.or(one.name().map(str::to_string)).unwrap_or(attribute.to_string());
    Detail { property, before: one.before_value().map(value), after: one.after_value().map(value), cause: None }
}

/// CloudFormation gives values as text; what is JSON becomes JSON again.
fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_string()))
}
