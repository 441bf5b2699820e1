//! The stream, not the frame: a reader that keeps to a budget a frame, spreads the expensive steps over
//! frames, and adds up what it saw of the same code until it can be read.

mod accumulators;
pub(crate) mod area;
pub(crate) mod coach;

use std::time::Duration;

use self::accumulators::Accumulators;
use self::area::TrackedArea;
use self::coach::{Hint, HintEvidence, HintTracker};
use crate::attempt::Observation;
use crate::budget::{Budget, thread_cpu};
use crate::plan::{BLURRED, EVERY_FRAME, ROTATING, SearchStep, TINTED, TRACKED_AREA};
use crate::read::SHARE;
use crate::search::{Regions, Search};
use crate::{LumaFrame, Symbol};

/// Without a finder in view, a frame is looked at so often at most.
const IDLE_INTERVAL: Duration = Duration::from_millis(100);
/// So long after a finder comes into view every frame gets its whole budget.
const ACTIVE_FOR: Duration = Duration::from_secs(3);
/// A finder is still in view when it was seen so long ago: a hand shakes.
const LOST_AFTER: Duration = Duration::from_millis(400);

/// A code that is followed without being read leaves the rest of every so many frames to be looked at too.
const LOOK_AROUND_EVERY: u32 = 4;

/// Finders that are followed for more frames than this without showing a code leave every other frame to the rest
/// of the picture: they may be chance.
const LOOKS_IN_VAIN: u32 = 4;

/// Every so many frames are looked at everywhere, whatever texture they show: a code may be there and not be known by it.
const EVERYWHERE_EVERY: u32 = 8;
/// The same where there is texture somewhere.
const ELSEWHERE_EVERY: u32 = 32;

/// After so many frames in vain, of each so many, one of its finders may be hidden: the first thing that is tried then, for
/// the other ways take all the time there is.
const HIDDEN_AFTER: u32 = 3;
const HIDDEN_EVERY: u32 = 4;

/// Part of a frame's time for looking where a code was seen before.
const TRACKED_SHARE: f32 = 0.6;

/// What one frame of a stream showed.
#[derive(Clone, Debug, Default)]
pub struct LiveReading {
    /// The codes in the order found; of those with the same payload the first.
    pub symbols: Vec<Symbol>,
    /// What would help, after a moment without success.
    pub hint: Option<Hint>,
    /// Processor time spent on the frame.
    pub cpu: Duration,
}

impl LiveReading {
    /// What the codes hold, each payload once.
    pub fn payloads(&self) -> Vec<&[u8]> {
        Symbol::payloads(&self.symbols)
    }
}

/// Reads a stream of frames' red and blue alone (see [`LumaFrame::of_colours`]), for where luma shows no code.
#[derive(Debug, Default)]
pub struct ColourReader([LiveReader; 2]);

impl ColourReader {
    /// The codes of the first colour that shows any, each looked at as [`LiveReader::frame`] does.
    pub fn frame(&mut self, colours: &[LumaFrame; 2], now_ms: u64, budget: Duration) -> Vec<Symbol> {
        let looks = self.0.iter_mut().zip(colours);
        let mut read = looks.map(|(reader, colour)| reader.frame(colour, now_ms, budget).symbols);
        read.find(|symbols| !symbols.is_empty()).unwrap_or_default()
    }
}

/// How long before `now_ms` something was.
fn since(then_ms: u64, now_ms: u64) -> Duration {
    Duration::from_millis(now_ms.saturating_sub(then_ms))
}

/// Reads a stream of frames.
#[derive(Debug, Default)]
pub struct LiveReader {
    /// When a frame was last looked at.
    looked: Option<u64>,
    /// Since when finders have been in view, and when last.
    since: Option<u64>,
    last_finder: Option<u64>,
    /// Frames in a row that showed them.
    sights: u32,
    /// Where it was last, and how many frames in a row showed it there.
    area: Option<TrackedArea>,
    followed: u32,
    /// Frames since finders there last showed a code.
    in_vain: u32,
    /// No time was left for the steps that take turns.
    behind: bool,
    /// Frames that were looked at closer.
    closer: u32,
    /// The expensive step that is next, of the whole picture and of that part.
    next: usize,
    next_near: usize,
    accumulators: Accumulators,
    coach: HintTracker,
}

