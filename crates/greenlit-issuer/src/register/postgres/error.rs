//! What PostgreSQL reports, as what it means for a register (PostgreSQL documentation, appendix A).

use super::address::causes;
use crate::register::RegisterError;

/// What came of an error that PostgreSQL or the way to it reported.
pub(super) fn wrap(place: &str, error: postgres::Error) -> RegisterError {
    let register = place.to_owned();
    let Some(database) = error.as_db_error() else {
        let io = std::error::Error::source(&error).is_some_and(|cause| cause.is::<std::io::Error>());
        return if error.is_closed() || io {
            RegisterError::Unreachable { register, why: causes(&error) }
        } else {
            // What was read is not what was ever written.
            RegisterError::Damaged(register)
        };
    };
    let why = database.message().to_owned();
    match database.code().code() {
        "53100" => RegisterError::DiskFull(register),
        // Not the owner, or a server that only follows another.
        "42501" | "25006" => RegisterError::NotWritable(register),
        // A lock or an answer that took too long, or was in another's way again and again.
        "55P03" | "57014" | "40001" | "40P01" => RegisterError::Busy(register),
        "3F000" | "42P01" => RegisterError::NoRegister(register),
        // Somebody else makes one at the same moment.
        "42P06" | "42P07" => RegisterError::Taken(register),
        "XX001" | "XX002" => RegisterError::Damaged(register),
        // No such database; and, by class, who is not let in.
        "3D000" => RegisterError::Refused { register, why },
        code if code.starts_with("28") => RegisterError::Refused { register, why },
        // Too many connections; being shut down, started or recovered; a connection or a wait for one that ended.
        "53300" | "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => RegisterError::Unreachable { register, why },
        code if code.starts_with("08") => RegisterError::Unreachable { register, why },
        _ => RegisterError::Database { register, error: error.into() },
    }
}

/// What came of an attempt to connect.
pub(super) fn wrap_connect(place: &str, error: postgres::Error) -> RegisterError {
    match error.as_db_error() {
        Some(_) => wrap(place, error),
        None => RegisterError::Unreachable { register: place.to_owned(), why: causes(&error) },
    }
}

/// Whether two changes were in each other's way, and the same may well go through now.
pub(super) fn is_conflict(error: &postgres::Error) -> bool {
    error.code().is_some_and(|code| matches!(code.code(), "40001" | "40P01"))
}
