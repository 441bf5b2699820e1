//! The PIN before the settings: kept as an Argon2id hash (RFC 9106) in a PHC string, and slow to guess.
//!
//! It keeps hands off the screen. Whoever may write the data folder or the site file can do without it.

use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, Params, PasswordHasher, PasswordVerifier};

/// How many digits a PIN has.
pub(crate) const DIGITS: std::ops::RangeInclusive<usize> = 4..=12;
/// Longest hash that is read, in bytes; ours has 97.
const MAX_HASH_BYTES: usize = 256;
/// Most memory in KiB, rounds and lanes that a hash may ask for: somebody else may have written it.
const MAX_COST: (u32, u32, u32) = (64 << 10, 10, 4);

/// The hash of a PIN, well-formed and bounded in what it costs to check.
#[derive(Clone)]
pub(crate) struct PinHash(Box<PasswordHash>);

/// Why there is no hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadPin {
    #[error("a PIN is 4 to 12 digits")]
    NotDigits,
    #[error("not an Argon2id hash of a PIN; make one with `greenlit pin hash`")]
    NotAHash,
    #[error(
        "this PIN hash asks for too much: at most 64 MiB, 10 rounds and 4 lanes; make one with `greenlit pin hash`"
    )]
    TooCostly,
    #[error("this system gives no random numbers")]
    NoRandomness,
    #[error("the two PINs differ; nothing was changed")]
    Differ,
    #[error("could not read the PIN: {0}")]
    NotRead(String),
}

impl PinHash {
    /// Of this PIN, with a salt of its own. Takes a good part of a second on a small machine.
    pub(crate) fn new(pin: &str) -> Result<Self, BadPin> {
        if !Self::is_pin(pin) {
            return Err(BadPin::NotDigits);
        }
        Argon2::default()
            .hash_password(pin.as_bytes())
            .map(|hash| Self(Box::new(hash)))
            .map_err(|_| BadPin::NoRandomness)
    }

    /// Reads one that was kept.
    pub(crate) fn parse(text: &str) -> Result<Self, BadPin> {
        if text.len() > MAX_HASH_BYTES {
            return Err(BadPin::NotAHash);
        }
        let hash = PasswordHash::new(text).map_err(|_| BadPin::NotAHash)?;
        let whole = hash.algorithm == argon2::ARGON2ID_IDENT && hash.salt.is_some() && hash.hash.is_some();
        let cost = Params::try_from(&hash).map_err(|_| BadPin::NotAHash)?;
        if !whole {
            return Err(BadPin::NotAHash);
        }
        let (memory, rounds, lanes) = MAX_COST;
        if cost.m_cost() > memory || cost.t_cost() > rounds || cost.p_cost() > lanes {
            return Err(BadPin::TooCostly);
        }
        Ok(Self(Box::new(hash)))
    }

    /// Whether this text could be a PIN.
    pub(crate) fn is_pin(text: &str) -> bool {
        DIGITS.contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit())
    }

    /// Whether this is the PIN. Takes as long as making the hash did.
    pub(crate) fn matches(&self, pin: &str) -> bool {
        Self::is_pin(pin) && Argon2::default().verify_password(pin.as_bytes(), &*self.0).is_ok()
    }
}

impl std::fmt::Display for PinHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Wrong tries before the first wait.
const FREE_TRIES: u32 = 3;
/// The first wait; each further wrong try doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);
/// What was unlocked is locked again when nobody has touched it for so long.
const IDLE: Duration = Duration::from_secs(5 * 60);

/// Whether the settings are open. Times are since any fixed moment, by a clock that nobody sets.
#[derive(Debug, Default)]
pub(crate) struct PinLock {
    wrong: u32,
    wait_until: Duration,
    /// Until then, unless somebody goes on.
    open_until: Option<Duration>,
}

impl PinLock {
    /// How long no try is taken yet.
    pub(crate) fn wait(&self, now: Duration) -> Duration {
        self.wait_until.saturating_sub(now)
    }

