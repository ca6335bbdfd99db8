//! What the account allows.

use std::collections::BTreeMap;

use crate::aws::port::Accounts;
use crate::aws::session::Account;
use crate::facts::ports::RULES_PER_GROUP;
use crate::facts::quotas::{self, INTERFACES, RULES};
use crate::observed::Part;
use crate::observed::survey::{AccountSurvey, EksSurvey, VpcSurvey};
use crate::survey::{items, rules_in};

/// A quota is a call of its own: that of rules is asked for only where a group in the VPC comes near its default.
/// That of interfaces, only where the Region has nearly as many as its default.
pub async fn read(account: &Account, vpc: &VpcSurvey, interfaces: Part<u64>) -> AccountSurvey {
    let mut groups = items(&vpc.security_groups).iter();
    let full = groups.any(|group| RULES_PER_GROUP <= rules_in(vpc, group));
    let many = interfaces.read().is_some_and(|count| quotas::is_near_interfaces(*count));
    let wanted = [Some(&INTERFACES).filter(|_| many), Some(&RULES).filter(|_| full)];
    let mut quotas = BTreeMap::new();
    for quota in wanted.into_iter().flatten() {
        let value = account.quota(quota.service, quota.code).await;
        quotas.insert(quota.code.to_string(), super::part("servicequotas:GetServiceQuota", value));
    }
    let counts = BTreeMap::from([(INTERFACES.code.to_string(), interfaces)]);
    AccountSurvey { quotas, counts, ..AccountSurvey::default() }
}

/// The account's number: that of the cluster's ARN, or as STS says.
pub async fn number(account: &Account, eks: &EksSurvey) -> String {
    let of_cluster = eks.found().and_then(|found| found.arn.split(':').nth(4));
    match of_cluster.filter(|number| !number.is_empty()) {
        Some(number) => number.to_string(),
        None => account.identity().await.unwrap_or_default(),
    }
}
