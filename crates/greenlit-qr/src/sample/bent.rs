//! Paper that was folded or is rolled up: its timing patterns (ISO/IEC 18004 §6.3.5) are followed module by module from one
//! finder to the next. They tell how many modules there are a side, and how far each row and column lies from where it would
//! be on a plane.

use crate::budget::Budget;
use crate::detect::finder::{Finder, direction};
use crate::sample::grey::Grey;
use crate::sample::grid;
use crate::sample::perspective::{Perspective, Point};

/// Modules that are looked at together, ahead of the one that was reached.
const AHEAD: usize = 6;
/// How well they alternate at least, or the pattern is lost.
const MIN_ALTERNATION: f32 = 0.3;
/// The same for a whole line.
const MIN_MEAN: f32 = 0.6;
/// How far a step turns or stretches about at most, of its length; how far the first does; and how finely that is looked for.
const TURN: f32 = 0.15;
const FIRST_TURN: f32 = 0.2;
const FINE: f32 = 0.05;
/// How far a place may be off its module's middle, in modules.
const CLOSE_BY: f32 = 0.12;
/// Lines to both sides of the middle, in modules.
const LANES: [f32; 2] = [-0.33, 0.33];
/// What a full turn costs, of a perfect alternation.
const TURN_COST: f32 = 0.05;
/// How far beside its place the first module may be, in modules.
const SHIFTS: [f32; 5] = [0.0, -0.35, 0.35, -0.7, 0.7];
/// The same along the line.
const STARTS: [f32; 3] = [0.0, -0.35, 0.35];
/// How many modules off the last finder may be, along the line and beside it, for the line to have met it.
const ENDS_WITHIN: f32 = 1.3;
const BESIDE_WITHIN: f32 = 1.5;
/// So many modules before the last finder's middle a line is at the finder itself.
const AT_FINDER: f32 = 2.7;
/// Levels of light that noise may change from module to module.
const NOISE: f32 = 4.0;
/// Where nothing is farther off than this, in modules, the paper is flat.
const FLAT: f32 = 0.4;
/// Modules after which the time is looked at.
const LOOK_EVERY: usize = 8;
/// Least sine of the angle between the first finder's directions.
const MIN_SINE: f32 = 0.3;
/// How square a finder must be for its own direction to be known; a square's is 0.06 to 0.1.
const MIN_SQUARE: f32 = 0.02;
/// Middle of a finder, in modules from its outer edge; and the row of the timing pattern.
const FINDER: f32 = 3.5;
const TIMING: f32 = 6.5;
/// The longest line ends before this module.
const LONGEST: usize = 170;

/// How far rows and columns lie from where a plane would have them, in modules.
#[derive(Clone, Debug)]
pub(crate) struct Bend {
    across: Vec<Point>,
    down: Vec<Point>,
}

impl Bend {
    /// How far the place of a module is from where it should be.
    pub(crate) fn offset(&self, x: f32, y: f32) -> Point {
        let ((ax, ay), (dx, dy)) = (between(&self.across, x), between(&self.down, y));
        (ax + dx, ay + dy)
    }
}

/// What lies at a place, of what is known at the middles of modules.
fn between(all: &[Point], at: f32) -> Point {
    let last = all.len().saturating_sub(2);
    let i = ((at - 0.5).max(0.0) as usize).min(last);
    let f = at - 0.5 - i as f32;
    let known = |i: usize| all.get(i).copied().unwrap_or((0.0, 0.0));
    mix(known(i), known(i + 1), f)
}

/// The point between two.
pub(crate) fn mix(a: Point, b: Point, f: f32) -> Point {
    (a.0 + (b.0 - a.0) * f, a.1 + (b.1 - a.1) * f)
}

/// Follows both timing patterns; `None` where one is lost, they are not of one size,
/// or the paper is flat. The perspective is that of a plane
/// through the three finders, seen from the front.
pub(crate) fn follow(
    grey: &Grey,
    [corner, across, down]: [&Finder; 3],
    budget: &Budget,
) -> Option<(Perspective, Bend)> {
    let from = (corner.x, corner.y);
    let module = |other: &Finder| {
        let (dx, dy) = axis(corner, other.x - corner.x, other.y - corner.y);
        let module = corner.measured_along(grey, dx, dy);
        (dx * module, dy * module)
    };
    let (right, below) = (module(across), module(down));
    if cross(right, below).abs() < MIN_SINE * right.0.hypot(right.1) * below.0.hypot(below.1) {
        return None;
    }
    let line = |other: &Finder, along: Point, aside: Point| {
        let end = [along, aside].map(|(dx, dy)| other.measured_along(grey, dx, dy));
        let contrast = (corner.light - corner.dark).max(1.0);
        Line { grey, budget, from, to: (other.x, other.y), along, aside, end, contrast }.follow()
    };
    let top = line(across, right, below)?;
    let left = line(down, below, right)?;
    if top.side != left.side {
        return None;
    }
    let plane = Perspective {
        corner: from,
        across: (across.x, across.y),
        down: (down.x, down.y),
        near: (1.0, 1.0),
        side: top.side,
    };
    let (across, down) = bends(&plane, &top, &left)?;
    let is_off = |(x, y): &Point| x.abs().max(y.abs()) > FLAT;
    (across.iter().any(is_off) || down.iter().any(is_off)).then_some((plane, Bend { across, down }))
}