    /// A PIN was tried, which was right or not.
    pub(crate) fn tried(&mut self, right: bool, now: Duration) {
        if right {
            *self = Self { open_until: Some(now + IDLE), ..Self::default() };
            return;
        }
        self.wrong = self.wrong.saturating_add(1);
        if let Some(doublings) = self.wrong.checked_sub(FREE_TRIES) {
            let factor = 2_u32.saturating_pow(doublings);
            self.wait_until = now + FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT);
        }
    }

    pub(crate) fn is_open(&self, now: Duration) -> bool {
        self.open_until.is_some_and(|until| now < until)
    }

    /// Somebody goes on with what is open.
    pub(crate) fn touch(&mut self, now: Duration) {
        if self.is_open(now) {
            self.open_until = Some(now + IDLE);
        }
    }

    pub(crate) fn close(&mut self) {
        self.open_until = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_pin_is_known_by_its_hash_and_no_other_is() {
        let hash = PinHash::parse(&PinHash::new("0042").unwrap().to_string()).unwrap();
        assert!(hash.matches("0042"));
        for other in ["42", "0043", "00042", "", "0042 ", "٠٠٤٢"] {
            assert!(!hash.matches(other), "{other}");
        }
        assert_ne!(PinHash::new("0042").unwrap().to_string(), hash.to_string(), "each has a salt of its own");
    }

    #[test]
    fn only_four_to_twelve_digits_are_a_pin() {
        for bad in ["", "123", "1234567890123", "12a4", "１２３４", "12 4"] {
            assert!(matches!(PinHash::new(bad), Err(BadPin::NotDigits)), "{bad}");
        }
    }

    #[test]
    fn a_hash_that_somebody_has_edited_is_refused_and_never_costs_much() {
        let good = PinHash::new("1234").unwrap().to_string();
        for (from, to, why) in [
            ("argon2id", "argon2i", BadPin::NotAHash),
            ("argon2id", "argon2d", BadPin::NotAHash),
            ("argon2id", "scrypt", BadPin::NotAHash),
            ("m=19456", "m=4294967295", BadPin::TooCostly),
            ("m=19456", "m=65537", BadPin::TooCostly),
            ("t=2", "t=11", BadPin::TooCostly),
            ("p=1", "p=5", BadPin::TooCostly),
            ("m=19456", "m=1", BadPin::NotAHash),
            ("$v=19", "$v=18", BadPin::NotAHash),
        ] {
            let edited = good.replacen(from, to, 1);
            assert_ne!(edited, good);
            // A version that Argon2 does not know is well-formed, and no PIN matches it.
            match PinHash::parse(&edited) {
                Err(found) => assert_eq!(found, why, "{edited}"),
                Ok(hash) => assert!(from == "$v=19" && !hash.matches("1234"), "{edited}"),
            }
        }
        for cut in 0..good.len() {
            let Ok(hash) = PinHash::parse(&good[..cut]) else { continue };
            assert!(!hash.matches("1234"), "{cut}");
        }
        assert!(matches!(PinHash::parse(&"$".repeat(1_000)), Err(BadPin::NotAHash)));
    }

    #[test]
    fn wrong_tries_are_slowed_and_a_right_one_ends_that() {
        let (mut lock, mut now) = (PinLock::default(), Duration::ZERO);
        let mut waits = Vec::new();
        for _ in 0..11 {
            lock.tried(false, now);
            waits.push(lock.wait(now).as_secs());
            now += lock.wait(now);
            assert_eq!(lock.wait(now), Duration::ZERO);
        }
        assert_eq!(waits, [0, 0, 5, 10, 20, 40, 80, 160, 300, 300, 300]);
        (0..100).for_each(|_| lock.tried(false, now));
        assert_eq!(lock.wait(now), LONGEST_WAIT);
        lock.tried(true, now);
        assert_eq!((lock.wait(now), lock.is_open(now)), (Duration::ZERO, true));
    }

    #[test]
    fn what_is_open_is_locked_again_when_nobody_goes_on() {
        let mut lock = PinLock::default();
        lock.tried(true, Duration::ZERO);
        assert!(lock.is_open(IDLE - SECOND) && !lock.is_open(IDLE));
        lock.touch(IDLE - SECOND);
        assert!(lock.is_open(IDLE + SECOND));
        lock.touch(IDLE * 3);
        assert!(!lock.is_open(IDLE * 3), "too late");
        lock.tried(true, Duration::ZERO);
        lock.close();
        assert!(!lock.is_open(Duration::ZERO));
    }
}
