//! `eksnet instances --from-ec2`

use std::time::SystemTime;

use crate::aws::{self, Networks};
use crate::deploy::unread;
use crate::facts::instances;
use crate::terminal::block_on_reading;

use super::super::output::{self, Stop};
use super::super::{Common, DONE};

/// Read when no Region is given: the one with the most types.
const REGION: &str = "us-east-1";

pub fn run(common: &Common) -> Result<u8, Stop> {
    let region = common.region.clone().unwrap_or(REGION.to_string());
    let types = block_on_reading(async {
        let account = aws::connect(&super::target(common, &region)).await?;
        account.instance_types().await.map_err(unread("the instance types"))
    })?;
    let sources = format!(
        "EC2 DescribeInstanceTypes in {region}, {} types, over the table of {}",
        types.len(),
        instances::as_of()
    );
    output::data(&instances::merged(&types, &aws::day(SystemTime::now()), &sources));
    Ok(DONE)
}