/// The direction of the finder's own edges that is nearest to the one to another: along them its modules are shortest.
fn axis(finder: &Finder, dx: f32, dy: f32) -> Point {
    let (mut cos, mut sin) = (0.0, 0.0);
    for (k, module) in finder.module.iter().enumerate() {
        let (x, y) = direction(k);
        let angle = 4.0 * y.atan2(x);
        (cos, sin) = (cos - module * angle.cos(), sin - module * angle.sin());
    }
    let there = dy.atan2(dx);
    if cos.hypot(sin) < MIN_SQUARE * finder.size * finder.module.len() as f32 {
        return (there.cos(), there.sin());
    }
    let own = sin.atan2(cos) / 4.0;
    let quarter = std::f32::consts::FRAC_PI_2;
    let angle = own + ((there - own) / quarter).round() * quarter;
    (angle.cos(), angle.sin())
}

/// A timing pattern that was followed from one finder to the other.
struct Followed {
    /// Middles of its modules, in pixels: the first is that next to the finder.
    points: Vec<Point>,
    /// Modules a side.
    side: usize,
}

/// A timing pattern in a picture.
struct Line<'a> {
    grey: &'a Grey<'a>,
    budget: &'a Budget,
    /// Middles of the finders, in pixels.
    from: Point,
    to: Point,
    /// A module towards the other finder, and one into the code, as the first finder has them; in pixels.
    along: Point,
    aside: Point,
    /// Pixels a module at the other finder, the same two ways.
    end: [f32; 2],
    /// How much lighter a light module is, about.
    contrast: f32,
}

impl Line<'_> {
    /// From module to module.
    fn follow(&self) -> Option<Followed> {
        let (mut at, mut step) = self.start()?;
        let mut points = Vec::new();
        let mut sum = 0.0;
        // The seventh module of the line is the last of the finder.
        for k in 6..LONGEST {
            let (dx, dy) = (self.to.0 - at.0, self.to.1 - at.1);
            // Modules grow or shrink on the way to the finder's middle.
            let (own, [end, end_aside]) = (step.0.hypot(step.1), self.end);
            let left = (dx * step.0 + dy * step.1) / (own * (own + end) / 2.0);
            // Sides are 17 modules and a multiple of four, and a line ends eight before that.
            if k % 4 == 1 && (left - 4.0).abs() < ENDS_WITHIN {
                // The code is to the side that `aside` leads to, the finder's middle three modules to the other.
                let beside = -cross(step, (dx, dy)) * cross(self.along, self.aside).signum() / (own * end_aside);
                let is_whole = (beside - 3.0).abs() < BESIDE_WITHIN && sum > MIN_MEAN * points.len() as f32;
                return is_whole.then_some(Followed { points, side: k + 8 });
            }
            if left < AT_FINDER || (k % LOOK_EVERY == 0 && self.budget.is_spent()) {
                return None;
            }
            let ahead = AHEAD.min((left - AT_FINDER) as usize).max(1);
            let (alternates, turned) = self.best_step((at, k % 2 == 0), step, TURN, ahead);
            if alternates < MIN_ALTERNATION {
                return None;
            }
            sum += alternates;
            at = self.centred(((at.0 + turned.0, at.1 + turned.1), k % 2 != 0), turned, ahead.max(2) - 1);
            step = mix(step, turned, 0.5);
            points.push(at);
        }
        None
    }

    /// The last module of the first finder, and the step to the next.
    fn start(&self) -> Option<(Point, Point)> {
        let from = TIMING - FINDER;
        let place = |a: f32, b: f32| {
            let ((ax, ay), (bx, by)) = (self.along, self.aside);
            (self.from.0 + ax * a + bx * b, self.from.1 + ay * a + by * b)
        };
        let shifts = SHIFTS.iter().flat_map(|shift| STARTS.map(|start| (start, *shift)));
        let tried = shifts.map(|(start, shift)| {
            let at = place(from + start, from + shift);
            // Not by how much, for the darkest and lightest there is may be beside it.
            let (score, step) = self.best_step((at, true), self.along, FIRST_TURN, AHEAD);
            (score - TURN_COST * (shift.abs() + start.abs()), (at, step))
        });
        tried.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, best)| best)
    }

    /// The step by which what lies ahead alternates best, turned and stretched a little; and how purely they do.
    fn best_step(&self, from: (Point, bool), step: Point, reach: f32, ahead: usize) -> (f32, Point) {
        let turned = |(longer, turn): (f32, f32)| {
            (step.0 * (1.0 + longer) - step.1 * turn, step.1 * (1.0 + longer) + step.0 * turn)
        };
        let mut best = (f32::MIN, 0.0, (0.0, 0.0));
        for (steps, fine) in [((reach / FINE).round() as i32, FINE), (1, FINE / 2.0)] {
            let around = best.2;
            for (i, j) in grid(steps) {
                let (longer, turn) = (around.0 + i as f32 * fine, around.1 + j as f32 * fine);
                let (contrast, alternates) = self.alternation(from, turned((longer, turn)), ahead);
                let score = contrast - TURN_COST * (longer * longer + turn * turn) / (reach * reach);
                if score > best.0 {
                    best = (score, alternates, (longer, turn));
                }
            }
        }
        (best.1, turned(best.2))
    }

    /// The place close by from which what lies ahead alternates best.
    fn centred(&self, (at, is_dark): (Point, bool), step: Point, ahead: usize) -> Point {
        let ((sx, sy), (ax, ay)) = (step, self.aside);
        let tried = grid(1).map(|(i, j)| {
            let (along, aside) = (i as f32 * CLOSE_BY, j as f32 * CLOSE_BY);
            let at = (at.0 + sx * along + ax * aside, at.1 + sy * along + ay * aside);
            (self.alternation((at, is_dark), step, ahead).0 - TURN_COST * (i * i + j * j) as f32 / 4.0, at)
        });
        tried.max_by(|a, b| a.0.total_cmp(&b.0)).map_or(at, |(_, best)| best)
    }

    /// How well the modules ahead alternate after one that is dark or light, along two lines so that it is best in their
    /// middle: how much lighter and darker they are by turns, and that from -1 to 1 for what differs at all.
    fn alternation(&self, (at, is_dark): (Point, bool), step: Point, ahead: usize) -> (f32, f32) {
        let (mut sum, mut most) = (0.0_f32, 0.0);
        for lane in LANES {
            let (x, y) = (at.0 + self.aside.0 * lane, at.1 + self.aside.1 * lane);
            let mut before = self.grey.at(x, y);
            for i in 1..=ahead {
                let here = self.grey.at(x + step.0 * i as f32, y + step.1 * i as f32);
                let lighter = here - before;
                sum += if is_dark == (i % 2 == 1) { lighter } else { -lighter };
                most += lighter.abs();
                before = here;
            }
        }
        // Noise alternates by chance.
        let looked_at = (LANES.len() * ahead) as f32;
        (sum / looked_at / self.contrast, sum / (most + NOISE * looked_at))
    }
}

