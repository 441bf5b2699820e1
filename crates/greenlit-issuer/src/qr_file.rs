//! A QR code as a picture, PNG or SVG by the file's name, that never replaces another file.

use std::path::{Path, PathBuf};

use greenlit_files::{FileError, IfExists, write_atomic};
use greenlit_qr::encode::{DrawError, QrPicture};

/// Pixels a module of a PNG: sharp on a phone, 3 cm on paper at 300 dpi.
pub(crate) const PNG_SCALE: u32 = 8;

/// Why a picture was not made.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum QrFileError {
    #[error("{}: the QR picture must be .png or .svg", .0.display())]
    Kind(PathBuf),
    #[error("{}: the picture already exists; nothing was changed", .0.display())]
    Exists(PathBuf),
    #[error(transparent)]
    Draw(#[from] DrawError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// A picture that is to be made.
#[derive(Debug)]
pub struct QrFile<'p> {
    path: &'p Path,
    png: bool,
}

impl<'p> QrFile<'p> {
    /// Looks at the name and at what is there under it, before anything is done that needs a picture.
    pub fn new(path: &'p Path) -> Result<Self, QrFileError> {
        let png = match path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("png") => true,
            Some("svg") => false,
            _ => return Err(QrFileError::Kind(path.into())),
        };
        if path.symlink_metadata().is_ok() { Err(QrFileError::Exists(path.into())) } else { Ok(Self { path, png }) }
    }

    /// Draws this text and writes it, with this mode.
    pub fn write(&self, text: &str, mode: u32) -> Result<(), QrFileError> {
        let picture = QrPicture::new(text)?;
        let bytes = if self.png { picture.to_png(PNG_SCALE)? } else { picture.to_svg().into_bytes() };
        Ok(write_atomic(self.path, &bytes, mode, IfExists::Keep)?)
    }
}