impl LiveReader {
    /// A reader that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at the next frame. `now_ms` is when it was taken, on any clock that does not run backwards.
    pub fn frame(&mut self, frame: &LumaFrame, now_ms: u64, budget: Duration) -> LiveReading {
        if self.last_finder.is_some_and(|last| since(last, now_ms) > LOST_AFTER) {
            self.since = None;
            self.sights = 0;
            self.area = None;
            self.accumulators.clear();
        }
        let active = self.since.is_some_and(|start| since(start, now_ms) < ACTIVE_FOR);
        // After a first sight the next frame tells whether it was chance.
        if !active && self.sights != 1 && self.looked.is_some_and(|looked| since(looked, now_ms) < IDLE_INTERVAL) {
            return LiveReading { hint: self.coach.hint(), ..LiveReading::default() };
        }
        self.looked = Some(now_ms);
        let before = thread_cpu();
        let deadline = Budget::after(budget.mul_f32(SHARE));
        let mut search = Search::new(frame);
        // Some time is left for the rest of the picture.
        let near_deadline = deadline.part(TRACKED_SHARE);
        let followed = self.look_near(&mut search, now_ms, &near_deadline);
        // A code that is followed has the frame to itself, but for a look around now and then.
        self.followed = if followed { self.followed + 1 } else { 0 };
        let mut in_view = search.findings.in_view();
        if search.findings.symbols.is_empty() && (!followed || self.followed.is_multiple_of(LOOK_AROUND_EVERY)) {
            for step in EVERY_FRAME {
                search.run(step, &deadline);
                if !search.findings.symbols.is_empty() {
                    break;
                }
            }
            if search.findings.symbols.is_empty() {
                self.look_closer(&mut search, active || in_view, now_ms, &deadline);
            }
            in_view |= search.findings.in_view();
        }
        // Finders that one frame shows, and the next does not, were chance.
        self.sights = if in_view { self.sights.saturating_add(1) } else { 0 };
        if in_view {
            self.last_finder = Some(now_ms);
        }
        if self.sights >= 2 || !search.findings.accumulated.is_empty() {
            self.since.get_or_insert(now_ms);
        }
        let read = !search.findings.symbols.is_empty();
        // Only what could not be read is followed: beside a code that is read, another may come into view.
        let near = if read { None } else { TrackedArea::from_findings(&search.findings).or(self.area) };
        self.area = near.filter(|_| in_view);
        if read {
            self.accumulators.clear();
            self.since = Some(now_ms);
        }
        let signs = if read { None } else { HintEvidence::from_findings(&search.findings, search.base()) };
        self.coach.observe(now_ms, read, signs);
        LiveReading {
            symbols: search.into_symbols(),
            hint: self.coach.hint(),
            cpu: thread_cpu().saturating_sub(before),
        }
    }

    /// Looks where the code was last, every way until it is read; whether a code was there.
    fn look_near(&mut self, search: &mut Search, now_ms: u64, deadline: &Budget) -> bool {
        let Some(area) = self.area else {
            self.in_vain = 0;
            return false;
        };
        self.in_vain += 1;
        if self.in_vain > LOOKS_IN_VAIN && self.in_vain.is_multiple_of(2) {
            return false;
        }
        let Some((part, corner)) = area.crop(search.base()) else { return false };
        let mut near = Search::new(&part);
        for step in EVERY_FRAME {
            near.run(step, deadline);
        }
        if self.in_vain % HIDDEN_EVERY == HIDDEN_AFTER {
            near.try_pairs(deadline);
        }
        self.add_up(&mut near, now_ms, deadline);
        self.next_near = self.in_turn(&mut near, (TRACKED_AREA, self.next_near, TRACKED_AREA.len()), now_ms, deadline);
        let found = !near.findings.symbols.is_empty() || !near.findings.accumulated.is_empty();
        if found {
            self.in_vain = 0;
        }
        // Nothing else of this frame has been looked at yet.
        search.findings = near.findings.moved(corner);
        found
    }

