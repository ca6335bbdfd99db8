//! `eksnet destroy`

use crate::session::Agreed;

use super::super::Common;
use super::super::args::Destroy;
use super::super::line;
use super::super::output::Stop;
use super::asking::Asking;
use super::audience::Audience;
use super::last::{Last, code};
use super::{Online, nonce};

pub fn run(common: &Common, args: &Destroy) -> Result<u8, Stop> {
    let last = Last::new(common);
    last.close(
        super::block_on(destroy(common, args, &last)).unwrap_or_else(|failure| Err(failure.into())),
    )
}

async fn destroy(common: &Common, args: &Destroy, last: &Last<'_>) -> Result<u8, Stop> {
    let opened = line::open(&args.file, common)?;
    let stack = opened.stack();
    last.of(&stack);
    let (intent, _) = opened.outline()?;
    let unchanged = format!("stack {stack} does not exist\n");
    let audience = Audience::of(last, common, &stack, unchanged);
    let online = Online::connect(common, &intent, audience).await?;
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
    Ok(code(end))
}
