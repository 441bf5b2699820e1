//! Grey picture → symbols.

use std::time::Duration;

use crate::budget::{Budget, thread_cpu};
use crate::plan::STILL_STEPS;
use crate::search::Search;
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

/// Reads a picture; whether time ran out before anything was read.
fn run_steps(frame: &LumaFrame, budget: Duration) -> (Vec<Symbol>, bool) {
    let mut search = Search::new(frame);
    let mut deadline = Budget::after(budget.mul_f32(SHARE));
    let for_more_codes = FOR_MORE_CODES.max(budget / SHARE_FOR_MORE_CODES);
    for step in &STILL_STEPS {
        search.run(step, &deadline);
        if !search.findings.symbols.is_empty() {
            if !search.findings.shows_more_codes() {
                break;
            }
            deadline = deadline.min_with(for_more_codes);
        }
        if deadline.is_spent() {
            let nothing = search.findings.symbols.is_empty();
            return (search.into_symbols(), nothing);
        }
    }
    (search.into_symbols(), false)
}
