//! How a root stands to the ones a till goes by: whether trusting it would change anything, and what.

use super::{Root, TrustState};

/// How a root stands to those of a [`TrustState`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Nobody is trusted yet.
    First,
    /// It is the anchor: the one that somebody decided to trust.
    Anchor,
    /// It is the root in force, reached from the anchor.
    InForce,
    /// An earlier root of the same authority, as far as the two tell: there is nothing to gain from it.
    Older,
    /// A later root of the same authority, as far as the two tell: renewal leads there, without anybody
    /// having to compare a fingerprint.
    Later,
    /// Another authority's.
    Another,
}

impl TrustState {
    /// How this root stands to the ones held.
    ///
    /// Two roots are taken to be of one authority where the earlier signed the later or a key is in both.
    /// That says what to tell people, and grants nothing: a later root comes into force by
    /// [`TrustState::advance_root`] alone.
    pub fn relation(&self, root: &Root) -> Relation {
        let (Some(anchor), Some(newest)) = (self.anchor(), self.newest_root()) else { return Relation::First };
        let print = root.fingerprint();
        if anchor.fingerprint() == print {
            Relation::Anchor
        } else if newest.fingerprint() == print {
            Relation::InForce
        } else if leads_to(newest, root) {
            Relation::Later
        } else if self.roots().any(|held| held.fingerprint() == print || leads_to(root, held)) {
            Relation::Older
        } else {
            Relation::Another
        }
    }
}

fn leads_to(earlier: &Root, later: &Root) -> bool {
    let shared = || earlier.root_keys.keys().iter().any(|key| later.root_keys.keys().contains(key));
    later.number > earlier.number && (earlier.verify_next(later.as_bytes()).is_ok() || shared())
}
