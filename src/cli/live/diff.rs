//! What `eksnet diff` asks AWS for: the change set's own answer, kept in a plan or thrown away, and what was changed by hand.

use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::aws;
use crate::deploy::Options;
use crate::deploy::aws_node::run as aws_node;
use crate::deploy::plan::Plan;
use crate::observed::Observed;
use crate::preview::Preview;
use crate::report::{json, preview_json};
use crate::session::{Locking, Reviewing};
use crate::source;
use crate::template::Template;
use crate::terminal::{Asking, Audience, block_on, block_on_reading, nonce};

use super::super::Common;
use super::super::args::Diff;
use super::super::line::{self, Line};
use super::super::output::{self, Stop};

/// The change set's own answer; with `--save` it stays for `deploy --plan`.
pub fn proposed(common: &Common, args: &Diff) -> Result<(Line, Preview), Stop> {
    block_on(async {
        let opened = line::open(&args.file, common)?;
        let intent = opened.draft(&Observed::default())?;
        let online = super::online(common, &intent, Audience::aside(common)).await?;
        online.place(&intent).await?;
        let time = Duration::from_secs(u64::from(args.valid_for) * 3_600);
        let expires = args.save.as_ref().map(|_| aws::moment(SystemTime::now() + time));
        let options = Options { valid_until: expires, nonce: nonce(), ..args.sending.options() };
        let locking = match (args.locked, args.write_lock) {
            (true, _) => Locking::Held,
            (false, true) => Locking::Written,
            (false, false) => Locking::Left,
        };
        let how = &Reviewing { options: &options, locking, drift: args.drift };
        let asking = Asking::default();
        let Some(path) = &args.save else {
            let asked = online.run(&asking, async |session| session.ask(opened, how).await);
            return Ok(asked.await?);
        };
        let file = args.file.as_str();
        let saved = online.run(&asking, async |session| session.save(opened, how, file).await);
        let (line, preview, making) = saved.await?;
        let plan = Plan::new(making, &line, preview_json::value(&preview));
        source::write_whole(Path::new(path), &json(&plan))?;
        let until = plan.expires();
        let runs = format!("`eksnet deploy --plan {path}` executes exactly this");
        output::note(common, &format!("plan {path} written, valid until {until}: {runs}"));
        Ok((line, preview))
    })?
}

/// What a preview of templates alone does not show: what was changed by hand, and what changes through the Kubernetes API.
pub fn added(
    common: &Common,
    args: &Diff,
    (line, before): (&Line, &Template),
    preview: Preview,
) -> Result<Preview, Stop> {
    if !args.drift && (args.against.is_some() || !aws_node::concerned(&line.intent, before)) {
        return Ok(preview);
    }
    block_on_reading(async {
        let online = super::online(common, &line.intent, Audience::aside(common)).await?;
        let asking = Asking::default();
        let looked = online.run(&asking, async |session| {
            let preview = if args.drift { session.with_drift(preview).await? } else { preview };
            Ok(session.beside(line, before, preview).await)
        });
        looked.await
    })
}
