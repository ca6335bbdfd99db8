//! Which resources a patch is for.

use crate::blueprint::{nearest, path};
use crate::diagnostic::Diagnostic;
use crate::facts::schemas;
use crate::intent::Patch;
use crate::intent::patches::Target;
use crate::rules::PAT_02;
use crate::template::Template;

use super::Aim;

pub(super) fn find<'t>(patch: &'t Patch, template: &'t Template) -> Result<Aim<'t>, Diagnostic> {
    match &patch.target {
        Target::Resource(id) => match template.resources().find(|(own, _)| *own == id) {
            Some((id, resource)) => {
                Ok(Aim { kind: resource["Type"].as_str().unwrap_or_default(), ids: vec![id] })
            }
            None => Err(unknown_id(patch, id, template)),
        },
        Target::Type(kind) => {
            let own = template.resources().filter(|(_, one)| one["Type"] == kind.as_str());
            let ids: Vec<_> = own.map(|(id, _)| id).collect();
            match ids.is_empty() {
                true => Err(unknown_type(patch, kind, template)),
                false => Ok(Aim { kind, ids }),
            }
        }
    }
}

fn unknown_id(patch: &Patch, id: &str, template: &Template) -> Diagnostic {
    let message = format!("the template has no resource `{id}`");
    let finding = PAT_02.at(path::key(&patch.path, "resource"), message);
    match nearest(id, template.resources().map(|(own, _)| own.as_str())) {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint("`eksnet render` prints the template with its logical ids"),
    }
}

fn unknown_type(patch: &Patch, kind: &str, template: &Template) -> Diagnostic {
    let place = path::key(&patch.path, "type");
    let own = template.resources().filter_map(|(_, one)| one["Type"].as_str());
    if schemas::find(kind).is_some() {
        let message = format!("the template has no resource of type `{kind}`");
        let hint = "remove the patch, or add the key that creates the resource; a resource of your own belongs in a stack of its own";
        return PAT_02.at(place, message).hint(hint);
    }
    let finding = PAT_02.at(place, format!("eksnet creates no resource of type `{kind}`"));
    match nearest(kind, own) {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint(
            "put a resource of your own into a stack of its own; with `exports: true` it can import this stack's outputs",
        ),
    }
}
