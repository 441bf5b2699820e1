//! A code of which one finder is hidden by a thumb, torn off, washed out or outside the picture: where it must be follows
//! from the two others, from the timing patterns that lead to it, and from the alignment pattern.

use crate::budget::Budget;
use crate::decode::layout::layout_of_side;
use crate::detect::finder::Finder;
use crate::detect::triple::modules_between;
use crate::sample::grey::Grey;
use crate::sample::grid;
use crate::sample::perspective::{Perspective, Point};
use crate::sample::refine;
use crate::sample::timing::{Guess, alternation, best, both};

/// How unlike one another in size two finders of one code may be.
const MAX_SIZE_RATIO: f32 = 1.5;
/// Versions tried around the one that the finders' size tells, the nearest first.
const VERSIONS: [i32; 5] = [0, 1, -1, 2, -2];
/// The same at first, where it is the corner that is missing.
const CORNER_VERSIONS: usize = 3;
/// How far off the place of the third may be, as a part of the side, and at least, in modules: a tilted code is no square.
/// First nearby, for it takes a quarter of the time.
const REACHES: [f32; 2] = [0.05, 0.1];
const MIN_REACH: f32 = 2.0;
/// Modules from one place that is tried to the next, and then nearer by.
const COARSE: f32 = 0.8;
const FINE: f32 = 0.25;
/// Timing below which it is no code.
const MIN_TIMING: f32 = 0.35;
/// Timing, and agreement of what is known, of a guess that is tried at once.
const CLEAR_TIMING: f32 = 0.75;
const CLEAR_AGREEMENT: f32 = 0.55;
/// Other guesses tried of one pair.
const MAX_DOUBTFUL: usize = 2;

/// Which finder is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missing {
    Corner,
    Across,
    Down,
}

impl Missing {
    /// The timing patterns that lead to it, across and down: whether each is the one downwards.
    fn lines(self) -> &'static [bool] {
        match self {
            Self::Corner => &[false, true],
            Self::Across => &[false],
            Self::Down => &[true],
        }
    }

    /// How well they alternate.
    fn timing(self, grey: &Grey, perspective: &Perspective) -> f32 {
        let (matrix, lines) = (perspective.matrix(), self.lines());
        let sum: f32 = lines.iter().map(|downwards| alternation(grey, &matrix, perspective.side, *downwards)).sum();
        sum / lines.len() as f32
    }

    /// With it moved by so many pixels.
    fn moved(self, from: &Perspective, dx: f32, dy: f32) -> Perspective {
        let by = |(x, y): Point| (x + dx, y + dy);
        match self {
            Self::Corner => Perspective { corner: by(from.corner), ..*from },
            Self::Across => Perspective { across: by(from.across), ..*from },
            Self::Down => Perspective { down: by(from.down), ..*from },
        }
    }
}

/// Hands on what two finders may be, at once where it is clear and else the likeliest first, until one of them is read.
pub(crate) fn try_guesses(grey: &Grey, [a, b]: [&Finder; 2], budget: &Budget, mut is_read: impl FnMut(Guess) -> bool) {
    if a.inverted != b.inverted || !(1.0 / MAX_SIZE_RATIO..MAX_SIZE_RATIO).contains(&(a.size / b.size)) {
        return;
    }
    let mut doubtful: Vec<(f32, Guess)> = Vec::new();
    let mut known: Vec<Guess> = Vec::new();
    let starts = starts(grey, a, b);
    for (reach, (start, missing, modules)) in
        REACHES.into_iter().flat_map(|reach| starts.iter().map(move |start| (reach, start)))
    {
        // Where both timing patterns lead to the one that is not there, each size costs much more.
        let few = *missing == Missing::Corner && reach == REACHES[0];
        let most = if few { CORNER_VERSIONS } else { VERSIONS.len() };
        for side in sizes(*modules).take(most) {
            let Some(guess) = complete(grey, Perspective { side, ..*start }, (*missing, reach), budget) else {
                continue;
            };
            // What is found nearby is found in the wider reach as well.
            if known.iter().any(|other| is_same(&guess.perspective, &other.perspective, a.size)) {
                continue;
            }
            known.push(guess);
            if guess.timing < CLEAR_TIMING || guess.agreement < CLEAR_AGREEMENT {
                doubtful.push((guess.timing + guess.agreement - 0.5 * (side as f32 - modules).abs() / modules, guess));
            } else if is_read(guess) {
                return;
            }
        }
    }
    doubtful.sort_by(|a, b| b.0.total_cmp(&a.0));
    doubtful.into_iter().take(MAX_DOUBTFUL).any(|(_, guess)| is_read(guess));
}

