//! What came of one code: a pass that is green, a pass that is not, a sample, or no pass at all.

use crate::answer::{Answer, Code};
use crate::pass::{NotAPass, scan};
use crate::time::UnixTime;
use crate::trust::TrustState;
use crate::verify::{Rejection, SpecimenPass, Verified, VerifiedPass, verify_scanned};

/// What one code says, as a reader found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadCode {
    /// The bytes of its text.
    pub payload: Vec<u8>,
    /// What the code is instead of a pass by the way it is written, whatever its text says.
    pub not_a_pass: Option<NotAPass>,
}

/// The judgement of one code.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Green, and nothing else is.
    Valid(Box<VerifiedPass>),
    /// A pass that is not green.
    Rejected(Rejection),
    /// A sample, answered as a class that no rule honours.
    Specimen(Box<SpecimenPass>),
    /// A code that accuses nobody.
    NotAPass(NotAPass),
}

impl Verdict {
    /// Judges a code by this trust data at this moment.
    pub fn of_code(code: &ReadCode, trust: &TrustState, clock: UnixTime) -> Self {
        match &code.not_a_pass {
            Some(other) => Self::NotAPass(other.clone()),
            None => Self::of_text(&code.payload, trust, clock),
        }
    }

    /// Judges a text, however it came.
    pub fn of_text(text: &[u8], trust: &TrustState, clock: UnixTime) -> Self {
        match verify_scanned(&scan(text), trust, clock) {
            Some(Ok(Verified::Pass(pass))) => Self::Valid(pass),
            Some(Ok(Verified::Specimen(specimen))) => Self::Specimen(specimen),
            Some(Err(rejection)) => Self::Rejected(rejection),
            None => Self::NotAPass(NotAPass::of(text)),
        }
    }

    /// The same for a guest who stays until this moment, if a stay is asked about: a pass that is green now and not
    /// then is not green.
    #[must_use]
    pub fn for_stay(self, until: Option<UnixTime>) -> Self {
        match (self, until) {
            (Self::Valid(pass), Some(stay)) if !lasts(pass.expires(), stay) => {
                Self::Rejected(Rejection::ExpiresDuringStay { at: pass.expires(), stay })
            }
            (verdict, _) => verdict,
        }
    }

    /// The stable code; `None` for what is no pass.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Valid(_) => Some(Code::Ok),
            Self::Rejected(rejection) => Some(rejection.code()),
            Self::Specimen(_) => Some(Code::ClassNotHonoured),
            Self::NotAPass(_) => None,
        }
    }

    /// The answer that the code belongs to; `None` for what is no pass.
    pub fn answer(&self) -> Option<Answer> {
        self.code().map(Code::answer)
    }

    /// Whether it is green by the word of a practice authority.
    pub fn is_demo(&self) -> bool {
        matches!(self, Self::Valid(pass) if pass.is_demo())
    }

    /// Of several codes in one picture: a pass before what is none, and of passes the worst. Of equals the first.
    pub fn worst(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().reduce(|worst, next| if next.answer() > worst.answer() { next } else { worst })
    }
}

/// Whether a pass that is no longer good from one moment still is at the other.
pub(crate) fn lasts(expires: UnixTime, until: UnixTime) -> bool {
    expires > until
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::Unusable;

    #[test]
    fn a_pass_stands_before_what_is_none_and_the_worst_before_the_rest() {
        let other = |host: &str| Verdict::NotAPass(NotAPass::Link { host: host.into() });
        let all = || {
            [
                other("a"),
                other("b"),
                Verdict::Rejected(Rejection::Unusable(Unusable::NoTrust)),
                Verdict::Rejected(Rejection::Revoked),
                Verdict::Rejected(Rejection::Suspended),
                Verdict::Rejected(Rejection::BadSignature),
            ]
        };
        let worst = |from: usize, to: usize| Verdict::worst(all().into_iter().take(to).skip(from));
        assert!(worst(0, 0).is_none());
        assert!(matches!(worst(0, 2), Some(Verdict::NotAPass(NotAPass::Link { host })) if host == "a"));
        let codes = [(0, 3), (0, 4), (0, 5), (0, 6)].map(|(from, to)| worst(from, to).and_then(|v| v.code()));
        assert_eq!(codes, [Code::NoTrust, Code::Revoked, Code::Revoked, Code::Signature].map(Some));
    }

    #[test]
    fn how_a_code_is_written_comes_before_its_text() {
        let trust = TrustState::empty(UnixTime::MAX);
        let mut code = ReadCode { payload: b"GL1:".into(), not_a_pass: None };
        assert_eq!(Verdict::of_code(&code, &trust, UnixTime::MAX).code(), Some(Code::Malformed));
        code.not_a_pass = Some(NotAPass::TradeCode);
        let verdict = Verdict::of_code(&code, &trust, UnixTime::MAX);
        assert!(matches!(verdict, Verdict::NotAPass(NotAPass::TradeCode)) && verdict.answer().is_none());
    }
}
