//! Public keys that were read before: a service reads all of them again for every change, and to hold 32 bytes to be a key
//! takes longer than to read them.

use std::cell::RefCell;
use std::collections::HashMap;

use greenlit_core::key::PublicKey;

#[derive(Default)]
pub(super) struct KnownKeys(RefCell<HashMap<[u8; 32], PublicKey>>);

impl KnownKeys {
    /// The key of these bytes, if they are one.
    pub(super) fn read(&self, bytes: &[u8; 32]) -> Option<PublicKey> {
        if let Some(known) = self.0.borrow().get(bytes) {
            return Some(known.clone());
        }
        let key = PublicKey::from_bytes(bytes).ok()?;
        self.0.borrow_mut().insert(*bytes, key.clone());
        Some(key)
    }
}
