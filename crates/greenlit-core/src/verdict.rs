//! What came of one code: a pass that is green, a pass that is not, a sample, or no pass at all.

use crate::answer::{Answer, Code};
use crate::pass::{NotAPass, scan};
use crate::scheme::{Recognised, Recogniser};
use crate::time::UnixTime;
use crate::trust::TrustState;
use crate::verify::{Rejection, SpecimenPass, Verified, VerifiedPass, verify_foreign, verify_scanned};

/// What one code says, as a reader found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadCode {
    /// The bytes of its text.
    pub payload: Vec<u8>,
    /// What the code is instead of a pass by the way it is written, whatever its text says.
    pub not_a_pass: Option<NotAPass>,
    /// What it is written in.
    pub symbology: Symbology,
}

/// What a code is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symbology {
    /// A QR code; or a text that was typed or pasted, and came from one.
    #[default]
    Qr,
    /// A Data Matrix, which passes of some schemes alone are.
    DataMatrix,
}

/// By what codes are judged: the trust data, the schemes that this program reads, and the moment.
#[derive(Clone, Copy, Debug)]
pub struct Judge<'t> {
    trust: &'t TrustState,
    schemes: Recogniser,
    clock: UnixTime,
}

impl<'t> Judge<'t> {
    /// Of Greenlit's own passes and those of these schemes that the trust data takes.
    pub fn new(trust: &'t TrustState, schemes: Recogniser, clock: UnixTime) -> Self {
        Self { trust, schemes, clock }
    }

    /// Of Greenlit's own passes alone.
    pub fn of_own(trust: &'t TrustState, clock: UnixTime) -> Self {
        Self::new(trust, Recogniser::NONE, clock)
    }

    /// The judgement of a code.
    pub fn code(&self, code: &ReadCode) -> Verdict {
        match (&code.not_a_pass, code.symbology) {
            (Some(other), _) => Verdict::NotAPass(other.clone()),
            (None, Symbology::Qr) => self.text(&code.payload),
            (None, Symbology::DataMatrix) => {
                let other = NotAPass::of(&code.payload);
                self.foreign(self.schemes.data_matrix(&code.payload), other)
            }
        }
    }

    /// The judgement of a text, however it came.
    pub fn text(&self, text: &[u8]) -> Verdict {
        match verify_scanned(&scan(text), self.trust, self.clock) {
            Some(judged) => judged.into(),
            None => self.foreign(self.schemes.text(text), NotAPass::of(text)),
        }
    }

    /// What is of no scheme that is taken here is named, and accuses nobody.
    fn foreign(&self, recognised: Recognised, other: NotAPass) -> Verdict {
        let not_taken = |scheme| Verdict::NotAPass(NotAPass::OfScheme(scheme));
        match recognised {
            Recognised::Pass(presented) if self.trust.takes(presented.scheme()) => {
                verify_foreign(&presented, self.trust, self.clock).into()
            }
            Recognised::Pass(presented) => not_taken(presented.scheme()),
            Recognised::Newer { scheme, what } if self.trust.takes(scheme) => {
                Verdict::Rejected(Rejection::NewerScheme { what: what.into() })
            }
            Recognised::Damaged { scheme, why } if self.trust.takes(scheme) => {
                Verdict::Rejected(Rejection::MalformedScheme { scheme, why })
            }
            Recognised::Newer { scheme, .. } | Recognised::Damaged { scheme, .. } => not_taken(scheme),
            // Random letters are like many things: they are taken for a ticket only where tickets are expected.
            Recognised::OnlineOnly { scheme } if self.trust.takes(scheme) => {
                Verdict::NotAPass(NotAPass::OnlineOnly(scheme))
            }
            Recognised::OnlineOnly { .. } | Recognised::No => Verdict::NotAPass(other),
        }
    }
}

impl From<Result<Verified, Rejection>> for Verdict {
    fn from(judged: Result<Verified, Rejection>) -> Self {
        match judged {
            Ok(Verified::Pass(pass)) => Self::Valid(pass),
            Ok(Verified::Specimen(specimen)) => Self::Specimen(specimen),
            Err(rejection) => Self::Rejected(rejection),
        }
    }
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
    /// The same for a guest who stays until this moment, if a stay is asked about: a pass that is green now and not
    /// then is not green.
    #[must_use]
    pub fn for_stay(self, until: Option<UnixTime>) -> Self {
        match (self, until) {
            (Self::Valid(pass), Some(stay)) => match pass.expires().filter(|at| !lasts(*at, stay)) {
                Some(at) => Self::Rejected(Rejection::ExpiresDuringStay { at, stay }),
                None => Self::Valid(pass),
            },
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
        let mut code = ReadCode { payload: b"GL1:".into(), not_a_pass: None, symbology: Symbology::Qr };
        assert_eq!(Judge::of_own(&trust, UnixTime::MAX).code(&code).code(), Some(Code::Malformed));
        code.not_a_pass = Some(NotAPass::TradeCode);
        let verdict = Judge::of_own(&trust, UnixTime::MAX).code(&code);
        assert!(matches!(verdict, Verdict::NotAPass(NotAPass::TradeCode)) && verdict.answer().is_none());
    }
}
