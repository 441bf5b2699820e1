//! The search for codes in one picture: a step finds finders its own way, triples of them are tried, and
//! what was seen is kept for the next step.

use std::collections::HashSet;

use crate::attempt::{
    Observation, Outcome, corners, decode_bent, decode_deblurred, decode_guesses, decode_refined, decode_triple,
};
use crate::budget::Budget;
use crate::decode::Decoded;
use crate::detect::finder::Finder;
use crate::detect::pyramid::{Pyramid, Sharpening, sharpen};
use crate::detect::scan::{Rows, Scan, Seen};
use crate::detect::texture::{self, Region};
use crate::detect::threshold::{ThresholdWindow, Thresholds};
use crate::detect::triple::{Triple, triples};
use crate::plan::SearchStep;
use crate::sample::grey::Grey;
use crate::sample::perspective::Point;
use crate::{LumaFrame, Symbol, pair};

/// A part of the picture as large as this is looked at no quicker than the whole; nor are many parts.
pub(crate) const MAX_AREA_SHARE: f32 = 0.6;
const MAX_PARTS: usize = 6;
/// Most codes told of one picture.
const MAX_CODES: usize = 64;
/// Modules wider than this many pixels are sampled from a halved picture.
const WIDE_MODULE: f32 = 6.0;
/// Quality of a finder that is hardly anything else.
const CLEAR: f32 = 0.8;
/// What three of one code cost at most that are seen clearly.
const CLEAR_COST: f32 = 0.6;
/// How much less like a finder than the best of its code one may look.
const LESS_LIKE_ONE: f32 = 0.1;
/// Agreement below which blur is not looked at.
const MIN_BLURRED: f32 = 0.5;
/// Modules that corners lie apart at most, both ways together, if two sights are of one code.
const SAME_PLACE: f32 = 0.5;
/// Most pairs of finders that are tried for the third.
const MAX_PAIRS: usize = 3;
/// Part of a picture's time for them.
const PAIRS_SHARE: f32 = 0.4;
/// Agreement beyond which what they show is a code, though unread.
const SURELY_HIDDEN: f32 = 0.75;
/// Most clear finders remembered.
const MAX_CLEAR: usize = 200;
/// Most codes remembered that were not read: of the largest ones each holds a quarter of a megabyte.
const MAX_UNREAD: usize = 12;
/// The pass after which a reading may end, of those that a step has. The first steps over finders of modules of two pixels:
/// another code may be there.
const EARLIEST_END: usize = 1;

/// What was found in a picture so far. Points are in pixels of the picture worked on.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) corners: Vec<[Point; 4]>,
    /// Codes seen but not read.
    pub(crate) unread: Vec<Observation>,
    /// Those of them that a stream has added to its sums.
    pub(crate) accumulated: Vec<Observation>,
    /// Finders that are hardly anything else, each once.
    pub(crate) clear: Vec<Finder>,
}

impl Findings {
    /// Whether three finders outside the codes read may be another's: letters may look like finders, but seldom lie so.
    pub(crate) fn shows_more_codes(&self) -> bool {
        let outside: Vec<Finder> = self.clear.iter().filter(|finder| !self.is_in_code(finder)).copied().collect();
        triples(&outside).first().is_some_and(|best| best.cost < CLEAR_COST)
    }

    /// Whether a finder lies in a code that was read.
    fn is_in_code(&self, finder: &Finder) -> bool {
        self.corners.iter().any(|corners| inside(corners, (finder.x, finder.y)))
    }

    /// Whether there is anything to look at longer: a code, or finders that may belong to one.
    pub(crate) fn in_view(&self) -> bool {
        !self.symbols.is_empty() || !self.unread.is_empty() || !self.accumulated.is_empty() || !self.clear.is_empty()
    }

    /// Clear finders, without those that are much smaller than the largest, which are signs within it, and
    /// those that look much less like one than the best: chance among a code's modules.
    pub(crate) fn code_finders(&self) -> Vec<Finder> {
        let most = |of: fn(&Finder) -> f32| self.clear.iter().map(of).fold(0.0, f32::max);
        let (largest, best) = (most(|finder| finder.size), most(|finder| finder.quality));
        let belongs = |finder: &&Finder| finder.size > 0.5 * largest && finder.quality > best - LESS_LIKE_ONE;
        self.clear.iter().filter(belongs).copied().collect()
    }

