//! The figures for others: RFC 4180, with small ones hidden.

use super::disclosure::{Cover, LEAST, Published, Table, cover};
use super::{Figure, Tally};
use crate::answer::{Answer, Code};

/// Stands in the place of an hour.
const ALL_HOURS: &str = "total";

/// A file's lines. No field needs quotes: all are words, numbers and dates of our own.
struct Lines(String);

impl Lines {
    fn add(&mut self, hour: &str, answer: &str, code: &str, value: u64, published: Published) {
        let count = match published {
            Published::Shown => value.to_string(),
            Published::Small => format!("<{LEAST}"),
            Published::Hidden => "hidden".into(),
        };
        self.0.push_str(&format!("{hour},{answer},{code},{count}\r\n"));
    }
}

pub(super) fn of(tally: &Tally) -> String {
    let mut lines = Lines("hour,answer,code,count\r\n".into());
    if tally.is_empty() {
        lines.add("no passes were checked in this shift", "", "", 0, Published::Shown);
        return lines.0;
    }
    // By answer, as they are shown.
    let order = Answer::ALL;
    let codes: Vec<Code> =
        order.iter().flat_map(|answer| tally.codes().into_iter().filter(|code| code.answer() == *answer)).collect();
    add_answers(&mut lines, tally, &order, &codes);
    for figure in [Figure::Mismatch, Figure::ShownAgain] {
        add_figure(&mut lines, tally, figure);
    }
    lines.0
}

fn add_answers(lines: &mut Lines, tally: &Tally, order: &[Answer], codes: &[Code]) {
    let hours = tally.hours();
    let cells = hours.iter().map(|hour| codes.iter().map(|code| tally.at(*hour, Figure::Code(*code))).collect());
    let group = |code: &Code| order.iter().position(|answer| *answer == code.answer()).unwrap_or(0);
    let table = Table { cells: cells.collect(), answers: codes.iter().map(group).collect() };
    let Cover { cells, hours: by_hour, codes: by_code, answers: by_answer, total } = cover(&table);
    for (((hour, row), published), sum) in hours.iter().zip(&table.cells).zip(&cells).zip(by_hour) {
        let hour = hour.to_string();
        for ((code, value), published) in codes.iter().zip(row).zip(published) {
            lines.add(&hour, code.answer().as_str(), code.as_str(), *value, *published);
        }
        lines.add(&hour, "all", "", row.iter().fold(0, |sum, value| sum.saturating_add(*value)), sum);
    }
    for (code, published) in codes.iter().zip(by_code) {
        lines.add(ALL_HOURS, code.answer().as_str(), code.as_str(), tally.total(Figure::Code(*code)), published);
    }
    for (answer, published) in order.iter().zip(by_answer) {
        lines.add(ALL_HOURS, answer.as_str(), "", tally.answers(*answer), published);
    }
    lines.add(ALL_HOURS, "all", "", tally.all_answers(), total);
}

/// One that stands beside the answers, and no sum with them.
fn add_figure(lines: &mut Lines, tally: &Tally, figure: Figure) {
    let hours = tally.hours();
    let cells = hours.iter().map(|hour| vec![tally.at(*hour, figure)]).collect();
    let Cover { cells, total, .. } = cover(&Table { cells, answers: vec![0] });
    for (hour, published) in hours.iter().zip(cells.into_iter().flatten()) {
        lines.add(&hour.to_string(), figure.as_str(), "", tally.at(*hour, figure), published);
    }
    lines.add(ALL_HOURS, figure.as_str(), "", tally.total(figure), total);
}
