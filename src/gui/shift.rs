//! The page of the shift's figures, and the count of who is inside.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use slint::{ComponentHandle, ModelRc, VecModel};

use greenlit_core::answer::Answer;
use greenlit_core::tally::{Figure, Hour, Tally};
use greenlit_core::time::UnixTime;
use greenlit_files::{FileError, IfExists, write_atomic};
use greenlit_sync::removable;
use greenlit_ui::{self as ui, ShiftBridge};

use crate::clock;
use crate::gui::UiBindings;
use crate::gui::settings_controller::SettingsController;
use crate::session::figures::Figures;
use crate::session::lock_unpoisoned;

mod window;

/// How saving the figures goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Saving {
    #[default]
    Nothing,
    Busy,
    Saved(PathBuf),
    /// Why not, by a stable word.
    Failed(&'static str),
}

/// What the page shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct ShiftView {
    pub(crate) tally: Tally,
    /// A new shift is to begin if staff say so once more.
    pub(crate) asking: bool,
    pub(crate) saving: Saving,
    /// What is plugged in to save to.
    pub(crate) sticks: Vec<PathBuf>,
    pub(crate) capacity_managed: bool,
}

/// The shift, as the window has it.
pub(crate) struct Shift {
    figures: Figures,
    asking: Cell<bool>,
    saving: Arc<Mutex<Saving>>,
    sticks: RefCell<Vec<PathBuf>>,
    /// What was shown last: changes counted, and how saving went.
    shown: RefCell<Option<(u64, Saving)>>,
}

impl Shift {
    pub(crate) fn new(figures: Figures) -> Self {
        Self {
            figures,
            asking: Cell::default(),
            saving: Arc::default(),
            sticks: RefCell::default(),
            shown: RefCell::default(),
        }
    }

    pub(crate) fn figures(&self) -> &Figures {
        &self.figures
    }

    /// The page is opened.
    pub(crate) fn open(&self) {
        self.asking.set(false);
        let mut saving = lock_unpoisoned(&self.saving);
        if *saving != Saving::Busy {
            *saving = Saving::Nothing;
        }
        drop(saving);
        let mounts = std::fs::read_to_string(removable::MOUNTINFO).unwrap_or_default();
        *self.sticks.borrow_mut() = removable::mounted(&mounts);
        self.forget_shown();
    }

    /// A new shift is asked for, or is not after all.
    pub(crate) fn ask(&self, asking: bool) {
        self.asking.set(asking);
        self.forget_shown();
    }

    /// Staff have said it twice.
    pub(crate) fn start(&self) {
        if self.asking.replace(false) {
            self.figures.start_shift();
            *lock_unpoisoned(&self.saving) = Saving::Nothing;
        }
        self.forget_shown();
    }

    fn forget_shown(&self) {
        self.shown.borrow_mut().take();
    }

    /// Saves the figures in this folder, aside: a stick may be slow.
    pub(crate) fn save(&self, folder: &Path, now: UnixTime) {
        let mut saving = lock_unpoisoned(&self.saving);
        if std::mem::replace(&mut *saving, Saving::Busy) == Saving::Busy {
            return;
        }
        drop(saving);
        let (tally, file) = (self.figures.tally(), folder.join(file_name(now)));
        let done = Arc::clone(&self.saving);
        let work = move || {
            let written = write_atomic(&file, tally.to_csv().as_bytes(), 0o644, IfExists::Replace);
            *lock_unpoisoned(&done) =
                written.map_or_else(|error| Saving::Failed(trouble(&error)), |()| Saving::Saved(file));
        };
        if std::thread::Builder::new().name("greenlit-save".into()).spawn(work).is_err() {
            *lock_unpoisoned(&self.saving) = Saving::Failed("store");
        }
    }

    /// Shows the page if anything has changed since it was shown last.
    pub(crate) fn show(&self, bindings: &UiBindings, capacity_managed: bool) {
        let now = (self.figures.inside().1, lock_unpoisoned(&self.saving).clone());
        if self.shown.borrow().as_ref() == Some(&now) {
            return;
        }
        bindings.show_shift(&ShiftView {
            tally: self.figures.tally(),
            asking: self.asking.get(),
            saving: now.1.clone(),
            sticks: self.sticks.borrow().clone(),
            capacity_managed,
        });
        *self.shown.borrow_mut() = Some(now);
    }

