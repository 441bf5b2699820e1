//! The decoder's thread: it reads the newest frame, in the time that a frame is worth.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use greenlit_core::scanner::{Effects, Event, PAUSE};
use greenlit_core::trust::root_code;
use greenlit_core::verdict::ReadCode;
use greenlit_qr::{ColourReader, Joiner, LiveReader, LumaFrame};
use greenlit_schemes::judge;

use super::{SessionState, data_matrix, lock_unpoisoned, second_opinion};

/// How long the decoder may look at one frame: the next one is worth more.
const FRAME_BUDGET: Duration = Duration::from_millis(25);
/// The same on a machine so slow that it gets nowhere in that time.
const SLOW_BUDGET: Duration = Duration::from_millis(200);
/// Frames in a row that took their whole budget for nothing before it is doubled.
const FRUITLESS_FRAMES: u32 = 10;
/// How long the decoder sleeps at most: closing is noticed by then, and what is over.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

impl SessionState {
    /// The decoder's thread: the newest frame, and only that.
    pub(super) fn decode_all(&self) {
        let mut readers = Readers::default();
        let mut deadline = None;
        loop {
            match self.next_frame(deadline) {
                Next::Frame(frame) => {
                    let started = Instant::now();
                    let effects = self.decode(&mut readers, &frame);
                    deadline = effects.deadline;
                    std::thread::sleep(effects.pause.saturating_sub(started.elapsed()));
                }
                Next::None => deadline = self.handle(Event::Tick).deadline,
                Next::Closing => return,
            }
        }
    }

    fn decode(&self, readers: &mut Readers, frame: &ToDecode) -> Effects {
        let (started, at) = (Instant::now(), self.now());
        let setting_up = self.setting_up.load(Ordering::Acquire);
        let look = lock_unpoisoned(&self.scanner).look();
        // Taken before the frame is read: a demonstration's scene may be over when it has been.
        let (trust, clock) = (self.conditions)(&self.trust());
        let time = if setting_up { SLOW_BUDGET } else { readers.budget.now };
        let reading = readers.luma.frame(&frame.luma, at, time);
        readers.budget.spent(started.elapsed(), !reading.symbols.is_empty());
        let symbols = match reading.symbols {
            none if none.is_empty() => {
                frame.colours.as_ref().map_or(none, |colours| readers.colours.frame(colours, at, time))
            }
            symbols => symbols,
        };
        let has_read = !symbols.is_empty();
        let mut codes = second_opinion::read_on(symbols, &mut readers.joiner, at);
        if setting_up {
            self.look_for_root(std::mem::take(&mut codes), has_read);
        } else if codes.is_empty() && data_matrix::are_wanted(&trust) && readers.budget.has_time_for_data_matrix() {
            codes = data_matrix::read(&frame.luma);
        }
        let codes = look.judge(codes, &judge(&trust, clock));
        let effects = self.handle(Event::Frame { codes, hint: reading.hint });
        (self.wake)();
        effects
    }

    /// A till that is being set up judges nothing: it looks for an authority's root, and whether its camera reads.
    fn look_for_root(&self, read: Vec<ReadCode>, has_read: bool) {
        if has_read {
            self.has_read.store(true, Ordering::Release);
        }
        let is_root = |code: &ReadCode| code.not_a_pass.is_none() && root_code::is_meant(&code.payload);
        if let Some(code) = read.into_iter().find(is_root) {
            *lock_unpoisoned(&self.root_code) = Some(code.payload);
        }
    }

    /// The newest frame, or none for so long that something may be over.
    fn next_frame(&self, deadline: Option<u64>) -> Next {
        let until = deadline.map_or(LONGEST_WAIT, |at| Duration::from_millis(at.saturating_sub(self.now())));
        let nothing_new = |waiting: &mut Option<ToDecode>| waiting.is_none() && !self.closing.load(Ordering::Acquire);
        let waiting = lock_unpoisoned(&self.to_decode);
        let waited = self.arrived.wait_timeout_while(waiting, until.clamp(PAUSE, LONGEST_WAIT), nothing_new);
        let frame = waited.unwrap_or_else(PoisonError::into_inner).0.take();
        match frame {
            _ if self.closing.load(Ordering::Acquire) => Next::Closing,
            Some(frame) => Next::Frame(frame),
            None => Next::None,
        }
    }
}

/// A frame that waits for the decoder.
pub(super) struct ToDecode {
    pub(super) luma: Arc<LumaFrame>,
    pub(super) colours: Option<Arc<[LumaFrame; 2]>>,
}

/// What the decoder remembers from frame to frame.
#[derive(Default)]
struct Readers {
    luma: LiveReader,
    colours: ColourReader,
    joiner: Joiner,
    budget: Budget,
}

/// What the decoder does next.
enum Next {
    Frame(ToDecode),
    None,
    Closing,
}

/// The time a frame gets: more where nothing is ever read in it.
struct Budget {
    now: Duration,
    in_vain: u32,
    /// The last frame without a QR code was searched for a Data Matrix.
    had_data_matrix: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self { now: FRAME_BUDGET, in_vain: 0, had_data_matrix: false }
    }
}

impl Budget {
    /// For every other frame: it costs more than looking for QR codes, and no hand is that quick.
    fn has_time_for_data_matrix(&mut self) -> bool {
        self.had_data_matrix = !self.had_data_matrix;
        self.had_data_matrix
    }

    fn spent(&mut self, time: Duration, read: bool) {
        // The reader stops a little before its budget is over.
        self.in_vain = if !read && time >= self.now.mul_f32(0.8) { self.in_vain + 1 } else { 0 };
        if self.in_vain >= FRUITLESS_FRAMES {
            (self.now, self.in_vain) = ((self.now * 2).min(SLOW_BUDGET), 0);
        } else if time < self.now / 4 {
            self.now = (self.now / 2).max(FRAME_BUDGET);
        }
    }
}