fn cross(a: Point, b: Point) -> f32 {
    a.0 * b.1 - a.1 * b.0
}

/// How far columns and rows are from where the plane has them.
fn bends(plane: &Perspective, top: &Followed, left: &Followed) -> Option<(Vec<Point>, Vec<Point>)> {
    let span = plane.side as f32 - 2.0 * FINDER;
    let unit = |to: Point| ((to.0 - plane.corner.0) / span, (to.1 - plane.corner.1) / span);
    let ((ax, ay), (bx, by)) = (unit(plane.across), unit(plane.down));
    let determinant = ax * by - ay * bx;
    if determinant.abs() < 1e-3 {
        return None;
    }
    let module = |(x, y): Point| {
        let (x, y) = (x - plane.corner.0, y - plane.corner.1);
        ((x * by - y * bx) / determinant + FINDER, (y * ax - x * ay) / determinant + FINDER)
    };
    let off = |points: &[Point], downwards: bool| -> Vec<Point> {
        let place = |i: usize| if downwards { (TIMING, i as f32 + 7.5) } else { (i as f32 + 7.5, TIMING) };
        points
            .iter()
            .enumerate()
            .map(|(i, point)| (module(*point), place(i)))
            .map(|((x, y), (u, v))| (x - u, y - v))
            .collect()
    };
    let (across, down) = (off(&top.points, false), off(&left.points, true));
    // Both lines cross between the corner finder's middle, where nothing is off, and their first modules: what each is off
    // there by itself follows from what both are off together.
    let (a, b) = (*across.first()?, *down.first()?);
    let part = (TIMING - FINDER) / (7.5 - FINDER);
    let alone = |own: f32, other: f32| part * (own - part * other) / (1.0 - part * part);
    let (from_across, from_down) = ((alone(a.0, b.0), alone(a.1, b.1)), (alone(b.0, a.0), alone(b.1, a.1)));
    let less = |all: Vec<Point>, (x, y): Point| all.into_iter().map(|(dx, dy)| (dx - x, dy - y)).collect::<Vec<_>>();
    Some((whole(&less(across, from_down), plane.side), whole(&less(down, from_across), plane.side)))
}

/// With the modules of the finders at both ends, whose middles are not off.
fn whole(line: &[Point], side: usize) -> Vec<Point> {
    let (first, last) = (line.first().copied().unwrap_or_default(), line.last().copied().unwrap_or_default());
    let known = |i: usize| {
        let middle = i as f32 + 0.5;
        match i.checked_sub(7) {
            Some(j) if j < line.len() => line.get(j).copied().unwrap_or_default(),
            None => mix((0.0, 0.0), first, (middle - FINDER) / (7.5 - FINDER)),
            Some(_) => mix((0.0, 0.0), last, (side as f32 - FINDER - middle) / (7.5 - FINDER)),
        }
    };
    (0..side).map(known).collect()
}