    /// The same in the pixels of a picture of which this one is a part, or the other way round.
    pub(crate) fn moved(self, (left, top): Point) -> Self {
        let by = |(x, y): Point| (x + left, y + top);
        let seen = |seen: Vec<Observation>| seen.into_iter().map(|seen| seen.moved(left, top)).collect();
        Self {
            symbols: self.symbols.into_iter().map(|symbol| symbol.moved(left, top)).collect(),
            corners: self.corners.into_iter().map(|corners| corners.map(by)).collect(),
            unread: seen(self.unread),
            accumulated: seen(self.accumulated),
            clear: self.clear.into_iter().map(|f| Finder { x: f.x + left, y: f.y + top, ..f }).collect(),
        }
    }

    /// What is known of a region, in its own pixels: codes that were read, and its clear finders.
    pub(crate) fn known_in(&self, region: &Region) -> Self {
        let clear = self.clear.iter().filter(|finder| region.contains(finder)).copied().collect();
        let known = Self { symbols: self.symbols.clone(), corners: self.corners.clone(), clear, ..Self::default() };
        let (left, top) = region.corner();
        known.moved((-left, -top))
    }

    /// Adds what was found in a part, in the pixels of the whole.
    pub(crate) fn join(&mut self, part: Self) {
        let Self { symbols, corners, unread, accumulated, clear } = part;
        for symbol in symbols {
            self.add_symbol(symbol);
        }
        self.corners.extend(corners);
        self.unread.extend(unread);
        self.accumulated.extend(accumulated);
        self.add_clear_finders(&clear);
    }

    fn add_clear_finders(&mut self, finders: &[Finder]) {
        for finder in finders.iter().filter(|finder| is_clear(finder)) {
            let near = |other: &Finder| (other.x - finder.x).abs() + (other.y - finder.y).abs() < 3.0 * finder.size;
            if self.clear.len() < MAX_CLEAR && !self.clear.iter().any(near) {
                self.clear.push(*finder);
            }
        }
    }

    pub(crate) fn add_payload(&mut self, decoded: Decoded, corners: [Point; 4], inverted: bool) {
        self.add_symbol(Symbol::new(decoded, corners, inverted));
        self.corners.push(corners);
    }

    /// Each payload once.
    fn add_symbol(&mut self, symbol: Symbol) {
        if self.symbols.len() < MAX_CODES && !self.symbols.iter().any(|known| known.payload == symbol.payload) {
            self.symbols.push(symbol);
        }
    }
}

/// A finder that is hardly anything else.
fn is_clear(finder: &Finder) -> bool {
    finder.seen >= 15 && finder.hits >= 2 && finder.quality > CLEAR
}

/// Where a finder is, in modules: as near as that it is the same.
fn place(finder: &Finder) -> (i32, i32) {
    ((finder.x / finder.size) as i32, (finder.y / finder.size) as i32)
}

/// Three finders, how the picture was sharpened, and the ways they were tried in: not to be tried again.
type Key = ([(i32, i32); 3], Option<(usize, Sharpening)>, Ways);

/// How three finders are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Ways {
    /// The cheap way alone: more rows are still to be looked at.
    Cheap,
    All,
}

/// What came of three finders.
enum Tried {
    NoCode,
    Unread,
    Read([Point; 4]),
}

/// Where there is a code's texture, and whether to look there alone is worth it.
#[derive(Debug)]
pub(crate) enum Regions {
    Nowhere,
    In(Vec<Region>),
    Everywhere,
}

/// One picture and what has been found in it.
pub(crate) struct Search<'a> {
    pyramid: Pyramid<'a>,
    thresholds: [Option<Thresholds>; 3],
    tried: HashSet<Key>,
    /// Pairs of finders that were tried, and of how many there were.
    paired: HashSet<([(i32, i32); 2], usize)>,
    /// Codes whose blur was looked at: modules a side, and their corners.
    blurred: Vec<(usize, [Point; 4])>,
    pub(crate) findings: Findings,
}

impl<'a> Search<'a> {
    pub(crate) fn new(frame: &'a LumaFrame) -> Self {
        Self::with(frame, Findings::default())
    }

