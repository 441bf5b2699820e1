//! What came of a pass, and how a till stands, in words and as JSON.

pub(crate) mod finding;
pub(crate) mod health;
pub(crate) mod sentences;
