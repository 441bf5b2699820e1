//! Passes in force over time as one picture, in SVG.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate};

use greenlit_core::pass::Class;
use greenlit_words::{Language, report as words};

use super::Report;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 540.0;
const LEFT: f64 = 92.0;
const RIGHT: f64 = 168.0;
const TOP: f64 = 104.0;
const BOTTOM: f64 = 56.0;
/// The least room between two lines of labels.
const LINE: f64 = 36.0;
/// More points than this and there is one a week.
const MOST_DAYS: usize = 200;
/// Most marks of months.
const MOST_MARKS: usize = 8;

/// Of the classes, the lowest first; told apart also by those who do not see red or green, and in grey.
const COLOURS: [&str; 6] = ["#27608f", "#e0a030", "#5f9f8f", "#8f5f9f", "#a8503c", "#7f7f7f"];

/// Draws it, for an authority of this name.
pub fn picture(report: &Report, authority: &str, language: Language) -> String {
    let points = points(&report.days);
    let classes: Vec<Class> = report.classes().into_iter().collect();
    let now: u64 = points.last().map_or(0, |(_, in_force)| in_force.values().sum());
    let mut svg = String::new();
    let _ = write!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" font-family="'Noto Sans', 'DejaVu Sans', Arial, sans-serif" lang="{tag}">
<title>{title}</title>
<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>
<text x="{LEFT}" y="46" font-size="24" font-weight="bold" fill="#1c1c1c">{title}</text>
"##,
        tag = language.tag(),
        title = words::passes_in_force(language),
    );
    let told = points.last().map(|(day, _)| words::in_force_on(language, number(now), day_text(*day, language)));
    let told = told.map_or(authority.to_owned(), |told| format!("{authority} · {told}"));
    let _ = writeln!(
        svg,
        r##"<text x="{LEFT}" y="74" font-size="15" fill="#555555">{}</text>"##,
        escaped(&shortened(&told))
    );
    let most: u64 = points.iter().map(|(_, in_force)| in_force.values().sum()).max().unwrap_or(0);
    if most == 0 {
        let (x, y) = (WIDTH / 2.0, HEIGHT / 2.0);
        let _ = writeln!(
            svg,
            r##"<text x="{x}" y="{y}" font-size="18" text-anchor="middle" fill="#555555">{}</text>"##,
            words::none_yet(language)
        );
        return svg + "</svg>\n";
    }
    let plot = Plot::new(&points, most);
    plot.grid(&mut svg);
    plot.areas(&mut svg, &points, &classes);
    plot.time_axis(&mut svg, language);
    plot.labels(&mut svg, &points, &classes, language);
    svg + "</svg>\n"
}

type Points = Vec<(NaiveDate, BTreeMap<Class, u64>)>;

/// Each day, or each week's last and the last of all.
fn points(days: &[(NaiveDate, BTreeMap<Class, u64>)]) -> Points {
    let step = if days.len() > MOST_DAYS { 7 } else { 1 };
    let last = days.len().saturating_sub(1);
    days.iter().enumerate().filter(|(at, _)| (last - at).is_multiple_of(step)).map(|(_, day)| day.clone()).collect()
}

/// Where days and numbers are on the picture.
struct Plot {
    first: NaiveDate,
    last: NaiveDate,
    step: u64,
    top: u64,
}

impl Plot {
    fn new(points: &Points, most: u64) -> Self {
        let first = points.first().map_or(NaiveDate::MIN, |(day, _)| *day);
        let last = points.last().map_or(first, |(day, _)| *day);
        let step = round_step(most.div_ceil(5));
        Self { first, last, step, top: most.div_ceil(step) * step }
    }

    fn x(&self, day: NaiveDate) -> f64 {
        let all = (self.last - self.first).num_days().max(1) as f64;
        LEFT + (WIDTH - LEFT - RIGHT) * (day - self.first).num_days() as f64 / all
    }

    fn y(&self, passes: u64) -> f64 {
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * passes as f64 / self.top.max(1) as f64
    }

