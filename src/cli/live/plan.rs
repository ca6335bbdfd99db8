//! `eksnet diff --save` and `eksnet deploy --plan`: what was reviewed is what runs, or nothing does.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::aws::port::Stack;
use crate::aws::{Account, Stacks};
use crate::diagnostic::Failure;
use crate::preview::Preview;
use crate::report::json;

use super::super::args::Format;
use super::super::line::{self, Line};
use super::super::lock::Deployed;
use super::super::output::{self, Stop};
use super::super::{Common, DONE};
use super::{change_set, connect, standing_template, unread};

const SCHEMA_VERSION: u32 = 1;

/// A change set that was shown, and everything it was made from.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Plan {
    schema_version: u32,
    /// The blueprint's file.
    file: String,
    stack: String,
    region: String,
    /// `None`: nothing was to be changed.
    change_set: Option<String>,
    /// The stack's last operation when the change set was made.
    stack_operation: String,
    blueprint_digest: String,
    lock_digest: String,
    template_digest: String,
    preview: serde_json::Value,
    /// Over all of the above.
    digest: String,
}

/// Makes the change set, writes the plan beside it, and leaves both for `deploy --plan`.
pub fn save(common: &Common, file: &str, path: &str, locked: bool) -> Result<(Line, Preview), Stop> {
    super::block_on(async {
        let wanted = line::wanted(file, common)?;
        let account = connect(common, &wanted.spec).await?;
        let (stack, before) = standing(&account, &wanted.spec.stack()).await?;
        let line = wanted.compile(Deployed::by(&before))?;
        output::warnings(common, &line.document.source, &line.warnings);
        if locked {
            line.lock.hold(&line.plan)?;
        }
        line.lock.write(&line.plan, common)?;
        // Standard output belongs to the preview.
        let aside = &Common { output: Format::Human, ..common.clone() };
        let proposed = change_set::proposed(aside, &account, &line, (stack.as_ref(), &before)).await?;
        let (change_set, preview) = proposed.map_or((None, change_set::no_change(&line, &before)), |(name, preview)| (Some(name), preview));
        let moment = describe(&account, &line.spec.stack()).await?.map_or(String::new(), |stack| stack.last_operation);
        let plan = Plan::new(file, &line, change_set, moment, &preview);
        output::write_file(std::path::Path::new(path), &json(&plan))?;
        output::note(common, &format!("plan {path} written: `eksnet deploy --plan {path}` executes exactly this"));
        Ok((line, preview))
    })?
}

/// Executes a saved plan's change set if nothing it was made from has moved.
pub async fn execute(common: &Common, path: &str) -> Result<u8, Stop> {
    let plan = Plan::read(path)?;
    let common = &Common { region: Some(plan.region.clone()), ..common.clone() };
    let wanted = line::wanted(&plan.file, common)?;
    let account = connect(common, &wanted.spec).await?;
    let (stack, before) = standing(&account, &plan.stack).await?;
    let line = wanted.compile(Deployed::by(&before))?;
    let moment = stack.map_or(String::new(), |stack| stack.last_operation);
    plan.still_true(&line, &moment)?;
    let Some(change_set) = &plan.change_set else {
        output::note(common, "the plan changes nothing");
        return Ok(DONE);
    };
    let set = account.change_set(&plan.stack, change_set).await.map_err(|refusal| stale(path, format!("its change set is gone: {refusal}")))?;
    if set.execution != "AVAILABLE" {
        return Err(stale(path, format!("its change set is {} ({})", set.execution, set.status)).into());
    }
    change_set::execute(common, &plan.file, &account, &line, change_set).await
}

async fn describe(account: &Account, name: &str) -> Result<Option<Stack>, Failure> {
    account.describe(name).await.map_err(|refusal| unread(&format!("stack `{name}`"), refusal))
}

/// The stack as it stands and its template; an empty one that a change set brought along does not count as standing.
async fn standing(account: &Account, name: &str) -> Result<(Option<Stack>, crate::render::Template), Failure> {
    let stack = describe(account, name).await?;
    Ok((stack, standing_template(account, name).await?))
}

fn stale(path: &str, why: impl Into<String>) -> Failure {
    Failure::new(format!("the plan `{path}` cannot be executed")).because(why.into()).hint("make a new one with `eksnet diff --save`, and review it")
}

fn digest(text: &str) -> String {
    format!("{:x}", Sha256::digest(text.as_bytes()))
}

impl Plan {
    fn new(file: &str, line: &Line, change_set: Option<String>, stack_operation: String, preview: &Preview) -> Self {
        let mut plan = Self {
            schema_version: SCHEMA_VERSION,
            file: file.to_string(),
            stack: line.spec.stack(),
            region: line.spec.region.name.to_string(),
            change_set,
            stack_operation,
            blueprint_digest: digest(&line.document.source.text),
            lock_digest: digest(&line.plan.ledger.to_text()),
            template_digest: digest(&line.template.to_json()),
            preview: crate::report::preview_json::value(preview),
            digest: String::new(),
        };
        plan.digest = plan.own_digest();
        plan
    }

    fn own_digest(&self) -> String {
        let without = Self { digest: String::new(), ..self.clone() };
        digest(&serde_json::to_string(&without).unwrap_or_default())
    }

    fn read(path: &str) -> Result<Self, Failure> {
        let attempt = || Failure::new(format!("cannot read the plan `{path}`"));
        let text = std::fs::read_to_string(path).map_err(|cause| attempt().because(cause))?;
        let plan: Self = serde_json::from_str(&text).map_err(|cause| attempt().because(cause).hint("a plan is what `eksnet diff --save` writes"))?;
        if plan.schema_version != SCHEMA_VERSION || plan.digest != plan.own_digest() {
            return Err(stale(path, "it was edited, or another eksnet wrote it"));
        }
        Ok(plan)
    }

    /// Everything the plan was made from, as it is now; a failure names all that has moved.
    fn still_true(&self, line: &Line, stack_operation: &str) -> Result<(), Failure> {
        let moved: Vec<&str> = [
            ("the blueprint", self.blueprint_digest == digest(&line.document.source.text)),
            ("the lock", self.lock_digest == digest(&line.plan.ledger.to_text())),
            ("the template", self.template_digest == digest(&line.template.to_json())),
            ("the stack", self.stack_operation == stack_operation),
        ]
        .into_iter()
        .filter_map(|(what, same)| (!same).then_some(what))
        .collect();
        if moved.is_empty() { Ok(()) } else { Err(stale(&self.file, format!("changed since the preview: {}", moved.join(", ")))) }
    }
}
