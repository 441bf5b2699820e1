//! Moves an authority's register to another database, and has the authority use it there.

use std::path::{Path, PathBuf};

use crate::authority::{Authority, AuthorityError, Notice, RegisterSetting, Settings, random};
use crate::register::{Copied, Mark, RegisterError, RegisterPlace, mark_of, put_away, settle, transfer};
use greenlit_files::FileError;

/// Why a register was not moved.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum MoveError {
    #[error("{0}: the register is there already; nothing was changed")]
    AlreadyThere(String),
    #[error("{register}: this register is being moved to {to}; finish that with the same command, and nothing else")]
    Elsewhere { register: String, to: String },
    #[error(transparent)]
    Authority(#[from] AuthorityError),
}

impl From<RegisterError> for MoveError {
    fn from(error: RegisterError) -> Self {
        Self::Authority(error.into())
    }
}

/// A register that was moved.
pub struct Moved {
    /// Where it is now, as it may be printed.
    pub to: String,
    /// The rows of each table; none where a move that was cut short was finished.
    pub copied: Vec<Copied>,
    /// What is left of the old one, where that is a file.
    pub old: Option<PathBuf>,
    /// Desks whose witnesses the new one does not go on with.
    pub without: Vec<String>,
}

/// Moves the register of the authority in this folder to a database, or, where there is none, to SQLite in the folder.
///
/// Cut short, the same command goes on or begins again; of the old register nothing is removed.
pub fn move_register(
    folder: &Path,
    to: Option<RegisterSetting>,
    notify: &mut dyn FnMut(Notice),
) -> Result<Moved, MoveError> {
    let settings = Settings::read(folder)?;
    let desk = settings.desk_name(folder)?;
    let setting = to.map(RegisterSetting::absolute);
    let place = match &setting {
        Some(setting) => RegisterPlace::Database(Box::new(setting.database(folder)?.of_desk(&desk))),
        None => RegisterPlace::Folder,
    };
    let from = settings.register_place(folder)?;
    let to = place.shown(folder);
    if from.shown(folder) == to {
        return Err(MoveError::AlreadyThere(to));
    }
    let mut without = Vec::new();
    let (mark, copied) = match mark_of(folder, &from)? {
        Some(mark) if mark.to == to => (mark, Vec::new()),
        Some(mark) => return Err(MoveError::Elsewhere { register: from.shown(folder), to: mark.to }),
        None => {
            // One that is an old copy is not made the new one.
            let authority = Authority::open(folder, notify)?;
            let lists = authority.register().lists()?;
            if let (RegisterPlace::Database(_), RegisterPlace::Folder) = (&from, &place) {
                let desks = authority.register().witness_ends()?.into_iter().map(|(desk, _)| desk);
                without = desks.filter(|other| *other != desk).collect();
            }
            let first = lists.into_iter().next().map(|list| list.uri).unwrap_or_default();
            let id = hex::encode(random()?.get(..8).unwrap_or_default());
            let mark = Mark { to, id };
            let copied = transfer(folder, &from, &place, &mark, &first, &desk)?;
            (mark, copied)
        }
    };
    settle(folder, &place, &mark)?;
    Settings::set_register(folder, setting.as_ref())?;
    let old = match from {
        RegisterPlace::Folder => {
            put_away(folder).map_err(|error| AuthorityError::from(FileError::Io { path: folder.into(), error }))?
        }
        RegisterPlace::Database(_) => None,
    };
    Ok(Moved { to: mark.to, copied, old, without })
}
