//! Data Matrix symbols, in which passes of some schemes are written.

use greenlit_core::scheme::Scheme;
use greenlit_core::trust::TrustState;
use greenlit_core::verdict::{ReadCode, Symbology};
use greenlit_qr::LumaFrame;

use super::quiet;

/// Whether any pass that is taken here is written so: looking for them costs more than looking for QR codes.
pub(crate) fn are_wanted(trust: &TrustState) -> bool {
    trust.takes(Scheme::TwoDDoc)
}

/// What the symbols in a frame say.
pub(crate) fn read(frame: &LumaFrame) -> Vec<ReadCode> {
    let symbols = quiet::run(|| greenlit_datamatrix::read(frame)).unwrap_or_default();
    let code = |symbol: greenlit_datamatrix::Symbol| ReadCode {
        payload: symbol.payload,
        not_a_pass: None,
        symbology: Symbology::DataMatrix,
    };
    symbols.into_iter().map(code).collect()
}
