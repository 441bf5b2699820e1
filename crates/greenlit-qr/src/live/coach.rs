//! What the person holding the code could do, from what finders show. Nothing is said in the first moment,
//! nor for what was seen only once.

use std::time::Duration;

use super::since;
use crate::LumaFrame;
use crate::detect::finder::Finder;
use crate::search::Findings;

/// So long finders are in view without a reading before anything is said.
const HINT_DELAY: Duration = Duration::from_millis(700);
/// A hint stays so long after the last frame that gave reason for it.
const HINT_HOLD: Duration = Duration::from_millis(800);
/// Frames that must agree, of the last [`WINDOW_FRAMES`].
const MIN_AGREEING: usize = 3;
const WINDOW_FRAMES: usize = 8;
/// Modules of fewer pixels hardly keep apart.
const MIN_MODULE_PX: f32 = 1.8;
/// A ring as bright as this, of what there is between dark and light, is sharp; the blurred one is greyer.
const BLURRED: f32 = 0.62;
/// Difference of dark and light, and light alone, of a screen that is too dim.
const DIM_CONTRAST: f32 = 45.0;
const DIM_LIGHT: f32 = 80.0;
/// Light of a pixel at which the camera tells no more apart, and how many such modules are glare: half of a
/// code is light anyway.
const CLIPPED_LUMA: f32 = 250.0;
const MIN_CLIPPED_SHARE: f32 = 0.62;

/// What to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hint {
    /// The modules are too small.
    ComeCloser,
    /// The picture is blurred.
    HoldStill,
    /// Part of the code is white with light.
    TooMuchGlare,
    /// There is little between dark and light.
    MakeScreenBrighter,
    /// Part of the code is outside the picture.
    ShowWholeCode,
}

/// What a frame without a reading showed of a code.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct HintEvidence {
    pub(crate) hint: Option<Hint>,
}

impl HintEvidence {
    /// `None` where there is no finder in view.
    pub(crate) fn from_findings(findings: &Findings, frame: &LumaFrame) -> Option<Self> {
        let finders = findings.code_finders();
        if finders.is_empty() {
            return None;
        }
        Some(Self { hint: hint(findings, &finders, frame) })
    }
}

fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / f32::max(count, 1.0)
}

/// The first thing that is wrong, the easiest to mend first.
fn hint(findings: &Findings, finders: &[Finder], frame: &LumaFrame) -> Option<Hint> {
    if is_cut_off(findings, finders, frame) {
        return Some(Hint::ShowWholeCode);
    }
    let seen = findings.accumulated.iter().chain(&findings.unread).max_by(|a, b| a.agreement.total_cmp(&b.agreement));
    let size = seen.map_or_else(|| mean(finders.iter().map(|finder| finder.size)), |seen| seen.module_size());
    let true_light = |finder: &Finder, value: f32| if finder.inverted { 255.0 - value } else { value };
    let clipped = seen.map_or(0.0, |seen| mean(seen.luma.iter().map(|light| f32::from(*light >= CLIPPED_LUMA))));
    // What is pale by its colour is not washed out.
    let washed_out = |finder: &Finder| !finder.tinted && finder.dark.min(true_light(finder, finder.dark)) > 170.0;
    let glaring = finders.iter().any(washed_out);
    if clipped > MIN_CLIPPED_SHARE || glaring {
        return Some(Hint::TooMuchGlare);
    }
    let contrast = mean(finders.iter().map(|finder| finder.light - finder.dark));
    let light = mean(finders.iter().map(|f| true_light(f, f.light).max(true_light(f, f.dark))));
    if contrast < DIM_CONTRAST && light < DIM_LIGHT + DIM_CONTRAST {
        return Some(Hint::MakeScreenBrighter);
    }
    if size < MIN_MODULE_PX {
        return Some(Hint::ComeCloser);
    }
    if mean(finders.iter().map(|finder| finder.sharpness)) < BLURRED {
        return Some(Hint::HoldStill);
    }
    if size < 1.5 * MIN_MODULE_PX { Some(Hint::ComeCloser) } else { None }
}

