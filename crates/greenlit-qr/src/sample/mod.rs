//! Where the modules of a code are in the picture, and how light they are.

pub(crate) mod alignment;
pub(crate) mod bent;
pub(crate) mod grey;
pub(crate) mod levels;
pub(crate) mod perspective;
pub(crate) mod refine;
pub(crate) mod timing;
