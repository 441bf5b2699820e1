//! Grey picture → payloads.

use std::time::Duration;

use super::clock::thread_cpu;
use super::stages;
use crate::luma::LumaFrame;

/// What was found in a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Each payload once, in the order found.
    pub payloads: Vec<Vec<u8>>,
    /// Processor time of the reading.
    pub cpu: Duration,
    /// The budget ran out before every way had been tried.
    pub ran_out: bool,
}

/// Part of the budget that the stages may use. The clock is looked at between steps, and a step takes a
/// few milliseconds on large pictures.
pub(super) const SHARE: f32 = 0.9;

/// Reads every code that is found within `budget`.
pub fn read(frame: &LumaFrame, budget: Duration) -> Reading {
    let before = thread_cpu();
    let (harvest, ran_out) = stages::read(frame, budget);
    Reading { payloads: harvest.payloads, cpu: thread_cpu().saturating_sub(before), ran_out }
}
