//! CloudFormation behind the [`Stacks`] port.

mod words;

use aws_sdk_cloudformation::types as sdk;

use super::port::{
    Answer, Body, ChangeSet, ChangeSetRequest, ChangeSetType, Detection, Failed, Listed, OnFailure,
    Refusal, StackEvent, StackResource, Stacks,
};
use super::session::{Account, refusal};
use crate::observed::{Drift, StackDescription};
use words::{change, drift, event, operation_event, resource, stack};

impl Stacks for Account {
    async fn describe(&self, name: &str) -> Answer<Option<StackDescription>> {
        match self.cloudformation.describe_stacks().stack_name(name).send().await.map_err(refusal) {
            Ok(answer) => Ok(answer.stacks().first().map(stack)),
            Err(refusal) if refusal.message.contains("does not exist") => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    async fn template(&self, name: &str) -> Answer<String> {
        let answer =
            self.cloudformation.get_template().stack_name(name).send().await.map_err(refusal)?;
        Ok(answer.template_body().unwrap_or_default().to_string())
    }

    async fn resources(&self, name: &str) -> Answer<Vec<StackResource>> {
        let mut pages =
            self.cloudformation.list_stack_resources().stack_name(name).into_paginator().send();
        let mut resources = Vec::new();
        while let Some(page) = pages.next().await {
            resources
                .extend(page.map_err(refusal)?.stack_resource_summaries().iter().map(resource));
        }
        Ok(resources)
    }

    async fn create_change_set(&self, request: &ChangeSetRequest) -> Answer<()> {
        let kind = match request.kind {
            ChangeSetType::Create => sdk::ChangeSetType::Create,
            ChangeSetType::Update => sdk::ChangeSetType::Update,
        };
        let tag =
            |(key, value): &(String, String)| sdk::Tag::builder().key(key).value(value).build();
        let tags = request.tags.as_ref().map(|tags| tags.iter().map(tag).collect());
        let call = self
            .cloudformation
            .create_change_set()
            .stack_name(&request.stack)
            .change_set_name(&request.name)
            .change_set_type(kind)
            .set_description(Some(request.description.clone()).filter(|text| !text.is_empty()));
        let call = call
            .client_token(&request.token)
            .capabilities(sdk::Capability::CapabilityNamedIam)
            .set_tags(tags)
            .set_role_arn(request.role.clone())
            .set_notification_arns(Some(request.topics.clone()).filter(|all| !all.is_empty()));
        let call = match &request.template {
            Body::Inline(text) => call.template_body(text),
            Body::Url(address) => call.template_url(address),
        };
        let call = if request.revert_drift {
            call.deployment_mode(sdk::DeploymentMode::RevertDrift)
        } else {
            call
        };
        let call = if request.import { call.import_existing_resources(true) } else { call };
        call.send().await.map(|_| ()).map_err(refusal)
    }

    async fn change_set(&self, stack: &str, name: &str) -> Answer<ChangeSet> {
        let call = self
            .cloudformation
            .describe_change_set()
            .stack_name(stack)
            .change_set_name(name)
            .include_property_values(true);
        let mut pages = call.into_paginator().send();
        let mut whole = ChangeSet::default();
        while let Some(page) = pages.next().await {
            let page = page.map_err(refusal)?;
            whole.id = page.change_set_id().unwrap_or_default().to_string();
            whole.status =
                page.status().map_or(String::new(), |status| status.as_str().to_string());
            whole.reason = page.status_reason().unwrap_or_default().to_string();
            whole.execution =
                page.execution_status().map_or(String::new(), |status| status.as_str().to_string());
            whole
                .changes
                .extend(page.changes().iter().filter_map(sdk::Change::resource_change).map(change));
        }
        Ok(whole)
    }

    async fn execute(&self, stack: &str, change_set: &str, on_failure: OnFailure) -> Answer<()> {
        let call = self
            .cloudformation
            .execute_change_set()
            .stack_name(stack)
            .change_set_name(change_set)
            .client_request_token(change_set);
        let call = match on_failure {
            OnFailure::Keep => call.disable_rollback(true),
            OnFailure::Rollback => call,
        };
        call.send().await.map(|_| ()).map_err(refusal)
    }

    async fn cancel(&self, stack: &str, token: &str) -> Answer<()> {
        let call = self.cloudformation.cancel_update_stack().stack_name(stack);
        call.client_request_token(token).send().await.map(|_| ()).map_err(refusal)
    }

    async fn delete_change_set(&self, stack: &str, name: &str) -> Answer<()> {
        self.cloudformation
            .delete_change_set()
            .stack_name(stack)
            .change_set_name(name)
            .send()
            .await
            .map(|_| ())
            .map_err(refusal)
    }

    async fn change_sets(&self, stack: &str) -> Answer<Vec<Listed>> {
        let mut pages =
            self.cloudformation.list_change_sets().stack_name(stack).into_paginator().send();
        let listed = |one: &sdk::ChangeSetSummary| {
            let description = one.description().unwrap_or_default().to_string();
            Some(Listed { name: one.change_set_name()?.to_string(), description })
        };
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            all.extend(page.map_err(refusal)?.summaries().iter().filter_map(listed));
        }
        Ok(all)
    }

    async fn delete(&self, stack: &str, token: &str, role: Option<&str>) -> Answer<()> {
        self.cloudformation
            .delete_stack()
            .stack_name(stack)
            .set_role_arn(role.map(str::to_string))
            .client_request_token(token)
            .send()
            .await
            .map(|_| ())
            .map_err(refusal)
    }

    async fn protect(&self, stack: &str, on: bool) -> Answer<()> {
        self.cloudformation
            .update_termination_protection()
            .stack_name(stack)
            .enable_termination_protection(on)
            .send()
            .await
            .map(|_| ())
            .map_err(refusal)
    }

    async fn events(&self, stack: &str, after: Option<&str>) -> Answer<Vec<StackEvent>> {
        let mut pages =
            self.cloudformation.describe_stack_events().stack_name(stack).into_paginator().send();
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
    async fn failed(&self, of: Failed<'_>) -> Answer<Vec<StackEvent>> {
        let call = self
            .cloudformation
            .describe_events()
            .filters(sdk::EventFilter::builder().failed_events(true).build());
        let call = match of {
            Failed::Operation(id) => call.operation_id(id),
            Failed::ChangeSet { stack, name } => call.stack_name(stack).change_set_name(name),
        };
        let mut pages = call.into_paginator().send();
        let mut newest_first = Vec::new();
        while let Some(page) = pages.next().await {
            newest_first
                .extend(page.map_err(refusal)?.operation_events().iter().map(operation_event));
        }
        newest_first.reverse();
        Ok(newest_first)
    }

    async fn continue_rollback(&self, stack: &str, token: &str) -> Answer<()> {
        self.cloudformation
            .continue_update_rollback()
            .stack_name(stack)
            .client_request_token(token)
            .send()
            .await
            .map(|_| ())
            .map_err(refusal)
    }

    async fn change_set_template(&self, stack: &str, name: &str) -> Answer<String> {
        let answer = self
            .cloudformation
            .get_template()
            .stack_name(stack)
            .change_set_name(name)
            .send()
            .await
            .map_err(refusal)?;
        Ok(answer.template_body().unwrap_or_default().to_string())
    }

    async fn upload(&self, bucket: &str, key: &str, template: &str) -> Answer<String> {
        let object = || self.s3.put_object().bucket(bucket).key(key);
        let short = aws_sdk_s3::presigning::PresigningConfig::expires_in(
            std::time::Duration::from_secs(60),
        );
        let short = short.map_err(|cause| Refusal::new("", cause.to_string()))?;
        // Where the SDK puts it, whatever endpoint it was told to use.
        let address = object()
            .presigned(short)
            .await
            .map_err(refusal)?
            .uri()
            .split('?')
            .next()
            .unwrap_or_default()
            .to_string();
        let body = aws_sdk_s3::primitives::ByteStream::from(template.as_bytes().to_vec());
        object().content_type("application/json").body(body).send().await.map_err(refusal)?;
        Ok(address)
    }

    async fn detect_drift(&self, stack: &str) -> Answer<String> {
        let answer = self
            .cloudformation
            .detect_stack_drift()
            .stack_name(stack)
            .send()
            .await
            .map_err(refusal)?;
        Ok(answer.stack_drift_detection_id().unwrap_or_default().to_string())
    }

    async fn detection(&self, id: &str) -> Answer<Detection> {
        let answer = self
            .cloudformation
            .describe_stack_drift_detection_status()
            .stack_drift_detection_id(id)
            .send()
            .await
            .map_err(refusal)?;
        let status =
            answer.detection_status().map_or(String::new(), |status| status.as_str().to_string());
        Ok(Detection {
            status,
            reason: answer.detection_status_reason().unwrap_or_default().to_string(),
        })
    }

    async fn drifts(&self, stack: &str) -> Answer<Vec<Drift>> {
        let call = self.cloudformation.describe_stack_resource_drifts().stack_name(stack);
        let call =
            call.stack_resource_drift_status_filters(sdk::StackResourceDriftStatus::Modified);
        let mut pages = call
            .stack_resource_drift_status_filters(sdk::StackResourceDriftStatus::Deleted)
            .into_paginator()
            .send();
        let mut drifts = Vec::new();
        while let Some(page) = pages.next().await {
            drifts.extend(page.map_err(refusal)?.stack_resource_drifts().iter().map(drift));
        }
        drifts.sort_by(|one: &Drift, other| one.id.cmp(&other.id));
        Ok(drifts)
    }
}