    /// Goes on from what is known of the picture.
    pub(crate) fn with(frame: &'a LumaFrame, findings: Findings) -> Self {
        Self {
            pyramid: Pyramid::new(frame),
            thresholds: [const { None }; 3],
            tried: HashSet::new(),
            paired: HashSet::new(),
            blurred: Vec::new(),
            findings,
        }
    }

    /// The picture worked on.
    pub(crate) fn base(&self) -> &LumaFrame {
        self.pyramid.base()
    }

    /// Where there is a code's texture. Clear finders elsewhere are chance, and are forgotten.
    pub(crate) fn regions(&mut self) -> Regions {
        let regions = texture::regions(&mut self.pyramid);
        let area: usize = regions.iter().map(Region::area).sum();
        let share = area as f32 / (self.base().width() * self.base().height()) as f32;
        let regions = match regions.len() {
            0 => Regions::Nowhere,
            1..=MAX_PARTS if share <= MAX_AREA_SHARE => Regions::In(regions),
            _ => Regions::Everywhere,
        };
        self.forget_elsewhere(&regions);
        regions
    }

    /// Forgets clear finders that lie in none of these regions.
    pub(crate) fn forget_elsewhere(&mut self, regions: &Regions) {
        match regions {
            Regions::Everywhere => {}
            Regions::Nowhere => self.findings.clear.clear(),
            Regions::In(all) => {
                self.findings.clear.retain(|finder| all.iter().any(|region| region.contains(finder)));
            }
        }
    }

    /// The codes that were read, their corners in pixels of the picture that was given.
    pub(crate) fn into_symbols(self) -> Vec<Symbol> {
        let factor = self.pyramid.factor();
        self.findings.symbols.into_iter().map(|symbol| symbol.scaled(factor)).collect()
    }

    /// Looks for codes one way.
    pub(crate) fn run(&mut self, step: &SearchStep, budget: &Budget) {
        if self.pyramid.prepare(step.level) < step.level || budget.is_spent() {
            return;
        }
        let sharp = step.sharpen.and_then(|sharpening| sharpen(self.pyramid.level(step.level), sharpening));
        if budget.is_spent() {
            return;
        }
        // Small pictures have small modules.
        let small = self.pyramid.level(step.level).height() <= 500;
        let every = if small { step.row_step.min(2) } else { step.row_step };
        let passes = if step.in_passes { &Rows::passes(every)[..] } else { &[Rows::every(every)] };
        let mut seen = Seen::default();
        for (at, rows) in passes.iter().enumerate() {
            let ways = if at + 1 < passes.len() { Ways::Cheap } else { Ways::All };
            seen = self.finders(step, sharp.as_ref(), (*rows, seen), budget);
            self.try_triples(step, sharp.as_ref(), (&seen.finders, ways), budget);
            let read = !self.findings.symbols.is_empty();
            if at >= EARLIEST_END && read && seen.finders.iter().all(|finder| self.findings.is_in_code(finder)) {
                break;
            }
        }
        self.findings.add_clear_finders(&seen.finders);
    }

    /// Those that these rows show, and those that rows before them did.
    fn finders(
        &mut self,
        step: &SearchStep,
        sharp: Option<&LumaFrame>,
        (rows, known): (Rows, Seen),
        budget: &Budget,
    ) -> Seen {
        let frame = self.pyramid.level(step.level);
        let Some(slot) = self.thresholds.get_mut(step.level) else { return known };
        let thresholds = slot.get_or_insert_with(|| Thresholds::from_frame(frame));
        thresholds.compute(step.window);
        // Those of a sharpened picture are used once.
        let own = sharp.map(|sharp| {
            let mut own = Thresholds::from_frame(sharp);
            own.compute(step.window);
            own.suppress_noise(thresholds);
            own
        });
        let tinted = step.window == ThresholdWindow::Tinted;
        let floored = if tinted { thresholds.floored(frame) } else { None };
        let (frame, thresholds) = (floored.as_ref().or(sharp).unwrap_or(frame), own.as_ref().unwrap_or(thresholds));
        let scale = (1_u32 << step.level) as f32;
        let known = known.scaled(1.0 / scale);
        let read = self.findings.corners.iter().map(|corners| corners.map(|(x, y)| (x / scale, y / scale)));
        let mut scan = Scan::new(frame, thresholds, step.params, budget, (known, read.collect()));
        scan.rows(rows);
        let mut seen = scan.seen.scaled(scale);
        seen.finders.iter_mut().for_each(|finder| finder.tinted = tinted);
        seen
    }

