//! A till's day, and what is left of it: the figures, and nothing of any guest.

use super::handed_in::{scans, shows, till_and_pass};
use super::shift::{AT_ONCE, LEAVING, pass_in, save_figures, says_it_does_not_match, window_where_passes_leave};
use super::*;
use greenlit_ui::ShiftBridge;

/// A camera that staff unplug and plug in again.
struct Cable {
    plugged: Arc<AtomicBool>,
    frame: LumaFrame,
}

impl greenlit_camera::FrameSource for Cable {
    fn next_frame(&mut self) -> Result<LumaFrame, SourceError> {
        std::thread::sleep(Duration::from_millis(10));
        if self.plugged.load(Ordering::Acquire) { Ok(self.frame.clone()) } else { Err(SourceError::Disconnected) }
    }
}

fn window_with_cable(till: Till, plugged: &Arc<AtomicBool>) -> Rc<Window> {
    let (plugged, frame) = (Arc::clone(plugged), code("https://cafe.example/menu"));
    let open = move || -> Result<Box<dyn greenlit_camera::FrameSource>, SourceError> {
        if !plugged.load(Ordering::Acquire) {
            return Err(SourceError::Disconnected);
        }
        Ok(Box::new(Cable { plugged: Arc::clone(&plugged), frame: frame.clone() }))
    };
    let window = window_with(till, Box::new(open), AT_ONCE);
    bring_to_front(&window);
    window
}

#[test]
fn a_tills_day() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, bench, good) = till_and_pass(folder.path());
    drop(window);
    let till = Till::with(folder.path().join("till"), SiteFile::default(), Clock::of(bench.clone()));
    let plugged = Arc::new(AtomicBool::new(true));
    let window = window_with_cable(till.clone(), &plugged);
    let scene = |name: &str| pass_in(&folder.path().join(format!("demo/{name}.png")));

    // The morning: a PIN is set before the settings.
    click(&window, "Settings");
    click(&window, "Set a PIN");
    for asked in ["Choose a PIN", "Enter the same PIN again"] {
        shows(&window, asked);
        enter(&window, "2468⏎");
    }
    shows(&window, "Change the PIN");
    click(&window, "Close");

    // Guests: one good, one refused, one forged that is asked for twice, one that shows somebody else's.
    scans(&window, &good);
    shows(&window, "Valid");
    scans(&window, &scene("revoked"));
    shows(&window, "Refused");
    bench.pass(3_600);
    let forged = scene("altered");
    scans(&window, &forged);
    scans(&window, &forged);
    shows(&window, "Not genuine");
    scans(&window, &scene("antibodies"));
    shows(&window, "Valid");
    says_it_does_not_match(&window);
    click(&window, "Close");

    // A guest comes while somebody stands before the PIN: an answer, no digits, and the PIN is asked for still.
    click(&window, "Settings");
    click(&window, "Unlock the other settings");
    scans(&window, &scene("suspended"));
    shows(&window, "Refused");
    click(&window, "Close");
    shows(&window, "Enter the PIN");
    assert_eq!(window.controller.borrow().pin_length(), 0);
    enter(&window, "␛");
    click(&window, "Close");

    // The camera is unplugged: the hand scanner goes on, and the camera comes back by itself.
    plugged.store(false, Ordering::Release);
    shows(&window, "Camera unplugged");
    scans(&window, &good);
    shows(&window, "Valid");
    click(&window, "Close");
    plugged.store(true, Ordering::Release);
    shows(&window, "A web link (cafe.example), not a pass");

    // The evening: the figures of the day, as they were. The good pass had never left.
    window.bindings.app.global::<ShiftBridge>().invoke_open();
    for figure in ["Valid: 2 (OK 2)", "Refused: 2 (REV 1 · SUS 1)", "Not genuine: 1 (SIG 1)", "Doesn't match the ID: 1"]
    {
        shows(&window, figure);
    }
    let into = folder.path().join("figures");
    std::fs::create_dir(&into).unwrap();
    let figures = std::fs::read_to_string(save_figures(&window, &into)).unwrap();
    assert!(figures.starts_with("hour,answer,code,count\r\n") && figures.contains("<5"), "{figures}");
    drop(window);

    // And of the guests nothing is left, however it may be written.
    let texts = [good.clone(), forged, scene("revoked"), scene("suspended"), scene("antibodies")];
    let mut traces: Vec<Vec<u8>> = Vec::new();
    for text in &texts {
        let bytes = base45::decode(text.trim_start_matches("GL1:")).unwrap();
        traces.extend([text.as_bytes()[4..24].to_vec(), bytes[bytes.len() - 32..].to_vec()]);
        // Initials in a pass, as they stand there.
        traces.extend(initials(&bytes));
    }
    assert!(traces.len() > 2 * texts.len(), "no pass had initials to look for");
    let tells = |bytes: &[u8]| traces.iter().any(|trace| bytes.windows(trace.len()).any(|window| window == trace));
    assert!(tells(good.as_bytes()), "or the search shows nothing");
    let mut files = files_below(&folder.path().join("till"));
    assert!(files.iter().any(|(name, _)| name.ends_with(".db")), "{files:?}");
    files.push(("the saved figures".to_owned(), figures.into_bytes()));
    for (name, bytes) in files {
        assert!(!tells(&bytes), "{name} tells of a guest");
    }
}

/// Cyrillic letters with full stops, as CBOR holds them.
fn initials(pass: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(pass);
    let words = text.split(|c: char| !(c == '.' || c == ' ' || ('А'..='я').contains(&c)));
    // Of two letters at least, or they are found anywhere.
    words.filter(|word| word.matches('.').count() > 1).map(|word| word.trim().as_bytes().to_vec()).collect()
}

fn files_below(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files_below(&path));
        } else {
            all.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    all
}

/// Memory stays as it is however many guests come. In a process of its own: others' memory is not measured.
#[test]
#[cfg(target_os = "linux")]
fn ten_thousand_guests_leave_the_memory_as_it_was() {
    let name = "gui::tests::day::ten_thousand_guests";
    let mut own = std::process::Command::new(std::env::current_exe().unwrap());
    let done = own.args(["--exact", name, "--ignored", "--nocapture", "--test-threads", "1"]).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "by ten_thousand_guests_leave_the_memory_as_it_was, alone in its process"]
fn ten_thousand_guests() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let (window, bench, good) = till_and_pass(folder.path());
    drop(window);
    let till = Till::with(folder.path().join("till"), SiteFile::default(), Clock::of(bench));
    let window = window_where_passes_leave(till, LEAVING);
    let passes = ["revoked", "suspended", "antibodies", "class"];
    let passes = passes.iter().map(|name| pass_in(&folder.path().join(format!("demo/{name}.png"))));
    let passes: Vec<Scan> = passes.chain([good]).map(|text| Scan::pasted(&text).unwrap()).collect();
    let scan = |count: usize| {
        for pass in passes.iter().cycle().take(count) {
            window.scanned(pass);
        }
    };
    // What is made once is made by then.
    scan(2_000);
    let before = resident();
    scan(8_000);
    let grown = resident().saturating_sub(before);
    assert!(grown < 1_024, "{grown} KiB more after 8,000 guests");
    assert_eq!(window.shift.figures().tally().all_answers(), 10_000);
}

/// KiB of memory that this process has.
#[cfg(target_os = "linux")]
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
