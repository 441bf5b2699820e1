//! Who acts, and under whose eyes.

use std::fmt;

use greenlit_core::text::is_printable;
use greenlit_core::time::UnixTime;

use crate::witness::Witness;

/// Most bytes of an operator's name.
const MAX_NAME: usize = 64;

/// Whoever changes something: a user of this machine, or a client of the service. One line of printable text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operator(String);

/// A text that names no operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an operator is named by one line of 1 to {MAX_NAME} bytes")]
pub struct NoOperator;

impl Operator {
    /// By name.
    pub fn new(name: &str) -> Result<Self, NoOperator> {
        let name = name.trim();
        let fits = !name.is_empty() && name.len() <= MAX_NAME && name.chars().all(is_printable);
        if fits { Ok(Self(name.into())) } else { Err(NoOperator) }
    }

    /// The user who runs this program, as the system knows them. Where somebody acts as another user, through sudo, both are
    /// named: `alice (root)`.
    pub fn of_system() -> Self {
        let name = match (login_user(), user()) {
            (Some(login), Some(user)) if login != user => format!("{login} ({user})"),
            (login, user) => login.or(user).unwrap_or_default(),
        };
        let short: String = name.chars().filter(|c| is_printable(*c)).take(MAX_NAME / 4).collect();
        Self::new(&name).or_else(|_| Self::new(&short)).unwrap_or_else(|_| Self("unknown".into()))
    }

    /// Their name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whoever it is behind the name, whichever user they act as: `alice` of `alice (root)`.
    pub fn person(&self) -> &str {
        self.0.split_once(" (").map_or(self.as_str(), |(person, _)| person)
    }

    /// Whether both are one person, as far as names tell.
    pub fn is_same_person(&self, other: &Self) -> bool {
        self.person() == other.person()
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(unix)]
fn user() -> Option<String> {
    user_of(nix::unistd::Uid::current())
}

/// A number where there is no name for it.
#[cfg(unix)]
fn user_of(id: nix::unistd::Uid) -> Option<String> {
    Some(nix::unistd::User::from_uid(id).ok().flatten().map_or_else(|| format!("uid {id}"), |user| user.name))
}

/// The user who runs this program and the machine that it runs on, as `user@host`: whose data folder it is that a witness
/// is in.
pub(crate) fn user_at_host() -> String {
    let part = |text: Option<String>| -> String {
        let text = text.unwrap_or_default();
        let short: String = text.chars().filter(|c| is_printable(*c)).take(MAX_NAME / 4).collect();
        if short.is_empty() { "unknown".into() } else { short }
    };
    format!("{}@{}", part(user()), part(host()))
}

#[cfg(unix)]
fn host() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_owned)
}

#[cfg(not(unix))]
fn host() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

/// Who has logged in: the kernel keeps it through every change of user.
#[cfg(target_os = "linux")]
fn login_user() -> Option<String> {
    let text = std::fs::read_to_string("/proc/self/loginuid").ok()?;
    let id = text.trim().parse().ok().filter(|id| *id != u32::MAX)?;
    user_of(nix::unistd::Uid::from_raw(id))
}

#[cfg(not(target_os = "linux"))]
fn login_user() -> Option<String> {
    None
}

#[cfg(not(unix))]
fn user() -> Option<String> {
    std::env::var("USERNAME").ok()
}

/// Who changes something, when, and the witness that it is told to: none for practice, and where there is no place for it.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// Who.
    pub operator: &'a Operator,
    /// When.
    pub at: UnixTime,
    /// Under whose eyes.
    pub witness: Option<&'a Witness>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_is_one_line_of_printable_text() {
        assert_eq!(Operator::new("  Каримова А. ").unwrap().as_str(), "Каримова А.");
        for wrong in ["", " ", "a\tb", "a\nb", "\u{202E}a", &"a".repeat(65)] {
            assert_eq!(Operator::new(wrong), Err(NoOperator), "{wrong:?}");
        }
        assert_eq!(Operator::new(Operator::of_system().as_str()), Ok(Operator::of_system()));
    }

    #[test]
    fn whoever_acts_as_another_user_is_still_the_same_person() {
        let named = |name: &str| Operator::new(name).unwrap();
        assert!(named("alice (root)").is_same_person(&named("alice")));
        assert!(named("alice (root)").is_same_person(&named("alice (bob)")));
        assert!(!named("alice (root)").is_same_person(&named("root")));
        assert!(!named("alice").is_same_person(&named("alicia")));
    }
}
