//! The accounts of a fleet.

use crate::aws::{self, Target};
use crate::fleet::online::{self, Asked, Place};
use crate::terminal::block_on_reading;

use super::super::Common;
use super::super::output::Stop;

/// Asks every place, with the credentials that the fleet's file names for it.
pub fn ask(common: &Common, places: Vec<Place>) -> Result<Vec<Asked>, Stop> {
    let connect = async |place: &Place| {
        let own = super::target(common, &place.region);
        let profile = place.profile.clone().or(own.profile);
        aws::connect(&Target { profile, role: place.role.clone(), ..own }).await
    };
    block_on_reading(async { Ok(online::ask(places, connect).await) })
}
