//! A root as a QR code, by which a till is set up through its camera.

use std::path::Path;

use greenlit_core::trust::{Root, limits, root_code};
use greenlit_files::{Symlinks, read_limited};

use super::{Result, RootError};
use crate::authority::{Authority, AuthorityError, Notice};
use crate::qr_file::QrFile;

/// The root that new tills are to start from: the newest of an authority's folder, or the one in a file.
pub fn find(place: &Path, notify: &mut dyn FnMut(Notice)) -> Result<Root> {
    if place.is_dir() {
        return Ok(Authority::open(place, notify)?.newest_root()?);
    }
    let bytes = read_limited(place, limits::MAX_ROOT_BYTES, Symlinks::Follow)?;
    Ok(Root::verify_anchor(&bytes).map_err(|error| AuthorityError::Root { path: place.into(), error })?)
}

/// Draws a root's code for everybody to see; an existing picture is never replaced.
pub fn draw(root: &Root, picture: &Path) -> Result<()> {
    let file = QrFile::new(picture)?;
    let number = root.number;
    let code = root_code::to_code(root.as_bytes()).map_err(|error| RootError::NoCode { number, error })?;
    Ok(file.write(&code, 0o644)?)
}
