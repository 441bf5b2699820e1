//! The four answers and their codes: stable words that screens, tests and other programs rely on.

/// What staff see: never mixed, never guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// Green: genuine, in date, not revoked.
    Valid,
    /// Amber: the device or its data is at fault, and the guest is not accused.
    CannotTell,
    /// Red: a genuine pass that is not good now.
    Refused,
    /// Red of another shape: nothing from inside it is ever shown.
    NotGenuine,
}

impl Answer {
    /// All four, as they are told.
    pub const ALL: [Self; 4] = [Self::Valid, Self::Refused, Self::NotGenuine, Self::CannotTell];

    /// As written in `--json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::CannotTell => "cannot-tell",
            Self::Refused => "refused",
            Self::NotGenuine => "not-genuine",
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $answer:ident;)+) => {
        /// Why, in three letters that never change their meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As shown and as written in `--json`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// The answer that it belongs to.
            pub fn answer(self) -> Answer {
                match self { $(Self::$name => Answer::$answer),+ }
            }
        }
    };
}

codes! {
    /// Genuine, in date, not revoked.
    Ok = "OK", Valid;
    /// Expired.
    Expired = "EXP", Refused;
    /// Not yet valid.
    NotYetValid = "NBF", Refused;
    /// Revoked.
    Revoked = "REV", Refused;
    /// Suspended.
    Suspended = "SUS", Refused;
    /// Of a class that no rule honours; a specimen too.
    ClassNotHonoured = "CLS", Refused;
    /// Malformed or altered.
    Malformed = "FMT", NotGenuine;
    /// No such issuer.
    UnknownIssuer = "KEY", NotGenuine;
    /// The signature is wrong.
    Signature = "SIG", NotGenuine;
    /// The issuer's key was revoked.
    KeyRevoked = "KRV", NotGenuine;
    /// Outside what its issuer may issue.
    OutsideIssuerLimits = "ISS", NotGenuine;
    /// No trust data.
    NoTrust = "TRU", CannotTell;
    /// The trust data has expired.
    TrustExpired = "OLD", CannotTell;
    /// The clock is behind.
    ClockBehind = "CLK", CannotTell;
    /// The revocation list is missing or too old.
    ListUnusable = "LST", CannotTell;
    /// Newer than our revocation list.
    IndexOutOfRange = "IDX", CannotTell;
    /// Issuer unknown, and our data past its soft expiry.
    IssuerUnknownTrustStale = "NEW", CannotTell;
    /// A newer kind of pass.
    UnknownVersion = "VER", CannotTell;
    /// The camera.
    Camera = "CAM", CannotTell;
    /// No key of this event signed the ticket: another event's as a rule, and so no accusation.
    AnotherEvent = "KEY", Refused;
}

impl Code {
    /// Whether it is said of a pass only after its signature was found to hold.
    pub fn is_of_signed(self) -> bool {
        match self {
            Self::Ok
            | Self::KeyRevoked
            | Self::OutsideIssuerLimits
            | Self::Expired
            | Self::NotYetValid
            | Self::ClassNotHonoured
            | Self::ListUnusable
            | Self::IndexOutOfRange
            | Self::Revoked
            | Self::Suspended => true,
            Self::Malformed
            | Self::AnotherEvent
            | Self::UnknownIssuer
            | Self::Signature
            | Self::NoTrust
            | Self::TrustExpired
            | Self::ClockBehind
            | Self::IssuerUnknownTrustStale
            | Self::UnknownVersion
            | Self::Camera => false,
        }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_short_and_different() {
        let texts: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        // `KEY` is told in two ways: as refused where another event's ticket is the usual cause.
        assert_eq!((texts.len(), Code::ALL.len()), (19, 20));
        assert!(texts.iter().all(|text| text.len() <= 3));
        assert!(Code::ALL.iter().all(|code| (code.answer() == Answer::Valid) == (*code == Code::Ok)));
    }
}
