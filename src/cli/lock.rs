//! The lock file beside the blueprint: `shop.yaml` has `shop.lock.yaml`.

use std::path::PathBuf;

#[cfg(feature = "aws")]
use ipnet::Ipv4Net;

use crate::address::{AddressPlan, Ledger};
use crate::diagnostic::Failure;
use crate::intent::Intent;
use crate::render::Template;
use crate::source::{MOST_LOCK, read_limited};

use super::Common;
use super::output;

/// What is known of the deployed stack.
pub enum Deployed {
    Unknown,
    Nothing,
    Ledger(Ledger),
}

impl Deployed {
    /// What a template that stands for the stack says.
    pub fn by(template: &Template) -> Self {
        match template.ledger() {
            Some(ledger) => Deployed::Ledger(ledger),
            None if template.resources().next().is_none() => Deployed::Nothing,
            None => Deployed::Unknown,
        }
    }
}

pub struct Lock {
    /// `None` for a blueprint from standard input.
    path: Option<PathBuf>,
    /// Whether the file is there.
    found: bool,
    /// What allocation starts from.
    pub ledger: Ledger,
    /// What the file says.
    written: Ledger,
}

impl Lock {
    /// Reads the lock of a blueprint. A lock that cannot be read, or belongs to another blueprint, is a failure, never overwritten.
    pub fn beside(file: &str, intent: &Intent) -> Result<Self, Failure> {
        let empty = Ledger::empty(&intent.name, intent.region.name);
        if file == "-" {
            return Ok(Self { path: None, found: false, written: empty.clone(), ledger: empty });
        }
        let path = PathBuf::from(file).with_extension("lock.yaml");
        let name = path.display().to_string();
        let text = match read_limited(&path, MOST_LOCK) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self {
                    path: Some(path),
                    found: false,
                    written: empty.clone(),
                    ledger: empty,
                });
            }
            Err(error) => {
                return Err(Failure::new(format!("cannot read the lock `{name}`")).because(error));
            }
        };
        let ledger = Ledger::from_text(&text, &name)?;
        if ledger.name != intent.name || ledger.region != intent.region.name {
            let why = format!(
                "it is the lock of `{}` in {}, the blueprint is `{}` in {}",
                ledger.name, ledger.region, intent.name, intent.region.name
            );
            return Err(Failure::new(format!("cannot use the lock `{name}`"))
                .because(why)
                .hint("give each blueprint a file of its own: its addresses belong to one stack in one Region"));
        }
        Ok(Self { path: Some(path), found: true, written: ledger.clone(), ledger })
    }

    /// Takes the deployed stack's ledger into account: it stands in for a missing lock, and must not contradict one.
    pub fn with_stack(self, deployed: Deployed) -> Result<Self, Failure> {
        let stack = match deployed {
            Deployed::Unknown => return Ok(self),
            Deployed::Nothing => {
                return Ok(Self { ledger: self.ledger.unplaced(), ..self });
            }
            Deployed::Ledger(stack) => stack,
        };
        if let Some(clash) = stack.clash() {
            return Err(Failure::new("cannot use the addresses that the stack's template says")
                .because(clash)
                .hint("deploy a template that eksnet rendered"));
        }
        if !self.found {
            return Ok(Self {
                ledger: Ledger { name: self.ledger.name, region: self.ledger.region, ..stack },
                ..self
            });
        }
        let contradictions = self.ledger.contradictions(&stack);
        if contradictions.is_empty() {
            return Ok(Self { ledger: self.ledger.placed_as(&stack), ..self });
        }
        Err(Failure::new(format!("the lock `{}` and the deployed stack disagree", self.name()))
            .because(contradictions.join("; "))
            .hint("the stack is what stands: take the lock from the commit that was deployed, or remove it and it is written anew from the stack"))
    }

    /// A plan that gives out what the file says keeps the file's own words.
    pub fn unchanged(&self, mut plan: AddressPlan) -> AddressPlan {
        if self.found && plan.ledger.says_the_same(&self.written) {
            plan.ledger.clone_from(&self.written);
        }
        plan
    }

    fn name(&self) -> String {
        self.path.as_ref().map_or("-".to_string(), |path| path.display().to_string())
    }

    fn changes(&self, plan: &AddressPlan) -> bool {
        !self.found || !plan.ledger.says_the_same(&self.written)
    }

    /// How the lock stands once it was written.
    pub fn written_state(&self) -> String {
        format!("lock {}: up to date", self.name())
    }

    /// How the lock stands, in words.
    pub fn state(&self, plan: &AddressPlan) -> String {
        match (&self.path, self.found, self.changes(plan)) {
            (None, ..) => "no lock: the blueprint comes from standard input".to_string(),
            (Some(_), false, _) => {
                format!("lock {}: not written yet (`layout --write-lock`)", self.name())
            }
            (Some(_), true, true) => {
                format!("lock {}: would change (`layout --write-lock`)", self.name())
            }
            (Some(_), true, false) => format!("lock {}: unchanged", self.name()),
        }
    }

    /// For `--locked`: a failure if the lock would change.
    pub fn hold(&self, plan: &AddressPlan) -> Result<(), Failure> {
        if self.path.is_some() && self.changes(plan) {
            return Err(Failure::new(format!("the lock `{}` would change", self.name()))
                .hint("run `eksnet layout --write-lock` and commit the lock with the blueprint"));
        }
        Ok(())
    }

    /// Writes what the plan gave out, and says so.
    pub fn write(&self, plan: &AddressPlan, common: &Common) -> Result<(), Failure> {
        if self.changes(plan) { self.replace(&plan.ledger, common) } else { Ok(()) }
    }

    /// After a deployment: the prefix of a removed tier may be given out again, unless its subnet still stands. CloudFormation calls
    /// an update complete even where it could not delete what was taken out.
    #[cfg(feature = "aws")]
    pub fn settle(
        &self,
        plan: &AddressPlan,
        stands: impl Fn(Ipv4Net) -> bool,
        common: &Common,
    ) -> Result<(), Failure> {
        self.replace(&plan.ledger.settled_but(stands), common)
    }

    fn replace(&self, ledger: &Ledger, common: &Common) -> Result<(), Failure> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let text = ledger.to_text();
        if std::fs::read_to_string(path).is_ok_and(|there| there == text) {
            return Ok(());
        }
        output::write_file(path, &text)?;
        output::note(
            common,
            &format!("lock {} written: {} subnets", path.display(), ledger.subnets.len()),
        );
        Ok(())
    }
}
