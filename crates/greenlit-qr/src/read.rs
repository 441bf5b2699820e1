//! Grey picture → symbols.

use std::time::Duration;

use crate::budget::{Budget, thread_cpu};
use crate::detect::texture::Region;
use crate::plan::{CHEAP_STEPS, STILL_STEPS, SearchStep};
use crate::search::{Regions, Search};
use crate::{LumaFrame, Symbol};

/// What was found in a picture.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The codes in the order found; of those with the same payload the first.
    pub symbols: Vec<Symbol>,
    /// Processor time of the reading.
    pub cpu: Duration,
    /// The budget ran out before every way had been tried.
    pub ran_out: bool,
}

impl Reading {
    /// What the codes hold, each payload once.
    pub fn payloads(&self) -> Vec<&[u8]> {
        Symbol::payloads(&self.symbols)
    }
}

/// Part of the budget that the steps may use. The clock is looked at between steps, and a step takes a
/// few milliseconds on large pictures.
pub(crate) const SHARE: f32 = 0.9;

/// How much longer to look for further codes once one is read: so long, or this part of a budget that is ample.
const FOR_MORE_CODES: Duration = Duration::from_millis(60);
const SHARE_FOR_MORE_CODES: u32 = 25;

/// Reads every code that is found within `budget` of processor time; by the clock on the wall it may take
/// twice as long.
pub fn read(frame: &LumaFrame, budget: Duration) -> Reading {
    let before = thread_cpu();
    let (symbols, ran_out) = run_steps(frame, budget);
    Reading { symbols, cpu: thread_cpu().saturating_sub(before), ran_out }
}

/// What part of its time the picture gets where it has no code's texture, as most of what a camera sees: it may be there and
/// not be known by it.
const SHARE_OF_PLAIN: u32 = 25;

/// The step, of those that are not cheap, after which codes are looked for of which a finder is hidden; and after the last.
const PAIRS_AFTER: usize = 4;

/// Reads a picture; whether time ran out before anything was read.
fn run_steps(frame: &LumaFrame, budget: Duration) -> (Vec<Symbol>, bool) {
    let mut search = Search::new(frame);
    let mut steps = Steps { deadline: Budget::after(budget.mul_f32(SHARE)), budget, ran_out: false };
    let alone = std::slice::from_mut;
    let (first, rest) = STILL_STEPS.split_at(CHEAP_STEPS);
    if steps.run(first, &[CHEAP_STEPS - 1], alone(&mut search)) {
        return (search.into_symbols(), steps.ran_out);
    }
    match search.regions() {
        Regions::In(regions) => {
            let parts: Vec<(Region, LumaFrame)> =
                regions.into_iter().filter_map(|region| Some((region, search.base().part(&region)?))).collect();
            let known = |region: &Region| search.findings.known_in(region);
            let mut searches: Vec<Search<'_>> =
                parts.iter().map(|(region, part)| Search::with(part, known(region))).collect();
            steps.run(rest, &[PAIRS_AFTER, rest.len() - 1], &mut searches);
            for ((region, _), part) in parts.iter().zip(searches) {
                search.findings.join(part.findings.moved(region.corner()));
            }
            if search.findings.symbols.is_empty() {
                steps.run_shortly(rest, &mut search);
            }
        }
        Regions::Nowhere => steps.run_shortly(rest, &mut search),
        Regions::Everywhere => {
            steps.run(rest, &[PAIRS_AFTER, rest.len() - 1], alone(&mut search));
        }
    }
    (search.into_symbols(), steps.ran_out)
}

/// How far the steps have got in their time.
struct Steps {
    budget: Duration,
    deadline: Budget,
    ran_out: bool,
}

impl Steps {
    /// Goes these steps in the whole picture, in little time.
    fn run_shortly(&mut self, steps: &[SearchStep], search: &mut Search<'_>) {
        let whole = self.deadline;
        self.deadline = whole.min_with(self.budget / SHARE_OF_PLAIN);
        self.run(steps, &[], std::slice::from_mut(search));
        self.ran_out &= whole.is_spent();
    }

    /// Goes these steps in parts of a picture, and after some of them, by their numbers, looks for codes with a hidden finder;
    /// whether that is the end.
    fn run(&mut self, steps: &[SearchStep], pairs_after: &[usize], parts: &mut [Search<'_>]) -> bool {
        let for_more_codes = FOR_MORE_CODES.max(self.budget / SHARE_FOR_MORE_CODES);
        for (at, step) in steps.iter().enumerate() {
            for part in &mut *parts {
                part.run(step, &self.deadline);
                if pairs_after.contains(&at) {
                    part.try_pairs(&self.deadline);
                }
            }
            let has_read = parts.iter().any(|part| !part.findings.symbols.is_empty());
            if has_read {
                if !parts.iter().any(|part| part.findings.shows_more_codes()) {
                    return true;
                }
                self.deadline = self.deadline.min_with(for_more_codes);
            }
            if self.deadline.is_spent() {
                self.ran_out = !has_read;
                return true;
            }
        }
        false
    }
}