    fn try_triples(
        &mut self,
        step: &SearchStep,
        sharp: Option<&LumaFrame>,
        (finders, ways): (&[Finder], Ways),
        budget: &Budget,
    ) {
        let mut used: Vec<bool> = finders.iter().map(|finder| self.findings.is_in_code(finder)).collect();
        let mut tries = 0;
        for Triple { corner, across, down, cost } in triples(finders) {
            if budget.is_spent() || tries >= step.max_triples || self.findings.symbols.len() >= MAX_CODES {
                break;
            }
            let numbers = [corner, across, down];
            if numbers.iter().any(|i| used.get(*i) != Some(&false)) {
                continue;
            }
            let [Some(a), Some(b), Some(c)] = numbers.map(|i| finders.get(i)) else { continue };
            // Once a code is read, what is left must be clear; what follows costs more.
            if !self.findings.symbols.is_empty() && cost >= CLEAR_COST {
                break;
            }
            let sharpened = step.sharpen.map(|sharpening| (step.level, sharpening));
            if !self.tried.insert(([place(a), place(b), place(c)], sharpened, ways)) {
                continue;
            }
            match self.try_triple(step, sharp, ([a, b, c], ways), budget) {
                Tried::NoCode => {}
                Tried::Unread => tries += 1,
                Tried::Read(corners) => {
                    for (used, finder) in used.iter_mut().zip(finders) {
                        *used |= inside(&corners, (finder.x, finder.y));
                    }
                }
            }
        }
    }

    fn try_triple(
        &mut self,
        step: &SearchStep,
        sharp: Option<&LumaFrame>,
        (finders, ways): ([&Finder; 3], Ways),
        budget: &Budget,
    ) -> Tried {
        let (size, inverted) = (finders.iter().map(|finder| finder.size).fold(f32::MAX, f32::min), finders[0].inverted);
        let level = if sharp.is_some() { step.level } else { self.level_for(size) };
        let scale = (1_u32 << level) as f32;
        let scaled = finders.map(|finder| finder.scaled(1.0 / scale));
        let grey = Grey::new(sharp.unwrap_or_else(|| self.pyramid.level(level)), inverted);
        let mut outcome = decode_triple(&grey, scaled.each_ref(), budget);
        if ways == Ways::Cheap && matches!(outcome, Outcome::Unread(_) | Outcome::Nothing) {
            return Tried::Unread;
        }
        // Chance finders are not followed from one to the other.
        let may_be_bent = matches!(outcome, Outcome::Unread(_) | Outcome::Nothing)
            && finders.iter().all(|f| is_clear(f))
            && !budget.is_spent();
        if may_be_bent && let Some((decoded, corners)) = decode_bent(&grey, scaled.each_ref(), budget) {
            outcome = Outcome::Read(decoded, corners);
        }
        let outcome = refined(outcome, &grey, budget);
        self.finish(outcome, scale, inverted, budget)
    }

    /// Two finders where a third is hidden or torn off, once each: for when nothing else has shown a code.
    pub(crate) fn try_pairs(&mut self, budget: &Budget) {
        if !self.findings.symbols.is_empty()
            || !self.findings.unread.is_empty()
            || !self.findings.accumulated.is_empty()
        {
            return;
        }
        let budget = &budget.part(PAIRS_SHARE);
        let finders = self.findings.code_finders();
        let all = finders.iter().enumerate().flat_map(|(i, a)| finders.iter().skip(i + 1).map(move |b| [a, b]));
        let key = |pair: &[&Finder; 2]| (pair.map(place), finders.len());
        let mut pairs: Vec<[&Finder; 2]> = all.filter(|pair| !self.paired.contains(&key(pair))).collect();
        // Those of one code are of one size.
        let unlike = |[a, b]: &[&Finder; 2]| (a.size / b.size).ln().abs();
        pairs.sort_by(|one, other| unlike(one).total_cmp(&unlike(other)));
        for pair in pairs.into_iter().take(MAX_PAIRS) {
            if budget.is_spent() {
                return;
            }
            self.paired.insert(key(&pair));
            let [a, b] = pair;
            let level = self.level_for(a.size.min(b.size));
            let scale = (1_u32 << level) as f32;
            let grey = Grey::new(self.pyramid.level(level), a.inverted);
            let mut tried = Vec::new();
            pair::try_guesses(&grey, [&a.scaled(1.0 / scale), &b.scaled(1.0 / scale)], budget, |guess| {
                tried.push(refined(decode_guesses(&grey, &[guess], budget), &grey, budget));
                matches!(tried.last(), Some(Outcome::Read(..)))
            });
            // What was read is the last, and of what was not the surest is told.
            let sure = |outcome: &Outcome| match outcome {
                Outcome::Read(..) => f32::MAX,
                Outcome::Unread(seen) => seen.agreement,
                _ => f32::MIN,
            };
            let Some(best) = tried.into_iter().max_by(|a, b| sure(a).total_cmp(&sure(b))) else { continue };
            // What is followed in the next frame instead of being looked for is to be a code indeed.
            if sure(&best) < SURELY_HIDDEN {
                continue;
            }
            if let Tried::Read(_) = self.finish(best, scale, a.inverted, budget) {
                return;
            }
        }
    }

