//! The issuer's side: who may have a pass, what it says, and the signing of it. Pure: keys, dates
//! and randomness are arguments. A till is built without it.
//!
//! With feature `authority` there are also its folder, its register and the program `greenlit-issuer`.
#![forbid(unsafe_code)]

#[cfg(feature = "authority")]
pub mod cli;
mod eligibility;
mod holder;
mod pack;
mod pem;
mod permutation;
pub mod policy;
mod proposal;
mod sign;

pub use eligibility::{Basis, Igg, IggError, Ineligible, Terms, Validity, decide, midnight};
pub use holder::{Holder, HolderError};
pub use pack::pack;
pub use permutation::Permutation;
pub use proposal::{Proposal, ProposalError, Standing};
pub use sign::{
    PrivateKey, PrivateKeyError, read_public_key, read_public_key_bytes, sign_bundle, sign_pass, sign_pass_claims,
    sign_root, sign_status_list,
};
