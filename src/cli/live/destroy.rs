//! `eksnet destroy`

use crate::session::{Agreed, End};
use crate::terminal::{Asking, Audience, Last, nonce};

use super::super::Common;
use super::super::args::Destroy;
use super::super::line;
use super::super::output::Stop;
use super::to_the_end;

pub fn run(common: &Common, args: &Destroy) -> Result<u8, Stop> {
    to_the_end(common, async |last| destroy(common, args, last).await)
}

async fn destroy(common: &Common, args: &Destroy, last: &Last<'_, Common>) -> Result<End, Stop> {
    let opened = line::open(&args.file, common)?;
    let stack = opened.stack();
    last.of(&stack);
    let (intent, _) = opened.outline()?;
    let unchanged = format!("stack {stack} does not exist\n");
    let audience = Audience::of(last, common, &stack, unchanged);
    let online = super::online(common, &intent, audience).await?;
    let place = online.place(&intent).await?;
    let asking = Asking { confirm: args.confirm.clone(), place, ..Asking::default() };
    let agreed = Agreed {
        unprotect: args.unprotect,
        orphans: args.orphans,
        despite_others: args.despite_others,
        volumes: args.volumes,
        role: args.role_arn.clone(),
        nonce: nonce(),
        command: format!("eksnet destroy {}", args.file),
    };
    let end = online.run(&asking, async |session| session.destroy(&opened, &agreed).await).await?;
    Ok(end)
}