    /// What came of finders, with the most expensive way tried where a code was seen and not read.
    fn finish(&mut self, outcome: Outcome, scale: f32, inverted: bool, budget: &Budget) -> Tried {
        let (decoded, corners) = match outcome {
            Outcome::Read(decoded, corners) => (decoded, corners),
            Outcome::NoCode => return Tried::NoCode,
            Outcome::Nothing | Outcome::Malformed => return Tried::Unread,
            Outcome::Unread(mut seen) => {
                seen.scale = scale;
                let Some(decoded) = self.try_deblurred(&mut seen, budget) else {
                    if self.findings.unread.len() < MAX_UNREAD {
                        self.findings.unread.push(seen);
                    }
                    return Tried::Unread;
                };
                (decoded, corners(&seen.perspective))
            }
        };
        let corners = corners.map(|(x, y)| (x * scale, y * scale));
        self.findings.add_payload(decoded, corners, inverted);
        Tried::Read(corners)
    }

    /// The level that modules of a size are sampled from.
    fn level_for(&mut self, size: f32) -> usize {
        let level = (size / WIDE_MODULE).max(1.0).log2().ceil() as usize;
        self.pyramid.prepare(level.min(4)).min(level)
    }

    /// A code in the picture as it is, whatever was done to it to find the code; once for each place.
    fn try_deblurred(&mut self, seen: &mut Observation, budget: &Budget) -> Option<Decoded> {
        if budget.is_spent() || seen.agreement < MIN_BLURRED {
            return None;
        }
        let (corners, size) = (seen.corners(), seen.module_size());
        let near = |other: &[Point; 4]| {
            corners.iter().zip(other).all(|(a, b)| (a.0 - b.0).abs() + (a.1 - b.1).abs() < SAME_PLACE * size)
        };
        if self.blurred.iter().any(|(side, other)| *side == seen.perspective.side && near(other)) {
            return None;
        }
        self.blurred.push((seen.perspective.side, corners));
        let level = self.level_for(size);
        let scale = (1_u32 << level) as f32;
        let grey = Grey::new(self.pyramid.level(level), seen.inverted);
        let (evidence, decoded) = decode_deblurred(&grey, &seen.perspective.scaled(seen.scale / scale), budget);
        seen.evidence = evidence;
        decoded
    }
}

/// With the expensive way tried where a code was seen and not read.
fn refined(outcome: Outcome, grey: &Grey, budget: &Budget) -> Outcome {
    let Outcome::Unread(mut seen) = outcome else { return outcome };
    match decode_refined(grey, &mut seen, budget) {
        Some((decoded, corners)) => Outcome::Read(decoded, corners),
        None => Outcome::Unread(seen),
    }
}

/// Whether a point is within a four-sided figure.
pub(crate) fn inside(corners: &[Point; 4], (x, y): Point) -> bool {
    let [a, b, c, d] = *corners;
    let side = |(x1, y1): Point, (x2, y2): Point| (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) > 0.0;
    let sides = [side(a, b), side(b, c), side(c, d), side(d, a)];
    sides.iter().all(|left| *left) || sides.iter().all(|left| !*left)
}
