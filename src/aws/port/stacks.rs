//! What eksnet asks of CloudFormation.

use std::time::Duration;

use serde_json::Value;

use super::Answer;
use crate::observed::{Drift, StackDescription};

/// What a change set is made for: CloudFormation refuses the one where the other is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeSetType {
    Create,
    Update,
}

/// What becomes of a stack whose operation fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    #[default]
    Rollback,
    /// What was made stays, and the next deployment goes on from there.
    Keep,
}

/// What CloudFormation is told when a change set is made; the capability for named IAM resources always goes along.
#[derive(Clone, Debug)]
pub struct ChangeSetRequest {
    pub stack: String,
    pub name: String,
    /// What others read beside its name; empty: nothing.
    pub description: String,
    pub kind: ChangeSetType,
    pub template: Body,
    pub token: String,
    /// CloudFormation hands them on to the stack's resources; `None`: those that the stack has.
    pub tags: Option<Vec<(String, String)>>,
    /// The service role that CloudFormation acts with; `None`: whoever calls, or the role that the stack had.
    pub role: Option<String>,
    /// SNS topics that hear the stack's events; none: those that it has.
    pub topics: Vec<String>,
    /// Whether what was changed by hand is to be put back too (a drift-aware change set).
    pub revert_drift: bool,
    /// Whether what exists under the names of the template becomes the stack's, instead of failing its creation.
    pub import: bool,
}

/// A template on its way.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    Inline(String),
    /// In an S3 bucket.
    Url(String),
}

/// A change set as CloudFormation describes it, all its pages as one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeSet {
    pub id: String,
    pub status: String,
    pub reason: String,
    pub execution: String,
    pub changes: Vec<ResourceChange>,
}

/// A change set in the list of a stack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listed {
    pub name: String,
    pub description: String,
}

/// One resource of a change set, in CloudFormation's words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceChange {
    pub id: String,
    pub physical_id: String,
    pub kind: String,
    pub action: String,
    /// `True`, `False`, `Conditional`, or empty.
    pub replacement: String,
    pub details: Vec<Detail>,
    /// `MODIFIED`, `DELETED` and so on, of a drift-aware change set; empty otherwise.
    pub drift: String,
}

/// Why one property of a resource changes, with its values where CloudFormation tells them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// `Properties/Tags`, with slashes.
    pub property: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// The resource that the property refers to and that brings the change about.
    pub cause: Option<String>,
    /// (as deployed last, as it stands) of what was changed by hand; of a drift-aware change set only.
    pub drift: Option<(Value, Value)>,
}

/// One line of a stack's history, or of an operation's: the stack itself has events too.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StackEvent {
    pub event_id: String,
    pub id: String,
    /// What it is called by its own service; empty where it has no name yet.
    pub physical_id: String,
    pub kind: String,
    pub status: String,
    pub reason: String,
    pub token: String,
    /// When it happened, since 1970; zero where the service does not say.
    pub at: Duration,
}

/// Whose failed events are wanted.
#[derive(Clone, Debug, PartialEq)]
pub enum Failed<'a> {
    /// Of one operation on a stack.
    Operation(&'a str),
    /// Of the validation of a change set.
    ChangeSet { stack: &'a str, name: &'a str },
}

/// How far CloudFormation is with comparing a stack to what stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detection {
    /// `DETECTION_IN_PROGRESS`, `DETECTION_COMPLETE` or `DETECTION_FAILED`.
    pub status: String,
    pub reason: String,
}

/// A resource that a stack lists, by both of its ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StackResource {
    pub id: String,
    pub physical_id: String,
    pub kind: String,
    pub status: String,
}

/// Stacks of the account in the Region; operations on them are started here, and followed by their events.
pub trait Stacks {
    /// `None`: CloudFormation knows no stack of this name; a deleted one is found by its ARN only.
    async fn describe(&self, name: &str) -> Answer<Option<StackDescription>>;
    /// The template that was deployed last, as text; its intrinsic functions are not resolved.
    async fn template(&self, name: &str) -> Answer<String>;
    /// Every resource that CloudFormation lists for the stack; its status says whether it still exists.
    async fn resources(&self, name: &str) -> Answer<Vec<StackResource>>;
    /// Returns before the change set is made: whether it could be, its status says later.
    async fn create_change_set(&self, request: &ChangeSetRequest) -> Answer<()>;
    /// With the properties' values before and after. A refusal where there is no such change set.
    async fn change_set(&self, stack: &str, name: &str) -> Answer<ChangeSet>;
    /// The change set's name is the token, too.
    async fn execute(&self, stack: &str, change_set: &str, on_failure: OnFailure) -> Answer<()>;
    /// Ends an update that is under way: CloudFormation rolls it back.
    async fn cancel(&self, stack: &str, token: &str) -> Answer<()>;
    /// Leaves the stack as it is, an empty one in `REVIEW_IN_PROGRESS` included.
    async fn delete_change_set(&self, stack: &str, name: &str) -> Answer<()>;
    /// The change sets that a stack has.
    async fn change_sets(&self, stack: &str) -> Answer<Vec<Listed>>;
    /// With a service role, or the one that the stack has.
    async fn delete(&self, stack: &str, token: &str, role: Option<&str>) -> Answer<()>;
    /// Switches CloudFormation's termination protection; while it is on, CloudFormation refuses to delete the stack.
    async fn protect(&self, stack: &str, on: bool) -> Answer<()>;
    /// Events after the one with id `after`, oldest first; all of them without one.
    async fn events(&self, stack: &str, after: Option<&str>) -> Answer<Vec<StackEvent>>;
    /// The failures that CloudFormation itself takes for causes, oldest first. A refusal where the service cannot say.
    async fn failed(&self, of: Failed<'_>) -> Answer<Vec<StackEvent>>;
    /// Takes up a rollback that failed.
    async fn continue_rollback(&self, stack: &str, token: &str) -> Answer<()>;
    /// The template that a change set was made from.
    async fn change_set_template(&self, stack: &str, name: &str) -> Answer<String>;
    /// Puts a template into an S3 bucket; its address for CloudFormation.
    async fn upload(&self, bucket: &str, key: &str, template: &str) -> Answer<String>;
    /// Starts comparing the stack with what stands; the detection's id.
    async fn detect_drift(&self, stack: &str) -> Answer<String>;
    /// How far a drift detection is, by the id that it was started with.
    async fn detection(&self, id: &str) -> Answer<Detection>;
    /// What the last detection found.
    async fn drifts(&self, stack: &str) -> Answer<Vec<Drift>>;
}
