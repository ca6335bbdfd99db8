//! What a survey reads of the account.

use std::collections::BTreeMap;

use crate::aws::port::Accounts;
use crate::aws::session::Account;
use crate::facts::ports::RULES_PER_GROUP;
use crate::facts::quotas::RULES;
use crate::observed::Part;
use crate::observed::survey::{AccountSurvey, EksSurvey, VpcSurvey};
use crate::survey::{items, rules_in};

/// A quota is asked for only where something in the VPC comes near its default: each is a call of its own.
pub async fn read(account: &Account, vpc: &VpcSurvey) -> AccountSurvey {
    let mut quotas = BTreeMap::new();
    let mut groups = items(&vpc.security_groups).iter();
    if groups.any(|group| RULES_PER_GROUP <= rules_in(vpc, group)) {
        let value = account.quota(RULES.service, RULES.code).await;
        quotas.insert(RULES.code.to_string(), Part::of("servicequotas:GetServiceQuota", value));
    }
    AccountSurvey { quotas, ..AccountSurvey::default() }
}

/// The account's number: that of the cluster's ARN, or as STS says.
pub async fn number(account: &Account, eks: &EksSurvey) -> String {
    let of_cluster = eks.found().and_then(|found| found.arn.split(':').nth(4));
    match of_cluster.filter(|number| !number.is_empty()) {
        Some(number) => number.to_string(),
        None => account.identity().await.unwrap_or_default(),
    }
}