    /// Looks where there is a code's texture, in ways that take longer; now and then, or where it is nearly everywhere, at
    /// the whole picture.
    fn look_closer(&mut self, search: &mut Search, active: bool, now_ms: u64, deadline: &Budget) {
        if deadline.is_spent() {
            return;
        }
        let regions = search.regions();
        self.closer = self.closer.wrapping_add(1);
        let every = if let Regions::In(_) = regions { ELSEWHERE_EVERY } else { EVERYWHERE_EVERY };
        let mut regions = match regions {
            Regions::Everywhere => return self.closer_steps(search, active, now_ms, deadline),
            _ if self.closer.is_multiple_of(every) => {
                self.closer_steps(search, active, now_ms, deadline);
                // Of what it shows besides, finders alone are chance.
                return search.forget_elsewhere(&regions);
            }
            Regions::Nowhere => return,
            Regions::In(regions) => regions,
        };
        // The largest first, but for those that show a finder.
        regions.sort_by_key(|region| !search.findings.clear.iter().any(|finder| region.contains(finder)));
        for region in regions {
            let Some(part) = search.base().part(&region) else { continue };
            let mut near = Search::with(&part, search.findings.known_in(&region));
            self.closer_steps(&mut near, active, now_ms, deadline);
            search.findings.join(near.findings.moved(region.corner()));
            if !search.findings.symbols.is_empty() {
                return;
            }
        }
    }

    /// Every step while a code is in view; else what finds most, and by turns pale finders or one more way.
    fn closer_steps(&mut self, search: &mut Search, active: bool, now_ms: u64, deadline: &Budget) {
        if active || search.findings.in_view() {
            return self.expensive_steps(search, now_ms, deadline);
        }
        // Pale ones go first, for they take little time and nothing else finds them.
        let pale = (self.closer / EVERYWHERE_EVERY).wrapping_add(self.closer).is_multiple_of(2);
        if pale {
            search.run(&TINTED, deadline);
        }
        for step in BLURRED {
            if search.findings.symbols.is_empty() {
                search.run(step, deadline);
            }
        }
        if !pale && !search.findings.in_view() {
            self.next = self.in_turn(search, (ROTATING, self.next, 1), now_ms, deadline);
        }
        self.add_up(search, now_ms, deadline);
    }

    /// The expensive steps in turn, from where the last frame left off, and after each what was seen of the
    /// same code before.
    fn expensive_steps(&mut self, search: &mut Search, now_ms: u64, deadline: &Budget) {
        self.add_up(search, now_ms, deadline);
        if self.closer % HIDDEN_EVERY == HIDDEN_AFTER {
            search.try_pairs(deadline);
            self.add_up(search, now_ms, deadline);
        }
        if std::mem::take(&mut self.behind) {
            self.next = self.in_turn(search, (ROTATING, self.next, 1), now_ms, deadline);
        }
        for step in BLURRED {
            if search.findings.symbols.is_empty() {
                search.run(step, deadline);
                self.add_up(search, now_ms, deadline);
            }
        }
        self.behind = deadline.is_spent();
        self.next = self.in_turn(search, (ROTATING, self.next, ROTATING.len()), now_ms, deadline);
    }

    /// So many steps in turn, from one of them, until a code is read; after each what was seen of the same code
    /// before. Which is to be first in the next frame: the first that showed or read a code, else the next in turn.
    fn in_turn(
        &mut self,
        search: &mut Search,
        (steps, first, most): (&[SearchStep], usize, usize),
        now_ms: u64,
        deadline: &Budget,
    ) -> usize {
        let mut showed = None;
        for at in (first..first + most).map(|at| at % steps.len()) {
            if !search.findings.symbols.is_empty() || deadline.is_spent() {
                return showed.unwrap_or(at);
            }
            if let Some(step) = steps.get(at) {
                search.run(step, deadline);
            }
            if !search.findings.unread.is_empty() || !search.findings.symbols.is_empty() {
                showed = showed.or(Some(at));
            }
            self.add_up(search, now_ms, deadline);
        }
        showed.unwrap_or((first + most) % steps.len())
    }

    fn add_up(&mut self, search: &mut Search, now_ms: u64, deadline: &Budget) {
        let seen: Vec<Observation> = std::mem::take(&mut search.findings.unread);
        for seen in seen {
            if let Some(decoded) = self.accumulators.add(&seen, now_ms, deadline) {
                search.findings.add_payload(decoded, seen.corners(), seen.inverted);
            }
            search.findings.accumulated.push(seen);
        }
    }
}
