//! What a hand scanner has typed: which layout it came through is told by the signature.

use greenlit_core::answer::Code;
use greenlit_core::time::UnixTime;
use greenlit_core::trust::TrustState;
use greenlit_core::typed::layout::{Candidate, Layouts};
use greenlit_core::verdict::{ReadCode, Verdict};

/// The codes that the text was. One that is no pass under any layout goes on as it came, to be called what it is.
pub(super) fn read(layouts: &mut Layouts, text: &str, trust: &TrustState, clock: UnixTime) -> Vec<ReadCode> {
    let code = |text: &str| ReadCode { payload: text.as_bytes().to_vec(), not_a_pass: None };
    let candidates = layouts.repair(text).candidates;
    let signed = |code: &String| is_signed(&Verdict::of_text(code.as_bytes(), trust, clock));
    let holds = |candidate: &&Candidate| candidate.codes.iter().any(signed);
    let found = candidates.iter().find(holds);
    if let Some(candidate) = found {
        layouts.held(candidate.keying);
    }
    let chosen = found.or_else(|| candidates.iter().find(|candidate| candidate.is_pass)).or(candidates.first());
    chosen.map_or_else(|| vec![code(text)], |candidate| candidate.codes.iter().map(|text| code(text)).collect())
}

/// Whether the judgement came after the signature was found to hold.
fn is_signed(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Valid(_) | Verdict::Specimen(_) => true,
        Verdict::NotAPass(_) => false,
        Verdict::Rejected(rejection) => matches!(
            rejection.code(),
            Code::KeyRevoked
                | Code::OutsideIssuerLimits
                | Code::Expired
                | Code::NotYetValid
                | Code::ClassNotHonoured
                | Code::ListUnusable
                | Code::IndexOutOfRange
                | Code::Revoked
                | Code::Suspended
        ),
    }
}
