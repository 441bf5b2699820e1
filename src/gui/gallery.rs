//! The screens as pictures, drawn with no display: for `greenlit demo --headless` and for the tests.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{Platform, WindowAdapter};
use slint::{ComponentHandle, PhysicalSize, PlatformError, Rgb8Pixel};

use greenlit_camera::CameraState;
use greenlit_camera::film::{Film, Part};
use greenlit_core::benefits::Venue;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::TrustState;
use greenlit_core::verdict::Verdict;
use greenlit_qr::LumaFrame;

use crate::gui::settings_controller::{SettingsController, Wanted};
use crate::gui::{Overlay, UiBindings};
use crate::report::finding::Finding;
use crate::session::view_model::{self, AnswerView, Footer, Page, notice};
use crate::session::{Presentation, Snapshot};

#[cfg(test)]
mod contrast;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod references;
#[cfg(test)]
mod tests;

/// A till on its side and a phone.
const SIZES: [(u32, u32); 2] = [(1_024, 600), (360, 800)];

/// A code, and what the till said to it.
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) frame: LumaFrame,
    pub(crate) finding: Finding,
    pub(crate) trust: Arc<TrustState>,
    pub(crate) clock: UnixTime,
}

/// One thing that the window can show.
pub(crate) struct GalleryPage {
    pub(crate) name: String,
    pub(crate) snapshot: Snapshot,
    pub(crate) sheet: Overlay,
    pub(crate) preview: Option<LumaFrame>,
}

/// A window that is drawn into memory alone.
pub(crate) struct OffscreenRenderer {
    pub(crate) bindings: UiBindings,
    window: Rc<MinimalSoftwareWindow>,
    time: Rc<Cell<Duration>>,
}

/// Longer than anything in the window moves.
const AT_REST: Duration = Duration::from_secs(1);

struct Backend {
    window: Rc<MinimalSoftwareWindow>,
    /// Passes only between pictures, so that they do not depend on how fast they are drawn.
    time: Rc<Cell<Duration>>,
}

impl Platform for Backend {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(Rc::clone(&self.window) as Rc<dyn WindowAdapter>)
    }

    fn duration_since_start(&self) -> Duration {
        self.time.get()
    }
}

impl OffscreenRenderer {
    /// One a thread, and none where a window is open.
    pub(crate) fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let window = MinimalSoftwareWindow::new(RepaintBufferType::NewBuffer);
        let time = Rc::new(Cell::new(Duration::ZERO));
        slint::platform::set_platform(Box::new(Backend { window: Rc::clone(&window), time: Rc::clone(&time) }))?;
        let bindings = UiBindings::new()?;
        bindings.offer_sounds(true);
        bindings.app.show()?;
        Ok(Self { bindings, window, time })
    }

    /// Shows this at this size, and gives its pixels.
    pub(crate) fn draw(&self, sight: &GalleryPage, size: (u32, u32)) -> Option<image::RgbImage> {
        // Rows of a list are made while the first picture is drawn, and then change the layout.
        self.draw_once(sight, size)?;
        self.pass(AT_REST);
        self.draw_once(sight, size)
    }

    /// Lets time go by for what moves.
    pub(crate) fn pass(&self, time: Duration) {
        self.time.set(self.time.get() + time);
        slint::platform::update_timers_and_animations();
    }

    /// As a window is drawn: what needs a second look comes with the next picture.
    pub(crate) fn draw_once(&self, sight: &GalleryPage, (width, height): (u32, u32)) -> Option<image::RgbImage> {
        let mut pixels = vec![Rgb8Pixel::default(); usize::try_from(u64::from(width) * u64::from(height)).ok()?];
        self.paint(sight, (width, height), &mut pixels);
        let bytes = pixels.into_iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
        image::RgbImage::from_raw(width, height, bytes)
    }

    /// The same into pixels that are there already, as many as the size has.
    fn paint(&self, sight: &GalleryPage, (width, height): (u32, u32), pixels: &mut [Rgb8Pixel]) {
        self.window.set_size(PhysicalSize::new(width, height));
        if let Some(preview) = &sight.preview {
            self.bindings.show_preview(preview);
        }
        self.bindings.show(&sight.snapshot, sight.sheet);
        slint::platform::update_timers_and_animations();
        self.window.request_redraw();
        self.window.draw_if_needed(|renderer| {
            renderer.render(pixels, usize::try_from(width).unwrap_or(usize::MAX));
        });
    }
}

/// Draws every page at every size into a folder for each size.
pub(crate) fn draw_all(
    mut controller: SettingsController,
    film: &Film,
    shown: &[Shown],
    sizes: &[(u32, u32)],
    folder: &Path,
) -> Result<(), Box<dyn std::error::Error>> {
    let studio = OffscreenRenderer::new()?;
    let all = gallery_pages(&controller, film, shown);
    controller.browse(Wanted::Publication);
    studio.bindings.show_settings(&controller);
    for size in if sizes.is_empty() { &SIZES } else { sizes } {
        let into = folder.join(format!("{}x{}", size.0, size.1));
        std::fs::create_dir_all(&into)?;
        for sight in &all {
            let path: PathBuf = into.join(format!("{}.png", sight.name));
            if let Some(picture) = studio.draw(sight, *size) {
                picture.save(path)?;
            }
        }
    }
    Ok(())
}

