//! A report as a table, as CSV and as JSON.

use std::collections::{BTreeMap, BTreeSet};

use greenlit_core::pass::Class;
use serde_json::{Value, json};

use super::{MonthCounts, Report, SMALL};
use crate::batch::csv_lines;

/// The delimiter that Russian spreadsheets expect.
const DELIMITER: u8 = b';';

/// A line for each month under a line of names; sums first, then by class, rules and reason where there is more than one.
fn rows(report: &Report) -> Vec<Vec<String>> {
    let classes = report.classes();
    let rules: BTreeSet<Option<u64>> =
        report.months.iter().flat_map(|month| month.issued.keys().map(|(_, rules)| *rules)).collect();
    let reasons: BTreeSet<&String> = report.months.iter().flat_map(|month| month.refused.keys()).collect();
    let by_class: Vec<Class> = classes.into_iter().collect();
    let by_class = if by_class.len() > 1 { by_class } else { Vec::new() };
    let by_rules: Vec<Option<u64>> = if rules.len() > 1 { rules.into_iter().collect() } else { Vec::new() };
    let mut names: Vec<String> =
        ["month", "issued", "revoked", "replaced", "expiring", "in_force"].map(String::from).into();
    names.extend(by_class.iter().map(|class| format!("issued_class_{}", class.0)));
    names.extend(
        by_rules
            .iter()
            .map(|rules| rules.map_or("issued_rules_unknown".into(), |version| format!("issued_rules_{version}"))),
    );
    names.extend(by_class.iter().map(|class| format!("in_force_class_{}", class.0)));
    names.extend(reasons.iter().map(|reason| format!("refused_{reason}")));
    let mut rows = vec![names];
    for month in &report.months {
        let issued = |class: Option<Class>, rules: Option<Option<u64>>| {
            let wanted = |of: Class, by: Option<u64>| {
                class.is_none_or(|class| class == of) && rules.is_none_or(|rules| rules == by)
            };
            let passes = month.issued.iter().filter(|((of, by), _)| wanted(*of, *by)).map(|(_, passes)| passes);
            passes.sum::<u64>().to_string()
        };
        let mut row = vec![month.month.to_string(), issued(None, None)];
        row.extend([&month.revoked, &month.replaced, &month.expiring, &month.in_force].map(|by| sum(by).to_string()));
        row.extend(by_class.iter().map(|class| issued(Some(*class), None)));
        row.extend(by_rules.iter().map(|rules| issued(None, Some(*rules))));
        row.extend(by_class.iter().map(|class| month.in_force.get(class).copied().unwrap_or(0).to_string()));
        row.extend(reasons.iter().map(|reason| match month.refused.get(*reason).copied().unwrap_or(0) {
            0 => "0".to_owned(),
            small if small < SMALL => format!("<{SMALL}"),
            count => count.to_string(),
        }));
        rows.push(row);
    }
    rows
}

fn sum(by_class: &BTreeMap<Class, u64>) -> u64 {
    by_class.values().sum()
}

/// Columns under their names, numbers to the right.
pub fn as_table(report: &Report) -> String {
    let rows = rows(report);
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}")).collect();
        cells.join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// The same as CSV; spreadsheets take UTF-8 for it by the mark.
pub fn as_csv(report: &Report) -> Vec<u8> {
    ["\u{FEFF}".as_bytes(), &csv_lines(DELIMITER, rows(report))].concat()
}

/// The same as one JSON object.
pub fn as_json(report: &Report) -> Value {
    let months: Vec<Value> = report.months.iter().map(month_as_json).collect();
    json!({"months": months, "today": report.today.to_string()})
}

fn month_as_json(month: &MonthCounts) -> Value {
    let issued: Vec<Value> = month
        .issued
        .iter()
        .map(|((class, rules), passes)| json!({"class": class.0, "rules_version": rules, "passes": passes}))
        .collect();
    let by_class = |counts: &BTreeMap<Class, u64>| -> Vec<Value> {
        counts.iter().map(|(class, passes)| json!({"class": class.0, "passes": passes})).collect()
    };
    let refused: Vec<Value> = month
        .refused
        .iter()
        .filter(|(_, persons)| **persons > 0)
        .map(|(reason, persons)| json!({"reason": reason, "persons": (*persons >= SMALL).then_some(persons)}))
        .collect();
    json!({
        "month": month.month.to_string(), "issued": issued, "revoked": by_class(&month.revoked),
        "replaced": by_class(&month.replaced), "expiring": by_class(&month.expiring),
        "in_force": by_class(&month.in_force), "refused": refused,
    })
}
