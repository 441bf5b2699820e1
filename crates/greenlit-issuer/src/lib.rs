//! The issuer's side: who may have a pass, what it says, and the signing of it. Pure: keys, dates
//! and randomness are arguments. A till is built without it.
//!
//! With feature `authority` there are also an authority's folder ([`authority`]), what it keeps ([`register`],
//! [`witness`]), what is done with them ([`init`], [`issue`], [`mod@print`], [`revoke`], [`second_word`], [`status`], [`report`], [`check_backup`], [`mod@erase`], [`publish`], [`schemes`], [`keys`], [`root`], [`inspect`]), and
//! the program `greenlit-issuer`.
#![forbid(unsafe_code)]

#[cfg(feature = "authority")]
pub mod authority;
#[cfg(feature = "authority")]
pub mod batch;
#[cfg(feature = "authority")]
pub mod check_backup;
#[cfg(feature = "authority")]
pub mod cli;
#[cfg(feature = "authority")]
pub mod demo;
mod eligibility;
#[cfg(feature = "authority")]
mod encrypted;
#[cfg(feature = "authority")]
pub mod erase;
#[cfg(feature = "authority")]
mod held;
mod holder;
#[cfg(feature = "authority")]
mod holder_file;
#[cfg(feature = "authority")]
pub mod init;
#[cfg(feature = "authority")]
pub mod inspect;
#[cfg(feature = "authority")]
pub mod issue;
#[cfg(feature = "authority")]
pub mod keys;
#[cfg(feature = "authority")]
pub mod move_register;
#[cfg(feature = "authority")]
pub mod operator;
#[cfg(feature = "authority")]
mod pack;
#[cfg(feature = "authority")]
pub mod passphrase;
mod pem;
mod permutation;
mod person;
pub mod policy;
#[cfg(feature = "authority")]
pub mod print;
mod proposal;
#[cfg(feature = "authority")]
pub mod publish;
#[cfg(feature = "authority")]
pub mod qr_file;
#[cfg(feature = "authority")]
pub mod register;
#[cfg(feature = "authority")]
pub mod report;
#[cfg(feature = "authority")]
pub mod revoke;
#[cfg(feature = "authority")]
pub mod root;
#[cfg(feature = "authority")]
pub mod rules;
#[cfg(feature = "authority")]
pub mod schemes;
#[cfg(feature = "authority")]
pub mod second_word;
#[cfg(feature = "serve")]
pub mod serve;
mod sign;
#[cfg(feature = "authority")]
mod signer;
mod spelling;
#[cfg(feature = "authority")]
pub mod status;
#[cfg(feature = "authority")]
pub mod token;
#[cfg(feature = "authority")]
pub mod witness;
mod zone;

pub use eligibility::{
    DayError, Event, EventError, Ground, Igg, IggError, Ineligible, Policy, Term, UnknownGround, Validity, parse_day,
};
#[cfg(feature = "authority")]
pub use encrypted::EncryptedKeyError;
pub use holder::{Holder, HolderError};
#[cfg(feature = "authority")]
pub use holder_file::{HolderFile, HolderFileError, MAX_HOLDER_FILE};
#[cfg(feature = "authority")]
pub(crate) use pack::pack_all;
#[cfg(feature = "authority")]
pub use pack::{Packing, pack};
pub use permutation::Permutation;
pub use person::{HolderMark, NoPersonRef, PersonKey, PersonRef};
pub use proposal::{Proposal, ProposalError, SignatureCount};
pub use sign::{
    PrivateKey, PrivateKeyError, read_public_key, read_public_key_bytes, sign_bundle, sign_pass, sign_raw_claims,
    sign_root, sign_scheme_bundle, sign_status_list,
};
#[cfg(feature = "authority")]
pub use signer::Signer;
pub use spelling::StrayCharacter;
#[cfg(feature = "authority")]
pub use zone::OffsetChange;
pub use zone::Zone;
