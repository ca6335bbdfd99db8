//! The accounts of a fleet.

use crate::aws::{self, Target};
use crate::fleet::online::{self, Asked, Place};
use crate::terminal::block_on_reading;

use super::super::Common;
use super::super::output::Stop;

/// Asks every place, with the credentials that the fleet's file names for it.
pub fn ask(common: &Common, places: Vec<Place>) -> Result<Vec<Asked>, Stop> {
    let connect = async |place: &Place| {
        let target = Target {
            region: place.region.clone(),
            profile: place.profile.clone().or(common.profile.clone()),
            role: place.role.clone(),
            endpoint: common.endpoint_url.clone(),
        };
        aws::connect(&target).await
    };
    block_on_reading(async { Ok(online::ask(places, connect).await) })
}