    fn grid(&self, svg: &mut String) {
        let (right, label) = (WIDTH - RIGHT, LEFT - 10.0);
        for mark in 0..=self.top / self.step {
            let passes = mark * self.step;
            let y = self.y(passes);
            let colour = if passes == 0 { "#8a8a8a" } else { "#e4e4e4" };
            let _ = writeln!(svg, r##"<path d="M{LEFT} {y:.1}H{right}" stroke="{colour}" fill="none"/>"##);
            let (y, text) = (y + 5.0, number(passes));
            let _ = writeln!(
                svg,
                r##"<text x="{label}" y="{y:.1}" font-size="14" text-anchor="end" fill="#555555">{text}</text>"##
            );
        }
    }

    /// Each class upon the ones before it.
    fn areas(&self, svg: &mut String, points: &Points, classes: &[Class]) {
        for (number, class) in classes.iter().enumerate() {
            let below =
                |in_force: &BTreeMap<Class, u64>| in_force.range(..class).map(|(_, passes)| passes).sum::<u64>();
            let upper =
                |in_force: &BTreeMap<Class, u64>| in_force.range(..=class).map(|(_, passes)| passes).sum::<u64>();
            let mut path = String::new();
            let sides = points.iter().map(|(day, now)| (*day, upper(now)));
            let back = points.iter().rev().map(|(day, now)| (*day, below(now)));
            // One day alone is as wide as the picture.
            let alone = (points.len() == 1).then_some(WIDTH - RIGHT);
            for (at, (day, passes)) in sides.chain(back).enumerate() {
                let letter = if at == 0 { 'M' } else { 'L' };
                let (x, y) = (self.x(day), self.y(passes));
                let _ = match alone {
                    Some(right) if at == 0 => write!(path, "M{x:.1} {y:.1}H{right}"),
                    Some(right) => write!(path, "L{right} {y:.1}H{x:.1}"),
                    None => write!(path, "{letter}{x:.1} {y:.1}"),
                };
            }
            let colour = colour(number);
            let _ = writeln!(
                svg,
                r##"<path d="{path}Z" fill="{colour}" stroke="#ffffff" stroke-width="1" stroke-linejoin="round"/>"##
            );
        }
    }

    fn time_axis(&self, svg: &mut String, language: Language) {
        let (base, tick, label) = (HEIGHT - BOTTOM, HEIGHT - BOTTOM + 6.0, HEIGHT - BOTTOM + 24.0);
        for (day, text) in self.marks(language) {
            let x = self.x(day);
            let _ = writeln!(
                svg,
                r##"<path d="M{x:.1} {base}V{tick}" stroke="#8a8a8a" fill="none"/>
<text x="{x:.1}" y="{label}" font-size="14" text-anchor="middle" fill="#555555">{text}</text>"##
            );
        }
    }

    /// Every so many days of a few weeks, and every so many months of more.
    fn marks(&self, language: Language) -> Vec<(NaiveDate, String)> {
        let days = self.first.iter_days().take_while(|day| *day <= self.last);
        let all = (self.last - self.first).num_days();
        if all <= 70 {
            let step = match all {
                0..=4 => 1,
                5..=8 => 2,
                9..=20 => 3,
                21..=35 => 7,
                _ => 14,
            };
            return days.step_by(step).map(|day| (day, day_text(day, language))).collect();
        }
        let firsts: Vec<NaiveDate> = days.filter(|day| day.day() == 1).collect();
        let step =
            [1, 2, 3, 6, 12, 24, 60, 120].into_iter().find(|step| firsts.len() / step < MOST_MARKS).unwrap_or(120);
        let fits = |day: &NaiveDate| (day.year() * 12 + day.month0().cast_signed()) % step as i32 == 0;
        firsts.into_iter().filter(fits).map(|day| (day, month_text(day, language))).collect()
    }

    /// What each area is, beside its end; moved apart where two would meet.
    fn labels(&self, svg: &mut String, points: &Points, classes: &[Class], language: Language) {
        let Some((_, now)) = points.last() else { return };
        let mut labels = Vec::new();
        let mut below = 0;
        for (number, class) in classes.iter().enumerate() {
            let passes = now.get(class).copied().unwrap_or(0);
            if passes > 0 || classes.len() > 1 {
                labels.push((self.y(below + passes / 2), number, *class, passes));
            }
            below += passes;
        }
        // From the lowest upwards.
        let mut free = HEIGHT - BOTTOM + 4.0;
        for (y, ..) in &mut labels {
            *y = y.min(free);
            free = *y - LINE;
        }
        let x = WIDTH - RIGHT + 14.0;
        for (y, at, class, passes) in labels {
            let (colour, passes) = (darker(at), number(passes));
            let (name, under) = (words::class(language, class.0), y + 15.0);
            let _ = writeln!(
                svg,
                r##"<text x="{x}" y="{y:.1}" font-size="15" font-weight="bold" fill="{colour}">{name}</text>
<text x="{x}" y="{under:.1}" font-size="14" fill="#1c1c1c">{passes}</text>"##
            );
        }
    }
}

fn colour(number: usize) -> &'static str {
    COLOURS.get(number % COLOURS.len()).copied().unwrap_or("#27608f")
}

/// Of words on white.
fn darker(number: usize) -> &'static str {
    const DARK: [&str; 6] = ["#27608f", "#8a5a00", "#2f6f5f", "#6f3f7f", "#8f3a28", "#555555"];
    DARK.get(number % DARK.len()).copied().unwrap_or("#27608f")
}

/// The next of 1, 2, 5, 10, 20, 50 …
fn round_step(least: u64) -> u64 {
    let mut power: u64 = 1;
    loop {
        for digit in [1, 2, 5] {
            let step = power.saturating_mul(digit);
            if step >= least || step == u64::MAX {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// In groups of three with narrow spaces, which no line breaks.
fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202F}');
        }
        text.push(digit);
    }
    text
}

fn day_text(day: NaiveDate, language: Language) -> String {
    match language {
        Language::En => day.format("%-d %b %Y").to_string(),
        Language::Ru | Language::Ba => day.format("%d.%m.%Y").to_string(),
    }
}

fn month_text(day: NaiveDate, language: Language) -> String {
    match language {
        Language::En => day.format("%b %Y").to_string(),
        Language::Ru | Language::Ba => day.format("%m.%Y").to_string(),
    }
}

/// A long name must not leave the picture.
fn shortened(text: &str) -> String {
    const MOST: usize = 100;
    if text.chars().count() <= MOST { text.into() } else { text.chars().take(MOST - 1).chain(['…']).collect() }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_numbers_grouped() {
        for (least, step) in [(0, 1), (1, 1), (3, 5), (6, 10), (11, 20), (800_001, 1_000_000)] {
            assert_eq!(round_step(least), step);
        }
        assert_eq!([0, 999, 1_000, 4_012_345].map(number), ["0", "999", "1\u{202F}000", "4\u{202F}012\u{202F}345"]);
        assert_eq!(escaped("<A> & \"B\""), "&lt;A&gt; &amp; &quot;B&quot;");
    }
}