    /// Shows how many are inside.
    pub(crate) fn show_door(&self, bindings: &UiBindings, capacity: Option<u32>) {
        bindings.show_door(self.figures.inside().0, capacity);
    }
}

/// Names that sort by time, on any file system.
fn file_name(now: UnixTime) -> String {
    format!("greenlit-figures-{}.csv", clock::local(now, "%Y-%m-%d-%H%M%S"))
}

fn trouble(error: &FileError) -> &'static str {
    match error {
        FileError::DiskFull(_) => "disk-full",
        FileError::NotFound(_) => "not-there",
        _ => "not-writable",
    }
}

impl UiBindings {
    fn shift(&self) -> ShiftBridge<'_> {
        self.app.global::<ShiftBridge>()
    }

    /// How many are inside, where there is a limit to that.
    pub(crate) fn show_door(&self, inside: u32, capacity: Option<u32>) {
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        self.shift().set_door(ui::DoorModel { inside: number(inside), capacity: capacity.map_or(0, number) });
    }

    /// The figures, and what is to be said of them.
    pub(crate) fn show_shift(&self, view: &ShiftView) {
        let (saving, detail) = match &view.saving {
            Saving::Nothing => (ui::ActionStatus::Nothing, String::new()),
            Saving::Busy => (ui::ActionStatus::Busy, String::new()),
            Saving::Saved(file) => (ui::ActionStatus::Done, file.display().to_string()),
            Saving::Failed(trouble) => (ui::ActionStatus::Failed, (*trouble).to_owned()),
        };
        let stick = |path: &PathBuf| {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            ui::Choice { name: (&*name).into(), key: path.display().to_string().into(), chosen: false }
        };
        let sticks: VecModel<ui::Choice> = view.sticks.iter().map(stick).collect();
        let tally = &view.tally;
        let rows = hours(tally);
        let most = rows.iter().map(|row| row.all).max().unwrap_or(0);
        self.shift().set_shift(ui::ShiftModel {
            empty: tally.is_empty(),
            totals: ModelRc::new(VecModel::from_iter(Answer::ALL.map(|answer| total(tally, answer)))),
            all: small(tally.all_answers()),
            mismatches: small(tally.total(Figure::Mismatch)),
            shown_again: small(tally.total(Figure::ShownAgain)),
            hours: ModelRc::new(VecModel::from(rows)),
            most,
            asking: view.asking,
            saving,
            detail: detail.into(),
            sticks: ModelRc::new(sticks),
            capacity_managed: view.capacity_managed,
        });
    }
}

fn small(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// One answer of the whole shift, and the codes that it came by.
fn total(tally: &Tally, answer: Answer) -> ui::ShiftTotal {
    let codes = tally.codes().into_iter().filter(|code| code.answer() == answer);
    let codes: Vec<_> = codes.map(|code| format!("{code} {}", tally.total(Figure::Code(code)))).collect();
    // As many in a line as the narrowest window has room for.
    let lines: Vec<_> = codes.chunks(3).map(|line| line.join(" · ")).collect();
    ui::ShiftTotal { count: small(tally.answers(answer)), codes: lines.join("\n").into() }
}

/// A row of the chart an hour, with the day where another one begins.
fn hours(tally: &Tally) -> Vec<ui::ShiftHour> {
    let mut day = String::new();
    let row = |hour: Hour| {
        let this_day = hour.format("%d.%m.");
        let shown = if day == this_day { String::new() } else { this_day.clone() };
        day = this_day;
        let [valid, refused, not_genuine, cannot_tell] =
            Answer::ALL.map(|answer| small(tally.answers_at(hour, answer)));
        ui::ShiftHour {
            day: shown.into(),
            hour: hour.format("%H:00").into(),
            valid,
            refused,
            not_genuine,
            cannot_tell,
            all: valid.saturating_add(refused).saturating_add(not_genuine).saturating_add(cannot_tell),
        }
    };
    tally.hours().into_iter().map(row).collect()
}