/// Whether a corner of the code is outside the picture: of the code seen, or of the one that two finders
/// with a third missing must belong to.
fn is_cut_off(findings: &Findings, finders: &[Finder], frame: &LumaFrame) -> bool {
    let (width, height) = (frame.width() as f32, frame.height() as f32);
    let outside = |(x, y): (f32, f32), by: f32| x < -by || y < -by || x > width + by || y > height + by;
    if let Some(seen) =
        findings.accumulated.iter().chain(&findings.unread).max_by(|a, b| a.agreement.total_cmp(&b.agreement))
    {
        return seen.corners().iter().any(|corner| outside(*corner, 2.0 * seen.module_size()));
    }
    match finders {
        // One that touches the edge.
        [only] => {
            let reach = 5.0 * only.size;
            outside((only.x - reach, only.y - reach), 0.0) || outside((only.x + reach, only.y + reach), 0.0)
        }
        // Two: were the third on the side where it would be in the picture, it would be seen.
        [a, b] => {
            let (dx, dy) = (b.x - a.x, b.y - a.y);
            let there = outside((a.x - dy, a.y + dx), 0.0) || outside((b.x - dy, b.y + dx), 0.0);
            let back = outside((a.x + dy, a.y - dx), 0.0) || outside((b.x + dy, b.y - dx), 0.0);
            there || back
        }
        _ => false,
    }
}

/// Hints over time.
#[derive(Debug, Default)]
pub(crate) struct HintTracker {
    /// Since when finders have been in view without a reading.
    failing_since: Option<u64>,
    last_seen: u64,
    memory: Vec<Option<Hint>>,
    told: Option<(Hint, u64)>,
}

impl HintTracker {
    /// Takes in what a frame showed.
    pub(crate) fn observe(&mut self, now_ms: u64, read: bool, signs: Option<HintEvidence>) {
        if read {
            *self = Self::default();
            return;
        }
        match signs {
            Some(signs) => {
                self.failing_since.get_or_insert(now_ms);
                self.last_seen = now_ms;
                self.memory.push(signs.hint);
                if self.memory.len() > WINDOW_FRAMES {
                    self.memory.remove(0);
                }
            }
            None if since(self.last_seen, now_ms) > HINT_HOLD => *self = Self::default(),
            None => {}
        }
        let Some(failing_since) = self.failing_since else { return };
        if since(failing_since, now_ms) < HINT_DELAY {
            return;
        }
        let count = |hint: Hint| self.memory.iter().filter(|other| **other == Some(hint)).count();
        let most =
            self.memory.iter().flatten().copied().max_by_key(|hint| count(*hint)).filter(|h| count(*h) >= MIN_AGREEING);
        match (most, self.told) {
            (Some(hint), _) => self.told = Some((hint, now_ms)),
            (None, Some((_, at))) if since(at, now_ms) > HINT_HOLD => self.told = None,
            _ => {}
        }
    }

    /// What to say now.
    pub(crate) fn hint(&self) -> Option<Hint> {
        self.told.map(|(hint, _)| hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_comes_after_a_moment_and_goes_with_the_reading() {
        let mut coach = HintTracker::default();
        let signs = Some(HintEvidence { hint: Some(Hint::HoldStill) });
        for now in (0..700).step_by(33) {
            coach.observe(now, false, signs);
            assert_eq!(coach.hint(), None, "at {now}");
        }
        coach.observe(700, false, signs);
        assert_eq!(coach.hint(), Some(Hint::HoldStill));
        coach.observe(733, true, None);
        assert_eq!(coach.hint(), None);
    }

    #[test]
    fn one_odd_frame_changes_nothing_and_an_empty_view_ends_it() {
        let mut coach = HintTracker::default();
        let signs = |hint| Some(HintEvidence { hint: Some(hint) });
        for now in (0..1_000).step_by(100) {
            coach.observe(now, false, signs(Hint::ComeCloser));
        }
        coach.observe(1_000, false, signs(Hint::TooMuchGlare));
        assert_eq!(coach.hint(), Some(Hint::ComeCloser));
        coach.observe(1_100, false, None);
        assert_eq!(coach.hint(), Some(Hint::ComeCloser));
        coach.observe(2_500, false, None);
        assert_eq!(coach.hint(), None);
    }

    #[test]
    fn pale_finders_are_not_taken_for_glare() {
        let finder = |x: f32, y: f32, tinted: bool| Finder {
            x,
            y,
            module: [6.0; 16],
            size: 6.0,
            dark: 190.0,
            light: 235.0,
            inverted: false,
            tinted,
            sharpness: 1.0,
            quality: 0.95,
            hits: 5,
            seen: 16,
        };
        let frame = LumaFrame::new(640, 480, vec![200; 640 * 480]).unwrap();
        let told = |tinted: bool| {
            let clear = vec![finder(200.0, 100.0, tinted), finder(400.0, 100.0, tinted), finder(200.0, 300.0, tinted)];
            HintEvidence::from_findings(&Findings { clear, ..Findings::default() }, &frame).and_then(|signs| signs.hint)
        };
        assert_eq!((told(false), told(true)), (Some(Hint::TooMuchGlare), None));
    }
}
