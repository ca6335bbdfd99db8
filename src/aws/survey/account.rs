//! What a survey reads of the account.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::aws::port::{Accounts, Networks};
use crate::aws::session::Account;
use crate::facts::quotas::{Counted, INTERFACES, Of, QUOTAS, RULES};
use crate::observed::Part;
use crate::observed::survey::{AccountSurvey, SurveyZone};

pub async fn read(account: &Account) -> AccountSurvey {
    let single = [&INTERFACES, &RULES].map(|quota| (quota.service, quota.code));
    let asked = QUOTAS.iter().map(|quota| (quota.service, quota.code)).chain(single);
    let quotas = join_all(asked.map(|(service, code)| async move {
        let value = account.quota(service, code).await;
        (code.to_string(), Part::of("servicequotas:GetServiceQuota", value))
    }));
    let counted = QUOTAS.iter().filter_map(|quota| match quota.of {
        Of::Region(what) => Some((quota.code, what)),
        Of::Vpc => None,
    });
    let counted = counted.chain([(INTERFACES.code, Counted::Interfaces)]);
    let counts = join_all(counted.map(|(code, what)| async move {
        (code.to_string(), Part::of(what.read(), account.count(what).await))
    }));
    let (zones, quotas, counts) = tokio::join!(account.zones(), quotas, counts);
    let zones = zones.map(|zones| {
        let mut zones: Vec<SurveyZone> =
            zones.into_iter().map(|(id, name)| SurveyZone { id, name }).collect();
        zones.sort();
        zones
    });
    AccountSurvey {
        zones: Part::of("ec2:DescribeAvailabilityZones", zones),
        quotas: quotas.into_iter().collect::<BTreeMap<_, _>>(),
        counts: counts.into_iter().collect::<BTreeMap<_, _>>(),
        ..AccountSurvey::default()
    }
}
