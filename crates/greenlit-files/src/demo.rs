//! The scenes of the demonstration: what `greenlit-issuer demo` writes and `greenlit demo` plays.

use serde::{Deserialize, Serialize};

/// The list of scenes in a demonstration's folder.
pub const SCENES_FILE: &str = "scenes.json";
/// The published documents in a demonstration's folder.
pub const PUBLISHED: &str = "published";
/// Largest list of scenes, in bytes.
pub const MAX_SCENES: usize = 1 << 20;

/// One pass, held up at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// What it shows, in a few words.
    pub title: String,
    /// Its QR picture, beside the list.
    pub file: String,
    /// The moment it is held up (RFC 3339); now where empty.
    pub at: Option<String>,
    /// Held up to a till that has no trust data yet.
    #[serde(default)]
    pub no_trust: bool,
    /// What the answer must be.
    pub answer: String,
    /// What the code must be; none for what is not a pass.
    pub code: Option<String>,
}
