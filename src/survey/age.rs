//! How long something exists already, by the moments that a survey and a tag name.

/// An interface that is younger may be on its way to a node.
const SETTLED: i64 = 3_600;

/// Whether more than an hour lies between two moments such as `2026-11-28T14:02:11Z`; of a moment that cannot be read nobody knows.
pub fn is_settled(made: &str, now: &str) -> Option<bool> {
    is_older(made, now, SETTLED)
}

/// Whether more than so many seconds lie between two moments.
pub fn is_older(made: &str, now: &str, than: i64) -> Option<bool> {
    Some(than < seconds(now)? - seconds(made)?)
}

/// Since 1970, in UTC.
fn seconds(moment: &str) -> Option<i64> {
    let number = |from: usize, to: usize| moment.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let clock = number(11, 13)? * 3_600 + number(14, 16)? * 60 + number(17, 19)?;
    // Years begin in March, so that the day that some lack is the last one.
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + of_year - 719_468;
    Some(days * 86_400 + clock)
}

#[cfg(test)]
mod tests {
    use super::{is_settled, seconds};

    #[test]
    fn an_hour_is_told_across_every_border() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2026-11-28T08:00:00Z"), Some(1_795_852_800));
        assert_eq!(is_settled("2026-11-28T07:30:00Z", "2026-11-28T08:00:00Z"), Some(false));
        assert_eq!(is_settled("2026-11-28T07:59:00Z", "2026-11-28T08:05:00Z"), Some(false));
        assert_eq!(is_settled("2026-02-28T23:30:00Z", "2026-03-01T00:31:00Z"), Some(true));
        assert_eq!(is_settled("some day", "2026-11-28T08:00:00Z"), None);
    }
}
