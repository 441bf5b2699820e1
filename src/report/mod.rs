//! What came of a pass, in words and as JSON.

pub(crate) mod finding;
pub(crate) mod sentences;
