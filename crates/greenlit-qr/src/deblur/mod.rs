//! Modules that run into one another, told apart.

pub(crate) mod blur;
pub(crate) mod equalize;
pub(crate) mod evidence;
mod linear;
pub(crate) mod unblur;
