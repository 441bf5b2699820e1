//! The names of the files in a publication (docs/formats.md).

/// The bundle's name in a publication.
pub const BUNDLE_FILE: &str = "trust.cbor";

/// The name of a root in a publication.
pub fn root_file(number: u64) -> String {
    format!("root-{number}.cbor")
}

/// The name of a status list in a publication.
pub fn list_file(id: u64) -> String {
    format!("status-{id}.cwt")
}

/// The scheme bundle's name in a publication.
pub const SCHEME_BUNDLE_FILE: &str = "trust-2.cbor";

/// The name of a key list in a publication.
pub fn key_list_file(id: u64) -> String {
    format!("keys-{id}.cbor")
}