/// From a judged pass to its page, drawn after the scan page as in a window: milliseconds, the median,
/// the 95th percentile, and a plain fill of as many pixels.
pub(crate) fn time_answers(
    controller: &SettingsController,
    shown: &[Shown],
    size: (u32, u32),
) -> Result<[f64; 3], Box<dyn std::error::Error>> {
    const ROUNDS: usize = 8;
    let studio = OffscreenRenderer::new()?;
    studio.bindings.show_settings(controller);
    let Presentation { place, language, .. } = controller.presentation();
    let scan = scan_page(Footer::of(&controller.trust(), &place, &language, controller.now()));
    let page = |snapshot| GalleryPage { name: String::new(), snapshot, sheet: Overlay::None, preview: None };
    let (mut answers, mut fills) = (Vec::new(), Vec::new());
    let mut pixels = vec![Rgb8Pixel::default(); usize::try_from(u64::from(size.0) * u64::from(size.1))?];
    for shown in shown.iter().filter(|shown| shown.finding.code().is_some()).cycle().take(ROUNDS * shown.len()) {
        studio.paint(&page(scan.clone()), size, &mut pixels);
        let started = Instant::now();
        let answer = answer_view(&shown.finding, &place, &language);
        let turned = answer.as_ref().map_or(Page::Scan, |answer| answer.page);
        studio.paint(&page(Snapshot { page: turned, answer, ..scan.clone() }), size, &mut pixels);
        answers.push(started.elapsed());
        let started = Instant::now();
        std::hint::black_box(&mut pixels).fill(Rgb8Pixel { r: 11, g: 122, b: 75 });
        fills.push(started.elapsed());
    }
    let at = |times: &mut Vec<Duration>, share: usize| {
        times.sort();
        times.get(times.len() * share / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    Ok([at(&mut answers, 50), at(&mut answers, 95), at(&mut fills, 50)])
}

fn answer_view(finding: &Finding, place: &Venue, language: &str) -> Option<AnswerView> {
    finding.verdict().and_then(|verdict| view_model::answer_view(verdict, place, language))
}

/// The scan page, with everything in order.
fn scan_page(standing: Footer) -> Snapshot {
    Snapshot {
        page: Page::Scan,
        answer: None,
        announced: 0,
        unread: None,
        remaining: 0.7,
        paused: false,
        notice: None,
        checked: false,
        undoable: false,
        reading: false,
        hint: None,
        camera: CameraState::Ready,
        standing,
    }
}

/// Every page there is, with what these codes make of it.
pub(crate) fn gallery_pages(controller: &SettingsController, film: &Film, shown: &[Shown]) -> Vec<GalleryPage> {
    let Presentation { place, language, .. } = controller.presentation();
    let standing = |trust: &TrustState, clock| Footer::of(trust, &place, &language, clock);
    let plain = scan_page(standing(&controller.trust(), controller.now()));
    let mut film = film.clone();
    let mut held = |scene: usize| {
        let found = (0..u64::MAX)
            .find(|n| film.scene_at(*n).is_none_or(|m| m.scene == scene && m.part == Part::Hold && m.progress > 0.3));
        found.and_then(|number| film.frame(number))
    };
    let mut all = Vec::new();
    for (at, shown) in shown.iter().enumerate() {
        let answer = answer_view(&shown.finding, &place, &language);
        let snapshot = Snapshot {
            page: answer.as_ref().map_or(Page::Scan, |answer| answer.page),
            notice: if let Some(Verdict::NotAPass(other)) = shown.finding.verdict() {
                Some(notice(other))
            } else {
                None
            },
            standing: standing(&shown.trust, shown.clock),
            answer,
            ..plain.clone()
        };
        let preview = if snapshot.page == Page::Scan { held(at) } else { None };
        all.push(GalleryPage { name: shown.name.clone(), snapshot, sheet: Overlay::None, preview });
    }
    let mut add = |name: &str, page, camera, sheet| {
        let snapshot = Snapshot { page, camera, ..plain.clone() };
        let preview = match camera {
            CameraState::Ready => held(0),
            CameraState::Dark => LumaFrame::new(64, 36, vec![6; 64 * 36]),
            _ => None,
        };
        all.push(GalleryPage { name: name.into(), snapshot, sheet, preview });
    };
    add("scan", Page::Scan, CameraState::Ready, Overlay::None);
    for camera in [CameraState::Starting, CameraState::NoCamera, CameraState::Busy, CameraState::Stalled] {
        add(&format!("camera-{}", camera.code()), Page::Scan, camera, Overlay::None);
    }
    for camera in [CameraState::Disconnected, CameraState::Dark, CameraState::Unusable] {
        add(&format!("camera-{}", camera.code()), Page::Scan, camera, Overlay::None);
    }
    add("one-at-a-time", Page::OneAtATime, CameraState::Ready, Overlay::None);
    add("mismatch", Page::Mismatch, CameraState::Ready, Overlay::None);
    add("cleared", Page::Cleared, CameraState::Ready, Overlay::None);
    add("settings", Page::Scan, CameraState::Ready, Overlay::Settings);
    add("browse", Page::Scan, CameraState::Ready, Overlay::Browse);
    add("date", Page::Scan, CameraState::Ready, Overlay::Clock);
    all
}