/// Whether two are of one size and less than a module apart.
fn is_same(one: &Perspective, other: &Perspective, module: f32) -> bool {
    let near = |a: Point, b: Point| (a.0 - b.0).hypot(a.1 - b.1) < module;
    one.side == other.side
        && near(one.corner, other.corner)
        && near(one.across, other.across)
        && near(one.down, other.down)
}

/// Modules a side of the versions around so many, the nearest first.
fn sizes(modules: f32) -> impl Iterator<Item = usize> {
    let nearest = ((modules - 17.0) / 4.0).round().clamp(1.0, 40.0) as i32;
    let all = VERSIONS.into_iter().map(move |by| nearest + by).filter(|version| (1..=40).contains(version));
    all.map(|version| 17 + 4 * version as usize)
}

/// The four likely places of a third finder, as if the code were seen from the front, and how many modules a side that means.
fn starts(grey: &Grey, a: &Finder, b: &Finder) -> Vec<(Perspective, Missing, f32)> {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    // Across the line between them a module may be of another length than along it.
    let other = (a.along(-dy, dx) * b.along(-dy, dx)).sqrt() / (a.along(dx, dy) * b.along(dx, dy)).sqrt().max(0.1);
    let (px, py) = (-dy * other, dx * other);
    let start =
        |corner: Point, across: Point, down: Point| Perspective { corner, across, down, near: (1.0, 1.0), side: 21 };
    let (at, to) = ((a.x, a.y), (b.x, b.y));
    let by = |(x, y): Point, part: f32| (x + px * part, y + py * part);
    let middle = ((a.x + b.x) / 2.0, (a.y + b.y) / 2.0);
    // A finder is as much wider along its diagonal as the code is, so that both ways it is as many.
    let modules = modules_between(a, b) + 7.0;
    if !(20.0..180.0).contains(&modules) {
        return Vec::new();
    }
    // To one side of two neighbours lies the code, and to the other what is around it.
    let changes = |part: f32| {
        let along = (0..=modules as usize).map(|i| i as f32 / modules);
        let lights: Vec<f32> = along.map(|t| grey.at(a.x + dx * t + px * part, a.y + dy * t + py * part)).collect();
        lights.iter().zip(lights.iter().skip(1)).map(|(one, next)| (next - one).abs()).sum::<f32>()
    };
    let (near, far) = (8.0 / modules, 11.0 / modules);
    let edges = if changes(near) + changes(far) > changes(-near) + changes(-far) {
        [(start(at, to, by(at, 1.0)), Missing::Down, modules), (start(to, by(to, 1.0), at), Missing::Across, modules)]
    } else {
        [(start(at, by(at, -1.0), to), Missing::Across, modules), (start(to, at, by(to, -1.0)), Missing::Down, modules)]
    };
    let corners = [
        (start(by(middle, 0.5), at, to), Missing::Corner, modules),
        (start(by(middle, -0.5), to, at), Missing::Corner, modules),
    ];
    edges.into_iter().chain(corners).collect()
}

/// Looks for the place of the third around where it should be: there the timing patterns that lead to it alternate.
fn complete(grey: &Grey, start: Perspective, (missing, reach): (Missing, f32), budget: &Budget) -> Option<Guess> {
    let layout = layout_of_side(start.side)?;
    if budget.is_spent() {
        return None;
    }
    // The line between the two that are there, if there is one, tells at once whether this is a code of this size.
    let mut start = start;
    for downwards in [false, true].into_iter().filter(|line| !missing.lines().contains(line)) {
        start = best(grey, &start, downwards);
        if alternation(grey, &start.matrix(), start.side, downwards) < MIN_TIMING {
            return None;
        }
    }
    let module = start.matrix().scale(start.side as f32 / 2.0, start.side as f32 / 2.0).clamp(0.5, 100.0);
    let mut found = (start, missing.timing(grey, &start));
    for (reach, step) in [((start.side as f32 * reach).max(MIN_REACH), COARSE), (COARSE, FINE)] {
        let around = found.0;
        let steps = (reach / step).ceil() as i32;
        for (i, j) in grid(steps) {
            if j == 0 && budget.is_spent() {
                return None;
            }
            let tried = missing.moved(&around, i as f32 * step * module, j as f32 * step * module);
            let timing = missing.timing(grey, &tried);
            if timing > found.1 {
                found = (tried, timing);
            }
        }
    }
    if found.1 < MIN_TIMING {
        return None;
    }
    // How much farther away it is than the others.
    let perspective = missing.lines().iter().fold(found.0, |known, downwards| best(grey, &known, *downwards));
    let timing = both(grey, &perspective);
    let agreement = refine::agreement(grey, &perspective, layout);
    Some(Guess { perspective, timing, agreement })
}
