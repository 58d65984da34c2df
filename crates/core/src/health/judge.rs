//! From counters to a verdict, by plain rules: a disk that says it fails is failing; one that has lost sectors, or whose
//! endurance is nearly used, is a warning; else it is good, if it says anything at all.

use super::Status;

/// From this share of its endurance on an SSD is a warning.
const WORN_PERCENT: i64 = 90;

/// What counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// The disk's own verdict.
    pub(super) has_passed: Option<bool>,
    /// Whether it keeps such data at all.
    pub(super) has_smart: Option<bool>,
    /// Whether it gave counters.
    pub(super) has_attributes: bool,
    pub(super) reallocated: Option<i64>,
    pub(super) pending: Option<i64>,
    pub(super) uncorrectable: Option<i64>,
    pub(super) wear_percent: Option<i64>,
    /// NVM Express: a bit for each thing that is wrong.
    pub(super) critical_warning: Option<i64>,
    pub(super) media_errors: Option<i64>,
    /// NVM Express: spare blocks left, and the least there should be, in percent.
    pub(super) spare: Option<(i64, i64)>,
    /// ATA: names of attributes below their thresholds now.
    pub(super) failing_attributes: Vec<String>,
}

/// Returns how a disk is, and why it is not good.
pub(super) fn judge(facts: &Facts) -> (Status, Vec<String>) {
    let mut reasons = Vec::new();
    if facts.has_passed == Some(false) {
        reasons.push("the disk says that it is failing".to_owned());
    }
    let counted = [
        (facts.reallocated, "sectors were replaced"),
        (facts.pending, "sectors cannot be read at present"),
        (facts.uncorrectable, "uncorrectable errors"),
        (facts.media_errors, "media errors"),
    ];
    for (count, what) in counted {
        if let Some(count) = count.filter(|count| *count > 0) {
            reasons.push(format!("{count} {what}"));
        }
    }
    if let Some(worn) = facts.wear_percent.filter(|worn| *worn >= WORN_PERCENT) {
        reasons.push(format!("{worn} % of its endurance is used"));
    }
    if let Some(bits) = facts.critical_warning.filter(|bits| *bits > 0) {
        reasons.push(format!("critical warning {bits:#04x}"));
    }
    if let Some((left, least)) = facts.spare.filter(|(left, least)| left < least) {
        reasons.push(format!(
            "{left} % of its spare blocks are left, of at least {least} %"
        ));
    }
    for name in &facts.failing_attributes {
        reasons.push(format!("{name} is below its threshold"));
    }
    let status = if facts.has_passed == Some(false) {
        Status::Failing
    } else if !reasons.is_empty() {
        Status::Warning
    } else if facts.has_passed == Some(true) || facts.has_attributes {
        Status::Good
    } else {
        reasons.push(
            if facts.has_smart == Some(false) {
                "the disk keeps no health data"
            } else {
                "the disk says nothing of its health"
            }
            .to_owned(),
        );
        Status::Unknown
    };
    (status, reasons)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        let good = Facts {
            has_passed: Some(true),
            ..Facts::default()
        };
        let check = |change: &dyn Fn(&mut Facts), expected: Status, because: &str| {
            let mut facts = good.clone();
            change(&mut facts);
            let (status, reasons) = judge(&facts);
            assert_eq!(status, expected, "{reasons:?}");
            assert_eq!(reasons.join(", "), because);
        };
        check(&|_| {}, Status::Good, "");
        check(&|facts| facts.reallocated = Some(0), Status::Good, "");
        check(
            &|facts| facts.reallocated = Some(8),
            Status::Warning,
            "8 sectors were replaced",
        );
        check(
            &|facts| facts.pending = Some(1),
            Status::Warning,
            "1 sectors cannot be read at present",
        );
        check(&|facts| facts.wear_percent = Some(89), Status::Good, "");
        check(
            &|facts| facts.wear_percent = Some(90),
            Status::Warning,
            "90 % of its endurance is used",
        );
        check(
            &|facts| facts.critical_warning = Some(4),
            Status::Warning,
            "critical warning 0x04",
        );
        check(
            &|facts| facts.spare = Some((3, 10)),
            Status::Warning,
            "3 % of its spare blocks are left, of at least 10 %",
        );
        check(
            &|facts| {
                facts.has_passed = Some(false);
                facts.uncorrectable = Some(2);
            },
            Status::Failing,
            "the disk says that it is failing, 2 uncorrectable errors",
        );
        check(
            &|facts| facts.has_passed = None,
            Status::Unknown,
            "the disk says nothing of its health",
        );
        check(
            &|facts| {
                facts.has_passed = None;
                facts.has_attributes = true;
            },
            Status::Good,
            "",
        );
    }
}
