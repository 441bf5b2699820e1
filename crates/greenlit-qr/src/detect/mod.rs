//! Where codes may be: from light and dark to three finders that may belong to one code.

pub(crate) mod finder;
pub(crate) mod pyramid;
pub(crate) mod scan;
pub(crate) mod texture;
pub(crate) mod threshold;
pub(crate) mod triple;
